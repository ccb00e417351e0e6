#include "app/expected.h"

#include <algorithm>
#include <functional>
#include <queue>

namespace wanspool::app {
namespace {

milliseconds usual_of(Task const& task, LaneFacts const& lane) {
  auto const mode = lane.row.service.find(task.mode);
  if (mode != lane.row.service.end() && mode->second.is_known()) return mode->second.usual();
  return lane.median;
}

}  // namespace

std::map<std::int64_t, Instant> expected_ends(std::vector<Task> const& tasks, LaneFacts const& lane,
                                              Instant now) {
  std::map<std::int64_t, Instant> ends;
  std::priority_queue<Instant, std::vector<Instant>, std::greater<>> free;  // when a slot is
  std::vector<Task const*> waiting;
  for (auto const& task : tasks) {
    auto const usual = usual_of(task, lane);
    if (usual.count() == 0) continue;
    if (task.state == State::Running) {
      auto const end = task.times.accepted + task.times.waited().value_or(milliseconds{0}) + usual;
      ends[task.id] = end;
      free.push(std::max<Instant>(end, now));
    }
    if (task.state == State::Submitted) waiting.push_back(&task);
  }
  std::sort(waiting.begin(), waiting.end(),
            [](Task const* a, Task const* b) { return a->times.accepted < b->times.accepted; });
  auto slots = static_cast<int>(free.size());
  for (auto const* const task : waiting) {
    auto begin = task->times.accepted;
    if (lane.slots > 0 && slots >= lane.slots) {
      begin = std::max(begin, free.top());
      free.pop();
    } else {
      ++slots;
    }
    ends[task->id] = begin + usual_of(*task, lane);
    free.push(std::max(ends[task->id], now));
  }
  return ends;
}

}  // namespace wanspool::app
