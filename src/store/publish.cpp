#include <algorithm>
#include <limits>

#include "store/changes.h"
#include "store/drop.h"
#include "store/dropping.h"
#include "store/jobs.h"
#include "store/sqlite_store.h"
#include "store/terms.h"
#include "store/wanting.h"

// A manifest becomes live: manifest.md's table of dropping again, for all of its jobs at once. What is new
// costs nothing here; purchases are looked at one by one only where somebody came to them or left them.
namespace wanspool {
namespace {

using sqlite::Db;
using sqlite::Transaction;

constexpr auto kAll = std::numeric_limits<std::size_t>::max();

NewlyBought read_bought(Db& db, std::int64_t drop) {
  NewlyBought bought;
  auto rows = db.query("SELECT pictures, price FROM manifests WHERE id = ?", drop);
  if (!rows.next()) return bought;
  rows.take(bought.pictures);
  rows.take(bought.price);
  return bought;
}

class Publication {
 public:
  Publication(Db& db, Drop const& drop, Instant now)
      : db_{db}, drop_{drop}, now_{now}, changes_{db, now}, before_{newest_drop(db, drop.name)} {}

  Taken run() {
    take_over();
    find_arrived();
    find_left();
    find_older();
    settle_jobs();
    if (!drop_.partial) retire();
    db_.run("UPDATE manifests SET live = 1, again = ?, retired = ? WHERE id = ?", again_jobs_, retired_,
            drop_.id);
    appear();
    settle_purchases();
    wait_for_older();
    keep_paused(db_, drop_.name, drop_.id);
    if (before_ != 0) apply_terms(db_, *find_drop(db_, before_), drop_);
    changes_.write_sums();
    forget_stops(db_, drop_.name);
    add_bought(db_, drop_.id, bought_);
    return *read_taken(db_, drop_.claim);
  }
  // Instead of run(): what it will newly buy.
  NewlyBought price() {
    take_over();
    find_arrived();
    auto bought = read_bought(db_, drop_.id);
    for (auto const task : again_) {
      auto const cost = cost_of(task);
      bought.pictures += cost.pictures;
      bought.price += cost.price;
    }
    return bought;
  }
  // After run(): what waits in its name and is not newly bought by it.
  ToCome waiting_beside() {
    auto beside = read_to_come(db_, drop_.name, drop_.id);
    for (auto const task : again_) {
      auto rows = db_.query(
          "SELECT t.wanted, t.wanted * t.price FROM tasks t JOIN jobs j ON j.id = t.owner"
          " WHERE t.id = ? AND t.state = 0 AND t.taken <> ? AND j.task = t.id AND j.manifest = ?",
          task, drop_.id, drop_.name);
      if (!rows.next()) continue;
      beside.pictures -= rows.take<std::int64_t>();
      beside.waiting -= rows.take<Money>();
    }
    return beside;
  }

 private:
  struct Older {
    std::int64_t job = 0, task = 0, after = 0;
  };

  // What it wants and another drop, which is not live, has brought: it cannot wait for that one, which has to
  // look at it like at any other that is known.
  void take_over() {
    std::vector<std::pair<std::int64_t, std::int64_t>> others;
    {
      auto rows = db_.query(
          "SELECT t.id, t.taken FROM jobs j JOIN tasks t ON t.id = ifnull(j.arriving_task, j.task)"
          " JOIN manifests m ON m.id = t.taken WHERE j.arriving = ? AND m.live = 0 AND m.id <> ?",
          drop_.id, drop_.id);
      while (rows.next()) {
        auto const task = rows.take<std::int64_t>();
        others.emplace_back(task, rows.take<std::int64_t>());
      }
    }
    std::sort(others.begin(), others.end());
    others.erase(std::unique(others.begin(), others.end()), others.end());
    for (auto const& [task, other] : others) take_over(task, other);
  }
  void take_over(std::int64_t task, std::int64_t other) {
    auto const bought = cost_of(task);
    add_bought(db_, other, {-bought.pictures, bought.price * -1});
    add_bought(db_, drop_.id, bought);
    db_.run("UPDATE tasks SET taken = ? WHERE id = ?", drop_.id, task);
    db_.run(
        "UPDATE jobs SET arriving = taken, arriving_line = line WHERE task = ? AND taken = ? AND arriving IS"
        " NULL",
        task, other);
    // Not in the name of a job that may yet be dropped.
    db_.run(
        "UPDATE tasks SET owner = (SELECT min(id) FROM jobs WHERE arriving = ?1"
        " AND ifnull(arriving_task, task) = ?2) WHERE id = ?2",
        drop_.id, task);
  }
  NewlyBought cost_of(std::int64_t task) {
    auto rows = db_.query("SELECT wanted, wanted * price FROM tasks WHERE id = ?", task);
    NewlyBought bought;
    if (!rows.next()) return bought;
    rows.take(bought.pictures);
    rows.take(bought.price);
    return bought;
  }

