#include <algorithm>
#include <utility>

#include "engine/engine.h"

// Which tasks have ended: seen in the account's list, a hundred at a time, before they are asked for singly.
namespace wanspool {
namespace {

// Between two looks at the list: a fortieth of what a task takes.
constexpr milliseconds kPauseLeast{250}, kPauseMost{1500}, kPauseUnknown{1000}, kPauseLate{60'000};
constexpr milliseconds kWriteAfter{10'000};

bool is_at_provider(Task const& task) {
  return task.state == State::Submitted || task.state == State::Running;
}

// Over all lanes the shortest; 0 while nothing is known.
milliseconds usual(Account const& account) {
  milliseconds shortest{0};
  for (auto const& [model, lane] : account.lanes)
    if (auto const its = lane.usual(); its.count() > 0 && (shortest.count() == 0 || its < shortest))
      shortest = its;
  return shortest;
}

// By what tasks take, and by how long even the youngest has been out there: what hangs is looked at rarely.
milliseconds pause_of_looks(Account const& account, milliseconds youngest) {
  auto const typical = usual(account);
  if (typical.count() == 0) return std::clamp(youngest / 20, kPauseUnknown, kPauseLate);
  auto const late = (youngest - typical * 2) / 20;
  return std::clamp(std::max(typical / 40, late), kPauseLeast, late > kPauseMost ? kPauseLate : kPauseMost);
}

}  // namespace

// When a page is to be asked for next. The list that settles doubts goes first.
Instant Engine::next_look(Account& account, Instant now) {
  if (!account.has_key() || account.out_there == 0) return Instant::max();
  if (account.list.stand() == AccountList::Stand::Reading || account.watch.is_asking()) return Instant::max();
  return std::max(account.watch.next(), account.lists.opens(now));
}

// Before the first of those that are out there can have ended none is worth its request.
bool Engine::begin_look(Account& account, Instant now) {
  ListWatch::Tasks tasks;
  auto soonest = Instant::max(), youngest = Instant{};
  for (auto const& [id, task] : tasks_) {
    if (!is_at_provider(task) || task.account != account.name || account.announced.contains(id)) continue;
    tasks.emplace(task.task_id, id);
    soonest = std::min<Instant>(soonest, task.times.accepted + lane(task).least(task));
    youngest = std::max(youngest, task.times.accepted);
  }
  account.watch.expect_none_before(std::min<Instant>(soonest, now + kPauseMost * 10));
  if (account.watch.next() > now || tasks.empty()) return false;
  account.look_pause = pause_of_looks(account, now - youngest);
  account.watch.begin(std::move(tasks), now);
  return true;
}

void Engine::look_at_list(Account& account, Instant now) {
  if (next_look(account, now) > now || account.lists.allowance(now) <= 0) return;
  if (!account.watch.is_within_look() && !begin_look(account, now)) return;
  account.lists.began();
  auto request = provider::list_request(account.endpoint, account.watch.take_page(), account.watch.rows());
  request.ticket = ++last_ticket_;
  flights_.emplace(last_ticket_, Flight{Flight::Kind::Watch, 0, 0, nullptr, account.name});
  http_.start(std::move(request));
}

void Engine::hear_look(Account& account, Reply const& reply, Instant now) {
  account.lists.ended(now);
  auto const ended = account.watch.hear(provider::read_list(reply), account.look_pause, policy_.lane, now);
  for (auto const& [task_id, id] : ended) {
    auto const found = tasks_.find(id);
    if (found == tasks_.end() || !is_at_provider(found->second)) continue;
    if (found->second.task_id != task_id) continue;
    // One that is being asked for is told of again.
    if (is_busy(id)) continue;
    account.announced.insert(id);
    count_as_free(found->second, now);
    auto task = found->second;
    // Before all that is asked for only because it is due. What may be a doubt's own has its time from the
    // provider's clock.
    task.due = std::min(task.times.accepted, now);
    put(std::move(task));
  }
}

// What an answer of the provider says of how long its tasks wait and are worked on.
void Engine::learn_service(Task const& before, Task const& task, Instant now) {
  auto& account = account_of(task);
  if (before.state == State::Submitting && is_at_provider(task))
    account.watch.expect_one(task.times.accepted + lane(task).least(task));
  if (!is_at_provider(before)) return;
  bool const was_announced = account.announced.contains(task.id);
  // What the query contradicts may be announced again; what it could not tell is not asked for sooner.
  bool const contradicted = task.polls != before.polls && task.unknown_since == Instant{};
  if (was_announced && task.polls != before.polls) believe_ends(account, !is_at_provider(task));
  if (!is_at_provider(task) || contradicted) take_back(task);
  if (task.orphan || task.adopted) return;
  auto& its = lane(task);
  auto const known = its.controller.memory();
  // While it waits nobody knows for how long it will have (contract §3.2: its times may be there already).
  if (before.state == State::Submitted && task.state != State::Submitted) its.learn_wait(task, now);
  if (its.controller.memory() != known) note_limits(its, known);
  if (is_at_provider(task)) return;
  // An absence, ours or the network's, is not the service's time.
  if (task.state == State::Downloading) its.learn_end(task, now, task.times.accepted >= steady_since_);
  its.left(task.id);
  learned_.emplace(its.key, now + kWriteAfter);
  if (!was_announced) account.watch.was_first(before.task_id, now);
}

// Where an answer is a round trip away it is waited for; where queries are too few, the list's word will do.
void Engine::count_as_free(Task const& announced, Instant now) {
  auto& account = account_of(announced);
  auto const waiting = static_cast<int>(account.announced.size());
  if (!account.ends_believed || waiting <= account.queries.allowance(now)) return;
  if (account.freed.insert(announced.id).second) ++lane(announced).ended;
}

// A query that cannot say what the list does makes both doubtful.
void Engine::believe_ends(Account& account, bool do_it) {
  account.ends_believed = do_it;
  if (do_it) return;
  for (auto const id : std::exchange(account.freed, {})) --lane(tasks_.at(id)).ended;
}

void Engine::take_back(Task const& announced) {
  auto& account = account_of(announced);
  account.announced.erase(announced.id);
  if (account.freed.erase(announced.id) > 0) --lane(announced).ended;
}

// Not with every task that ends, for a sync costs more than the knowledge is worth; with the last one.
void Engine::write_what_is_learned(Instant now) {
  bool const last = tally_[State::Submitted] + tally_[State::Running] == 0;
  for (auto at = learned_.begin(); at != learned_.end();) {
    bool const due = last || at->second <= now;
    if (due) dirty_lanes_.insert(at->first);
    at = due ? learned_.erase(at) : std::next(at);
  }
}

}  // namespace wanspool
