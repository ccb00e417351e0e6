#include "core/limiter.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <limits>
#include <random>
#include <vector>

#include "core/tasks.h"

using namespace wanspool;
using made::kStart;

TEST_SUITE_BEGIN("core");

namespace {

using Micros = std::int64_t;  // true time; our clock shows whole milliseconds of it

Instant shown(Micros at) {
  return kStart + milliseconds{at / 1000};
}

// Sends as many requests as the limiter lets go, each arriving at the provider at a random moment between
// its sending and its answer, and tells when they arrived.
class Traffic {
 public:
  Traffic(int most, milliseconds window, Micros slowest, std::uint64_t seed)
      : limiter_{most, window}, slowest_{slowest}, random_{seed}, now_{pick(0, 2000)} {}

  std::vector<Micros> arrivals_of(int requests) {
    while (static_cast<int>(arrivals_.size()) < requests) {
      hear();
      for (auto free = limiter_.allowance(shown(now_)); free > 0; --free) send();
      advance();
    }
    std::sort(arrivals_.begin(), arrivals_.end());
    return arrivals_;
  }

  // From now on fewer, or more again.
  Micros narrow(int most) {
    limiter_.narrow(most);
    return now_;
  }
  void change(int most, milliseconds window) { limiter_.change(most, window, shown(now_)); }
  // When each arrived, in the order in which they left.
  std::vector<Micros> const& sent() const { return sent_; }

 private:
  Micros pick(Micros low, Micros high) { return std::uniform_int_distribution{low, high}(random_); }

  void send() {
    auto const answer = now_ + (slowest_ == 0 ? 0 : pick(0, slowest_));
    arrivals_.push_back(pick(now_, answer));
    sent_.push_back(arrivals_.back());
    answers_.push_back(answer);
    limiter_.began();
  }
  void hear() {
    std::erase_if(answers_, [&](auto const answer) {
      if (answer > now_) return false;
      limiter_.ended(shown(now_));
      return true;
    });
  }
  // To the next answer or to the first moment at which our clock shows what the limiter waits for.
  void advance() {
    auto const opens = limiter_.opens(shown(now_));
    auto next = std::numeric_limits<Micros>::max();
    if (opens != Instant::max()) next = std::max(now_, (opens - kStart) / milliseconds{1} * 1000);
    for (auto const answer : answers_) next = std::min(next, answer);
    REQUIRE(next != std::numeric_limits<Micros>::max());
    now_ = next;
  }

  Limiter limiter_;
  Micros slowest_;
  std::mt19937_64 random_;
  Micros now_;
  std::vector<Micros> arrivals_, answers_, sent_;
};

// The most arrivals that any half-open window of this length holds.
int crowd(std::vector<Micros> const& arrivals, Micros window) {
  std::size_t first = 0, most = 0;
  for (std::size_t last = 0; last < arrivals.size(); ++last) {
    while (arrivals[last] - arrivals[first] >= window) ++first;
    most = std::max(most, last - first + 1);
  }
  return static_cast<int>(most);
}

}  // namespace

TEST_CASE("no window at the provider ever holds more than the limit, whatever the latency") {
  for (std::uint64_t seed = 0; seed < 4000; ++seed) {
    std::mt19937_64 random{seed};
    auto const most = 1 + static_cast<int>(random() % 20);
    auto const window = milliseconds{random() % 2 ? 1000 : 1 + random() % 5000};
    Micros const slowest[] = {0, 300, 20'000, 700'000, 5'000'000};
    Traffic traffic{most, window, slowest[random() % 5], seed};
    auto const seen = crowd(traffic.arrivals_of(60), window.count() * 1000);
    if (seen > most) FAIL("seed " << seed << ": " << seen << " of " << most << " in " << window.count());
  }
}

TEST_CASE("without latency the limit is reached in every window") {
  for (int const most : {1, 2, 5, 20}) {
    Traffic traffic{most, seconds{1}, 0, 1};
    auto const arrivals = traffic.arrivals_of(most * 100);
    // 100 windows, each a tick of the clock longer than it would have to be.
    CHECK(arrivals.back() - arrivals.front() <= 100 * 1'001'000);
    CHECK(crowd(arrivals, 1'000'000) == most);
  }
}

TEST_CASE("an unanswered request takes its place until it is answered and for a window after") {
  Limiter limiter{2, seconds{1}};
  limiter.began();
  limiter.began();
  CHECK(limiter.allowance(kStart + hours{1}) == 0);
  CHECK(limiter.opens(kStart + hours{1}) == Instant::max());
  limiter.ended(kStart + hours{1});
  CHECK(limiter.allowance(kStart + hours{1} + seconds{1}) == 0);
  CHECK(limiter.allowance(kStart + hours{1} + milliseconds{1001}) == 1);
}

