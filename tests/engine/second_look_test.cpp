#include <doctest/doctest.h>

#include <fstream>

#include "engine/house.h"

using namespace wanspool;
using namespace wanspool::test;
namespace fs = std::filesystem;

TEST_SUITE_BEGIN("engine");

// Manifests in accepted/ that somebody goes on writing, unseen.

TEST_CASE("a manifest that is written to after it was taken is taken again a minute later, and whole") {
  World world{95};
  House house{world};
  house.open();
  auto const whole = House::manifest_of(3);
  auto const half = whole.substr(0, whole.find("  - { id: job-2"));
  house.drop("m.yaml", half);
  house.drop("n.yaml", "name: n\n" + House::manifest_of(1, "a boat"));
  CHECK(house.run());
  REQUIRE(house.receipts.size() == 2);
  // As over a network, where nobody sees who writes.
  std::ofstream{house.root / "accepted/m.yaml", std::ios::app} << whole.substr(half.size());
  world.pass(minutes{1});
  house.engine->turn(world.now());
  CHECK(house.run());
  REQUIRE(house.receipts.size() == 3);
  CHECK(house.receipts.back().source == "m.yaml");
  CHECK(house.receipts.back().taken.jobs == 3);
  CHECK(house.receipts.back().taken.fresh == 2);
  CHECK(house.engine->tally()[State::Done] == 4);
  CHECK(house.is_there("accepted/m.yaml"));
  CHECK_FALSE(house.is_there("inbox/m.yaml"));
}

TEST_CASE(
    "a known manifest that comes in two halves costs no picture twice and none that was drawn is lost") {
  World world{98};
  world.slots = 1;
  world.service_least = world.service_most = minutes{2};
  House house{world};
  house.open();
  auto const whole = House::manifest_of(5);
  house.drop("m.yaml", whole);
  // One is being drawn, others wait at the provider.
  house.run(seconds{8});
  REQUIRE(world.tasks().size() > 1);
  auto const half = whole.substr(0, whole.find("  - { id: job-2"));
  house.drop("m.yaml", half);
  house.run(seconds{30});
  REQUIRE(house.receipts.size() == 2);
  REQUIRE(house.receipts.back().taken.retired == 4);
  std::ofstream{house.root / "accepted/m.yaml", std::ios::app} << whole.substr(half.size());
  world.pass(minutes{1});
  house.engine->turn(world.now());
  CHECK(house.run());
  REQUIRE(house.receipts.size() == 3);
  CHECK(house.engine->tally()[State::Done] == 5);
  CHECK(house.pictures().size() == 5);
  CHECK(world.charged() == 5);
}

TEST_CASE("what is written to an accepted file does not stand in the way of a newer one of its name") {
  World world{96};
  House house{world};
  house.open();
  house.drop("m.yaml", House::manifest_of(1));
  CHECK(house.run());
  std::ofstream{house.root / "accepted/m.yaml", std::ios::app} << "#\n";
  world.pass(minutes{1});
  house.drop("m.yaml", House::manifest_of(2));
  house.engine->turn(world.now());
  CHECK(house.run());
  CHECK(house.receipts.back().taken.jobs == 2);
  CHECK(house.receipts.size() == 2);
}

TEST_CASE(
    "an accepted manifest that somebody moves back and edits is taken once for that, and not a minute later "
    "too") {
  World world{97};
  House house{world};
  house.open();
  house.drop("m.yaml", House::manifest_of(1));
  CHECK(house.run());
  auto const aside = house.root / "aside";
  fs::rename(house.root / "accepted/m.yaml", aside);
  std::ofstream{aside, std::ios::app} << "  - { id: more, prompt: a boat }\n";
  fs::rename(aside, house.root / "inbox/m.yaml");
  CHECK(house.run());
  CHECK(house.receipts.size() == 2);
  for (int i = 0; i < 3; ++i) {
    world.pass(minutes{1});
    house.engine->turn(world.now());
    CHECK(house.run());
  }
  CHECK(house.receipts.size() == 2);
  CHECK(house.is_there("accepted/m.yaml"));
}
