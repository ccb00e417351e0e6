#include <doctest/doctest.h>

#include "engine/house.h"

using namespace wanspool;
using namespace wanspool::test;
using What = World::What;
using Fault = World::Fault;

namespace fs = std::filesystem;

TEST_SUITE_BEGIN("engine");

namespace {

fs::path database(House const& house) {
  return house.root / "state" / "wanspool.db";
}

// A copy of the queue as it is now, made as `wanspool backup` makes one.
void back_up(House& house, fs::path const& copy) {
  open_reader(database(house))->backup(copy, house.world.now());
}

// The disk was lost; the copy takes the queue's place.
void put_back(House& house, fs::path const& copy) {
  house.close();
  for (auto const* ending : {"", "-wal", "-shm"}) fs::remove(database(house).string() + ending);
  fs::copy_file(copy, database(house));
}

void turn_until(House& house, std::function<bool()> const& comes_true) {
  for (int i = 0; i < 20'000 && !comes_true(); ++i) house.engine->turn(house.world.now() + seconds{1});
  REQUIRE(comes_true());
}

std::int64_t done(House const& house) {
  return house.engine->tally()[State::Done];
}

}  // namespace

TEST_CASE("a queue put back from a copy takes what was bought since for bought, and goes on by itself") {
  World world{1};
  House house{world};
  house.open();
  house.drop("m.yaml", House::manifest_of(20));
  turn_until(house, [&] { return done(house) >= 5; });
  house.engine->stop_creating("for the copy");
  CHECK(house.run());
  auto const copy = house.root / "copy.db";
  back_up(house, copy);
  house.close();
  house.open();
  turn_until(house, [&] { return done(house) >= 12; });
  house.engine->stop_creating("the disk dies");
  CHECK(house.run());
  auto const bought = world.creates;
  put_back(house, copy);

  house.open();
  CHECK(house.engine->hindrance().kind == Hindrance::Kind::Paused);
  CHECK(house.run());
  CHECK(done(house) == 20);
  CHECK(world.creates == 20);
  CHECK(bought < 20);
  for (auto const& [body, times] : world.accepted) CHECK(times == 1);
  CHECK(house.store->fact("stamp").empty());
  CHECK(house.store->fact("paused").empty());
  CHECK(house.engine->tally().spent == Money{200'000} * 20);
}

TEST_CASE(
    "tasks that were under way when the queue was lost are fetched into orphans/, and a person decides") {
  World world{2};
  House house{world};
  house.open();
  house.drop("m.yaml", House::manifest_of(20));
  turn_until(house, [&] { return done(house) >= 5; });
  house.engine->stop_creating("for the copy");
  CHECK(house.run());
  auto const copy = house.root / "copy.db";
  back_up(house, copy);
  house.close();
  house.open();
  turn_until(house, [&] { return world.creates >= 12 && house.engine->tally()[State::Running] > 0; });
  put_back(house, copy);
  house.open();
  CHECK(house.run());
  auto const lost = static_cast<int>(world.tasks().size()) - static_cast<int>(house.pictures().size());
  CHECK(lost > 0);
  CHECK(house.engine->hindrance().kind == Hindrance::Kind::Paused);
  CHECK(house.engine->hindrance().text.find("wanspool resume") != std::string::npos);
  CHECK(std::distance(fs::directory_iterator{house.root / "orphans"}, {}) == lost);
  CHECK(house.engine->tally().spent == Money{200'000} * static_cast<int>(world.tasks().size()));

  // One of them is given to the job that is known to have bought it; then the rest is bought.
  auto const orphan = fs::directory_iterator {
    house.root / "orphans"
    } -> path().filename().string();
  auto const waiting = house.store->queued("wan2.6-t2i", 1, {});
  REQUIRE(waiting.size() == 1);
  house.drop("adopt.yaml",
             "command: adopt\nid: a\njobs: [" + waiting[0].name + "]\ntask_id: " + orphan + "\n");
  house.drop("resume.yaml", "command: resume\nid: b\n");
  CHECK(house.run());
  CHECK(house.is_there("out/" + waiting[0].name + "/image-1.png"));
  CHECK(world.creates == 20 + lost - 1);
  CHECK(house.pictures().size() == 20);
}

TEST_CASE("a copy older than the account's list leaves what is queued to a person") {
  World world{3};
  House house{world};
  house.open();
  house.drop("m.yaml", House::manifest_of(8));
  turn_until(house, [&] { return done(house) >= 3; });
  house.engine->stop_creating("for the copy");
  CHECK(house.run());
  auto const copy = house.root / "copy.db";
  back_up(house, copy);
  world.pass(hours{30});
  put_back(house, copy);
  auto const creates = world.creates;
  house.open();
  CHECK(house.run());
  CHECK(world.creates == creates);
  CHECK(house.engine->hindrance().kind == Hindrance::Kind::Paused);
  house.close();
  house.open();
  CHECK(house.run());
  CHECK(world.creates == creates);
  house.drop("resume.yaml", "command: resume\nid: b\n");
  CHECK(house.run());
  CHECK(done(house) == 8);
}

TEST_CASE("a stop in the middle of finding out what was bought begins it again") {
  World world{4};
  House house{world};
  house.open();
  house.drop("m.yaml", House::manifest_of(10));
  turn_until(house, [&] { return done(house) >= 2; });
  house.engine->stop_creating("for the copy");
  CHECK(house.run());
  auto const copy = house.root / "copy.db";
  back_up(house, copy);
  house.close();
  house.open();
  CHECK(house.run());
  put_back(house, copy);
  house.open();
  house.engine->turn(world.now());
  house.close();
  house.open();
  CHECK(house.engine->hindrance().kind == Hindrance::Kind::Paused);
  CHECK(house.run());
  CHECK(done(house) == 10);
  CHECK(world.creates == 10);
}
