#include "store/audit.h"

#include <fmt/format.h>

#include <map>
#include <set>

#include "store/rows.h"
#include "store/spending.h"

namespace wanspool {
namespace {

using sqlite::Db;
using sqlite::Transaction;

constexpr char const* kPutBack =
    "stop the daemon, keep this folder as it is, and put a backup in its place (wanspool backup)";
constexpr char const* kLookAtAccount =
    "buy nothing in its place before the account's task list was looked at (wanspool verify --provider)";

// What must never be said of a task, whatever happens.
struct Rule {
  char const* condition;  // of "tasks t" and its owner, "jobs j"
  char const* what;       // after the task's name
  char const* advice;
};

constexpr Rule kRules[] = {
    {"t.state = 0 AND t.task_id <> ''", "is queued and has a task_id already", kLookAtAccount},
    {"t.state = 0 AND t.reserved <> 0", "is queued and reserves money already", kLookAtAccount},
    {"t.state = 1 AND t.reserved = 0 AND t.price * t.wanted > 0", "is about to be sent and reserves no money",
     kLookAtAccount},
    // What a held task may have bought can be orphans, which carry the money then.
    {"t.state = 8 AND t.reserved = 0 AND t.price * t.wanted > 0"
     " AND NOT EXISTS (SELECT 1 FROM candidates WHERE task = t.id)",
     "is held, may be paid for, and reserves no money", kLookAtAccount},
    {"t.state IN (2, 3, 4) AND t.task_id = ''", "is at the provider and has no task_id", kLookAtAccount},
    {"t.state = 5 AND EXISTS (SELECT 1 FROM pictures WHERE task = t.id AND file = '')",
     "is done and lacks a picture",
     "fetch it by hand while the provider keeps it, or buy it again (wanspool redo)"},
    {"t.state IN (5, 6, 7) AND t.reserved <> 0", "is at its end and still reserves money",
     "compare the ledger with the provider's bill"},
    {"t.reserved < 0 OR t.spent < 0 OR t.uncertain < 0", "has cost less than nothing",
     "compare the ledger with the provider's bill"},
    {"t.orphan = 0 AND j.id IS NULL", "belongs to no job and is no orphan", kPutBack},
    {"t.orphan = 1 AND (t.owner <> 0 OR t.task_id = '')", "is an orphan that is somebody's or has no task_id",
     kPutBack},
    {"t.parent <> 0 AND NOT EXISTS (SELECT 1 FROM tasks WHERE id = t.parent)",
     "is the refill of a task that is not there", kPutBack},
    {"t.state = 0 AND t.parent = 0 AND NOT EXISTS (SELECT 1 FROM jobs w WHERE w.task = t.id"
     " AND w.retired = 0 AND w.wish <> 2) AND NOT EXISTS (SELECT 1 FROM jobs w WHERE w.arriving_task = t.id)",
     "is queued and no job wants it", "cancel its job before it is bought (wanspool cancel)"},
    {"t.state = 0 AND t.paused <> (EXISTS (SELECT 1 FROM jobs w JOIN manifests m ON m.id = w.taken AND "
     "m.live = 1"
     " WHERE w.task = t.id AND w.retired = 0 AND w.wish = 1) AND NOT EXISTS (SELECT 1 FROM jobs w JOIN "
     "manifests m"
     " ON m.id = w.taken AND m.live = 1 WHERE w.task = t.id AND w.retired = 0 AND w.wish = 0)) AND t.parent "
     "= 0",
     "is kept back against what its jobs want, or is not", "wanspool pause or resume its job"},
    // What is arriving is entered later.
    {"EXISTS (SELECT 1 FROM manifests WHERE id = t.taken AND live = 1) AND NOT EXISTS (SELECT 1 FROM "
     "fingerprints"
     " WHERE prefix = substr(t.fingerprint, 1, 16) AND task = t.id)",
     "is not found by its fingerprint, so that its request may be bought twice", kPutBack},
    {"EXISTS (SELECT 1 FROM fingerprints f JOIN tasks o ON o.id = f.task WHERE f.prefix ="
     " substr(t.fingerprint, 1, 16) AND f.task < t.id AND o.fingerprint = t.fingerprint)"
     " AND EXISTS (SELECT 1 FROM manifests WHERE id = t.taken AND live = 1)",
     "has the fingerprint of another task", kPutBack},
    {"t.state = 0 AND EXISTS (SELECT 1 FROM manifests WHERE id = t.taken AND live = 1)"
     " AND EXISTS (SELECT 1 FROM sources s WHERE s.task = t.id AND NOT EXISTS (SELECT 1 FROM fingerprints f"
     " JOIN tasks o ON o.id = f.task WHERE f.prefix = substr(s.source, 1, 16) AND o.fingerprint = s.source))",
     "is made from what is not in the queue", "drop its manifest again"},
    {"t.after <> 0 AND NOT EXISTS (SELECT 1 FROM tasks WHERE id = t.after)",
     "waits for a purchase that is not there", kPutBack},
};

class Audit {
 public:
  explicit Audit(Db& db) : db_{db} {}

