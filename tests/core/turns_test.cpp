#include "core/turns.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <random>
#include <vector>

using namespace wanspool;

TEST_SUITE_BEGIN("core");

namespace {

// Gives turns until so many were taken or nothing is left; the drops in the order of their turns.
std::vector<std::int64_t> take(Turns& turns, std::vector<Line>& lines, int most) {
  std::vector<std::int64_t> order;
  while (most-- > 0 && !lines.empty()) {
    auto const index = turns.next(lines);
    auto& line = lines.at(index);
    order.push_back(line.drop);
    turns.took(index > 0);
    if (--line.left == 0) lines.erase(lines.begin() + static_cast<std::ptrdiff_t>(index));
  }
  return order;
}

auto count_of(std::vector<std::int64_t> const& order, std::int64_t drop) {
  return std::count(order.begin(), order.end(), drop);
}

}  // namespace

TEST_CASE("one drop alone has every turn") {
  Turns turns;
  std::vector<Line> lines{{1, Priority::Normal, 50}};
  CHECK(count_of(take(turns, lines, 50), 1) == 50);
}

TEST_CASE("three pictures behind five thousand have their turn next, and all three within five turns") {
  Turns turns;
  std::vector<Line> lines{{1, Priority::Normal, 5000}};
  take(turns, lines, 100);
  lines.push_back({2, Priority::Normal, 3});
  auto const order = take(turns, lines, 6);
  CHECK(order.front() == 2);
  CHECK(count_of(order, 2) == 3);
}

TEST_CASE("a drop that is as large as what is left of an older one waits for it") {
  Turns turns;
  std::vector<Line> lines{{1, Priority::Normal, 100}, {2, Priority::Normal, 100}};
  CHECK(take(turns, lines, 1).front() == 1);
  lines = {{1, Priority::Normal, 100}, {2, Priority::Normal, 200}};
  auto const order = take(turns, lines, 100);
  CHECK(count_of(order, 1) == 100);
}

TEST_CASE("the smallest of those that came later goes first, and among equals the oldest") {
  Turns turns;
  std::vector<Line> lines{{1, Priority::Normal, 900},
                          {2, Priority::Normal, 30},
                          {3, Priority::Normal, 2},
                          {4, Priority::Normal, 2}};
  auto const order = take(turns, lines, 2);
  CHECK(order == std::vector<std::int64_t>{3, 3});
}

TEST_CASE("whatever comes after it, of any turns the oldest loses at most a quarter and two") {
  for (unsigned seed = 1; seed <= 200; ++seed) {
    std::mt19937 dice{seed};
    Turns turns;
    std::vector<Line> lines{{0, Priority::Normal, 100'000}};
    std::vector<int> lost{0};  // before each turn
    for (int turn = 1; turn <= 400; ++turn) {
      if (dice() % 3 == 0)
        lines.push_back({turn, Priority::Normal, static_cast<std::int64_t>(1 + dice() % 20)});
      lost.push_back(lost.back() + (take(turns, lines, 1).front() != 0));
    }
    for (std::size_t from = 0; from < lost.size(); ++from)
      for (std::size_t to = from + 1; to < lost.size(); ++to)
        if (lost[to] - lost[from] > static_cast<int>(to - from) / 4 + 2)
          FAIL("seed " << seed << ": of turns " << from << " to " << to << " it lost "
                       << lost[to] - lost[from]);
  }
}
