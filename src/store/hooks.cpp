#include "store/hooks.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "store/fields.h"
#include "store/jobs.h"

namespace wanspool {
namespace {

using sqlite::Db;

constexpr auto kTop = std::numeric_limits<std::int64_t>::max();

// The numbers stand for HookEvent and State.
static_assert(static_cast<int>(HookEvent::Stopped) == 3);

// A condition on "jobs": its manifest is taken and still has it.
constexpr char kNamed[] = "retired = 0 AND (SELECT live FROM manifests m WHERE m.id = taken) = 1";
// Of NEW and OLD of "jobs": it becomes one of its manifest, or another purchase of it does, and that has
// failed before. It may yet be bought again in this transaction.
constexpr char kJoined[] =
    "OLD.arriving IS NOT NULL AND NEW.arriving IS NULL AND NEW.taken = OLD.arriving"
    " AND (OLD.taken = OLD.arriving OR OLD.arriving_task IS NOT NULL)"
    " AND (SELECT state FROM tasks WHERE id = NEW.task) IN (6, 8)";

// What has happened in this transaction. They are temporary, so that they are gone with this connection and
// what does not watch neither writes nor pays for it.
constexpr char kTables[] =
    "CREATE TEMP TABLE IF NOT EXISTS hook_news (event INTEGER, manifest TEXT DEFAULT '', job TEXT DEFAULT '',"
    " task INTEGER DEFAULT 0, account TEXT DEFAULT '', model TEXT DEFAULT '', held INTEGER DEFAULT 0,"
    " code TEXT DEFAULT '', message TEXT DEFAULT '',"
    " UNIQUE (event, manifest, job, task, account, model) ON CONFLICT IGNORE);"
    "CREATE TEMP TABLE IF NOT EXISTS hook_manifests (name TEXT PRIMARY KEY ON CONFLICT IGNORE);";

struct Ear {
  HookEvent event;
  char const* name;
  std::string trigger;
};

// A refill's pictures are told of with all the others of its job.
std::vector<Ear> const& ears() {
  static std::string const named{kNamed}, joined{kJoined};
  static auto const wanted = named + " AND wish <> 2";
  static std::vector<Ear> const all{
      {HookEvent::Job, "hook_delivered",
       "AFTER UPDATE OF delivered ON main.jobs WHEN NEW.delivered = 1 AND OLD.delivered <> 1"
       " AND NEW.retired = 0 AND NEW.wish <> 2 BEGIN"
       " INSERT INTO hook_news (event, manifest, job, task) VALUES (0, NEW.manifest, NEW.name, NEW.task); "
       "END"},
      {HookEvent::Job, "hook_refilled",
       "AFTER UPDATE OF state ON main.tasks WHEN NEW.state = 5 AND OLD.state <> 5 AND NEW.parent <> 0 BEGIN"
       " INSERT INTO hook_news (event, manifest, job, task) SELECT 0, j.manifest, j.name, j.task FROM jobs j"
       " WHERE j.id = NEW.owner AND j.delivered = 1 AND j." +
           wanted + "; END"},
      {HookEvent::Failure, "hook_failed",
       "AFTER UPDATE OF state ON main.tasks WHEN NEW.state IN (6, 8) AND OLD.state NOT IN (6, 8)"
       " AND NEW.orphan = 0 BEGIN"
       " INSERT INTO hook_news (event, manifest, job, task, held, code, message)"
       " SELECT 2, manifest, name, NEW.id, NEW.state = 8, NEW.error_code, NEW.error_message FROM jobs"
       " WHERE task = NEW.id AND " +
           wanted +
           ";"
           " INSERT INTO hook_news (event, manifest, job, task, held, code, message)"
           " SELECT 2, manifest, name, NEW.id, NEW.state = 8, NEW.error_code, NEW.error_message FROM jobs"
           " WHERE NEW.parent <> 0 AND id = NEW.owner AND " +
           wanted + "; END"},
      {HookEvent::Failure, "hook_joined",
       "AFTER UPDATE OF arriving ON main.jobs WHEN " + joined +
           " BEGIN INSERT INTO hook_news (event, manifest, job, task, held, code, message)"
           " SELECT 2, NEW.manifest, NEW.name, id, state = 8, error_code, error_message FROM tasks"
           " WHERE id = NEW.task; END"},
      {HookEvent::Stopped, "hook_stopped",
       "BEFORE INSERT ON main.lanes WHEN NEW.kind = 5 AND NOT EXISTS (SELECT 1 FROM lanes"
       " WHERE account = NEW.account AND model = NEW.model AND kind = 5) BEGIN"
       " INSERT INTO hook_news (event, account, model, message) VALUES (3, NEW.account, NEW.model, "
       "NEW.reason);"
       " END"},
      // Whose last job may have ended.
      {HookEvent::Manifest, "hook_ended",
       "AFTER UPDATE OF state ON main.tasks WHEN NEW.state >= 5 AND OLD.state < 5 BEGIN"
       " INSERT INTO hook_manifests SELECT DISTINCT manifest FROM jobs WHERE task = NEW.id AND " +
           named +
           "; INSERT INTO hook_manifests SELECT manifest FROM jobs WHERE NEW.parent <> 0 AND id = NEW.owner"
           " AND " +
           named + "; END"},
      {HookEvent::Manifest, "hook_joined_all",
       "AFTER UPDATE OF arriving ON main.jobs WHEN " + joined +
           " BEGIN INSERT INTO hook_manifests VALUES (NEW.manifest); END"},
      {HookEvent::Manifest, "hook_handed_out",
       "AFTER UPDATE OF delivered ON main.jobs WHEN NEW.delivered = 1 AND OLD.delivered <> 1 BEGIN"
       " INSERT INTO hook_manifests VALUES (NEW.manifest); END"},
      {HookEvent::Manifest, "hook_left",
       "AFTER UPDATE OF retired, wish ON main.jobs WHEN ((NEW.retired = 1 AND OLD.retired = 0)"
       " OR (NEW.wish = 2 AND OLD.wish <> 2)) AND EXISTS (SELECT 1 FROM tasks WHERE state < 5 AND (id = "
       "NEW.task"
       " OR (parent = NEW.task AND parent <> 0))) BEGIN"
       " INSERT INTO hook_manifests VALUES (NEW.manifest); END"}};
  return all;
}

// A condition on "jobs j" and its "tasks t": something may still happen to it by itself. What was sent and
// is wanted no more may still come, and so may what an answer lacked.
constexpr char kOpen[] =
    "j.retired = 0 AND ("
    "(j.wish <> 2 AND (t.state < 5 OR (t.state = 5 AND j.delivered = 2)))"
    " OR (j.wish = 2 AND t.owner = j.id AND t.state BETWEEN 1 AND 4)"
    " OR (j.wish <> 2 AND t.state >= 5 AND EXISTS (WITH RECURSIVE line (id, state) AS ("
    "SELECT id, state FROM tasks WHERE parent = t.id AND parent <> 0"
    " UNION ALL SELECT r.id, r.state FROM line JOIN tasks r ON r.parent = line.id AND r.parent <> 0)"
    " SELECT 1 FROM line WHERE state < 5)))";

// Jobs finish about in the order of their rows: the last open one is likely to stay so for long.
std::int64_t last_open(Db& db, std::string const& manifest, std::int64_t most) {
  static auto const sql = fmt::format(
      "SELECT j.id FROM jobs j INDEXED BY jobs_order JOIN tasks t ON t.id = j.task"
      " JOIN manifests m ON m.id = j.taken AND m.live = 1"
      " WHERE j.manifest = ? AND j.id <= ? AND {} ORDER BY j.id DESC LIMIT 1",
      kOpen);
  return db.value<std::int64_t>(sql, manifest, most);
}

// Of jobs that are not retired, by how they have ended.
HookRow counts_of(Db& db, std::string const& manifest) {
  HookRow row;
  std::int64_t all = 0;
  {
    auto rows = db.query(
        "SELECT count(*), ifnull(sum(j.wish <> 2 AND t.state = 5), 0), ifnull(sum(j.wish <> 2 AND t.state = "
        "6), 0), ifnull(sum(j.wish <> 2 AND t.state = 8), 0)"
        " FROM jobs j INDEXED BY jobs_order JOIN tasks t ON t.id = j.task"
        " JOIN manifests m ON m.id = j.taken AND m.live = 1 WHERE j.manifest = ? AND j.retired = 0",
        manifest);
    if (!rows.next()) return row;
    rows.take(all);
    rows.take(row.done);
    rows.take(row.failed);
    rows.take(row.on_hold);
  }
  row.canceled = all - row.done - row.failed - row.on_hold;
  auto const cost = read_spent(db, manifest);
  row.pictures = cost.pictures;
  row.spent = cost.spent;
  row.reserved = cost.reserved;
  row.uncertain = cost.uncertain;
  return row;
}

bool is_among(HookEvent event, std::vector<HookEvent> const& events) {
  return std::find(events.begin(), events.end(), event) != events.end();
}

std::vector<std::string> lines_of(std::string const& text) {
  std::vector<std::string> lines;
  for (std::size_t at = 0; at < text.size();) {
    auto const end = std::min(text.find('\n', at), text.size());
    lines.push_back(text.substr(at, end - at));
    at = end + 1;
  }
  return lines;
}

template <typename Row, typename Field>
void each_hook_field(Row& row, Field&& field) {
  field("number", row.number);
  field("id", row.id);
  field("event", row.event);
  field("at", row.at);
  field("due", row.due);
  field("tries", row.tries);
  field("manifest", row.manifest);
  field("job", row.job);
  field("task", row.task);
  field("account", row.account);
  field("held", row.held);
  field("code", row.code);
  field("message", row.message);
  field("done", row.done);
  field("failed", row.failed);
  field("canceled", row.canceled);
  field("on_hold", row.on_hold);
  field("pictures", row.pictures);
  field("spent", row.spent);
  field("reserved", row.reserved);
  field("uncertain", row.uncertain);
}

}  // namespace

void HookWatch::watch(Db& db, std::vector<HookEvent> const& events) {
  for (auto const& each : ears()) db.execute(fmt::format("DROP TRIGGER IF EXISTS temp.{}", each.name));
  watches_ = !events.empty();
  if (watches_) db.execute(kTables);
  for (auto const& each : ears())
    if (is_among(each.event, events))
      db.execute(fmt::format("CREATE TEMP TRIGGER {} {}", each.name, each.trigger));
}

void HookWatch::collect(Db& db, Instant at) {
  if (!watches_) return;
  collect_news(db, at);
  collect_manifests(db, at);  // after its last job
}

// Of an account whose lanes stop for one reason it is told once.
void HookWatch::collect_news(Db& db, Instant at) {
  if (!db.value<bool>("SELECT EXISTS (SELECT 1 FROM hook_news)")) return;
  db.run(
      "INSERT INTO hooks (id, event, at, due, manifest, job, task, held, code, message)"
      " SELECT lower(hex(randomblob(12))), event, ?1, ?1, manifest, job, task, held, code, message"
      " FROM hook_news n WHERE event = 0"
      " OR (event = 2 AND (SELECT state FROM tasks WHERE id = n.task) IN (6, 8)) ORDER BY rowid",
      at);
  db.run(
      "INSERT INTO hooks (id, event, at, due, account, models, message)"
      " SELECT lower(hex(randomblob(12))), event, ?1, ?1, account, group_concat(model, char(10)), message"
      " FROM hook_news WHERE event = 3 GROUP BY account, message",
      at);
  db.run("DELETE FROM hook_news");
}

void HookWatch::collect_manifests(Db& db, Instant at) {
  std::vector<std::string> touched;
  {
    auto rows = db.query("SELECT name FROM hook_manifests");
    while (rows.next()) touched.push_back(rows.take<std::string>());
  }
  if (touched.empty()) return;
  db.run("DELETE FROM hook_manifests");
  for (auto const& manifest : touched) {
    if (!is_over(db, manifest)) continue;
    auto const row = counts_of(db, manifest);
    if (row.done + row.failed + row.canceled + row.on_hold == 0) continue;
    db.run(
        "INSERT INTO hooks (id, event, at, due, manifest, done, failed, canceled, on_hold, pictures, spent,"
        " reserved, uncertain) VALUES (lower(hex(randomblob(12))), 1, ?1, ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9,"
        " ?10)",
        at, manifest, row.done, row.failed, row.canceled, row.on_hold, row.pictures, row.spent, row.reserved,
        row.uncertain);
  }
}

bool HookWatch::is_over(Db& db, std::string const& manifest) {
  auto const known = open_.find(manifest);
  auto open = last_open(db, manifest, known == open_.end() ? kTop : known->second);
  // Older ones may be wanted again since.
  if (open == 0 && known != open_.end()) open = last_open(db, manifest, kTop);
  if (open != 0)
    open_[manifest] = open;
  else
    open_.erase(manifest);
  return open == 0;
}

void sort_out_hooks(Db& db, std::vector<HookEvent> const& events, Instant now) {
  for (int i = 0; i < kHookEvents; ++i)
    if (!is_among(HookEvent{i}, events)) db.run("DELETE FROM hooks WHERE event = ?", i);
  db.run("UPDATE hooks SET due = ?1 WHERE due > ?1", now);
}

std::vector<HookRow> read_hooks(Db& db, std::size_t limit) {
  static auto const sql =
      "SELECT " +
      list([](auto const& field) { each_hook_field(static_cast<HookRow const&>(HookRow{}), field); }, "@") +
      ", models FROM hooks ORDER BY due, number LIMIT ?";
  std::vector<HookRow> hooks;
  auto rows = db.query(sql, limit);
  while (rows.next()) {
    auto& row = hooks.emplace_back();
    each_hook_field(row, taking(rows));
    row.models = lines_of(rows.take<std::string>());
  }
  return hooks;
}

void write_hook_end(Db& db, HookEnd const& end) {
  if (end.over) return db.run("DELETE FROM hooks WHERE number = ?", end.number);
  db.run("UPDATE hooks SET due = ?, tries = ? WHERE number = ?", end.due, end.tries, end.number);
}

std::int64_t count_hooks(Db& db) {
  return db.value<std::int64_t>("SELECT count(*) FROM hooks");
}

}  // namespace wanspool
