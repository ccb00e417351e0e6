#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "engine/house.h"

using namespace wanspool;
using namespace wanspool::test;

TEST_SUITE_BEGIN("engine");

namespace {

constexpr int kJobs = 3;

// Opens the house and runs it until it rests; false if it crashed on the way.
bool live(House& house, Steps& steps) {
  try {
    house.open();
    bool const rested = house.run();  // outside of CHECK, which would catch the crash
    CHECK(rested);
    steps.crash_at = 0;
    return true;
  } catch (Crash const&) {
    house.close();
    return false;
  }
}

// Nothing is paid twice, nothing paid is lost, nothing torn has a final name. A doubt about the last order
// ends with the next one.
void check_books(House& house, World const& world) {
  house.drop("later.yaml", House::manifest_of(1, "a later kite"));
  bool const rested = house.run();
  CHECK(rested);
  for (auto const& [body, times] : world.accepted) CHECK(times == 1);
  auto const& tally = house.engine->tally();
  CHECK(tally[State::Done] == kJobs + 1);
  CHECK(tally.total() == kJobs + 1);
  CHECK(world.billed == kJobs + 1);
  CHECK(tally.reserved + tally.uncertain == Money{});
  CHECK(static_cast<std::int64_t>(house.pictures().size()) == tally[State::Done]);
  for (auto const& name : house.pictures()) CHECK(house.text("out/" + name) == tiny_png());
  CHECK(static_cast<std::int64_t>(house.files_named("result.json").size()) == tally[State::Done]);
  for (auto const& name : house.files_named("result.json"))
    CHECK(nlohmann::json::parse(house.text("out/" + name))["state"] == "done");
  CHECK(tally.spent == Money{200'000} * tally[State::Done]);
  CHECK(house.is_there("accepted/m.yaml"));
}

// One life that ends at step `first`, one that ends `second` steps into the recovery, and one to the end.
void survive(int first, int second, int& crashes) {
  World world{static_cast<unsigned>(first)};
  House house{world};
  Steps steps{0, first};
  house.steps = &steps;
  house.drop("m.yaml", House::manifest_of(kJobs));
  if (live(house, steps)) return check_books(house, world);
  ++crashes;
  if (second > 0) {
    steps = {0, second};
    if (live(house, steps)) return check_books(house, world);
    ++crashes;
  }
  steps = {};
  REQUIRE(live(house, steps));
  check_books(house, world);
}

int steps_of_a_whole_life() {
  World world{1};
  House house{world};
  Steps steps;
  house.steps = &steps;
  house.drop("m.yaml", House::manifest_of(kJobs));
  REQUIRE(live(house, steps));
  return steps.taken;
}

}  // namespace

TEST_CASE("a crash at every commit, request and file write is recovered from") {
  auto const all = steps_of_a_whole_life();
  REQUIRE(all > 100);
  int crashes = 0;
  for (int step = 1; step < all - 5; ++step) {
    CAPTURE(step);
    survive(step, 0, crashes);
  }
  CHECK(crashes >= all - 20);
}

TEST_CASE("a crash during the recovery from a crash is recovered from") {
  auto const all = steps_of_a_whole_life();
  int crashes = 0, lives = 0;
  for (int first = 3; first < all - 5; first += 7)
    for (int second = 1; second < 40; second += 6) {
      CAPTURE(first);
      CAPTURE(second);
      ++lives;
      survive(first, second, crashes);
    }
  CHECK(crashes > lives * 3 / 2);
}