TEST_CASE("at the moment the limiter names a request may leave, and none before") {
  for (std::uint64_t seed = 0; seed < 2000; ++seed) {
    std::mt19937_64 random{seed};
    Limiter limiter{1 + static_cast<int>(random() % 5), seconds{1}};
    for (auto left = random() % 12; left > 0; --left) limiter.recall(kStart + milliseconds{random() % 3000});
    for (auto left = random() % 4; left > 0; --left) limiter.began();
    auto const opens = limiter.opens(kStart + milliseconds{1500});
    if (opens == Instant::max()) {
      CHECK(limiter.allowance(kStart + hours{1}) == 0);
      continue;
    }
    if (opens > kStart + milliseconds{1500}) CHECK(limiter.allowance(opens - milliseconds{1}) == 0);
    CHECK(limiter.allowance(opens) > 0);
  }
}

TEST_CASE("what was sent before a start still counts after it") {
  Limiter limiter{5, seconds{1}};
  for (int i = 4; i >= 0; --i) limiter.recall(kStart + milliseconds{100 * i});
  CHECK(limiter.allowance(kStart + milliseconds{500}) == 0);
  CHECK(limiter.opens(kStart + milliseconds{500}) == kStart + milliseconds{1001});
  CHECK(limiter.allowance(kStart + milliseconds{1201}) == 3);
  CHECK(limiter.allowance(kStart + seconds{2}) == 5);
}

TEST_CASE("an answer from the future counts as of now, so that a clock that was set back cannot stop us") {
  Limiter limiter{1, seconds{1}};
  limiter.recall(kStart + hours{24 * 365});
  CHECK(limiter.allowance(kStart) == 0);
  CHECK(limiter.opens(kStart) <= kStart + milliseconds{1001});
  CHECK(limiter.allowance(kStart + milliseconds{1001}) == 1);
}

TEST_CASE("without a limit everything may leave at once") {
  Limiter limiter{0, seconds{1}};
  for (int i = 0; i < 100; ++i) limiter.began();
  limiter.ended(kStart);
  limiter.recall(kStart);
  CHECK(limiter.allowance(kStart) > 1'000'000);
  CHECK(limiter.opens(kStart) == kStart);
}

TEST_CASE("a limit that is changed holds in every window that holds a request of the new time") {
  for (std::uint64_t seed = 0; seed < 1000; ++seed) {
    std::mt19937_64 random{seed};
    Micros const slowest[] = {0, 20'000, 700'000, 5'000'000};
    Traffic traffic{1 + static_cast<int>(random() % 20), milliseconds{100 + random() % 3000},
                    slowest[random() % 4], seed};
    traffic.arrivals_of(40);
    auto const most = 1 + static_cast<int>(random() % 20);
    auto const window = milliseconds{100 + random() % 3000};
    auto const before = static_cast<std::ptrdiff_t>(traffic.sent().size());
    traffic.change(most, window);
    traffic.arrivals_of(120);
    auto const& sent = traffic.sent();
    for (auto its = sent.begin() + before; its != sent.end(); ++its) {
      auto const within = std::count_if(sent.begin(), sent.end(), [&](Micros arrived) {
        return arrived <= *its && arrived > *its - window.count() * 1000;
      });
      if (within > most) FAIL("seed " << seed << ": " << within << " of " << most);
    }
  }
}

TEST_CASE("a limit where there was none lets nothing leave for a window") {
  Limiter limiter{0, seconds{1}};
  limiter.change(3, seconds{1}, kStart);
  CHECK(limiter.allowance(kStart) == 0);
  CHECK(limiter.allowance(kStart + milliseconds{1001}) == 3);
  limiter.change(0, seconds{1}, kStart);
  CHECK(limiter.allowance(kStart) > 1'000'000);
}

TEST_CASE("from the moment it is narrowed on no window holds more than it was narrowed to") {
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    Traffic traffic{5, seconds{1}, 300'000, seed};
    traffic.arrivals_of(40);
    auto const narrowed = traffic.narrow(2);
    auto arrivals = traffic.arrivals_of(80);
    // What had left before may arrive later.
    std::erase_if(arrivals, [&](Micros at) { return at < narrowed + 300'000; });
    REQUIRE(arrivals.size() > 10);
    if (crowd(arrivals, 1'000'000) > 2) FAIL("seed " << seed << ": " << crowd(arrivals, 1'000'000));
    traffic.narrow(5);
    if (crowd(traffic.arrivals_of(160), 1'000'000) > 5) FAIL("seed " << seed << ", widened");
  }
}
