#include "base/days.h"

#include <doctest/doctest.h>
#include <stdlib.h>
#include <time.h>

#include <optional>

#include "support/zone.h"

using namespace wanspool;
using test::TimeZone;

TEST_SUITE_BEGIN("base");

namespace {

Instant utc(int year, unsigned month, unsigned day, int hour = 0) {
  using namespace std::chrono;
  return Instant{sys_days{std::chrono::year{year} / std::chrono::month{month} / std::chrono::day{day}}} +
         hours{hour};
}

}  // namespace

TEST_CASE("a day is the one that people there have") {
  auto const evening = utc(2026, 11, 23, 23);
  {
    TimeZone const zone{"UTC"};
    CHECK(day_of(evening) == "2026-11-23");
  }
  TimeZone const berlin{"CET-1CEST,M3.5.0,M10.5.0/3"};
  CHECK(day_of(evening) == "2026-11-24");
}

TEST_CASE("a day and a month end at the next midnight, also where an hour is lost or won") {
  TimeZone const berlin{"CET-1CEST,M3.5.0,M10.5.0/3"};
  CHECK(day_end(utc(2026, 11, 23, 12)) == utc(2026, 11, 23, 23));
  CHECK(day_end(utc(2026, 11, 23, 23)) == utc(2026, 11, 24, 23));
  CHECK(day_end(utc(2026, 3, 29, 0)) == utc(2026, 3, 29, 22));
  CHECK(day_end(utc(2026, 10, 25, 0)) == utc(2026, 10, 25, 23));
  CHECK(month_end(utc(2026, 10, 25, 0)) == utc(2026, 10, 31, 23));
  CHECK(month_end(utc(2026, 12, 31, 22)) == utc(2026, 12, 31, 23));
  CHECK(month_end(utc(2026, 12, 31, 23)) == utc(2027, 1, 31, 23));
}

TEST_CASE("without a name the zone is the one that the program was started in") {
  TimeZone const start{"CST-8"};
  keep_time_zone();
  set_time_zone("UTC");
  CHECK(day_of(utc(2026, 11, 23, 23)) == "2026-11-23");
  set_time_zone("");
  CHECK(day_of(utc(2026, 11, 23, 23)) == "2026-11-24");
}

TEST_CASE("a day whose midnight does not exist begins an hour later") {
  TimeZone const havana{"CST5CDT,M3.2.0/0,M11.1.0/1"};
  auto const saturday = utc(2026, 3, 7, 17);
  CHECK(day_of(day_end(saturday)) == "2026-03-08");
  CHECK(day_of(day_end(saturday) - milliseconds{1}) == "2026-03-07");
}
