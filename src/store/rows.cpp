#include "store/rows.h"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

#include "store/fields.h"

namespace wanspool {
namespace {

using sqlite::Db;
using sqlite::Rows;

// The numbers stand in databases and in the conditions of schema/queue.sql.
static_assert(static_cast<int>(State::Queued) == 0 && static_cast<int>(State::Submitting) == 1 &&
              static_cast<int>(State::Downloading) == 4 && static_cast<int>(State::Held) == 8 &&
              kStates == 9);
static_assert(static_cast<int>(Trouble::Kind::Fatal) == 2 && static_cast<int>(Trouble::Kind::Account) == 4);
static_assert(static_cast<int>(Priority::High) == 0 && static_cast<int>(Priority::Low) == 2);
static_assert(static_cast<int>(FetchInputs::OnFailure) == 0 && static_cast<int>(FetchInputs::Always) == 2);
static_assert(static_cast<int>(Cancel::Wanted) == 1 && static_cast<int>(Cancel::TakenBack) == 5);
static_assert(static_cast<int>(Wish::Paused) == 1 && static_cast<int>(Wish::Canceled) == 2);
static_assert(static_cast<int>(OnDoubt::Adopt) == 0 && static_cast<int>(OnDoubt::Resubmit) == 2);

// What can change in a task, once: its columns and its fields cannot drift apart.
template <typename T, typename Field>
void each_field(T& task, Field&& field) {
  field("account", task.account);
  field("state", task.state);
  field("due", task.due);
  field("answered", task.answered);
  field("possible_until", task.possible_until);
  field("wanted", task.wanted);
  field("price", task.price);
  field("reserved", task.reserved);
  field("spent", task.spent);
  field("uncertain", task.uncertain);
  field("task_id", task.task_id);
  field("request_id", task.request_id);
  field("adopted", task.adopted);
  field("creates", task.creates);
  field("failures", task.failures);
  field("polls", task.polls);
  field("misses", task.misses);
  field("ask_again", task.ask_again);
  field("fetch_now", task.fetch_now);
  field("cancel", task.cancel);
  field("unknown_since", task.unknown_since);
  field("queued", task.times.queued);
  field("sent", task.times.sent);
  field("accepted", task.times.accepted);
  field("running", task.times.running);
  field("finished", task.times.finished);
  field("done", task.times.done);
  field("submit_time", task.times.submit_time);
  field("scheduled_time", task.times.scheduled_time);
  field("end_time", task.times.end_time);
  field("image_count", task.image_count);
  field("error_kind", task.error.kind);
  field("error_code", task.error.code);
  field("error_message", task.error.message);
  field("error_retry_after", task.error.retry_after);
  field("error_every_lane", task.error.every_lane);
  field("usage", task.usage);
  field("shortfall", task.shortfall);
  field("document", task.document);
}

// What a task is from its first moment on.
template <typename T, typename Field>
void each_fixed_field(T& task, Field&& field) {
  field("size", task.size);
  field("mode", task.mode);
  field("take", task.take);
  field("on_doubt", task.on_doubt);
  field("inputs", task.inputs);
  field("fetch", task.fetch);
  field("orphan", task.orphan);
  field("refill", task.refill);
  field("refills", task.refills);
  field("parent", task.parent);
  field("first", task.first);
  field("deadline", task.deadline);
}

template <typename P, typename Field>
void each_picture_field(P& picture, Field&& field) {
  field("number", picture.number);
  field("url", picture.url);
  field("expires", picture.expires);
  field("file", picture.file);
  field("sha256", picture.sha256);
  field("bytes", picture.bytes);
  field("width", picture.width);
  field("height", picture.height);
  field("tries", picture.tries);
  field("lost", picture.lost);
}

auto task_fields() {
  return [](auto const& field) { each_field(static_cast<Task const&>(Task{}), field); };
}
auto fixed_fields() {
  return [](auto const& field) { each_fixed_field(static_cast<Task const&>(Task{}), field); };
}
auto picture_fields() {
  return [](auto const& field) { each_picture_field(static_cast<Picture const&>(Picture{}), field); };
}
std::vector<Picture> read_pictures(Db& db, std::int64_t task) {
  static auto const sql =
      "SELECT " + list(picture_fields(), "@") + " FROM pictures WHERE task = ? ORDER BY number";
  std::vector<Picture> pictures;
  auto rows = db.query(sql, task);
  while (rows.next()) each_picture_field(pictures.emplace_back(), taking(rows));
  return pictures;
}

void write_picture(Db& db, std::int64_t task, Picture const& picture) {
  static auto const sql = fmt::format("INSERT OR REPLACE INTO pictures (task, {}) VALUES (?, {})",
                                      list(picture_fields(), "@"), list(picture_fields(), "?"));
  auto rows = db.query(sql, task);
  each_picture_field(picture, putting(rows));
  rows.next();
}

void write_pictures(Db& db, Task const& task, std::vector<Picture> const& before) {
  auto const in = [](std::vector<Picture> const& pictures, auto const& test) {
    return std::any_of(pictures.begin(), pictures.end(), test);
  };
  for (auto const& old : before)
    if (!in(task.pictures, [&](Picture const& each) { return each.number == old.number; }))
      db.run("DELETE FROM pictures WHERE task = ? AND number = ?", task.id, old.number);
  for (auto const& picture : task.pictures)
    if (!in(before, [&](Picture const& each) { return each == picture; }))
      write_picture(db, task.id, picture);
}

struct Place {
  std::string manifest, job;
};

Place place_of(std::string const& name) {
  auto const slash = name.find('/');
  if (slash == name.npos) return {name, {}};
  return {name.substr(0, slash), name.substr(slash + 1)};
}

}  // namespace

std::string const& task_columns() {
  static auto const columns =
      "t.id, CASE t.orphan WHEN 1 THEN 'orphans/' || t.task_id"
      " ELSE (SELECT manifest || '/' || name FROM jobs WHERE id = t.owner) END,"
      " (SELECT place FROM jobs WHERE id = t.owner), t.model, " +
      list(task_fields(), "t.@") + ", " + list(fixed_fields(), "t.@");
  return columns;
}

Task read_task(Rows& rows, Db& db) {
  Task task;
  rows.take(task.id);
  rows.take(task.name);
  rows.take(task.place);
  rows.take(task.model);
  each_field(task, taking(rows));
  each_fixed_field(task, taking(rows));
  task.pictures = read_pictures(db, task.id);
  return task;
}

std::string const& takes_column() {
  static std::string const column =
      "ifnull((SELECT max(x.take) FROM tasks x WHERE x.base = t.base AND x.take > 1 AND x.parent = 0), 1)";
  return column;
}

std::string select_tasks(std::string const& rest) {
  return "SELECT " + task_columns() + " FROM tasks t " + rest;
}

std::optional<Task> first_of(std::vector<Task> tasks) {
  if (tasks.empty()) return {};
  return std::move(tasks.front());
}

Task need_task(Db& db, std::int64_t id) {
  static auto const sql = select_tasks("WHERE t.id = ?");
  auto found = first_of(read_tasks(db, sql, id));
  if (!found) throw std::logic_error{fmt::format("the queue has no task {}", id)};
  return std::move(*found);
}

std::optional<Task> find_task_by_id(Db& db, std::string const& account, std::string const& task_id) {
  static auto const sql = select_tasks("WHERE t.account = ? AND t.task_id = ? AND t.task_id <> ''");
  return first_of(read_tasks(db, sql, account, task_id));
}

std::vector<Task> read_refills(Db& db, std::int64_t parent) {
  static auto const sql = select_tasks("WHERE t.parent = ? AND t.parent <> 0 ORDER BY t.id");
  return read_tasks(db, sql, parent);
}

std::optional<Wanted> find_wanted(Db& db, std::string const& name) {
  static auto const sql =
      "SELECT j.id, t.base, r.body, " + takes_column() + ", " + task_columns() +
      " FROM jobs j JOIN tasks t ON t.id = j.task JOIN requests r ON r.task = t.id"
      " JOIN manifests m ON m.id = j.taken AND m.live = 1 WHERE j.manifest = ? AND j.name = ?";
  auto const place = place_of(name);
  auto rows = db.query(sql, place.manifest, place.job);
  if (!rows.next()) return {};
  Wanted wanted;
  rows.take(wanted.job);
  rows.take(wanted.base);
  rows.take(wanted.body);
  rows.take(wanted.takes);
  wanted.task = read_task(rows, db);
  return wanted;
}

Task read_summary(Db& db, std::int64_t id) {
  Task task;
  auto rows = db.query(
      "SELECT id, account, model, state, wanted, price, image_count, reserved, spent, uncertain, task_id, "
      "sent,"
      " accepted, adopted FROM tasks WHERE id = ?",
      id);
  if (!rows.next()) throw std::logic_error{fmt::format("the queue has no task {}", id)};
  rows.take(task.id);
  rows.take(task.account);
  rows.take(task.model);
  rows.take(task.state);
  rows.take(task.wanted);
  rows.take(task.price);
  rows.take(task.image_count);
  rows.take(task.reserved);
  rows.take(task.spent);
  rows.take(task.uncertain);
  rows.take(task.task_id);
  rows.take(task.times.sent);
  rows.take(task.times.accepted);
  rows.take(task.adopted);
  task.pictures = read_pictures(db, id);
  return task;
}

void write_task(Db& db, Task const& task, std::vector<Picture> const& before) {
  static auto const sql = fmt::format("UPDATE tasks SET {} WHERE id = ?", list(task_fields(), "@ = ?"));
  {
    auto rows = db.query(sql);
    each_field(task, putting(rows));
    rows.put(task.id);
    rows.next();
  }
  write_pictures(db, task, before);
}

Kinship read_kinship(Db& db, std::int64_t task) {
  Kinship kin;
  auto rows = db.query("SELECT fingerprint, base, taken, owner, rank FROM tasks WHERE id = ?", task);
  if (!rows.next()) throw std::logic_error{fmt::format("the queue has no task {}", task)};
  rows.take(kin.fingerprint);
  rows.take(kin.base);
  rows.take(kin.taken);
  rows.take(kin.owner);
  rows.take(kin.rank);
  return kin;
}

std::int64_t insert_task(Db& db, Task const& task, Kinship const& kin) {
  bool const is_known = db.value<bool>(
      "SELECT 1 FROM fingerprints f JOIN tasks t ON t.id = f.task"
      " WHERE f.prefix = substr(?1, 1, 16) AND t.fingerprint = ?1",
      kin.fingerprint);
  if (is_known)
    throw std::logic_error{fmt::format("the queue has a task with the fingerprint {}", kin.fingerprint)};
  static auto const sql = fmt::format(
      "INSERT INTO tasks (fingerprint, base, taken, owner, rank, model, {0}, {1})"
      " VALUES (?, ?, ?, ?, ?, ?, {2}, {3})",
      list(task_fields(), "@"), list(fixed_fields(), "@"), list(task_fields(), "?"),
      list(fixed_fields(), "?"));
  {
    auto rows = db.query(sql, kin.fingerprint, kin.base, kin.taken, kin.owner, kin.rank, task.model);
    each_field(task, putting(rows));
    each_fixed_field(task, putting(rows));
    rows.next();
  }
  auto const id = db.last_id();
  db.run("INSERT INTO fingerprints (prefix, task) VALUES (substr(?, 1, 16), ?)", kin.fingerprint, id);
  if (!kin.body.empty()) db.run("INSERT INTO requests (task, body) VALUES (?, ?)", id, kin.body);
  return id;
}

std::optional<Taken> read_taken(Db& db, std::string const& claim) {
  auto rows = db.query(
      "SELECT name, source, live, jobs, fresh, changed, again, retired, pictures, price FROM manifests"
      " WHERE claim = ?",
      claim);
  if (!rows.next()) return {};
  Taken taken;
  rows.take(taken.manifest);
  rows.take(taken.source);
  rows.take(taken.live);
  rows.take(taken.jobs);
  rows.take(taken.fresh);
  rows.take(taken.changed);
  rows.take(taken.again);
  rows.take(taken.retired);
  rows.take(taken.pictures);
  rows.take(taken.price);
  return taken;
}

std::string read_body(Db& db, std::int64_t task) {
  return db.value<std::string>("SELECT body FROM requests WHERE task = ?", task);
}

void write_fact(Db& db, Fact const& fact) {
  db.run("INSERT OR REPLACE INTO facts (key, value) VALUES (?, ?)", fact.key, fact.value);
}

std::string read_fact(Db& db, std::string const& key) {
  return db.value<std::string>("SELECT value FROM facts WHERE key = ?", key);
}

}  // namespace wanspool
