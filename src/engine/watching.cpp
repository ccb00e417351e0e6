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

}  // namespace

// Over all lanes the shortest; 0 while nothing is known.
milliseconds Engine::usual() const {
  milliseconds shortest{0};
  for (auto const& [model, lane] : lanes_)
    if (auto const its = lane.usual(); its.count() > 0 && (shortest.count() == 0 || its < shortest))
      shortest = its;
  return shortest;
}

// When a page is to be asked for next. The list that settles doubts goes first.
Instant Engine::next_look(Instant now) {
  if (endpoint_.key.empty() || tally_[State::Submitted] + tally_[State::Running] == 0) return Instant::max();
  if (list_.stand() == AccountList::Stand::Reading || watch_.is_asking()) return Instant::max();
  return std::max(watch_.next(), lists_.opens(now));
}

// By what tasks take, and by how long even the youngest has been out there: what hangs is looked at rarely.
milliseconds Engine::pause_of_looks(milliseconds youngest) const {
  auto const typical = usual();
  if (typical.count() == 0) return std::clamp(youngest / 20, kPauseUnknown, kPauseLate);
  auto const late = (youngest - typical * 2) / 20;
  return std::clamp(std::max(typical / 40, late), kPauseLeast, late > kPauseMost ? kPauseLate : kPauseMost);
}

// Before the first of those that are out there can have ended none is worth its request.
bool Engine::begin_look(Instant now) {
  ListWatch::Tasks tasks;
  auto soonest = Instant::max(), youngest = Instant{};
  for (auto const& [id, task] : tasks_) {
    if (!is_at_provider(task) || announced_.contains(id)) continue;
    tasks.emplace(task.task_id, id);
    soonest = std::min<Instant>(soonest, task.times.accepted + lane(task.model).least(task));
    youngest = std::max(youngest, task.times.accepted);
  }
  watch_.expect_none_before(std::min<Instant>(soonest, now + kPauseMost * 10));
  if (watch_.next() > now || tasks.empty()) return false;
  look_pause_ = pause_of_looks(now - youngest);
  watch_.begin(std::move(tasks), now);
  return true;
}

void Engine::look_at_list(Instant now) {
  if (next_look(now) > now || lists_.allowance(now) <= 0) return;
  if (!watch_.is_within_look() && !begin_look(now)) return;
  lists_.began();
  auto request = provider::list_request(endpoint_, watch_.take_page(), watch_.rows());
  request.ticket = ++last_ticket_;
  flights_.emplace(last_ticket_, Flight{Flight::Kind::Watch, 0, 0, nullptr});
  http_.start(std::move(request));
}

void Engine::hear_look(Reply const& reply, Instant now) {
  lists_.ended(now);
  for (auto const& [task_id, id] : watch_.hear(provider::read_list(reply), look_pause_, policy_.lane, now)) {
    auto const found = tasks_.find(id);
    if (found == tasks_.end() || !is_at_provider(found->second)) continue;
    if (found->second.task_id != task_id) continue;
    // One that is being asked for is told of again.
    if (is_busy(id)) continue;
    announced_.insert(id);
    count_as_free(found->second, now);
    auto task = found->second;
    // Before all that is asked for only because it is due.
    task.due = task.times.accepted;
    put(std::move(task));
  }
}

// What an answer of the provider says of how long its tasks wait and are worked on.
void Engine::learn_service(Task const& before, Task const& task, Instant now) {
  if (before.state == State::Submitting && is_at_provider(task))
    watch_.expect_one(task.times.accepted + lane(task.model).least(task));
  if (!is_at_provider(before)) return;
  bool const was_announced = announced_.contains(task.id);
  // What the query contradicts may be announced again; what it could not tell is not asked for sooner.
  bool const contradicted = task.polls != before.polls && task.unknown_since == Instant{};
  if (was_announced && task.polls != before.polls) believe_ends(!is_at_provider(task));
  if (!is_at_provider(task) || contradicted) take_back(task);
  if (task.orphan || task.adopted) return;
  auto& its = lane(task.model);
  auto const known = its.controller.memory();
  // While it waits nobody knows for how long it will have (contract §3.2: its times may be there already).
  if (before.state == State::Submitted && task.state != State::Submitted) its.learn_wait(task, now);
  if (its.controller.memory() != known) note_limits(its, known);
  if (is_at_provider(task)) return;
  // An absence, ours or the network's, is not the service's time.
  if (task.state == State::Downloading) its.learn_end(task, now, task.times.accepted >= steady_since_);
  its.left(task.id);
  learned_.emplace(its.model, now + kWriteAfter);
  if (!was_announced) watch_.was_first(before.task_id, now);
}

// Where an answer is a round trip away it is waited for; where queries are too few, the list's word will do.
void Engine::count_as_free(Task const& announced, Instant now) {
  if (!ends_believed_ || static_cast<int>(announced_.size()) <= queries_.allowance(now)) return;
  if (freed_.insert(announced.id).second) ++lane(announced.model).ended;
}

// A query that cannot say what the list does makes both doubtful.
void Engine::believe_ends(bool do_it) {
  ends_believed_ = do_it;
  if (do_it) return;
  for (auto const id : std::exchange(freed_, {})) --lane(tasks_.at(id).model).ended;
}

void Engine::take_back(Task const& announced) {
  announced_.erase(announced.id);
  if (freed_.erase(announced.id) > 0) --lane(announced.model).ended;
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
