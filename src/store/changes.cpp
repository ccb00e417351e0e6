#include "store/changes.h"

#include <algorithm>
#include <utility>

namespace wanspool {
namespace {

bool is_in_flight(State state) {
  return state >= State::Submitting && state <= State::Downloading;
}

// What it counts is newly bound: it leaves the queue and does not bring it along.
bool is_bought_by(Task const& before, Task const& after) {
  return before.state == State::Queued && after.state != State::Queued && counted(before) != counted(after);
}

Amounts difference(Task const& before, Task const& after) {
  Amounts change{after};
  return change -= Amounts{before};
}

std::string utc_day(Instant at) {
  return rfc3339(std::max(at, Instant{milliseconds{1}})).substr(0, 10);
}

}  // namespace

Changes::Changes(sqlite::Db& db, Instant at, std::string day)
    : db_{db}, at_{at}, day_{day.empty() ? utc_day(at) : std::move(day)}, spending_{db} {}

void Changes::replace(Task const& task) {
  auto const before = read_summary(db_, task.id);
  auto account = read_account(db_, task.id);
  if (is_bought_by(before, task)) {
    set_day(task.id, account.day = day_);
    reserved_.add(task, account);
  }
  auto& sum = sums_[before.model];
  sum.remove(before);
  sum.add(task);
  write_task(db_, task, before.pictures);
  enter(task.id, account, difference(before, task));
  if (account.is_job && before.state != task.state) {
    spending_.add_outcome(account.manifest, before.state, -1);
    spending_.add_outcome(account.manifest, task.state, 1);
  }
  remember_id(before, task);
  tell_jobs(before, task);
  // What was sent when its job went on to another request comes back to a queue where nobody wants it.
  if (task.state == State::Queued && is_in_flight(before.state) && !is_wanted(task.id))
    cancel_waiting(task.id);
}

Task Changes::add(Task const& task, Kinship const& kin) {
  auto const id = insert_task(db_, task, kin);
  sums_[task.model].add(task);
  if (Amounts{task} != Amounts{}) set_day(id, day_);
  enter(id, read_account(db_, id), Amounts{task});
  remember_id({}, task);
  return need_task(db_, id);
}

void Changes::bequeath(Task const& task, std::int64_t heir) {
  auto const from = read_account(db_, task.id);
  auto const to = read_account(db_, heir);
  auto const before = read_summary(db_, heir);
  // What the heir had reserved itself goes on the day on which that was.
  enter(heir, to, Amounts{} -= Amounts{before});
  hand_over_days(task.id, from.model, to.model);
  spending_.add_to_manifest(to.manifest, Amounts{task});
  sums_[task.model].remove(task);
  db_.run("UPDATE ledger SET task = ? WHERE task = ?", heir, task.id);
  db_.run("DELETE FROM tasks WHERE id = ?", task.id);
  // What it inherits is in the ledger already.
  auto& sum = sums_[before.model];
  sum.reserved += task.reserved;
  sum.reserved -= before.reserved;
  sum.spent += task.spent;
  sum.spent -= before.spent;
  sum.uncertain += task.uncertain;
  sum.uncertain -= before.uncertain;
  db_.run("UPDATE tasks SET reserved = ?, spent = ?, uncertain = ?, day = ? WHERE id = ?", task.reserved,
          task.spent, task.uncertain, from.day, heir);
  // At its own price they may be another number of pictures.
  enter(heir, read_account(db_, heir), Amounts{read_summary(db_, heir)} -= Amounts{task});
}

// Each entry of the ledger keeps its day and counts for another model.
void Changes::hand_over_days(std::int64_t task, std::string const& from, std::string const& to) {
  if (from == to) return;
  auto rows = db_.query("SELECT day, pictures, reserved, spent, uncertain FROM ledger WHERE task = ?", task);
  while (rows.next()) {
    auto const day = rows.take<std::string>();
    Amounts amounts;
    rows.take(amounts.pictures);
    rows.take(amounts.reserved);
    rows.take(amounts.spent);
    rows.take(amounts.uncertain);
    spending_.add_to_day(day, to, amounts);
    spending_.add_to_day(day, from, Amounts{} -= amounts);
  }
}

void Changes::change_hands(std::int64_t id, Account const& before) {
  auto const after = read_account(db_, id);
  if (before.manifest == after.manifest) return;
  auto const task = read_summary(db_, id);
  spending_.add_to_manifest(before.manifest, Amounts{} -= Amounts{task});
  spending_.add_to_manifest(after.manifest, Amounts{task});
  if (!after.is_job) return;
  spending_.add_outcome(before.manifest, task.state, -1);
  spending_.add_outcome(after.manifest, task.state, 1);
}

void Changes::cancel_waiting(std::int64_t task) {
  static auto const sql =
      "UPDATE tasks SET state = 7, done = ?1, after = 0, error_kind = 2, error_code = 'Canceled',"
      " error_message = 'its job was changed or is gone from the manifest'"
      " WHERE state = 0 AND (id = ?2 OR (parent <> 0 AND parent = ?2)) RETURNING model";
  auto rows = db_.query(sql, at_, task);
  while (rows.next()) {
    auto& sum = sums_[rows.take<std::string>()];
    --sum.tasks[static_cast<std::size_t>(State::Queued)];
    ++sum.tasks[static_cast<std::size_t>(State::Canceled)];
  }
}

bool Changes::is_wanted(std::int64_t task) {
  for (auto up = task; up != 0;) {
    task = up;
    up = db_.value<std::int64_t>("SELECT parent FROM tasks WHERE id = ?", task);
  }
  return db_.value<bool>(
      "SELECT 1 FROM jobs j JOIN manifests m ON m.id = j.taken AND m.live = 1"
      " WHERE j.task = ? AND j.retired = 0",
      task);
}

void Changes::appear(std::string const& model, std::int64_t queued) {
  sums_[model].tasks[static_cast<std::size_t>(State::Queued)] += queued;
}

void Changes::write_sums() {
  for (auto const& [model, sum] : sums_) write_tally(db_, model, sum);
  spending_.write();
}

void Changes::set_day(std::int64_t task, std::string const& day) {
  db_.run("UPDATE tasks SET day = ? WHERE id = ? AND day <> ?", day, task, day);
}

void Changes::enter(std::int64_t task, Account const& account, Amounts change) {
  if (change == Amounts{}) return;
  db_.run(
      "INSERT INTO ledger (at, task, reserved, spent, uncertain, day, pictures) VALUES (?, ?, ?, ?, ?, ?, ?)",
      at_, task, change.reserved, change.spent, change.uncertain, account.day, change.pictures);
  spending_.add_to_day(account.day, account.model, change);
  spending_.add_to_manifest(account.manifest, change);
}

// What was ours once is not a stranger's, and what is somebody's now is not a former one's.
void Changes::remember_id(Task const& before, Task const& after) {
  if (before.task_id == after.task_id) return;
  if (!before.task_id.empty())
    db_.run(
        "INSERT OR REPLACE INTO former_ids (task_id, task, sent, accepted, adopted) VALUES (?, ?, ?, ?, ?)",
        before.task_id, before.id, before.times.sent, before.times.accepted, before.adopted);
  if (!after.task_id.empty()) db_.run("DELETE FROM former_ids WHERE task_id = ?", after.task_id);
}

// Its own job's folder has the pictures of a task that is done; those of the others get copies.
void Changes::tell_jobs(Task const& before, Task const& after) {
  bool const is_done = after.state == State::Done;
  if ((before.state == State::Done) == is_done) return;
  // A refill's pictures belong to the job whose answer lacked them, and to all that share it.
  if (is_done && after.parent != 0)
    db_.run(
        "UPDATE jobs SET delivered = 2 WHERE delivered = 1 AND id <> (SELECT owner FROM tasks WHERE id = ?1)"
        " AND task = (SELECT j.task FROM jobs j JOIN tasks t ON t.owner = j.id WHERE t.id = ?1)",
        after.id);
  // In its job's folder it took the place of what the job has gone back to.
  else if (is_done)
    db_.run(
        "UPDATE jobs SET delivered = 2 WHERE id = (SELECT owner FROM tasks WHERE id = ?1) AND task <> ?1"
        " AND (SELECT state FROM tasks WHERE id = jobs.task) = 5",
        after.id);
  if (is_done)
    db_.run("UPDATE jobs SET delivered = 1 + (id <> (SELECT owner FROM tasks WHERE id = ?)) WHERE task = ?",
            after.id, after.id);
  else
    db_.run("UPDATE jobs SET delivered = 0 WHERE task = ?", after.id);
}

}  // namespace wanspool
