#include "core/money.h"

#include <doctest/doctest.h>

#include <limits>
#include <random>

using namespace wanspool;

TEST_SUITE_BEGIN("core");

TEST_CASE("an amount is written with two decimals at least and six at most") {
  CHECK(decimal({0}) == "0.00");
  CHECK(decimal({1}) == "0.000001");
  CHECK(decimal({200'000}) == "0.20");
  CHECK(decimal({220'177}) == "0.220177");
  CHECK(decimal({1'234'220'177}) == "1234.220177");
  CHECK(decimal({10'000'000}) == "10.00");
  CHECK(decimal({-1'500'000}) == "-1.50");
}

TEST_CASE("what is written is read back, up to the largest amount there is") {
  std::mt19937_64 random{1};
  for (int i = 0; i < 100'000; ++i) {
    Money const amount{static_cast<std::int64_t>(random() >> (1 + i % 63))};
    auto const back = read_money(decimal(amount));
    if (!back || *back != amount) FAIL(decimal(amount));
  }
  Money const largest{std::numeric_limits<std::int64_t>::max()};
  CHECK(decimal(largest) == "9223372036854.775807");
  CHECK(read_money(decimal(largest)) == largest);
  CHECK(decimal({std::numeric_limits<std::int64_t>::min()}) == "-9223372036854.775808");
}

TEST_CASE("whole numbers and single decimals are read") {
  CHECK(read_money("50") == Money{50'000'000});
  CHECK(read_money("0.5") == Money{500'000});
  CHECK(read_money("007.10") == Money{7'100'000});
}

TEST_CASE("what is no amount is not read") {
  for (auto const* text :
       {"", ".", ".5", "5.", "-1", "+1", " 1", "1 ", "1e3", "1,50", "0x10", "1.0000000", "1.2.3", "one",
        "9223372036854.775808", "10000000000000", "99999999999999999999"}) {
    CAPTURE(std::string{text});
    CHECK_FALSE(read_money(text));
  }
}

TEST_CASE("a million sums are exact") {
  Money sum;
  for (int i = 0; i < 1'000'000; ++i) sum += Money{220'177};
  CHECK(sum == Money{220'177} * 1'000'000);
  CHECK(decimal(sum) == "220177.00");
  for (int i = 0; i < 1'000'000; ++i) sum -= Money{220'177};
  CHECK(sum == Money{});
}
