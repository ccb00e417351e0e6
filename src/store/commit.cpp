#include "store/changes.h"
#include "store/hooks.h"
#include "store/inputs.h"
#include "store/sqlite_store.h"
#include "store/wanting.h"

// One turn of the wheel, in one transaction.
namespace wanspool {
namespace {

using sqlite::Db;
using sqlite::Transaction;

void link(Db& db, std::int64_t orphan, std::vector<std::int64_t> const& held) {
  for (auto const task : held)
    db.run("INSERT OR IGNORE INTO candidates (task, orphan) VALUES (?, ?)", task, orphan);
}

// It was paid for when it was found.
Task task_of(NewOrphan const& found, Instant at) {
  Task task;
  task.model = found.row.model;
  task.account = found.account;
  task.state = State::Submitted;
  task.due = task.times.queued = at;
  task.times.accepted = found.accepted;
  task.wanted = found.wanted;
  task.price = found.price;
  task.reserved = found.price * found.wanted;
  task.task_id = found.row.task_id;
  task.request_id = found.row.request_id;
  task.orphan = true;
  return task;
}

// Empty for one that is somebody's already.
std::optional<Task> add_orphan(Db& db, Changes& changes, NewOrphan const& found, Instant at) {
  if (auto const known = find_task_by_id(db, found.account, found.row.task_id)) {
    if (known->orphan) link(db, known->id, found.candidate_for);
    return {};
  }
  auto const fingerprint = "orphan:" + found.row.task_id + (found.account.empty() ? "" : "@" + found.account);
  auto const made = changes.add(task_of(found, at), {fingerprint, fingerprint, kOrphans, 0, {}});
  link(db, made.id, found.candidate_for);
  return made;
}

// The purchase that jobs want, of which this is a refill or a refill's.
std::int64_t root_of(Db& db, std::int64_t task) {
  for (auto up = task; up != 0; up = db.value<std::int64_t>("SELECT parent FROM tasks WHERE id = ?", task))
    task = up;
  return task;
}

// Empty where nobody wants the pictures any more: its job was changed or is gone while the answer was on its
// way.
std::optional<Task> add_refill(Db& db, Changes& changes, NewRefill const& refill, Instant at) {
  auto const parent = need_task(db, refill.parent);
  if (!changes.is_wanted(parent.id)) return {};
  Task task;
  task.model = parent.model;
  task.due = task.times.queued = at;
  task.wanted = refill.wanted;
  task.size = parent.size;
  task.mode = parent.mode;
  task.price = parent.price;
  task.take = parent.take;
  task.on_doubt = parent.on_doubt;
  task.inputs = parent.inputs;
  task.fetch = parent.fetch;
  task.fetch_now = parent.fetch_now;
  task.refill = true;
  task.refills = parent.refills + 1;
  task.parent = parent.id;
  task.first = refill.first;
  task.deadline = parent.deadline;
  auto kin = read_kinship(db, parent.id);
  kin.fingerprint = refill.fingerprint;
  kin.body = refill.body;
  auto const made = changes.add(task, kin);
  agree_on_pause(db, root_of(db, made.id));
  return made;
}

// A job that wants something else by now, or has it elsewhere, is still to be delivered.
void mark_delivered(Db& db, std::int64_t job, HandedOut const& handed_out) {
  auto const found = handed_out.find(job);
  if (found == handed_out.end()) return db.run("UPDATE jobs SET delivered = 1 WHERE id = ?", job);
  auto const& [task, place] = found->second;
  db.run("UPDATE jobs SET delivered = 1 WHERE id = ? AND task = ? AND place = ?", job, task, place);
}

bool is_reserved(Task const& task) {
  return task.state == State::Submitting && !task.in_doubt();
}

// First of all: what this turn has heard besides may cost more than anybody has ordered, and what it gives
// back was not counted on.
void reserve(Db& db, Changes& changes, Batch const& batch) {
  for (auto const& task : batch.tasks)
    if (is_reserved(task)) changes.replace(task);
  changes.write_spending();
  check_caps(db, batch.caps, changes.day(), changes.reserved());
}

std::vector<Task> write(Db& db, Batch const& batch, HandedOut const& handed_out, HookWatch& hooks) {
  Transaction transaction{db, Transaction::Kind::Write};
  Changes changes{db, batch.at, batch.day};
  std::vector<Task> made;
  reserve(db, changes, batch);
  for (auto const& task : batch.tasks)
    if (!is_reserved(task)) changes.replace(task);
  for (auto const& lane : batch.lanes) write_lane(db, lane);
  for (auto const& found : batch.orphans)
    if (auto orphan = add_orphan(db, changes, found, batch.at)) made.push_back(std::move(*orphan));
  for (auto const& refill : batch.refills)
    if (auto task = add_refill(db, changes, refill, batch.at)) made.push_back(std::move(*task));
  for (auto const job : batch.delivered) mark_delivered(db, job, handed_out);
  for (auto const& fact : batch.facts) write_fact(db, fact);
  for (auto const& each : batch.uploads) write_upload(db, each);
  for (auto const& each : batch.fetched) write_fetched(db, each);
  if (batch.stops) write_stops(db, *batch.stops);
  changes.write_sums();
  hooks.collect(db, batch.at);
  transaction.commit();
  return made;
}

}  // namespace

std::vector<Task> SqliteStore::commit(Batch const& batch) {
  if (batch.empty()) return {};
  auto made = [&] {
    try {
      return write(db_, batch, handed_out_, hook_watch_);
    } catch (StoreFull const&) {
      if (!ballast_.release()) throw;
      return write(db_, batch, handed_out_, hook_watch_);
    }
  }();
  for (auto const job : batch.delivered) handed_out_.erase(job);
  ballast_.restore();
  return made;
}

}  // namespace wanspool
