#include "store/changes.h"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>
#include <tuple>
#include <utility>

#include "store/jobs.h"

namespace wanspool {
namespace {

bool is_in_flight(State state) {
  return state >= State::Submitting && state <= State::Downloading;
}

// What it counts is newly bound: it leaves the queue and does not bring it along.
bool is_bought_by(Task const& before, Task const& after) {
  return before.state == State::Queued && after.state != State::Queued && counted(before) != counted(after);
}

// Whoever has sent it alone can ask about it, and has paid for it.
void check_account(Task const& before, Task const& after) {
  if (before.account == after.account || before.state == State::Queued || after.state == State::Queued)
    return;
  throw std::logic_error{fmt::format("task {} was sent under the account {} and cannot go over to {}",
                                     before.id, account_name(before.account), account_name(after.account))};
}

Amounts read_amounts(sqlite::Rows& rows) {
  Amounts amounts;
  rows.take(amounts.pictures);
  rows.take(amounts.reserved);
  rows.take(amounts.spent);
  rows.take(amounts.uncertain);
  return amounts;
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
  check_account(before, task);
  auto books = read_books(db_, task.id);
  if (is_bought_by(before, task)) {
    books.day = day_;
    books.submitter = owner_of(books.manifest);
    set_books(task.id, books);
    books.lane.account = task.account;
    reserved_.add(task, books);
  }
  sums_[{before.account, before.model}].remove(before);
  sums_[{task.account, before.model}].add(task);
  write_task(db_, task, before.pictures);
  enter(task.id, books, difference(before, task));
  if (books.is_job && before.state != task.state) {
    spending_.add_outcome(books.manifest, before.state, -1);
    spending_.add_outcome(books.manifest, task.state, 1);
  }
  remember_id(before, task);
  tell_jobs(before, task);
  // What was sent when its job went on to another request comes back to a queue where nobody wants it.
  if (task.state == State::Queued && is_in_flight(before.state) && !is_wanted(task.id))
    cancel_waiting(task.id);
}

Task Changes::add(Task const& task, Kinship const& kin) {
  auto const id = insert_task(db_, task, kin);
  sums_[{task.account, task.model}].add(task);
  auto books = read_books(db_, id);
  if (Amounts{task} != Amounts{}) {
    books.day = day_;
    if (!books.is_orphan) books.submitter = owner_of(books.manifest);
    set_books(id, books);
  }
  enter(id, books, Amounts{task});
  remember_id({}, task);
  return need_task(db_, id);
}

void Changes::bequeath(Task const& task, std::int64_t heir) {
  auto const from = read_books(db_, task.id);
  auto const to = read_books(db_, heir);
  auto const before = read_summary(db_, heir);
  take_back(heir);
  hand_over_days(task.id, from.lane.model, to.lane.model);
  spending_.add_to_manifest(to.manifest, Amounts{task});
  auto const submitter = owner_of(to.manifest);
  hand_over_to_submitter(task.id, submitter);
  sums_[{task.account, task.model}].remove(task);
  db_.run("UPDATE ledger SET task = ? WHERE task = ?", heir, task.id);
  db_.run("DELETE FROM tasks WHERE id = ?", task.id);
  // What it inherits is in the ledger already.
  auto after = before;
  after.account = task.account;
  after.reserved = task.reserved;
  after.spent = task.spent;
  after.uncertain = task.uncertain;
  sums_[{before.account, before.model}].remove(before);
  sums_[{after.account, before.model}].add(after);
  db_.run(
      "UPDATE tasks SET account = ?, reserved = ?, spent = ?, uncertain = ?, day = ?, submitter = ?"
      " WHERE id = ?",
      after.account, after.reserved, after.spent, after.uncertain, from.day, submitter, heir);
  // At its own price they may be another number of pictures.
  enter(heir, read_books(db_, heir), Amounts{read_summary(db_, heir)} -= Amounts{task});
}

// Each day, account and person gets back what was entered there.
void Changes::take_back(std::int64_t task) {
  std::map<std::tuple<std::string, std::string, std::int64_t>, Amounts> entered;
  {
    auto rows = db_.query(
        "SELECT day, account, submitter, pictures, reserved, spent, uncertain FROM ledger WHERE task = ?",
        task);
    while (rows.next()) {
      auto day = rows.take<std::string>();
      auto account = rows.take<std::string>();
      auto const submitter = rows.take<std::int64_t>();
      entered[{std::move(day), std::move(account), submitter}] += read_amounts(rows);
    }
  }
  auto books = read_books(db_, task);
  for (auto const& [where, amounts] : entered) {
    std::tie(books.day, books.lane.account, books.submitter) = where;
    enter(task, books, Amounts{} -= amounts);
  }
}

// Each entry of the ledger keeps its day and account and counts for another model.
void Changes::hand_over_days(std::int64_t task, std::string const& from_model, std::string const& to_model) {
  if (from_model == to_model) return;
  auto rows =
      db_.query("SELECT day, account, pictures, reserved, spent, uncertain FROM ledger WHERE task = ?", task);
  while (rows.next()) {
    auto const day = rows.take<std::string>();
    auto const account = rows.take<std::string>();
    auto const amounts = read_amounts(rows);
    spending_.add_to_day(day, {account, to_model}, amounts);
    spending_.add_to_day(day, {account, from_model}, Amounts{} -= amounts);
  }
}

// Of an orphan, which was nobody's: its entries keep their days.
void Changes::hand_over_to_submitter(std::int64_t task, std::int64_t submitter) {
  {
    auto rows =
        db_.query("SELECT day, pictures, reserved, spent, uncertain FROM ledger WHERE task = ?", task);
    while (rows.next()) {
      auto const day = rows.take<std::string>();
      spending_.add_to_submitter(day, submitter, read_amounts(rows));
    }
  }
  db_.run("UPDATE ledger SET submitter = ? WHERE task = ?", submitter, task);
}

// What was charged in one person's name stays there, as it stays on its day.
void Changes::change_hands(std::int64_t id, Books const& before) {
  auto const after = read_books(db_, id);
  if (before.manifest == after.manifest) return;
  auto const task = read_summary(db_, id);
  spending_.add_to_manifest(before.manifest, Amounts{} -= Amounts{task});
  spending_.add_to_manifest(after.manifest, Amounts{task});
  if (!after.is_job) return;
  spending_.add_outcome(before.manifest, task.state, -1);
  spending_.add_outcome(after.manifest, task.state, 1);
}

void Changes::cancel_waiting(std::int64_t task, std::string_view why) {
  static auto const sql =
      "UPDATE tasks SET state = 7, done = ?1, after = 0, error_kind = 2, error_code = 'Canceled',"
      " error_message = ?3, cancel = 0"
      " WHERE state = 0 AND (id = ?2 OR (parent <> 0 AND parent = ?2)) RETURNING account, model";
  auto rows = db_.query(sql, at_, task, std::string{why});
  while (rows.next()) {
    LaneKey lane;
    rows.take(lane.account);
    rows.take(lane.model);
    auto& sum = sums_[lane];
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
      " WHERE j.task = ? AND j.retired = 0 AND j.wish <> 2",
      task);
}

void Changes::appear(std::string const& model, std::int64_t queued) {
  sums_[{{}, model}].tasks[static_cast<std::size_t>(State::Queued)] += queued;
}

void Changes::write_sums() {
  for (auto const& [lane, sum] : sums_) write_tally(db_, lane, sum);
  spending_.write();
}

void Changes::set_books(std::int64_t task, Books const& books) {
  db_.run("UPDATE tasks SET day = ?1, submitter = ?2 WHERE id = ?3 AND (day, submitter) <> (?1, ?2)",
          books.day, books.submitter, task);
}

std::int64_t Changes::owner_of(std::string const& manifest) {
  auto const [known, is_new] = owners_.try_emplace(manifest, kUnknownSubmitter);
  if (is_new) known->second = read_owner(db_, manifest).value_or(kUnknownSubmitter);
  return known->second;
}

void Changes::enter(std::int64_t task, Books const& books, Amounts change) {
  if (change == Amounts{}) return;
  db_.run(
      "INSERT INTO ledger (at, task, reserved, spent, uncertain, day, account, submitter, pictures)"
      " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
      at_, task, change.reserved, change.spent, change.uncertain, books.day, books.lane.account,
      books.submitter, change.pictures);
  spending_.add_to_day(books.day, books.lane, change);
  spending_.add_to_manifest(books.manifest, change);
  if (!books.is_orphan) spending_.add_to_submitter(books.day, books.submitter, change);
}

// What was ours once is not a stranger's, and what is somebody's now is not a former one's.
void Changes::remember_id(Task const& before, Task const& after) {
  if (before.task_id == after.task_id && before.account == after.account) return;
  if (!before.task_id.empty())
    db_.run(
        "INSERT OR REPLACE INTO former_ids (account, task_id, task, sent, accepted, adopted)"
        " VALUES (?, ?, ?, ?, ?, ?)",
        before.account, before.task_id, before.id, before.times.sent, before.times.accepted, before.adopted);
  if (!after.task_id.empty())
    db_.run("DELETE FROM former_ids WHERE account = ? AND task_id = ?", after.account, after.task_id);
}

// Its own job's folder has the pictures of a task that is done; those of the others get copies.
void Changes::tell_jobs(Task const& before, Task const& after) {
  bool const is_done = after.state == State::Done;
  if ((before.state == State::Done) == is_done) return;
  // It came anyway, in the folder of the job that it was bought for.
  if (is_done)
    db_.run(
        "UPDATE jobs SET wish = 0 WHERE id = (SELECT owner FROM tasks WHERE id = ?1) AND task = ?1 AND wish "
        "= 2",
        after.id);
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
