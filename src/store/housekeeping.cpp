#include "store/housekeeping.h"

#include "store/database.h"
#include "store/jobs.h"
#include "store/sqlite.h"

namespace wanspool {
namespace {

using sqlite::Db;
using sqlite::Transaction;

constexpr std::size_t kPage = 200;

// A job's state as list_jobs() shows it (jobs.cpp, read_job).
constexpr char kShownState[] =
    "CASE WHEN j.wish = 2 AND t.state NOT IN (6, 7)"
    " AND NOT (t.owner = j.id AND (t.state IN (1, 2, 3, 4, 8) OR (t.state = 5 AND j.delivered <> 1))) THEN 7"
    " WHEN t.state = 5 AND j.delivered <> 1 THEN 4 ELSE t.state END";

void count_jobs(Db& db, std::string const& manifest, Census& census) {
  static auto const sql = std::string{"SELECT j.retired, "} + kShownState +
                          " shown, CASE t.state WHEN 0 THEN t.model ELSE '' END model, count(*),"
                          " sum(j.wish = 1 AND t.state = 0) FROM jobs j JOIN tasks t ON t.id = j.task"
                          " JOIN manifests m ON m.id = j.taken AND m.live = 1"
                          " WHERE j.manifest = ? GROUP BY 1, 2, 3";
  auto rows = db.query(sql, manifest);
  while (rows.next()) {
    auto const retired = rows.take<bool>();
    auto const state = rows.take<int>();
    auto const model = rows.take<std::string>();
    auto const number = rows.take<std::int64_t>();
    auto const paused = rows.take<std::int64_t>();
    census.is_known = true;
    if (retired) {
      census.retired += number;
      continue;
    }
    census.jobs[state] += number;
    census.paused += paused;
    if (State{state} == State::Queued) census.waiting[model] += number;
  }
}

std::array<std::int64_t, kStates> count_jobs(Db& db) {
  static auto const sql = std::string{"SELECT "} + kShownState +
                          " shown, count(*) FROM jobs j JOIN tasks t ON t.id = j.task"
                          " JOIN manifests m ON m.id = j.taken AND m.live = 1 GROUP BY 1";
  std::array<std::int64_t, kStates> jobs{};
  auto rows = db.query(sql);
  while (rows.next()) {
    auto const state = rows.take<std::size_t>();
    jobs.at(state) = rows.take<std::int64_t>();
  }
  return jobs;
}

void read_money(Db& db, std::string const& manifest, Census& census) {
  auto rows =
      db.query("SELECT spent, reserved, uncertain FROM spending WHERE scope = 0 AND key = ?", manifest);
  if (!rows.next()) return;
  rows.take(census.spent);
  rows.take(census.reserved);
  rows.take(census.uncertain);
}

std::vector<JobRow> first_jobs(Db& db, std::string const& manifest, State state, std::size_t most) {
  std::vector<std::string> names;
  {
    auto rows = db.query(
        "SELECT j.name FROM jobs j JOIN tasks t ON t.id = j.task JOIN manifests m ON m.id = j.taken AND "
        "m.live = 1"
        " WHERE j.manifest = ? AND j.retired = 0 AND j.wish <> 2 AND t.state = ? ORDER BY j.id LIMIT ?",
        manifest, state, most);
    while (rows.next()) names.push_back(rows.take<std::string>());
  }
  std::vector<JobRow> jobs;
  for (auto const& each : names)
    if (auto row = find_job(db, manifest, each)) jobs.push_back(std::move(*row));
  return jobs;
}

void add_names(Db& db, std::string const& sql, std::set<std::string>& names) {
  auto rows = db.query(sql);
  while (rows.next()) names.insert(rows.take<std::string>());
}

// From one name to the next by the index, whatever the number of their jobs.
std::vector<std::string> read_manifests(Db& db) {
  Transaction transaction{db, Transaction::Kind::Read};
  std::vector<std::string> names;
  auto rows = db.query(
      "WITH RECURSIVE found(its) AS (SELECT min(manifest) FROM jobs UNION ALL"
      " SELECT (SELECT min(j.manifest) FROM jobs j WHERE j.manifest > found.its) FROM found WHERE its IS NOT "
      "NULL)"
      " SELECT its FROM found WHERE its IS NOT NULL");
  while (rows.next()) names.push_back(rows.take<std::string>());
  return names;
}

std::vector<std::string> read_manifests_of(Db& db, std::vector<std::int64_t> const& tasks) {
  Transaction transaction{db, Transaction::Kind::Read};
  std::set<std::string> names;
  for (auto const task : tasks) {
    // A refill has no job of its own.
    auto rows = db.query(
        "SELECT DISTINCT manifest FROM jobs WHERE task = ?1"
        " OR task = (SELECT parent FROM tasks WHERE id = ?1 AND parent <> 0)",
        task);
    while (rows.next()) names.insert(rows.take<std::string>());
  }
  return {names.begin(), names.end()};
}

Census read_census(Db& db, std::string const& manifest, std::size_t examples) {
  Census census;
  {
    Transaction transaction{db, Transaction::Kind::Read};
    count_jobs(db, manifest, census);
    read_money(db, manifest, census);
  }
  if (census[State::Failed] > 0) census.failed = first_jobs(db, manifest, State::Failed, examples);
  if (census[State::Held] > 0) census.held = first_jobs(db, manifest, State::Held, examples);
  return census;
}

Uses read_uses(Db& db) {
  Transaction transaction{db, Transaction::Kind::Read};
  Uses uses;
  // Copies of what was bought under another name are taken from there, or from what has replaced it.
  add_names(db,
            "SELECT DISTINCT o.manifest FROM jobs j INDEXED BY jobs_undelivered JOIN tasks t ON t.id = j.task"
            " JOIN jobs o ON o.id = t.owner OR o.id = j.id WHERE j.delivered = 2 AND j.wish <> 2",
            uses.manifests);
  // What is made from another job's picture, also when it is tried again or refilled, finds it where that was
  // bought, be it in another manifest's name; its own has its copy.
  add_names(
      db,
      "WITH RECURSIVE up(task) AS (SELECT parent FROM tasks WHERE parent <> 0 AND (inputs & 4) <> 0"
      "  AND state NOT IN (5, 6, 7)"
      " UNION SELECT t.parent FROM up JOIN tasks t ON t.id = up.task WHERE t.parent <> 0),"
      " made(task, manifest) AS (SELECT j.task, j.manifest FROM tasks t JOIN jobs j ON j.task = t.id"
      "  WHERE (t.inputs & 4) <> 0 AND j.retired = 0 AND (t.state <> 5 OR t.id IN (SELECT task FROM up)))"
      " SELECT manifest FROM made"
      " UNION SELECT o.manifest FROM made JOIN sources s ON s.task = made.task"
      "  JOIN fingerprints f ON f.prefix = substr(s.source, 1, 16)"
      "  JOIN tasks p ON p.id = f.task AND p.fingerprint = s.source JOIN jobs o ON o.id = p.owner",
      uses.manifests);
  {
    auto rows = db.query(
        "SELECT DISTINCT c.orphan FROM candidates c JOIN tasks t ON t.id = c.task WHERE t.state IN (1, 8)");
    while (rows.next()) uses.candidates.insert(rows.take<std::int64_t>());
  }
  auto rows = db.query("SELECT task_id, state NOT IN (5, 6, 7) FROM tasks WHERE adopted = 1 AND orphan = 0");
  while (rows.next()) {
    auto const id = rows.take<std::string>();
    uses.adoptions[id] = rows.take<bool>();
  }
  return uses;
}

void each_body_in_need(Db& db, Instant since, std::function<void(std::string const&)> const& take) {
  constexpr char kSql[] =
      "SELECT t.id, r.body FROM tasks t JOIN requests r ON r.task = t.id"
      " WHERE t.id > ? AND (t.inputs & 3) <> 0 AND (t.state IN (0, 1, 2, 3, 4, 8) OR"
      " (EXISTS (SELECT 1 FROM jobs j WHERE j.task = t.id AND j.retired = 0)"
      "  AND (t.state IN (6, 7) OR t.done >= ?))) ORDER BY t.id LIMIT ?";
  for (std::int64_t last = 0;;) {
    std::vector<std::string> bodies;
    {
      Transaction transaction{db, Transaction::Kind::Read};
      auto rows = db.query(kSql, last, since, kPage);
      while (rows.next()) {
        rows.take(last);
        bodies.push_back(rows.take<std::string>());
      }
    }
    for (auto const& each : bodies) take(each);
    if (bodies.size() < kPage) return;
  }
}

class SqliteHousekeeping final : public Housekeeping {
 public:
  explicit SqliteHousekeeping(std::filesystem::path const& file) : db_{open_for_reading(file)} {}

  std::vector<std::string> manifests() override { return read_manifests(db_); }
  std::vector<std::string> manifests_of(std::vector<std::int64_t> const& tasks) override {
    return read_manifests_of(db_, tasks);
  }
  std::array<std::int64_t, kStates> jobs() override { return count_jobs(db_); }
  Census census(std::string const& manifest, std::size_t examples) override {
    return read_census(db_, manifest, examples);
  }
  Uses uses() override { return read_uses(db_); }
  void bodies_in_need(Instant since, std::function<void(std::string const&)> const& take) override {
    each_body_in_need(db_, since, take);
  }
  std::string fetched(std::string const& address) override {
    return db_.value<std::string>("SELECT file FROM fetched WHERE address = ?", address);
  }

 private:
  Db db_;
};

}  // namespace

std::unique_ptr<Housekeeping> open_housekeeping(std::filesystem::path const& file) {
  return std::make_unique<SqliteHousekeeping>(std::filesystem::absolute(file));
}

}  // namespace wanspool
