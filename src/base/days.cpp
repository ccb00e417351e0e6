#include "base/days.h"

#include <fmt/format.h>
#include <stdlib.h>
#include <time.h>

#include <array>
#include <filesystem>
#include <fstream>

namespace wanspool {
namespace {

std::tm local(Instant at) {
  std::time_t const stamp = std::chrono::floor<seconds>(at).time_since_epoch().count();
  std::tm parts{};
  localtime_r(&stamp, &parts);
  return parts;
}

// The first moment of that date, which is not always its midnight: some zones put their clocks forward then.
Instant begin_of(std::tm date) {
  date.tm_hour = date.tm_min = date.tm_sec = 0;
  date.tm_isdst = -1;
  auto const wanted = date;
  auto at = Instant{seconds{std::mktime(&date)}};
  std::tm normal = wanted;
  normal.tm_hour = 12;
  std::mktime(&normal);
  while (local(at).tm_yday != normal.tm_yday) at += minutes{15};
  return at;
}

// What TZ was when it was first asked for; without it the system's own file holds (tzset(3)).
std::string const& zone_at_start() {
  static std::string const zone = [] {
    auto const* const set = ::getenv("TZ");
    return std::string{set != nullptr ? set : ":/etc/localtime"};
  }();
  return zone;
}

}  // namespace

std::string day_of(Instant at) {
  auto const date = local(at);
  return fmt::format("{:04}-{:02}-{:02}", date.tm_year + 1900, date.tm_mon + 1, date.tm_mday);
}

Instant day_end(Instant at) {
  auto date = local(at);
  ++date.tm_mday;
  return begin_of(date);
}

Instant month_end(Instant at) {
  auto date = local(at);
  ++date.tm_mon;
  date.tm_mday = 1;
  return begin_of(date);
}

bool is_time_zone(std::string_view name) {
  constexpr std::string_view kLetters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_+-/";
  if (name.empty() || name.find_first_not_of(kLetters) != name.npos || name.front() == '/') return false;
  if (name == "UTC") return true;  // where there is no table as well
  auto const* const elsewhere = ::getenv("TZDIR");
  std::filesystem::path const table = elsewhere != nullptr ? elsewhere : "/usr/share/zoneinfo";
  std::ifstream file{table / name, std::ios::binary};
  std::array<char, 4> magic{};
  file.read(magic.data(), magic.size());
  return file && std::string_view{magic.data(), magic.size()} == "TZif";
}

void set_time_zone(std::string const& name) {
  // With a colon it is the name of a file, never a rule.
  ::setenv("TZ", name.empty() ? zone_at_start().c_str() : (":" + name).c_str(), 1);
  ::tzset();
}

// Where the variable is there already, setenv(3) of glibc puts another pointer into its place and frees
// nothing, so that whoever reads the environment meanwhile finds the one or the other.
void keep_time_zone() {
  ::setenv("TZ", zone_at_start().c_str(), 1);
}

}  // namespace wanspool