  std::vector<Finding> run() {
    ask_sqlite();
    // Of pages that are damaged nothing more can be said.
    if (!found_.empty()) return std::move(found_);
    check_references();
    for (auto const& rule : kRules) check(rule);
    check_ledger();
    check_jobs();
    check_arriving();
    check_sums();
    for (auto& words : audit_spending(db_)) find(std::move(words), kPutBack);
    return std::move(found_);
  }

 private:
  void find(std::string what, std::string advice) { found_.push_back({std::move(what), std::move(advice)}); }
  void ask_sqlite() {
    auto rows = db_.query("PRAGMA integrity_check");
    while (rows.next())
      if (auto const said = rows.take<std::string>(); said != "ok")
        find("the database is damaged: " + said, kPutBack);
  }
  void check_references() {
    auto rows = db_.query("PRAGMA foreign_key_check");
    while (rows.next()) {
      auto const table = rows.take<std::string>();
      auto const row = rows.take<std::int64_t>();
      find(fmt::format("row {} of table {} refers to a row of {} that is not there", row, table,
                       rows.take<std::string>()),
           kPutBack);
    }
  }
  void check(Rule const& rule) {
    auto rows = db_.query(fmt::format(
        "SELECT t.id, CASE t.orphan WHEN 1 THEN 'orphans/' || t.task_id ELSE j.manifest || '/' || j.name END"
        " FROM tasks t LEFT JOIN jobs j ON j.id = t.owner WHERE {} ORDER BY t.id",
        rule.condition));
    while (rows.next()) {
      auto const id = rows.take<std::int64_t>();
      find(fmt::format("task {} ({}) {}", id, rows.take<std::string>(), rule.what), rule.advice);
    }
  }
  void check_ledger() {
    auto rows = db_.query(
        "SELECT t.id, ifnull(l.reserved, 0), t.reserved, ifnull(l.spent, 0), t.spent,"
        " ifnull(l.uncertain, 0), t.uncertain FROM tasks t LEFT JOIN"
        " (SELECT task, sum(reserved) AS reserved, sum(spent) AS spent, sum(uncertain) AS uncertain"
        "  FROM ledger GROUP BY task) l ON l.task = t.id"
        " WHERE (t.reserved, t.spent, t.uncertain)"
        " <> (ifnull(l.reserved, 0), ifnull(l.spent, 0), ifnull(l.uncertain, 0)) ORDER BY t.id");
    while (rows.next()) {
      auto const task = rows.take<std::int64_t>();
      std::string words;
      for (auto const* kind : {"reserved", "spent", "uncertain"}) {
        auto const entered = rows.take<Money>();
        auto const really = rows.take<Money>();
        if (entered != really)
          words += fmt::format("; {} {} there, {} here", kind, decimal(entered), decimal(really));
      }
      find(fmt::format("the ledger differs from task {}{}", task, words),
           "compare the ledger with the provider's bill");
    }
  }
  void check_jobs() {
    auto rows = db_.query(
        "SELECT j.manifest || '/' || j.name, j.delivered FROM jobs j JOIN tasks t ON t.id = j.task"
        " JOIN manifests m ON m.id = j.taken AND m.live = 1"
        " WHERE (t.state = 5) <> (j.delivered > 0) ORDER BY j.id");
    while (rows.next()) {
      auto const job = rows.take<std::string>();
      find("job " + job +
               (rows.take<int>() > 0 ? " counts as delivered before its pictures are there"
                                     : " waits for pictures that are there already"),
           kPutBack);
    }
  }
  void check_arriving() {
    auto rows = db_.query(
        "SELECT manifest || '/' || name FROM jobs WHERE asked = '' OR (arriving IS NULL AND"
        " (arriving_task IS NOT NULL OR arriving_asked IS NOT NULL OR arriving_place IS NOT NULL"
        " OR arriving_vars IS NOT NULL)) OR (arriving_task IS NULL) <> (arriving_asked IS NULL) ORDER BY id");
    while (rows.next())
      find("job " + rows.take<std::string>() + " asks for nothing, or half of what no drop brings", kPutBack);
  }
  void check_sums() {
    auto const kept = read_tallies(db_), counted = count_tasks();
    std::set<LaneKey> lanes;
    for (auto const& each : kept) lanes.insert(each.first);
    for (auto const& each : counted) lanes.insert(each.first);
    auto const of = [](auto const& tallies, LaneKey const& lane) {
      auto const found = tallies.find(lane);
      return found == tallies.end() ? Tally{} : found->second;
    };
    for (auto const& lane : lanes)
      if (auto const words = differences(of(kept, lane), of(counted, lane)); !words.empty())
        find(fmt::format("the sums of model '{}' differ from its tasks{}", name_of(lane), words), kPutBack);
  }
  std::map<LaneKey, Tally> count_tasks() {
    std::map<LaneKey, Tally> tallies;
    auto rows = db_.query(
        "SELECT t.account, t.model, t.state, count(*), sum((SELECT count(*) FROM pictures WHERE task = t.id"
        " AND file <> '')), sum(t.reserved), sum(t.spent), sum(t.uncertain) FROM tasks t"
        " JOIN manifests m ON m.id = t.taken AND m.live = 1 GROUP BY t.account, t.model, t.state");
    while (rows.next()) {
      LaneKey lane;
      rows.take(lane.account);
      rows.take(lane.model);
      auto& tally = tallies[lane];
      rows.take(tally.tasks[rows.take<std::size_t>()]);
      tally.pictures += rows.take<std::int64_t>();
      tally.reserved += rows.take<Money>();
      tally.spent += rows.take<Money>();
      tally.uncertain += rows.take<Money>();
    }
    return tallies;
  }
  static std::string differences(Tally const& kept, Tally const& counted) {
    std::string words;
    auto const compare = [&](std::string_view name, std::int64_t a, std::int64_t b) {
      if (a != b) words += fmt::format("; {}: {} kept, {} counted", name, a, b);
    };
    for (int state = 0; state < kStates; ++state)
      compare(name_of(static_cast<State>(state)), kept[static_cast<State>(state)],
              counted[static_cast<State>(state)]);
    compare("pictures", kept.pictures, counted.pictures);
    compare("reserved", kept.reserved.micros, counted.reserved.micros);
    compare("spent", kept.spent.micros, counted.spent.micros);
    compare("uncertain", kept.uncertain.micros, counted.uncertain.micros);
    return words;
  }

  Db& db_;
  std::vector<Finding> found_;
};

}  // namespace

std::vector<Finding> audit(Db& db) try {
  Transaction transaction{db, Transaction::Kind::Read};
  return Audit{db}.run();
} catch (StoreBroken const& broken) {
  return {{broken.what(), kPutBack}};
}

}  // namespace wanspool
