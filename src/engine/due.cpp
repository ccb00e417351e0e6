#include <algorithm>

#include "engine/engine.h"

// When the wheel turns next though nothing is heard.
namespace wanspool {

Instant Engine::next_due(Instant now) {
  auto soonest = std::max(intake_.next_look(now), intake_retry_);
  if (store_retry_ > now) return store_retry_;
  if (!dirty_.empty() || !deeds_.empty()) return std::max(now, gather_until_);
  if (downloads_open_ < downloads_most()) {
    if (!fetches_.empty()) return now;
    if (!downloads_.empty()) soonest = std::min(soonest, downloads_.begin()->first);
  }
  if (tally_[State::Downloading] > 0) soonest = std::min(soonest, alarm_look_);
  if (!disk_words_.empty()) soonest = std::min(soonest, disk_look_);
  if (stopping_.empty() && paused_.empty())
    soonest = std::min({soonest, inputs_.next_step(now), std::max(now, budgets_.next_look())});
  soonest =
      std::min({soonest, deliveries_.next_step(now), index_.next_step(now, [this] { return at_rest(); }),
                status_.next_step(now, [this] { return at_rest() && index_.idle(); })});
  for (auto& [name, account] : accounts_) {
    soonest =
        std::min({soonest, next_key_check(account, now), next_list(account, now), next_look(account, now)});
    if (!account.has_key() || !account.refused_key.empty()) soonest = std::min(soonest, account.key_look);
    if (!account.polls.empty() && account.has_key())
      soonest = std::min(soonest, std::max(account.polls.begin()->first, account.queries.opens(now)));
  }
  for (auto& [model, queue] : queues_) {
    if (queue.more && (queue.window.empty() || queue.next_look > now))
      soonest = std::min(soonest, std::max(now, queue.next_look));
    if (!stopping_.empty()) continue;
    for (auto const& task : queue.window)
      if (task.deadline != Instant{}) soonest = std::min(soonest, task.deadline);
    if (queue.window.empty() || !paused_.empty() || !disk_words_.empty()) continue;
    if (uncollected() < fetches_most()) soonest = std::min(soonest, next_create(queue, now));
  }
  return soonest;
}

// What no account may buy is in no window.
bool Engine::is_kept_from(Account const& account, Task const& queued) {
  return accounts_.size() > 1 && budgets_.stops(queued, account.name);
}

// When one of what waits may leave, if nothing is heard before; Instant::max() if only that helps.
Instant Engine::next_create(Queue const& queue, Instant now) {
  auto soonest = Instant::max();
  for (auto& [name, account] : accounts_) {
    auto& its = lane(account, queue.model);
    if (!account.has_key() || !account.twin.empty() || its.in_flight >= its.creates_at_once()) continue;
    auto room = its.room_opens(now);
    for (auto const& [id, until] : its.ghosts) room = std::min(room, std::max(now, until));
    if (room == Instant::max()) continue;
    auto due = Instant::max();
    for (auto const& task : queue.window)
      if (task.due < due && is_ready(task, account) && !is_kept_from(account, task)) due = task.due;
    if (due == Instant::max()) {
      if (its.weather.until > now) soonest = std::min(soonest, its.weather.until);
      continue;
    }
    auto chance = std::max({due, room, its.weather.until, its.quiet_until, its.creates.opens(now)});
    for (auto const& [id, until] : its.ghosts) chance = std::max(chance, std::min(until, now + seconds{1}));
    soonest = std::min(soonest, chance);
  }
  return soonest;
}

}  // namespace wanspool
