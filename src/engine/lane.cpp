#include "engine/lane.h"

#include <algorithm>

namespace wanspool {
namespace {

constexpr milliseconds kSlack{5000};
constexpr std::size_t kSamplesLeast = 8;

}  // namespace

Lane::Lane(LaneKey its_key, Limits const& its_limits)
    : key{std::move(its_key)},
      limits{its_limits},
      creates{its_limits.creates, its_limits.window},
      controller{its_limits} {}

void Lane::recall(LaneRow const& row, Instant now) {
  // A clock that was ahead when it was written must not keep us waiting for years.
  auto memory = row.memory;
  memory.again = std::min<Instant>(memory.again, now + hours{24});
  controller = Controller{limits, memory};
  creates.narrow(controller.creates());
  service = row.service;
}

void Lane::change(Limits const& fresh, Instant now) {
  if (fresh == limits) return;
  limits = fresh;
  controller.change(fresh);
  creates.change(controller.creates(), fresh.window, now);
}

Instant Lane::room_opens(Instant now) const {
  if (has_room(now)) return now;
  auto const again = controller.memory().again;
  return again > now && taken() < controller.outstanding(again) ? again : Instant::max();
}

void Lane::began(std::int64_t task) {
  auto const before = taken() - limits.slots;
  bool const waits = limits.slots > 0 && before >= 0;
  sent_[task] = waits ? Sent{controller.generation(), before} : Sent{};
}

void Lane::accepted(Instant now) {
  is_proven = true;
  controller.accepted(others(), now);
  creates.narrow(controller.creates());
}

void Lane::refused(std::int64_t task, Trouble::Over over, Instant now) {
  sent_.erase(task);
  controller.refused(over, others(), now);
  creates.narrow(controller.creates());
}

void Lane::learn_wait(Task const& task, Instant now) {
  auto const waited = task.times.waited();
  if (!waited || *waited > now - task.times.accepted + kSlack) return;
  auto const found = sent_.find(task.id);
  if (found == sent_.end()) return;
  controller.began(*waited, found->second.generation, usual());
}

void Lane::learn_end(Task const& task, Instant now, bool steady) {
  auto const worked = task.times.worked();
  // Its clock may run as it likes, but not longer than ours did.
  if (worked && *worked <= now - task.times.accepted + kSlack)
    service[task.mode].add(*worked);
  else if (auto const found = sent_.find(task.id);
           steady && (found == sent_.end() || found->second.generation == 0))
    service[task.mode].add(now - task.times.accepted);
}

milliseconds Lane::usual() const {
  ServiceTimes all;
  for (auto const& [mode, times] : service) all.add(times);
  return all.usual();
}

milliseconds Lane::least(Task const& task) const {
  auto const own = service.find(task.mode);
  if (own == service.end() || own->second.samples() < kSamplesLeast) return milliseconds{0};
  return own->second.at(0) * 9 / 10;
}

Pace Lane::pace_of(Task const& task, bool watched) const {
  auto const own = service.find(task.mode);
  // Another mode is a better guess than none.
  auto const times = own != service.end() ? own : service.begin();
  if (times == service.end()) return {};
  auto pace = watched ? times->second.watched_pace() : times->second.pace();
  if (auto const found = sent_.find(task.id); found != sent_.end() && found->second.generation > 0)
    pace.queue = times->second.usual() * (found->second.before + 1) / limits.slots;
  return pace;
}

}  // namespace wanspool
