#include <limits>

#include "store/inputs.h"
#include "store/rows.h"
#include "store/sqlite_store.h"

// What the engine asks of the queue.
namespace wanspool {
namespace {

constexpr std::int64_t kCountedMost = 500;

// A condition on the queued task `t`, with an AND before it: no older purchase of its job is under way.
std::string const kWaitsForNothing =
    " AND (t.after = 0 OR NOT EXISTS (SELECT 1 FROM tasks o"
    " WHERE o.id = t.after AND o.state IN (1, 2, 3, 4)) AND NOT EXISTS (SELECT 1 FROM tasks r"
    " WHERE r.parent = t.after AND r.parent <> 0 AND r.state IN (1, 2, 3, 4)))";

constexpr auto kNoLimit = std::numeric_limits<std::int64_t>::max();

// It is overdue, or caps leave it enough: those of all, those of its manifest, and those of whoever owns the
// manifest's name.
constexpr char const* kHasRoom =
    " AND (t.deadline BETWEEN 1 AND ? OR (t.wanted <= ? AND t.wanted * t.price <= ? AND NOT EXISTS"
    " (SELECT 1 FROM jobs j JOIN temp.rooms r ON r.manifest = j.manifest WHERE j.id = t.owner"
    " AND (t.wanted > r.pictures OR t.wanted * t.price > r.cost))"
    " AND (NOT EXISTS (SELECT 1 FROM temp.people) OR NOT EXISTS (SELECT 1 FROM jobs j CROSS JOIN"
    " temp.people p ON p.submitter = ifnull((SELECT m.owner FROM manifests m WHERE m.name = j.manifest"
    " AND m.live = 1 AND m.owner >= 0 ORDER BY m.id LIMIT 1), -1) WHERE j.id = t.owner"
    " AND (t.wanted > p.pictures OR t.wanted * t.price > p.cost)))))";

// As Task::brings_inputs() has it, where only what brings none is asked for.
constexpr char const* kIsPlain =
    " AND (? = 0 OR (t.inputs & 5 = 0 AND (t.inputs & 2 = 0 OR (t.fetch <> 2 AND t.fetch_now = 0))))";
static_assert(kLocalInput + kJobInput == 5 && kWebInput == 2 && static_cast<int>(FetchInputs::Always) == 2);

static_assert(kUnknownSubmitter == -1);

}  // namespace

// Line by line they are the same as a rule.
void SqliteStore::set_rooms(Rooms const& rooms) {
  if (rooms_ && rooms_->manifests == rooms.manifests && rooms_->submitters == rooms.submitters) return;
  rooms_.reset();
  db_.run(
      "CREATE TEMP TABLE IF NOT EXISTS rooms"
      " (manifest TEXT PRIMARY KEY, pictures INTEGER NOT NULL, cost INTEGER NOT NULL) WITHOUT ROWID");
  db_.run(
      "CREATE TEMP TABLE IF NOT EXISTS people"
      " (submitter INTEGER PRIMARY KEY, pictures INTEGER NOT NULL, cost INTEGER NOT NULL)");
  db_.run("DELETE FROM temp.rooms");
  db_.run("DELETE FROM temp.people");
  for (auto const& [submitter, room] : rooms.submitters)
    db_.run("INSERT INTO temp.people VALUES (?, ?, ?)", submitter, room.pictures.value_or(kNoLimit),
            room.cost.value_or(Money{kNoLimit}));
  for (auto const& [manifest, room] : rooms.manifests)
    db_.run("INSERT INTO temp.rooms VALUES (?, ?, ?)", manifest, room.pictures.value_or(kNoLimit),
            room.cost.value_or(Money{kNoLimit}));
  rooms_ = rooms;
}

std::vector<Task> SqliteStore::active() {
  static auto const sql = select_tasks("INDEXED BY tasks_active WHERE t.state BETWEEN 1 AND 4 ORDER BY t.id");
  return read_tasks(db_, sql);
}

// What is arriving with one drop lies together in the order of the queue and may be a million rows: it is
// passed over as a whole.
std::vector<Task> SqliteStore::queued(std::string const& model, std::size_t limit,
                                      std::function<bool(std::int64_t)> const& except, Rooms const& rooms) {
  static auto const sql =
      "SELECT (SELECT live FROM manifests WHERE id = t.taken), t.taken, t.rank, " + task_columns() +
      " FROM tasks t INDEXED BY tasks_queue WHERE t.model = ? AND t.state = 0 AND t.paused = 0"
      " AND (t.rank, t.due, t.id) > (?, ?, ?)" +
      kWaitsForNothing + kWaitsForNoSource + kHasRoom + kIsPlain + " ORDER BY t.rank, t.due, t.id";
  set_rooms(rooms);
  auto const pictures = rooms.all.pictures.value_or(kNoLimit);
  auto const cost = rooms.all.cost.value_or(Money{kNoLimit});
  std::vector<Task> tasks;
  int rank = -1;
  Task last;
  for (std::int64_t hidden = 0; tasks.size() < limit;) {
    if (hidden != 0)
      last.id =
          db_.value<std::int64_t>("SELECT max(id) FROM tasks WHERE taken = ? AND model = ?", hidden, model);
    hidden = 0;
    auto rows =
        db_.query(sql, model, rank, last.due, last.id, rooms.now, pictures, cost, rooms.plain ? 1 : 0);
    while (hidden == 0 && tasks.size() < limit && rows.next()) {
      bool const live = rows.take<bool>();
      auto const taken = rows.take<std::int64_t>();
      rows.take(rank);
      last = read_task(rows, db_);
      if (!live)
        hidden = taken;
      else if (!except || !except(last.id))
        tasks.push_back(last);
    }
    if (hidden == 0) break;
  }
  return tasks;
}

// From drop to drop in the index, however many tasks lie between them.
std::vector<Line> SqliteStore::lines(std::string const& model, std::size_t most) {
  std::vector<Line> found;
  Line last{-1, Priority::High, 0};
  while (found.size() < most) {
    auto rows = db_.query(
        "SELECT t.rank, t.taken, m.live FROM tasks t INDEXED BY tasks_lines JOIN manifests m ON m.id = "
        "t.taken"
        " WHERE t.state = 0 AND t.paused = 0 AND t.model = ? AND (t.rank, t.taken) > (?, ?) ORDER BY t.rank, "
        "t.taken LIMIT 1",
        model, last.rank, last.drop);
    if (!rows.next()) break;
    rows.take(last.rank);
    rows.take(last.drop);
    if (!rows.take<bool>()) continue;
    last.left = db_.value<std::int64_t>(
        "SELECT count(*) FROM (SELECT 1 FROM tasks INDEXED BY tasks_lines WHERE state = 0 AND paused = 0 AND "
        "model = ?"
        " AND rank = ? AND taken = ? LIMIT ?)",
        model, last.rank, last.drop, kCountedMost);
    found.push_back(last);
  }
  return found;
}

std::vector<Task> SqliteStore::queued_in(std::string const& model, Line const& line, std::size_t limit,
                                         std::function<bool(std::int64_t)> const& except,
                                         Rooms const& rooms) {
  static auto const sql = select_tasks(
      "INDEXED BY tasks_lines WHERE t.state = 0 AND t.paused = 0 AND t.model = ? AND t.rank = ?"
      " AND t.taken = ?" +
      kWaitsForNothing + kWaitsForNoSource + kHasRoom + kIsPlain + " ORDER BY t.due, t.id");
  set_rooms(rooms);
  std::vector<Task> tasks;
  auto rows = db_.query(sql, model, line.rank, line.drop, rooms.now, rooms.all.pictures.value_or(kNoLimit),
                        rooms.all.cost.value_or(Money{kNoLimit}), rooms.plain ? 1 : 0);
  while (tasks.size() < limit && rows.next())
    if (auto task = read_task(rows, db_); !except || !except(task.id)) tasks.push_back(std::move(task));
  return tasks;
}

std::vector<std::string> SqliteStore::queued_models() {
  std::vector<std::string> models;
  auto rows = db_.query("SELECT DISTINCT model FROM tallies WHERE queued > 0 ORDER BY model");
  while (rows.next()) models.push_back(rows.take<std::string>());
  return models;
}

std::vector<Task> SqliteStore::created_since(LaneKey const& lane, Instant since) {
  static auto const sql = select_tasks(
      "INDEXED BY tasks_created WHERE t.account = ? AND t.model = ?"
      " AND max(t.sent, t.answered) > 0 AND max(t.sent, t.answered) >= ?"
      " ORDER BY max(t.sent, t.answered), t.id");
  return read_tasks(db_, sql, lane.account, lane.model, since);
}

std::vector<Task> SqliteStore::held(Instant since) {
  static auto const sql =
      select_tasks("INDEXED BY tasks_held WHERE t.state = 8 AND t.sent >= ? ORDER BY t.id");
  return read_tasks(db_, sql, since);
}

std::vector<KnownTask> SqliteStore::known(Instant since) {
  std::vector<KnownTask> found;
  auto rows = db_.query(
      "SELECT account, task_id, sent, accepted, orphan, adopted OR orphan FROM tasks INDEXED BY tasks_known"
      " WHERE task_id <> '' AND max(sent, accepted) >= ?"
      " UNION ALL SELECT account, task_id, sent, accepted, 0, adopted FROM former_ids INDEXED BY "
      "former_ids_known"
      " WHERE max(sent, accepted) >= ?",
      since, since);
  while (rows.next()) {
    auto& task = found.emplace_back();
    rows.take(task.account);
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
  static auto const sql = "SELECT j.id, j.manifest || '/' || j.name, j.place, " + task_columns() +
                          " FROM jobs j INDEXED BY jobs_undelivered JOIN tasks t ON t.id = j.task"
                          " JOIN manifests m ON m.id = j.taken AND m.live = 1"
                          " WHERE j.delivered = 2 AND j.wish <> 2 AND t.state = 5 ORDER BY j.id LIMIT ?";
  std::vector<Undelivered> found;
  auto rows = db_.query(sql, limit);
  while (rows.next()) {
    auto& job = found.emplace_back();
    rows.take(job.job);
    rows.take(job.name);
    rows.take(job.place);
    job.task = read_task(rows, db_);
    // The first word counts: a copy that is under way since then was made by it.
    handed_out_.try_emplace(job.job, job.task.id, job.place);
  }
  return found;
}

std::optional<Task> SqliteStore::orphan(std::string const& account, std::string const& task_id) {
  auto found = find_task_by_id(db_, account, task_id);
  return found && found->orphan ? found : std::nullopt;
}

std::optional<Task> SqliteStore::unfinished(std::string const& fingerprint) {
  static auto const sql = select_tasks(
      "JOIN manifests m ON m.id = t.taken AND m.live = 1 JOIN fingerprints f ON f.task = t.id"
      " WHERE f.prefix = substr(?1, 1, 16) AND t.fingerprint = ?1 AND t.state <> 5");
  return first_of(read_tasks(db_, sql, fingerprint));
}

std::string SqliteStore::body(std::int64_t task) {
  return read_body(db_, task);
}

std::string SqliteStore::fingerprint(std::int64_t task) {
  return db_.value<std::string>("SELECT fingerprint FROM tasks WHERE id = ?", task);
}

}  // namespace wanspool
