#include <fmt/format.h>

#include <algorithm>

#include "base/log.h"
#include "engine/engine.h"
#include "engine/paths.h"

// One transaction for each turn, and what comes of it.
namespace wanspool {
namespace {

constexpr milliseconds kStoreRetry{2000};
constexpr milliseconds kGather{10};
constexpr milliseconds kStopForgotten{minutes{10}};

}  // namespace

// A sync costs more than an answer takes on a good line. While a create is unanswered the next one cannot be
// sent, so what is heard meanwhile waits for its answer, for a moment, and shares its transaction.
bool Engine::may_gather(Instant now) {
  auto const is_create = [](Deed const& deed) { return deed.act == Act::Submit; };
  bool const pressing = std::any_of(deeds_.begin(), deeds_.end(), is_create) || store_retry_ != Instant{};
  if (pressing || unanswered() == 0 || (dirty_.empty() && deeds_.empty())) {
    gather_until_ = {};
    return false;
  }
  if (gather_until_ == Instant{}) gather_until_ = now + kGather;
  if (now < gather_until_) return true;
  gather_until_ = {};
  return false;
}

// After it final tasks leave the memory.
bool Engine::commit(Instant now) {
  if (store_retry_ > now) return false;
  Batch batch;
  batch.delivered = deliveries_.take_done();
  auto moved = deliveries_.take_moved();
  for (auto const& task : moved) take_over_places(task);
  inputs_.write_to(batch);
  write_what_is_learned(now);
  // What caps stop is known again once the queue has been looked through.
  bool const looks_later = std::any_of(queues_.begin(), queues_.end(), [&](auto const& each) {
    return each.second.more && now < each.second.next_look;
  });
  if (dirty_.empty() && dirty_lanes_.empty() && orphans_.empty() && refills_.empty() && facts_.empty() &&
      batch.empty() && (looks_later || !budgets_.has_news()))
    return true;
  batch.at = now;
  budgets_.write_to(batch);
  if (looks_later) batch.stops.reset();
  batch.orphans = orphans_;
  batch.refills = refills_;
  for (auto const& [key, value] : facts_) batch.facts.push_back({key, value});
  for (auto const id : dirty_) batch.tasks.push_back(tasks_.at(id));
  auto const heard = batch.tasks.size();
  for (auto const& task : moved)
    if (!tasks_.contains(task.id)) batch.tasks.push_back(task);
  for (auto const& key : dirty_lanes_)
    batch.lanes.push_back(accounts_.at(key.account).lanes.at(key.model).row());
  auto const is_create = [](Deed const& deed) { return deed.act == Act::Submit; };
  std::vector<Task> made;
  try {
    if (std::any_of(deeds_.begin(), deeds_.end(), is_create)) remember_origin();
    made = store_.commit(batch);
  } catch (StoreFull const& full) {
    file_trouble(full.what(), now);
    store_retry_ = now + kStoreRetry;
    deliveries_.give_back(batch.delivered, moved);
    return false;
  }
  note_commit(batch);
  if (batch.stops) tell_of_stops(*batch.stops, now);
  take_up_made(made);
  batch.tasks.resize(heard);
  for (auto const& task : batch.tasks) let_go(task);
  auto const is_queued = [](Task const& task) { return task.state == State::Queued; };
  if (std::any_of(batch.tasks.begin(), batch.tasks.end(), is_queued)) tally_ = store_.tally();
  return true;
}

// What was to be written is.
void Engine::note_commit(Batch const& batch) {
  store_retry_ = {};
  dirty_.clear();
  dirty_lanes_.clear();
  orphans_.clear();
  refills_.clear();
  facts_.clear();
  inputs_.committed();
  budgets_.committed(batch);
  status_.committed(batch);
  for (auto const& job : deliveries_.committed(batch.delivered)) {
    index_.add(job);
    // It may have had lines with other names.
    index_.doubt(manifest_of(job));
    status_.changed(manifest_of(job));
  }
  // One whose manifest was dropped anew meanwhile is to be delivered once more.
  if (!batch.delivered.empty()) deliveries_.look();
}

void Engine::tell_of_stops(std::vector<Stop> const& stops, Instant now) {
  std::erase_if(stops_told_, [&](auto const& each) { return each.second <= now; });
  for (auto const& each : stops) {
    auto const key = fmt::format("{} {} {} {}", static_cast<int>(each.scope), each.manifest, each.model,
                                 each.account.value_or("*"));
    bool const is_new = !stops_told_.contains(key);
    stops_told_[key] = each.until == Instant{} ? now + kStopForgotten : each.until;
    if (is_new) audience_.stopped(each);
  }
}

// What the commit made is under way from now on.
void Engine::take_up_made(std::vector<Task> const& made) {
  for (auto const& task : made) {
    if (task.orphan)
      log::warning("task {} of the account is fetched into {}", task.task_id,
                   settings_.spool.orphan_folder(task.task_id).string());
    if (task.state != State::Queued) {
      put(task);
      continue;
    }
    tally_.add(task);
    queue(task.model).more = queue(task.model).more_plain = true;
  }
}

// What nothing happens to any more by itself leaves the memory once it is written.
void Engine::let_go(Task const& task) {
  if (task.state == State::Queued) return queue_again(task);
  if (!is_final(task.state) && task.state != State::Held) return;
  wake_successors();
  if (task.state == State::Done) deliveries_.look();
  tell_index(task);
  audience_.ended(task);
  if (task.state == State::Failed && task.pictures.empty() && !task.orphan && task.parent == 0)
    failures_.push_back(task);
  if (!busy_.contains(task.id)) tasks_.erase(task.id);
}

// A refill's pictures are told of with its job's, or after them.
void Engine::tell_index(Task const& task) {
  if (!is_final(task.state) || task.orphan || task.pictures_safe() == 0) return;
  index_.add(task.name, task.parent == 0 ? 0 : task.id);
  if (task.take > 1) index_.doubt(manifest_of(task.name));
}

// Of a manifest that was known some jobs may have changed, moved or gone.
void Engine::note_receipt(Receipt const& receipt) {
  if (receipt.accepted && receipt.taken.fresh < receipt.taken.jobs) index_.doubt(receipt.manifest);
  if (receipt.accepted && receipt.taken.retired > 0) index_.doubt(receipt.manifest);
  if (receipt.accepted && !receipt.manifest.empty()) status_.changed(receipt.manifest);
  audience_.receipt(receipt);
}

// A refused task goes back to its place, which the store knows: its manifest may have got other terms since
// it was sent, or a drop may have left nobody who wants it, and then the store has ended it.
void Engine::queue_again(Task const& task) {
  auto& its = queue(task.model);
  tasks_.erase(task.id);
  its.read_anew();
}

}  // namespace wanspool