  // Purchases that it did not bring and that somebody comes to, and those that go on after their end.
  void find_arrived() {
    static auto const sql =
        "SELECT t.id, " + kWorthAgain +
        ", j.taken <> j.arriving AND j.arriving_task IS NULL"
        " FROM jobs j JOIN tasks t ON t.id = ifnull(j.arriving_task, j.task)"
        " WHERE j.arriving = ? AND NOT (t.taken = j.arriving AND t.owner = j.id)"
        " AND (j.taken = j.arriving OR j.arriving_task IS NOT NULL OR j.retired = 1 OR j.wish = 2 OR " +
        kWorthAgain + ")";
    auto rows = db_.query(sql, drop_.id);
    while (rows.next()) {
      auto const task = rows.take<std::int64_t>();
      touched_.push_back(task);
      if (!rows.take<bool>()) continue;
      again_.push_back(task);
      again_jobs_ += rows.take<bool>();
    }
    unite(again_);
  }
  void find_left() {
    auto rows =
        db_.query("SELECT j.task FROM jobs j WHERE j.arriving = ? AND j.arriving_task IS NOT NULL", drop_.id);
    while (rows.next()) touched_.push_back(rows.take<std::int64_t>());
  }
  // What a changed job has to wait for.
  void find_older() {
    auto rows = db_.query(
        "SELECT j.id, j.arriving_task, CASE WHEN t.state IN (1, 2, 3, 4) THEN t.id ELSE t.after END"
        " FROM jobs j JOIN tasks t ON t.id = j.task WHERE j.arriving = ? AND j.arriving_task IS NOT NULL"
        " AND (t.state IN (1, 2, 3, 4) OR t.after <> 0)",
        drop_.id);
    while (rows.next()) {
      auto& older = older_.emplace_back();
      rows.take(older.job);
      rows.take(older.task);
      rows.take(older.after);
    }
    find_older_refills();
  }
  // One that is on its way writes into the job's folder though its parent is over.
  void find_older_refills() {
    std::vector<Older> over;
    {
      auto rows = db_.query(
          "SELECT j.id, j.arriving_task, j.task FROM jobs j JOIN tasks t ON t.id = j.task"
          " WHERE j.arriving = ? AND j.arriving_task IS NOT NULL AND t.state > 4"
          " AND EXISTS (SELECT 1 FROM tasks r WHERE r.parent = t.id AND r.parent <> 0)",
          drop_.id);
      while (rows.next()) {
        auto& each = over.emplace_back();
        rows.take(each.job);
        rows.take(each.task);
        rows.take(each.after);
      }
    }
    for (auto const& each : over)
      if (auto const refill = refill_under_way(each.after); refill != 0)
        older_.push_back({each.job, each.task, refill});
  }
  std::int64_t refill_under_way(std::int64_t task) {
    for (auto const& refill : read_refills(db_, task)) {
      if (refill.state >= State::Submitting && refill.state <= State::Downloading) return refill.id;
      if (auto const next = refill_under_way(refill.id); next != 0) return next;
    }
    return 0;
  }

