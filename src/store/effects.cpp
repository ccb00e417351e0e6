#include <fmt/format.h>

#include <stdexcept>

#include "store/changes.h"
#include "store/sqlite_store.h"

// What people ask for, each wish in one transaction with remembering it.
namespace wanspool {
namespace {

using sqlite::Db;
using sqlite::Transaction;

Wanted need_wanted(Db& db, std::string const& name) {
  auto wanted = find_wanted(db, name);
  if (!wanted) throw std::logic_error{fmt::format("the queue has no job {}", name)};
  return std::move(*wanted);
}

bool is_doubtful(Task const& task) {
  return task.state == State::Held || task.in_doubt();
}

// Nobody will ever know what became of it. Its candidates carry the money, if it has any.
Task given_up(Db& db, Task task, Instant at) {
  bool const carried = db.value<bool>("SELECT 1 FROM candidates WHERE task = ?", task.id);
  if (!carried) task.uncertain += task.reserved;
  task.reserved = {};
  task.state = State::Failed;
  task.possible_until = {};
  task.times.done = at;
  task.error = {Trouble::Kind::Fatal, "GivenUp",
                carried ? "given up for another take; what it may have bought is in orphans/"
                        : "given up for another take; it may have been paid for"};
  return task;
}

Task another_take(Task const& old, NewTake const& wish, Instant at) {
  Task task;
  task.model = old.model;
  task.due = task.times.queued = at;
  task.wanted = old.wanted;
  task.size = old.size;
  task.mode = old.mode;
  task.price = old.price;
  task.take = wish.take;
  task.on_doubt = old.on_doubt;
  task.inputs = old.inputs;
  task.fetch = old.fetch;
  task.fetch_now = old.fetch_now;
  task.refill = old.refill;
  if (old.deadline > at) task.deadline = old.deadline;
  return task;
}

// Only what has ended or what nobody can tell is bought again: all else still comes.
std::vector<Task> buy_anew(Db& db, Changes& changes, NewTake const& wish, Instant at) {
  auto const wanted = need_wanted(db, wish.job);
  auto const& old = wanted.task;
  if (!is_final(old.state) && !is_doubtful(old))
    throw std::logic_error{fmt::format("job {} is {}; it is not bought again", wish.job, name_of(old.state))};
  std::vector<Task> changed;
  if (is_doubtful(old)) {
    changes.replace(given_up(db, old, at));
    changed.push_back(need_task(db, old.id));
  }
  auto kin = read_kinship(db, old.id);
  kin.fingerprint = wish.fingerprint;
  kin.body = wish.body;
  kin.owner = wanted.job;
  auto const made = changes.add(another_take(old, wish, at), kin);
  db.run("INSERT INTO sources (task, source) SELECT ?, source FROM sources WHERE task = ?", made.id, old.id);
  db.run("UPDATE jobs SET task = ?, delivered = 0, retired = 0, wish = 0 WHERE id = ?", made.id, wanted.job);
  changed.push_back(made);
  return changed;
}

Task named(Task task, Adoption const& wish, Instant at) {
  task.state = State::Submitted;
  task.task_id = wish.task_id;
  task.request_id = wish.request_id;
  task.adopted = true;
  task.cancel = Cancel::None;
  task.possible_until = {};
  task.unknown_since = {};
  task.misses = 0;
  task.due = at;
  task.times.accepted = wish.accepted;
  task.error = {};
  return task;
}

// The orphan's life goes on under the job's name. Its pictures lie in another folder, so that none is safe
// before it was copied from there.
Task heir(Task const& held, Task const& orphan, Instant at) {
  auto task = orphan;
  task.id = held.id;
  task.name = held.name;
  task.model = held.model;
  task.answered = held.answered;
  task.wanted = held.wanted;
  task.price = held.price;
  task.creates = held.creates;
  task.adopted = true;
  task.times.queued = held.times.queued;
  task.times.sent = held.times.sent;
  if (task.state != State::Downloading && task.pictures_safe() == 0) return task;
  task.state = State::Downloading;
  task.times.done = {};
  task.due = at;
  for (auto& picture : task.pictures) picture.file.clear();
  return task;
}

Task adopt(Db& db, Changes& changes, Adoption const& wish, Instant at) {
  auto const held = need_wanted(db, wish.job).task;
  auto const account = wish.account.value_or(held.account);
  auto const other = find_task_by_id(db, account, wish.task_id);
  // What waits may have been bought after the copy was made that this queue is.
  bool const may = is_doubtful(held) || (held.state == State::Queued && other && other->orphan);
  if (!may)
    throw std::logic_error{fmt::format("job {} is {}; it adopts nothing", wish.job, name_of(held.state))};
  if (is_doubtful(held) && account != held.account)
    throw std::logic_error{fmt::format("job {} was sent under the account {}; it adopts nothing of {}",
                                       wish.job, account_name(held.account), account_name(account))};
  if (other && !other->orphan)
    throw std::logic_error{fmt::format("task {} belongs to {}", wish.task_id, other->name)};
  if (other) changes.bequeath(*other, held.id);
  changes.replace(other ? heir(held, *other, at) : named(held, wish, at));
  db.run("DELETE FROM candidates WHERE task = ?", held.id);
  // Whoever says so wants it.
  db.run("UPDATE jobs SET wish = 0 WHERE task = ? AND wish = 2", held.id);
  return need_task(db, held.id);
}

}  // namespace

std::optional<Wanted> SqliteStore::wanted(std::string const& job) {
  return find_wanted(db_, job);
}

bool SqliteStore::has_had_effect(std::string const& command) {
  return db_.value<bool>("SELECT 1 FROM commands WHERE id = ?", command);
}

std::vector<Task> SqliteStore::apply(Effects const& effects) {
  Transaction transaction{db_, Transaction::Kind::Write};
  if (has_had_effect(effects.id)) return {};
  db_.run("INSERT INTO commands (id, at) VALUES (?, ?)", effects.id, effects.at);
  Changes changes{db_, effects.at};
  std::vector<Task> changed;
  for (auto const& wish : effects.takes)
    for (auto& task : buy_anew(db_, changes, wish, effects.at)) changed.push_back(std::move(task));
  for (auto const& wish : effects.adoptions) changed.push_back(adopt(db_, changes, wish, effects.at));
  for (auto const& fact : effects.facts) write_fact(db_, fact);
  for (auto const& manifest : effects.forgiven) forgive(db_, manifest);
  changes.write_sums();
  hook_watch_.collect(db_, effects.at);
  transaction.commit();
  return changed;
}

}  // namespace wanspool
