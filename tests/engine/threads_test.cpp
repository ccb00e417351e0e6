#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "engine/house.h"

using namespace wanspool;
using namespace wanspool::test;

TEST_SUITE_BEGIN("engine");

TEST_CASE("four workers store what one would, and no limit is broken") {
  World world{90};
  world.patience = milliseconds{5};
  House house{world};
  house.workers = 4;
  house.open();
  house.drop("a.yaml", House::manifest_of(40));
  house.drop("b.yaml", House::manifest_of(40, "a boat"));
  CHECK(house.run());
  CHECK(house.pictures().size() == 80);
  for (auto const& name : house.files_named("result.json"))
    CHECK(nlohmann::json::parse(house.text("out/" + name))["state"] == "done");
  CHECK(house.engine->tally().tasks == house.store->tally().tasks);
  CHECK(world.billed == 80);
  CHECK(world.most_at_once <= 9);  // five slots, and what may wait for one
}

TEST_CASE("a house can be closed while its workers read and write, and goes on where it was") {
  World world{91};
  world.patience = milliseconds{1};
  House house{world};
  house.workers = 4;
  house.drop("m.yaml", House::manifest_of(2000));
  for (int life = 0; life < 12; ++life) {
    house.open();
    for (int i = 0; i < 2 + life * 10; ++i) house.engine->turn(world.now() + seconds{1});
    house.close();
  }
  house.open();
  while (house.receipts.empty()) house.engine->turn(world.now() + seconds{1});
  CHECK(house.receipts.front().accepted);
  CHECK(house.engine->tally().total() == 2000);
  for (auto const& [body, times] : world.accepted) CHECK(times == 1);
}
