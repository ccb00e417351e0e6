#include "store/store.h"

#include "store/database.h"
#include "store/rows.h"
#include "store/sqlite_store.h"

namespace wanspool {
namespace {

using sqlite::Transaction;

std::filesystem::path folder_of(std::filesystem::path const& file) {
  auto const folder = file.parent_path();
  refuse_network(folder);
  return folder;
}

// To go on with a queue takes a little room too, for the index of its log.
sqlite::Db open_even_if_full(std::filesystem::path const& file, Ballast& ballast) try {
  try {
    return open_for_writing(file);
  } catch (StoreFull const&) {
    if (!ballast.release()) throw;
    return open_for_writing(file);
  }
} catch (StoreFull const& full) {
  throw StoreBroken{full.what(), 74};
}

}  // namespace

std::unique_ptr<Store> open_store(std::filesystem::path const& file) {
  return std::make_unique<SqliteStore>(std::filesystem::absolute(file));
}

SqliteStore::SqliteStore(std::filesystem::path const& file)
    : lock_{folder_of(file) / "wanspool.lock", file},
      ballast_{file.parent_path() / "ballast"},
      db_{open_even_if_full(file, ballast_)} {}

std::vector<Task> SqliteStore::commit(Batch const& batch) {
  if (batch.empty()) return {};
  try {
    write(batch);
  } catch (StoreFull const&) {
    if (!ballast_.release()) throw;
    write(batch);
  }
  ballast_.restore();
  return {};
}

void SqliteStore::write(Batch const& batch) {
  Transaction transaction{db_, Transaction::Kind::Write};
  Changes changes{db_};
  for (auto const& task : batch.tasks) changes.replace(task);
  for (auto const& lane : batch.lanes) write_lane(db_, lane);
  changes.write_sums();
  transaction.commit();
}

std::vector<Task> SqliteStore::active() {
  static auto const sql = "SELECT " + task_columns() +
                          " FROM tasks t INDEXED BY tasks_active WHERE t.state BETWEEN 1 AND 4 ORDER BY t.id";
  std::vector<Task> tasks;
  auto rows = db_.query(sql);
  while (rows.next()) tasks.push_back(read_task(rows, db_));
  return tasks;
}

std::vector<Task> SqliteStore::queued(std::string const& model, std::size_t limit,
                                      std::function<bool(std::int64_t)> const& except) {
  static auto const sql = "SELECT " + task_columns() +
                          " FROM tasks t INDEXED BY tasks_queue WHERE t.model = ? AND t.state = 0"
                          " AND t.taken NOT IN (SELECT id FROM manifests WHERE live = 0)"
                          " ORDER BY t.due, t.id LIMIT ?";
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
  static auto const sql = "SELECT " + task_columns() +
                          " FROM tasks t INDEXED BY tasks_created WHERE t.model = ?"
                          " AND max(t.sent, t.answered) > 0 AND max(t.sent, t.answered) >= ?"
                          " ORDER BY max(t.sent, t.answered), t.id";
  std::vector<Task> tasks;
  auto rows = db_.query(sql, model, since);
  while (rows.next()) tasks.push_back(read_task(rows, db_));
  return tasks;
}

std::string SqliteStore::body(std::int64_t task) {
  return read_body(db_, task);
}

std::string SqliteStore::fingerprint(std::int64_t task) {
  return db_.value<std::string>("SELECT fingerprint FROM tasks WHERE id = ?", task);
}

std::vector<LaneRow> SqliteStore::lanes() {
  return read_lanes(db_);
}

Tally SqliteStore::tally() {
  return read_tally(db_);
}

std::optional<Taken> SqliteStore::taken(std::string const& claim) {
  return read_taken(db_, claim);
}

std::string SqliteStore::fact(std::string const& key) {
  return read_fact(db_, key);
}

void SqliteStore::set_fact(std::string const& key, std::string const& value) {
  db_.run("INSERT OR REPLACE INTO facts (key, value) VALUES (?, ?)", key, value);
}

void Changes::replace(Task const& task) {
  auto const before = read_summary(db_, task.id);
  auto& sum = sums_[before.model];
  sum.remove(before);
  sum.add(task);
  write_task(db_, task, before.pictures);
}

void Changes::appear(std::string const& model, std::int64_t queued) {
  sums_[model].tasks[static_cast<std::size_t>(State::Queued)] += queued;
}

void Changes::write_sums() {
  for (auto const& [model, sum] : sums_) write_tally(db_, model, sum);
}

}  // namespace wanspool
