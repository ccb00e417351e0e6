#include "base/time.h"

#include <fmt/format.h>
#include <time.h>

namespace wanspool {
namespace {

milliseconds read(clockid_t which) {
  timespec now{};
  clock_gettime(which, &now);
  return seconds{now.tv_sec} +
         std::chrono::duration_cast<milliseconds>(std::chrono::nanoseconds{now.tv_nsec});
}

}  // namespace

BootClock::BootClock() : offset_{read(CLOCK_REALTIME) - read(CLOCK_BOOTTIME)} {}

Instant BootClock::now() const {
  return Instant{offset_ + read(CLOCK_BOOTTIME)};
}

std::string rfc3339(Instant at) {
  if (at == Instant{}) return {};
  auto const whole = std::chrono::floor<seconds>(at);
  std::time_t const stamp = whole.time_since_epoch().count();
  std::tm utc{};
  gmtime_r(&stamp, &utc);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z", utc.tm_year + 1900, utc.tm_mon + 1,
                     utc.tm_mday, utc.tm_hour, utc.tm_min, utc.tm_sec, (at - whole).count());
}

std::string human(milliseconds length) {
  auto const total = std::max<long long>(0, std::chrono::round<seconds>(length).count());
  if (total < 60) return fmt::format("{} s", total);
  if (total < 3600) return fmt::format("{} min {} s", total / 60, total % 60);
  if (total < 86400) return fmt::format("{} h {} min", total / 3600, total % 3600 / 60);
  return fmt::format("{} d {} h", total / 86400, total % 86400 / 3600);
}

}  // namespace wanspool
