#include "store/waiting.h"

#include "store/rows.h"

namespace wanspool {

std::int64_t read_paused(sqlite::Db& db) {
  return db.value<std::int64_t>(
      "SELECT count(*) FROM tasks INDEXED BY tasks_paused WHERE state = 0 AND paused = 1");
}

std::vector<std::int64_t> read_line(sqlite::Db& db, std::string const& model) {
  std::vector<std::int64_t> tasks;
  auto rows = db.query(
      "SELECT t.id FROM tasks t INDEXED BY tasks_lines JOIN manifests m ON m.id = t.taken AND m.live = 1"
      " WHERE t.state = 0 AND t.paused = 0 AND t.model = ? ORDER BY t.rank, t.taken, t.due, t.id",
      model);
  while (rows.next()) tasks.push_back(rows.take<std::int64_t>());
  return tasks;
}

// By drop, for what came with one has the same age.
std::vector<Waiting> read_waiting(sqlite::Db& db, std::string const& model) {
  std::vector<Waiting> waiting;
  auto rows = db.query(
      "SELECT m.name, m.taken_at, max(t.deadline), count(*) FROM tasks t INDEXED BY tasks_lines"
      " JOIN manifests m ON m.id = t.taken AND m.live = 1 WHERE t.state = 0 AND t.paused = 0 AND t.model = ?"
      " GROUP BY t.rank, t.taken ORDER BY t.rank, t.taken",
      model);
  while (rows.next()) {
    auto& each = waiting.emplace_back();
    rows.take(each.manifest);
    rows.take(each.since);
    rows.take(each.deadline);
    rows.take(each.tasks);
  }
  return waiting;
}

std::vector<Work> read_work(sqlite::Db& db, LaneKey const& lane, Instant since) {
  std::vector<Work> work;
  auto rows = db.query(
      "SELECT sent, accepted, finished, submit_time, scheduled_time, end_time, state, polls FROM tasks"
      " INDEXED BY tasks_created WHERE account = ? AND model = ? AND max(sent, answered) > 0 AND max(sent, "
      "answered) >= ?",
      lane.account, lane.model, since);
  while (rows.next()) {
    auto& each = work.emplace_back();
    rows.take(each.times.sent);
    rows.take(each.times.accepted);
    rows.take(each.times.finished);
    rows.take(each.times.submit_time);
    rows.take(each.times.scheduled_time);
    rows.take(each.times.end_time);
    rows.take(each.state);
    rows.take(each.polls);
  }
  return work;
}

}  // namespace wanspool