  // From now on its jobs are like all others; those whose pictures are there already get them from there.
  void settle_jobs() {
    db_.run(
        "UPDATE jobs SET taken = arriving, line = arriving_line, retired = 0,"
        " wish = CASE wish WHEN 2 THEN 0 ELSE wish END,"
        " task = ifnull(arriving_task, task), asked = ifnull(arriving_asked, asked),"
        " place = ifnull(arriving_place, place), vars = ifnull(arriving_vars, vars),"
        " delivered = CASE WHEN arriving_task IS NULL AND arriving_place IS NULL AND delivered <> 0"
        "  THEN delivered"
        "  WHEN (SELECT state FROM tasks WHERE id = ifnull(jobs.arriving_task, jobs.task)) = 5 THEN 2"
        "  ELSE 0 END,"
        " arriving = NULL, arriving_line = 0, arriving_task = NULL, arriving_asked = NULL,"
        " arriving_place = NULL, arriving_vars = NULL WHERE arriving = ?",
        drop_.id);
  }
  // What older drops named last.
  void retire() {
    static std::string const gone =
        " j.taken IN (SELECT id FROM manifests WHERE name = ? AND live = 1) AND j.retired = 0";
    {
      static auto const sql =
          "SELECT t.id FROM jobs j JOIN tasks t ON t.id = j.task WHERE" + gone +
          " AND (t.state = 0 OR EXISTS (SELECT 1 FROM tasks r WHERE r.parent = t.id AND r.parent <> 0"
          " AND r.state = 0))";
      auto rows = db_.query(sql, drop_.name);
      while (rows.next()) touched_.push_back(rows.take<std::int64_t>());
    }
    static auto const sql = "UPDATE jobs AS j SET retired = 1 WHERE" + gone;
    db_.run(sql, drop_.name);
    retired_ = db_.changes();
  }
  void appear() {
    auto rows = db_.query("SELECT model, count(*) FROM tasks WHERE taken = ? GROUP BY model", drop_.id);
    while (rows.next()) {
      auto const model = rows.take<std::string>();
      changes_.appear(model, rows.take<std::int64_t>());
    }
  }

  void settle_purchases() {
    unite(touched_);
    for (auto const task : touched_) {
      auto const heir = heir_of(db_, task);
      heir == 0 ? changes_.cancel_waiting(task) : go_on(task, heir);
    }
  }
  void go_on(std::int64_t task, std::int64_t heir) {
    own(db_, changes_, task, heir);
    if (std::binary_search(again_.begin(), again_.end(), task)) buy_again(task);
    agree_on_terms(db_, task);
    agree_on_pause(db_, task);
  }
  void buy_again(std::int64_t id) {
    changes_.replace(queued_anew(need_task(db_, id), now_));
    db_.run(
        "UPDATE tasks SET on_doubt = ?, refill = ?, fetch = ?, after = 0 WHERE id = ?"
        " AND (SELECT manifest FROM jobs WHERE id = tasks.owner) = ?",
        drop_.terms.on_doubt, drop_.terms.refill, drop_.terms.fetch, id, drop_.name);
    auto const cost = cost_of(id);
    bought_.pictures += cost.pictures;
    bought_.price += cost.price;
  }
  void wait_for_older() {
    for (auto const& each : older_)
      db_.run("UPDATE tasks SET after = ? WHERE id = ? AND owner = ? AND state = 0 AND id <> ?", each.after,
              each.task, each.job, each.after);
  }

  static void unite(std::vector<std::int64_t>& ids) {
    std::sort(ids.begin(), ids.end());
    ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
  }

  Db& db_;
  Drop const& drop_;
  Instant now_;
  Changes changes_;
  std::int64_t before_;  // the drop whose terms hold until now
  std::vector<std::int64_t> touched_, again_;
  std::vector<Older> older_;
  std::int64_t again_jobs_ = 0, retired_ = 0;
  NewlyBought bought_;
};

}  // namespace

Taken SqliteStore::publish_manifest(std::int64_t manifest, Instant now) {
  join_purchases(manifest, kAll);
  Transaction transaction{db_, Transaction::Kind::Write};
  auto const drop = need_arriving(db_, manifest);
  auto const taken = Publication{db_, drop, now}.run();
  hook_watch_.collect(db_, now);
  transaction.commit();
  joining_.erase(manifest);
  return taken;
}

// It is done and taken back, so that the two cannot differ.
Taken SqliteStore::preview_manifest(std::int64_t manifest) {
  join_purchases(manifest, kAll);
  Transaction const transaction{db_, Transaction::Kind::Write};
  auto const drop = need_arriving(db_, manifest);
  Publication publication{db_, drop, drop.at};
  auto taken = publication.run();
  taken.live = false;
  auto const beside = publication.waiting_beside();
  taken.waiting = beside.waiting;
  taken.to_come = beside.pictures;
  return taken;
}

Taken SqliteStore::estimate_manifest(std::int64_t manifest) {
  join_purchases(manifest, kAll);
  Transaction const transaction{db_, Transaction::Kind::Write};
  auto const drop = need_arriving(db_, manifest);
  auto const bought = Publication{db_, drop, drop.at}.price();
  auto const beside = read_to_come(db_, drop.name, drop.id);
  Taken taken;
  taken.pictures = bought.pictures;
  taken.price = bought.price;
  taken.waiting = beside.waiting;
  taken.to_come = beside.pictures;
  return taken;
}

}  // namespace wanspool
