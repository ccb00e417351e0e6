#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "engine/house.h"

using namespace wanspool;
using namespace wanspool::test;
using What = World::What;
using Fault = World::Fault;

TEST_SUITE_BEGIN("engine");

namespace {

std::function<Fault(What, int, Instant)> at(What what, std::set<int> numbers, Fault fault) {
  return [=](What asked, int number, Instant) {
    return asked == what && numbers.contains(number) ? fault : Fault::None;
  };
}

std::string manifest(std::string const& head, int jobs) {
  auto const plain = House::manifest_of(jobs);
  return plain.substr(0, plain.find("jobs:")) + head + plain.substr(plain.find("jobs:"));
}

// Every job is done, every picture was paid for once, and the books say so.
void check_all_done(House& house, World const& world, int jobs) {
  auto const& tally = house.engine->tally();
  CHECK(tally[State::Done] == jobs);
  CHECK(tally.total() == jobs);
  CHECK(static_cast<int>(house.pictures().size()) == jobs);
  CHECK(world.billed == jobs);
  CHECK(tally.spent == Money{200'000} * jobs);
  CHECK(tally.reserved == Money{});
  CHECK(tally.uncertain == Money{});
}

}  // namespace

TEST_CASE("a task whose answer was lost is found in the account's list and its picture fetched") {
  World world{4};
  world.fault = at(What::Create, {2}, Fault::LostAnswer);
  House house{world};
  house.open();
  house.drop("m.yaml", House::manifest_of(5));
  CHECK(house.run());
  check_all_done(house, world, 5);
  CHECK(world.creates == 5);
}

TEST_CASE("an order that was lost on its way is sent again when the list proves it") {
  World world{5};
  world.fault = at(What::Create, {2}, Fault::LostRequest);
  House house{world};
  house.open();
  house.drop("m.yaml", House::manifest_of(5));
  CHECK(house.run());
  check_all_done(house, world, 5);
  CHECK(world.creates == 6);
}

TEST_CASE("the number in an answer's head is enough to find its task, whoever shares the key") {
  int named = 0, left_to_a_person = 0;
  for (unsigned seed = 1; seed <= 12; ++seed) {
    World world{seed};
    world.fault = at(What::Create, {3}, Fault::CutAnswer);  // of which half have a head
    world.habits.familiars = 1;
    House house{world};
    house.open();
    house.drop("m.yaml", House::manifest_of(4));
    CHECK(house.run());
    CHECK(world.creates == 4);
    bool const held = house.engine->tally()[State::Held] == 1;
    CHECK(house.pictures().size() == (held ? 3 : 4));
    ++(held ? left_to_a_person : named);
  }
  CHECK(named > 2);
  CHECK(left_to_a_person > 2);
}

TEST_CASE("an empty list proves nothing: a lone order in doubt waits for a later one of ours") {
  World world{7};
  world.fault = at(What::Create, {3}, Fault::LostRequest);
  House house{world};
  house.open();
  house.drop("m.yaml", House::manifest_of(3));
  CHECK(house.run());
  CHECK(house.engine->tally()[State::Done] == 2);
  CHECK(house.engine->tally()[State::Submitting] == 1);
  CHECK(world.creates == 3);
  CHECK(house.engine->tally().reserved == Money{200'000});

  house.drop("later.yaml", House::manifest_of(1, "a later kite"));
  CHECK(house.run());
  check_all_done(house, world, 4);
}

TEST_CASE("a lone order that the list shows is taken for ours after a while, without a later one") {
  World world{8};
  world.fault = at(What::Create, {3}, Fault::LostAnswer);
  House house{world};
  house.open();
  house.drop("m.yaml", House::manifest_of(3));
  CHECK(house.run());
  check_all_done(house, world, 3);
}

TEST_CASE("tasks of other keys are nobody's candidates") {
  World world{9};
  world.habits.strangers = 1;
  world.fault = at(What::Create, {2, 5}, Fault::LostAnswer);
  House house{world};
  house.open();
  house.drop("m.yaml", House::manifest_of(6));
  CHECK(house.run());
  check_all_done(house, world, 6);
  CHECK(house.store->fact("shared_key").empty());
}

TEST_CASE(
    "where somebody shares our key a doubt is left to a person, its candidates fetched, nothing bought") {
  World world{10};
  world.habits.familiars = 1;
  world.fault = at(What::Create, {2}, Fault::LostAnswer);
  House house{world};
  house.open();
  house.drop("m.yaml", House::manifest_of(5));
  CHECK(house.run());
  CHECK(house.engine->tally()[State::Held] == 1);
  CHECK(world.creates == 5);
  CHECK_FALSE(house.store->fact("shared_key").empty());
  auto const held = house.store->held({});
  REQUIRE(held.size() == 1);
  CHECK(held.front().reserved == Money{200'000});
  CHECK_FALSE(std::filesystem::is_empty(house.root / "orphans"));
}

TEST_CASE("a refused list leaves doubts to a person") {
  World world{11};
  world.fault = [](What what, int number, Instant) {
    if (what == What::List) return Fault::Denied;
    return what == What::Create && number == 2 ? Fault::LostAnswer : Fault::None;
  };
  House house{world};
  house.open();
  house.drop("m.yaml", House::manifest_of(5));
  CHECK(house.run());
  CHECK(house.engine->tally()[State::Held] == 1);
  CHECK(house.engine->tally()[State::Done] == 4);
  CHECK(world.creates == 5);
}

TEST_CASE("a list that does not answer is asked until it does") {
  World world{12};
  auto const begin = world.now();
  world.fault = [&](What what, int number, Instant now) {
    if (what == What::List && now < begin + hours{3}) return Fault::BadGateway;
    return what == What::Create && number == 2 ? Fault::LostAnswer : Fault::None;
  };
  House house{world};
  house.open();
  house.drop("m.yaml", House::manifest_of(5));
  CHECK(house.run());
  check_all_done(house, world, 5);
  CHECK(world.most_lists <= 20);
}

TEST_CASE("a list that lags behind is not believed before it shows a later task of ours") {
  World world{13};
  world.habits.list_delay = minutes{4};
  world.fault = at(What::Create, {2}, Fault::LostAnswer);
  House house{world};
  house.open();
  house.drop("m.yaml", House::manifest_of(30));
  CHECK(house.run());
  check_all_done(house, world, 30);
  CHECK(world.creates == 30);
}

TEST_CASE("the provider's clock may be wrong by minutes") {
  for (auto const skew : {minutes{-17}, minutes{42}}) {
    World world{14};
    world.habits.skew = skew;
    world.fault = [](What what, int number, Instant) {
      if (what != What::Create) return Fault::None;
      return number % 7 == 3 ? Fault::LostAnswer : number % 7 == 5 ? Fault::LostRequest : Fault::None;
    };
    House house{world};
    house.open();
    house.drop("m.yaml", House::manifest_of(25));
    CHECK(house.run());
    house.drop("later.yaml", House::manifest_of(1, "a later kite"));
    CHECK(house.run());
    check_all_done(house, world, 26);
  }
}

TEST_CASE("an order that timed out is judged when it can no longer be accepted") {
  World world{15};
  world.fault = at(What::Create, {2}, Fault::TimedOut);
  House house{world};
  house.open();
  house.drop("m.yaml", House::manifest_of(40));
  CHECK(house.run());
  check_all_done(house, world, 40);
}

TEST_CASE("a crash leaves a doubt, and the list ends it after the next start") {
  World world{16};
  world.fault = at(What::Create, {2}, Fault::LostAnswer);
  House house{world};
  house.open();
  house.drop("m.yaml", House::manifest_of(12));
  while (world.creates < 4) house.engine->turn(world.now() + seconds{1});
  house.close();
  house.open();
  CHECK(house.run());
  check_all_done(house, world, 12);
}

TEST_CASE("on_uncertain: hold leaves to a person what the list would have settled") {
  World world{17};
  world.fault = at(What::Create, {2}, Fault::LostAnswer);
  House house{world};
  house.open();
  house.drop("m.yaml", manifest("on_uncertain: hold\n", 5));
  CHECK(house.run());
  CHECK(house.engine->tally()[State::Held] == 1);
  CHECK(world.creates == 5);
}

TEST_CASE("on_uncertain: resubmit sends again what nobody can decide, and counts the first as spent") {
  World world{18};
  world.fault = [](What what, int number, Instant) {
    if (what == What::List) return Fault::Denied;
    return what == What::Create && number == 2 ? Fault::LostAnswer : Fault::None;
  };
  House house{world};
  house.open();
  house.drop("m.yaml", manifest("on_uncertain: resubmit\n", 5));
  CHECK(house.run());
  CHECK(house.engine->tally()[State::Done] == 5);
  CHECK(world.creates == 6);
  CHECK(house.engine->tally().spent == Money{1'000'000});
  CHECK(house.engine->tally().uncertain == Money{200'000});
}

TEST_CASE("a doubt holds its slot, so that the account never has more tasks than it allows") {
  World world{19};
  world.service_least = world.service_most = minutes{2};
  world.fault = [](What what, int number, Instant) {
    return what == What::Create && number % 3 == 1 ? Fault::LostAnswer : Fault::None;
  };
  House house{world};
  house.open();
  house.drop("m.yaml", House::manifest_of(30));
  CHECK(house.run());
  CHECK(world.most_at_once <= 9);  // five slots, and what may wait for one
  check_all_done(house, world, 30);
}

TEST_CASE("what may be a doubt's own is fetched when it ends, however far ahead the provider's clock is") {
  World world{31};
  world.habits.skew = hours{8};
  world.service_least = world.service_most = minutes{3};
  world.fault = at(What::Create, {1}, Fault::LostAnswer);
  // Only the list tells of its end, then.
  world.refusal = [later = false](What what, Request const& request, Instant) mutable {
    bool const first = what == What::Query && request.url.ends_with("/task-1") && !std::exchange(later, true);
    return first ? std::optional{World::Refusal{429, "Throttling.AllocationQuota", "No.", 1'849'295}}
                 : std::nullopt;
  };
  House house{world};
  house.open();
  house.drop("m.yaml", manifest("on_uncertain: hold\n", 2));
  CHECK(house.run(hours{1}));
  CHECK(house.engine->tally()[State::Held] == 1);
  CHECK(house.is_there("orphans/task-1/image-1.png"));
}
