#include "base/time.h"

#include <doctest/doctest.h>

using namespace wanspool;

TEST_SUITE_BEGIN("base");

TEST_CASE("an instant is written in UTC with milliseconds, and nothing for one that never was") {
  using namespace std::chrono;
  auto const at = [](sys_days day, milliseconds time) { return rfc3339(Instant{day} + time); };
  CHECK(rfc3339({}).empty());
  CHECK(rfc3339(Instant{milliseconds{1}}) == "1970-01-01T00:00:00.001Z");
  CHECK(at(2026y / 11 / 3, hours{14} + minutes{5} + seconds{9} + milliseconds{7}) ==
        "2026-11-03T14:05:09.007Z");
  CHECK(at(2028y / 2 / 29, hours{24} - milliseconds{1}) == "2028-02-29T23:59:59.999Z");
  CHECK(rfc3339(Instant{milliseconds{-1}}) == "1969-12-31T23:59:59.999Z");
}

TEST_CASE("a length of time is told in two units at the most") {
  CHECK(human(milliseconds{-5000}) == "0 s");
  CHECK(human(milliseconds{499}) == "0 s");
  CHECK(human(seconds{45}) == "45 s");
  CHECK(human(milliseconds{59'700}) == "1 min 0 s");
  CHECK(human(seconds{200}) == "3 min 20 s");
  CHECK(human(hours{2} + minutes{5} + seconds{59}) == "2 h 5 min");
  CHECK(human(hours{99}) == "4 d 3 h");
}

TEST_CASE("the clock starts at the wall's time and never goes back") {
  auto const wall = std::chrono::time_point_cast<milliseconds>(std::chrono::system_clock::now());
  BootClock const clock;
  auto last = clock.now();
  CHECK(last > wall - hours{1});
  CHECK(last < wall + hours{1});
  for (int i = 0; i < 100'000; ++i) {
    auto const now = clock.now();
    if (now < last) FAIL("went back");
    last = now;
  }
}
