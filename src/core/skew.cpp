#include "core/skew.h"

#include <algorithm>
#include <chrono>

namespace wanspool {
namespace {

// By the provider's clock, as if it told the time of UTC.
std::optional<Instant> made_at(Times const& times) {
  Times since_epoch;
  since_epoch.submit_time = "1970-01-01 00:00:00";
  since_epoch.scheduled_time = times.submit_time;
  auto const length = since_epoch.waited();
  return length ? std::optional{Instant{*length}} : std::nullopt;
}

}  // namespace

std::optional<milliseconds> skew_of(Times const& times) {
  using Zones = std::chrono::duration<std::int64_t, std::ratio<900>>;
  auto const made = made_at(times);
  if (!made || times.sent == Instant{} || times.accepted < times.sent) return {};
  auto const apart = std::chrono::duration_cast<milliseconds>(*made - times.sent);
  auto const after_sent = apart - std::chrono::round<Zones>(apart);
  auto const after_answer = after_sent - (times.accepted - times.sent);
  if (after_answer > milliseconds{0}) return after_answer;
  return std::min<milliseconds>(after_sent, milliseconds{0});
}

}  // namespace wanspool
