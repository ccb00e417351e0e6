#include "core/why.h"

#include <algorithm>

namespace wanspool {
namespace {

using Kind = Reason::Kind;

// When the slots will have come to it, as far as what tasks have lately taken tells.
Instant turn_of(Situation const& it, Instant now) {
  auto const ahead = it.before + std::max<std::int64_t>(0, it.outstanding - it.room + 1);
  if (ahead == 0) return now;
  if (it.usual.count() == 0 || it.slots == 0) return {};
  return now + it.usual * ahead / it.slots;
}

}  // namespace

std::string_view name_of(Reason::Kind kind) {
  static constexpr std::string_view kNames[] = {"held",     "stopped", "paused", "dependency",
                                                "failures", "budget",  "disk",   "weather",
                                                "deadline", "slot",    "rate"};
  return kNames[static_cast<std::size_t>(kind)];
}

std::optional<Reason> why(Situation const& it, Instant now) {
  if (it.task.state == State::Held) return Reason{Kind::Held, {}};
  if (it.task.state != State::Queued) return {};
  if (!it.somebody_works) return Reason{Kind::Stopped, {}};
  if (it.paused) return Reason{Kind::Paused, {}};
  if (!it.awaits.empty() || it.uploads_stand) return Reason{Kind::Dependency, {}};
  if (it.stop)
    return Reason{it.stop->scope == Stop::Scope::Failures ? Kind::Failures : Kind::Budget, it.stop->until};
  if (!it.has_room) return Reason{Kind::Disk, {}};
  if (it.weather.kind != Weather::Kind::Fair && it.weather.until > now)
    return Reason{Kind::Weather, it.weather.until};
  auto const turn = turn_of(it, now);
  if (it.task.deadline != Instant{} && (it.task.deadline <= now || turn > it.task.deadline))
    return Reason{Kind::Deadline, it.task.deadline};
  if (it.task.due > now && it.before == 0) return Reason{Kind::Rate, it.task.due};
  return Reason{it.before > 0 || it.outstanding >= it.room ? Kind::Slot : Kind::Rate, turn};
}

}  // namespace wanspool
