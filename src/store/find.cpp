#include "store/rows.h"
#include "store/sqlite_store.h"

// What the engine asks of the queue.
namespace wanspool {

std::vector<Task> SqliteStore::active() {
  static auto const sql = select_tasks("INDEXED BY tasks_active WHERE t.state BETWEEN 1 AND 4 ORDER BY t.id");
  return read_tasks(db_, sql);
}

std::vector<Task> SqliteStore::queued(std::string const& model, std::size_t limit,
                                      std::function<bool(std::int64_t)> const& except) {
  static auto const sql = select_tasks(
      "INDEXED BY tasks_queue WHERE t.model = ? AND t.state = 0"
      " AND t.taken NOT IN (SELECT id FROM manifests WHERE live = 0)"
      " ORDER BY t.due, t.id LIMIT ?");
  // The tally knows where the visible ones end: what is arriving behind them is not walked through.
  auto const visible = db_.value<std::int64_t>("SELECT queued FROM tallies WHERE model = ?", model);
  std::vector<Task> tasks;
  if (limit == 0) return tasks;
  auto rows = db_.query(sql, model, visible);
  while (tasks.size() < limit && rows.next()) {
    auto task = read_task(rows, db_);
    if (!except || !except(task.id)) tasks.push_back(std::move(task));
  }
  return tasks;
}

std::vector<std::string> SqliteStore::queued_models() {
  std::vector<std::string> models;
  auto rows = db_.query("SELECT model FROM tallies WHERE queued > 0 ORDER BY model");
  while (rows.next()) models.push_back(rows.take<std::string>());
  return models;
}

std::vector<Task> SqliteStore::created_since(std::string const& model, Instant since) {
  static auto const sql = select_tasks(
      "INDEXED BY tasks_created WHERE t.model = ?"
      " AND max(t.sent, t.answered) > 0 AND max(t.sent, t.answered) >= ?"
      " ORDER BY max(t.sent, t.answered), t.id");
  return read_tasks(db_, sql, model, since);
}

std::vector<Task> SqliteStore::held(Instant since) {
  static auto const sql =
      select_tasks("INDEXED BY tasks_held WHERE t.state = 8 AND t.sent >= ? ORDER BY t.id");
  return read_tasks(db_, sql, since);
}

std::vector<KnownTask> SqliteStore::known(Instant since) {
  std::vector<KnownTask> found;
  auto rows = db_.query(
      "SELECT task_id, sent, accepted, orphan, adopted OR orphan FROM tasks INDEXED BY tasks_known"
      " WHERE task_id <> '' AND max(sent, accepted) >= ?"
      " UNION ALL SELECT task_id, sent, accepted, 0, adopted FROM former_ids INDEXED BY former_ids_known"
      " WHERE max(sent, accepted) >= ?",
      since, since);
  while (rows.next()) {
    auto& task = found.emplace_back();
    rows.take(task.task_id);
    rows.take(task.sent);
    rows.take(task.accepted);
    rows.take(task.orphan);
    // When it was made is known from the list alone, whose clock it would be measured with.
    if (rows.take<bool>()) task.sent = task.accepted = {};
  }
  return found;
}

std::vector<Task> SqliteStore::refills_of(std::int64_t task) {
  return read_refills(db_, task);
}

std::vector<Undelivered> SqliteStore::undelivered(std::size_t limit) {
  static auto const sql = "SELECT j.id, j.manifest || '/' || j.name, " + task_columns() +
                          " FROM jobs j INDEXED BY jobs_undelivered JOIN tasks t ON t.id = j.task"
                          " JOIN manifests m ON m.id = j.taken AND m.live = 1"
                          " WHERE j.delivered = 2 AND t.state = 5 ORDER BY j.id LIMIT ?";
  std::vector<Undelivered> found;
  auto rows = db_.query(sql, limit);
  while (rows.next()) {
    auto& job = found.emplace_back();
    rows.take(job.job);
    rows.take(job.name);
    job.task = read_task(rows, db_);
  }
  return found;
}

std::optional<Task> SqliteStore::orphan(std::string const& task_id) {
  auto found = find_task_by_id(db_, task_id);
  return found && found->orphan ? found : std::nullopt;
}

std::optional<Task> SqliteStore::unfinished(std::string const& fingerprint) {
  static auto const sql = select_tasks(
      "JOIN manifests m ON m.id = t.taken AND m.live = 1 WHERE t.fingerprint = ? AND t.state <> 5");
  return first_of(read_tasks(db_, sql, fingerprint));
}

std::string SqliteStore::body(std::int64_t task) {
  return read_body(db_, task);
}

std::string SqliteStore::fingerprint(std::int64_t task) {
  return db_.value<std::string>("SELECT fingerprint FROM tasks WHERE id = ?", task);
}

}  // namespace wanspool
