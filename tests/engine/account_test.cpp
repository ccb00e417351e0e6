#include <doctest/doctest.h>

#include "engine/house.h"

using namespace wanspool;
using namespace wanspool::test;
using Fault = World::Fault;
using What = World::What;

TEST_SUITE_BEGIN("engine");

TEST_CASE("a key that is refused only to queries is looked for anew, and what is paid is fetched") {
  World world{80};
  House house{world};
  house.open();
  house.drop("m.yaml", House::manifest_of(2));
  while (world.creates < 2) house.engine->turn(world.now() + seconds{1});
  world.fault = [&](What what, int, Instant) {
    return what == What::Query && world.authorization != "Bearer sk-better" ? Fault::BadKey : Fault::None;
  };
  CHECK(house.run());
  CHECK(house.engine->account_is_stopped());
  house.key = "sk-better";
  for (int i = 0; i < 500 && house.engine->tally()[State::Done] < 2; ++i)
    house.engine->turn(world.now() + seconds{10});
  CHECK(house.engine->tally()[State::Done] == 2);
  CHECK(world.creates == 2);
}

TEST_CASE("a queued job whose model the table no longer knows fails with that reason and is never sent") {
  World world{81};
  House house{world};
  house.open();
  house.drop("m.yaml", House::manifest_of(150));
  while (house.receipts.empty()) house.engine->turn(world.now());
  house.close();
  auto const sent = world.creates;
  house.models.erase("wan2.6-t2i");
  house.open();
  CHECK(house.run(hours{1}));
  CHECK(world.creates == sent);
  CHECK(house.engine->tally()[State::Failed] >= 149);
  CHECK(house.engine->tally()[State::Submitting] <= 1);
  CHECK(house.engine->tally().reserved <= Money{200'000});
  CHECK(house.text("out/m/job-150/result.json").find("wan2.6-t2i") != std::string::npos);
}
