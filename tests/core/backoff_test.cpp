#include <doctest/doctest.h>

#include <algorithm>
#include <limits>
#include <set>

#include "core/policy.h"

using namespace wanspool;

TEST_SUITE_BEGIN("core");

namespace {
constexpr Backoff kBackoff{seconds{2}, minutes{5}};
}

TEST_CASE("each wait lies between a half and the whole of a length that doubles up to its cap") {
  for (std::uint64_t salt = 0; salt < 1000; ++salt) {
    milliseconds whole = kBackoff.first;
    for (int n = 0; n < 40; ++n) {
      auto const wait = wait_of(kBackoff, n, salt);
      if (wait < whole / 2 || wait > whole) FAIL("salt " << salt << ", wait " << n << ": " << wait.count());
      whole = std::min(whole * 2, kBackoff.most);
    }
  }
}

TEST_CASE("with full jitter a wait lies anywhere up to the whole, and never at once") {
  std::set<milliseconds> waits;
  for (std::uint64_t salt = 0; salt < 1000; ++salt) waits.insert(any_wait_of(kBackoff, 20, salt));
  CHECK(*waits.begin() >= kBackoff.first / 2);
  CHECK(*waits.begin() < kBackoff.most / 20);
  CHECK(*waits.rbegin() <= kBackoff.most);
  CHECK(*waits.rbegin() > kBackoff.most * 95 / 100);
}

TEST_CASE("however often one has waited, the cap holds") {
  for (int const n : {1000, 1'000'000, std::numeric_limits<int>::max()}) {
    CHECK(wait_of(kBackoff, n, 1) <= kBackoff.most);
    CHECK(wait_of(kBackoff, n, 1) >= kBackoff.most / 2);
  }
}

TEST_CASE("the same salt waits the same, and other salts and other turns spread over the whole range") {
  std::set<milliseconds> by_salt, by_turn;
  for (std::uint64_t salt = 0; salt < 200; ++salt) {
    CHECK(wait_of(kBackoff, 9, salt) == wait_of(kBackoff, 9, salt));
    by_salt.insert(wait_of(kBackoff, 9, salt));
    by_turn.insert(wait_of(kBackoff, 20 + static_cast<int>(salt), 1));
  }
  for (auto const& waits : {by_salt, by_turn}) {
    CHECK(waits.size() > 150);
    CHECK(*waits.begin() < kBackoff.most * 55 / 100);
    CHECK(*waits.rbegin() > kBackoff.most * 95 / 100);
  }
}
