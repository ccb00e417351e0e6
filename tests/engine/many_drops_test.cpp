#include <doctest/doctest.h>
#include <fmt/format.h>

#include "engine/house.h"

using namespace wanspool;
using namespace wanspool::test;

TEST_SUITE_BEGIN("engine");

// Many small manifests that wait at once.
namespace {

void drop(House& house, int from, int to) {
  for (int i = from; i < to; ++i)
    house.drop(fmt::format("m{}.yaml", i),
               fmt::format("name: m{}\n", i) + House::manifest_of(1, fmt::format("kite {}", i)));
}

}  // namespace

TEST_CASE("hundreds of drops that a cap stops are not gone through for each one that is dropped") {
  World world{232};
  House house{world};
  house.config.caps.all.day = {1, {}};
  house.open();
  drop(house, 0, 300);
  CHECK(house.run(hours{1}));
  house.drops_looked_at = 0;
  drop(house, 300, 400);
  CHECK(house.run(hours{1}));
  CHECK(world.tasks().size() == 1);
  CHECK(house.engine->tally()[State::Queued] == 399);
  CHECK(house.drops_looked_at > 0);
  CHECK(house.drops_looked_at < 40 * 400);
}

TEST_CASE("a cap is told of all the while, however many drops come behind it") {
  World world{233};
  House house{world};
  house.config.caps.all.day = {1, {}};
  house.open();
  drop(house, 0, 100);
  CHECK(house.run(hours{1}));
  REQUIRE(house.store->stops().size() == 1);
  drop(house, 100, 140);
  auto const end = world.now() + minutes{2};
  while (world.now() < end && house.receipts.size() < 140) {
    house.engine->turn(end);
    REQUIRE(house.store->stops().size() == 1);
  }
  CHECK(house.receipts.size() == 140);
}
