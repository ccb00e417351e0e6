#include "store/jobs.h"

#include "store/rows.h"

namespace wanspool {
namespace {

using sqlite::Db;
using sqlite::Rows;

constexpr std::size_t kPage = 500;

std::string const& job_columns() {
  static auto const columns =
      "SELECT j.id, j.manifest, j.name, t.fingerprint, m.source, j.line, m.sha256, j.place, j.vars,"
      " j.retired, j.wish, t.owner = j.id, j.delivered, " +
      takes_column() + ", " + task_columns() +
      " FROM jobs j JOIN tasks t ON t.id = j.task"
      " JOIN manifests m ON m.id = j.taken AND m.live = 1 ";
  return columns;
}

struct Listed {
  std::int64_t id = 0;
  JobRow row;
};

// Of a canceled job: what becomes of the purchase is the others' that want it, unless it was sent in its
// name.
void leave(Task& task, bool owns) {
  if (is_final(task.state) && task.state != State::Done) return;
  if (owns && task.state != State::Queued && task.state != State::Done) return;
  task.state = State::Canceled;
  task.error = {Trouble::Kind::Fatal, "Canceled",
                "canceled; another job wants the same pictures and gets them"};
}

Listed read_job(Rows& rows, Db& db) {
  Listed job;
  rows.take(job.id);
  rows.take(job.row.manifest);
  rows.take(job.row.job);
  rows.take(job.row.fingerprint);
  rows.take(job.row.source);
  rows.take(job.row.line);
  rows.take(job.row.manifest_sha256);
  rows.take(job.row.place);
  rows.take(job.row.vars);
  rows.take(job.row.retired);
  rows.take(job.row.wish);
  auto const owns = rows.take<bool>();
  job.row.delivered = rows.take<int>() == 1;
  rows.take(job.row.takes);
  job.row.task = read_task(rows, db);
  if (job.row.task.state == State::Done && !job.row.delivered) job.row.task.state = State::Downloading;
  if (job.row.wish == Wish::Canceled) leave(job.row.task, owns);
  return job;
}

// What is read with each row is of the same moment, for the statement holds its own.
template <typename... Values>
std::vector<Listed> page(Db& db, std::string const& sql, Values const&... values) {
  std::vector<Listed> jobs;
  auto rows = db.query(sql, values...);
  while (rows.next()) jobs.push_back(read_job(rows, db));
  return jobs;
}

std::vector<Listed> page_of_all(Db& db, Listed const& after) {
  static auto const sql =
      job_columns() + "WHERE (j.manifest, j.id) > (?, ?) ORDER BY j.manifest, j.id LIMIT ?";
  return page(db, sql, after.row.manifest, after.id, kPage);
}

std::vector<Listed> page_of(Db& db, std::string const& manifest, Listed const& after) {
  static auto const sql = job_columns() + "WHERE j.manifest = ? AND j.id > ? ORDER BY j.id LIMIT ?";
  return page(db, sql, manifest, after.id, kPage);
}

}  // namespace

void list_jobs(Db& db, std::string const& manifest,
               std::function<bool(std::int64_t id, JobRow const&)> const& take) {
  Listed last;
  for (;;) {
    auto const listed = manifest.empty() ? page_of_all(db, last) : page_of(db, manifest, last);
    for (auto const& each : listed)
      if (!take(each.id, each.row)) return;
    if (listed.size() < kPage) return;
    last = listed.back();
  }
}

std::optional<JobRow> find_job(Db& db, std::string const& manifest, std::string const& job) {
  static auto const sql = job_columns() + "WHERE j.manifest = ? AND j.name = ?";
  auto found = page(db, sql, manifest, job);
  if (found.empty()) return {};
  return std::move(found.front().row);
}

std::optional<std::string> find_place(Db& db, std::string const& manifest, std::string const& job) {
  auto rows = db.query(
      "SELECT j.place FROM jobs j JOIN manifests m ON m.id = j.taken AND m.live = 1"
      " WHERE j.manifest = ? AND j.name = ?",
      manifest, job);
  if (!rows.next()) return {};
  return rows.take<std::string>();
}

std::vector<std::string> read_subscribers(Db& db, std::int64_t task) {
  std::vector<std::string> names;
  auto rows = db.query(
      "SELECT j.manifest || '/' || j.name FROM jobs j JOIN manifests m ON m.id = j.taken AND m.live = 1"
      " WHERE j.task = ? ORDER BY j.id",
      task);
  while (rows.next()) names.push_back(rows.take<std::string>());
  return names;
}

std::vector<Task> read_replaced(Db& db, std::string const& job) {
  static auto const sql = select_tasks(
      "INDEXED BY tasks_owner JOIN jobs j ON j.id = t.owner WHERE t.owner = ?"
      " AND (t.state <> 0 OR t.creates > 0) AND t.id <> j.task AND t.parent = 0 ORDER BY t.id");
  auto const wanted = find_wanted(db, job);
  if (!wanted) return {};
  return read_tasks(db, sql, wanted->job);
}

std::optional<std::int64_t> read_owner(Db& db, std::string const& manifest) {
  auto rows = db.query(
      "SELECT owner FROM manifests WHERE name = ? AND live = 1 AND owner >= 0 ORDER BY id LIMIT 1", manifest);
  if (!rows.next()) return {};
  return rows.take<std::int64_t>();
}

ToCome read_to_come(Db& db, std::string const& manifest, std::int64_t but_for) {
  ToCome sum;
  auto const add = [&](Rows rows) {
    if (!rows.next()) return;
    sum.pictures += rows.take<std::int64_t>();
    sum.waiting += rows.take<Money>();
  };
  add(
      db.query("SELECT ifnull(sum(t.wanted), 0), ifnull(sum(t.wanted * t.price), 0)"
               " FROM jobs j CROSS JOIN tasks t ON t.id = j.task CROSS JOIN manifests m ON m.id = t.taken"
               " WHERE j.manifest = ? AND t.owner = j.id AND t.state = 0 AND t.taken <> ? AND m.live = 1",
               manifest, but_for));
  add(
      db.query("SELECT ifnull(sum(r.wanted), 0), ifnull(sum(r.wanted * r.price), 0)"
               " FROM jobs j CROSS JOIN tasks r ON r.parent = j.task"
               " WHERE j.manifest = ? AND r.parent <> 0 AND r.owner = j.id AND r.state = 0",
               manifest));
  add(db.query(
      "SELECT ifnull(sum(t.wanted - (SELECT count(*) FROM pictures p WHERE p.task = t.id AND p.file <> '')),"
      " 0), 0 FROM jobs j JOIN tasks t INDEXED BY tasks_owner ON t.owner = j.id"
      " WHERE j.manifest = ? AND (t.state <> 0 OR t.creates > 0) AND t.state BETWEEN 1 AND 4",
      manifest));
  return sum;
}

LedgerRow read_spent(Db& db, std::string const& manifest) {
  auto rows = db.query(
      "SELECT ifnull(sum(t.reserved <> 0 OR t.spent <> 0 OR t.uncertain <> 0), 0),"
      " ifnull(sum((SELECT count(*) FROM pictures p WHERE p.task = t.id AND p.file <> '')), 0),"
      " ifnull(sum(t.reserved), 0), ifnull(sum(t.spent), 0), ifnull(sum(t.uncertain), 0)"
      " FROM jobs j JOIN tasks t INDEXED BY tasks_owner ON t.owner = j.id"
      " WHERE j.manifest = ? AND (t.state <> 0 OR t.creates > 0)",
      manifest);
  LedgerRow row;
  row.key = manifest;
  if (!rows.next()) return row;
  rows.take(row.tasks);
  rows.take(row.pictures);
  rows.take(row.reserved);
  rows.take(row.spent);
  rows.take(row.uncertain);
  auto const left = read_to_come(db, manifest);
  row.waiting = left.waiting;
  row.to_come = left.pictures;
  return row;
}

}  // namespace wanspool
