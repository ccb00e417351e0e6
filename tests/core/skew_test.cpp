#include "core/skew.h"

#include <doctest/doctest.h>

using namespace wanspool;

TEST_SUITE_BEGIN("core");

TEST_CASE("the provider's clock is compared with ours, whatever its zone") {
  Times times;
  times.sent = Instant{seconds{1'700'000'000}};  // 22:13:20 UTC
  times.accepted = times.sent + seconds{2};
  CHECK_FALSE(skew_of(times));
  times.submit_time = "2023-11-15 06:13:21.500";
  CHECK(skew_of(times) == milliseconds{0});
  times.submit_time = "2023-11-15 06:14:22.000";
  CHECK(skew_of(times) == seconds{60});
  times.submit_time = "2023-11-14 22:11:20.000";
  CHECK(skew_of(times) == seconds{-120});
}

TEST_SUITE_END();
