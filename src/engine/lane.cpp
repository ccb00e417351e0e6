#include "engine/lane.h"

namespace wanspool {

Lane::Lane(std::string name, Limits const& its_limits)
    : model{std::move(name)},
      limits{its_limits},
      creates{its_limits.creates, its_limits.window},
      controller{its_limits} {}

void Lane::recall(LaneRow const& row) {
  controller = Controller{limits, row.memory};
  creates.narrow(controller.creates());
  service = row.service;
}

Instant Lane::room_opens(Instant now) const {
  if (has_room(now)) return now;
  auto const again = controller.memory().again;
  return again > now && taken() < controller.outstanding(again) ? again : Instant::max();
}

void Lane::began(std::int64_t task) {
  auto const before = taken() - limits.slots;
  if (limits.slots > 0 && before >= 0) beyond_[task] = {controller.generation(), before};
}

void Lane::accepted(Instant now) {
  controller.accepted(others(), now);
  creates.narrow(controller.creates());
}

void Lane::refused(Trouble::Over over, Instant now) {
  controller.refused(over, others(), now);
  creates.narrow(controller.creates());
}

void Lane::learn_wait(Task const& task) {
  auto const waited = task.times.waited();
  if (!waited) return;
  auto const found = beyond_.find(task.id);
  if (found == beyond_.end()) return;
  controller.began(*waited, found->second.generation, usual());
}

void Lane::learn_end(Task const& task, Instant now, bool steady) {
  if (auto const worked = task.times.worked())
    service[task.mode].add(*worked);
  else if (steady && !beyond_.contains(task.id))
    service[task.mode].add(now - task.times.accepted);
}

milliseconds Lane::usual() const {
  ServiceTimes all;
  for (auto const& [mode, times] : service) all.add(times);
  return all.usual();
}

milliseconds Lane::least(Task const& task) const {
  auto const own = service.find(task.mode);
  return own == service.end() ? milliseconds{0} : own->second.at(0) * 9 / 10;
}

Pace Lane::pace_of(Task const& task, bool watched) const {
  auto const own = service.find(task.mode);
  // Another mode is a better guess than none.
  auto const times = own != service.end() ? own : service.begin();
  if (times == service.end()) return {};
  auto pace = watched ? times->second.watched_pace() : times->second.pace();
  if (auto const found = beyond_.find(task.id); found != beyond_.end() && limits.slots > 0)
    pace.queue = times->second.usual() * (found->second.before + 1) / limits.slots;
  return pace;
}

}  // namespace wanspool
