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

TEST_CASE("a wrong key is told of at the start, before there is a job for it, and a right one after it") {
  World world{86};
  world.fault = [&](What, int, Instant) {
    return world.authorization == "Bearer sk-better" ? Fault::None : Fault::BadKey;
  };
  House house{world};
  house.checks_keys = true;
  house.open();
  for (int i = 0; i < 5; ++i) house.engine->turn(world.now() + seconds{1});
  CHECK(world.lists == 1);
  auto const lanes = house.store->lanes();
  REQUIRE(!lanes.empty());
  for (auto const& lane : lanes) CHECK(lane.weather.kind == Weather::Kind::Account);
  CHECK(house.store->fact("key_taken").empty());

  house.key = "sk-better";
  for (int i = 0; i < 500 && house.store->fact("key_taken").empty(); ++i)
    house.engine->turn(world.now() + seconds{1});
  for (auto const& lane : house.store->lanes()) CHECK(lane.weather.kind == Weather::Kind::Fair);

  house.drop("m.yaml", House::manifest_of(1));
  for (int i = 0; i < 500 && house.engine->tally()[State::Done] < 1; ++i)
    house.engine->turn(world.now() + seconds{1});
  CHECK(house.engine->tally()[State::Done] == 1);
  CHECK(world.creates == 1);
}

TEST_CASE("a key that was refused at the start and is let in later stops nobody any more") {
  for (bool const resumed : {false, true}) {
    CAPTURE(resumed);
    World world{88};
    bool let_in = false;
    world.refusal = [&](What, Request const&, Instant) -> std::optional<World::Refusal> {
      if (let_in) return {};
      return World::Refusal{401, "invalid_api_key", "Incorrect API key provided."};
    };
    House house{world};
    house.checks_keys = true;
    house.open();
    auto const is_stopped = [&] {
      auto const lanes = house.store->lanes();
      return std::any_of(lanes.begin(), lanes.end(),
                         [](auto const& each) { return each.weather.kind == Weather::Kind::Account; });
    };
    for (int i = 0; i < 5; ++i) house.engine->turn(world.now() + seconds{1});
    CHECK(is_stopped());
    let_in = true;
    if (resumed) house.drop("resume.yaml", "command: resume\n");
    auto const end = world.now() + (resumed ? milliseconds{seconds{30}} : milliseconds{minutes{10}});
    while (is_stopped() && world.now() < end) house.engine->turn(world.now() + seconds{1});
    CHECK_FALSE(is_stopped());
    CHECK(house.store->fact("key_taken") != "");
    CHECK(world.creates == 0);
  }
}

TEST_CASE("a key is asked about again where the network came later than the program") {
  World world{103};
  world.fault = [&](What, int number, Instant) { return number <= 2 ? Fault::Unreachable : Fault::None; };
  House house{world};
  house.checks_keys = true;
  house.open();
  for (int i = 0; i < 500 && house.store->fact("key_taken").empty(); ++i)
    house.engine->turn(world.now() + minutes{1});
  CHECK(house.store->fact("key_taken") != "");
  CHECK(world.lists == 3);
}

TEST_CASE("a word about the old key that comes late is not laid to the new one") {
  World world{89};
  world.fault = [&](What what, int number, Instant) {
    return number == 1 && (what == What::List || what == What::Create) ? Fault::BadKey : Fault::None;
  };
  House house{world};
  house.checks_keys = true;
  house.open();
  world.latency_least = world.latency_most = seconds{20};
  while (world.lists < 1) house.engine->turn(world.now() + seconds{1});
  world.latency_least = world.latency_most = milliseconds{50};
  house.drop("m.yaml", House::manifest_of(1));
  while (world.creates < 1) house.engine->turn(world.now() + seconds{1});
  house.key = "sk-better";
  while (house.store->fact("key_taken").empty()) house.engine->turn(world.now() + seconds{1});
  auto const later = world.now() + seconds{30};
  while (world.now() < later) house.engine->turn(later);
  for (auto const& lane : house.store->lanes()) CHECK(lane.weather.kind == Weather::Kind::Fair);
  CHECK(house.run(minutes{2}));
  CHECK(house.engine->tally()[State::Done] == 1);
}

TEST_CASE("a key is asked about once a start, and an answer that says nothing of it stops nobody") {
  World world{87};
  int asked = 0;
  world.refusal = [&](What what, Request const& request, Instant) -> std::optional<World::Refusal> {
    if (what != What::List || !request.url.ends_with("page_size=1")) return {};
    ++asked;
    return World::Refusal{403, "AccessDenied", "Access denied."};
  };
  House house{world};
  house.checks_keys = true;
  house.open();
  house.drop("m.yaml", House::manifest_of(3));
  CHECK(house.run(hours{1}));
  CHECK(house.engine->tally()[State::Done] == 3);
  CHECK(asked == 1);
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
