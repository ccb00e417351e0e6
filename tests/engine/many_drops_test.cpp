#include <doctest/doctest.h>
#include <fmt/format.h>

#include <atomic>
#include <filesystem>
#include <fstream>

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

// Copies are claims at once, so that they are taken in together.
bool copy_in(House& house, std::string const& name, std::string const& text) {
  std::ofstream{house.root / name} << text;
  return house.engine->take_copy(house.root / name);
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

TEST_CASE("small manifests that come together share the syncs of their folders, and keep their order") {
  World world{234};
  House house{world};
  house.open();
  for (int i = 0; i < 60; ++i)
    REQUIRE(copy_in(house, fmt::format("m{}.yaml", i),
                    i % 20 == 7 ? "manifest: 1\njobs: []\n" : House::manifest_of(1)));
  int synced = 0;
  disk_fault = [&](std::string const& call, std::string const& path) {
    synced += call == "sync" && (path.ends_with("/accepted") || path.ends_with("/rejected"));
    return 0;
  };
  CHECK(house.run());
  disk_fault = {};
  REQUIRE(house.receipts.size() == 60);
  for (int i = 0; i < 60; ++i) {
    auto const name = fmt::format("m{}.yaml", i);
    auto const& receipt = house.receipts[static_cast<std::size_t>(i)];
    CHECK(receipt.source == name);
    CHECK(receipt.accepted == house.is_there("accepted/" + name + ".receipt.txt"));
    CHECK(receipt.accepted == (i % 20 != 7));
    CHECK(house.is_there("rejected/" + name + ".error.txt") == (i % 20 == 7));
  }
  CHECK(synced < 30);
  CHECK(house.engine->tally().tasks == house.store->tally().tasks);
}

TEST_CASE("of a name that is taken in twice at once the later one's answer stays") {
  for (bool const last_is_right : {true, false}) {
    World world{235};
    House house{world};
    house.open();
    for (bool const right : {!last_is_right, last_is_right})
      REQUIRE(copy_in(house, "m.yaml", right ? House::manifest_of(1) : "manifest: 1\njobs: []\n"));
    CHECK(house.run());
    CHECK(house.receipts.size() == 2);
    CHECK(house.is_there("accepted/m.yaml.receipt.txt"));
    CHECK(house.is_there("rejected/m.yaml") == !last_is_right);
    CHECK(house.is_there("rejected/m.yaml.error.txt") == !last_is_right);
    CHECK(house.engine->tally()[State::Done] == 1);
  }
}

TEST_CASE("a manifest that became live is bought though the one behind it cannot be taken") {
  World world{236};
  House house{world};
  house.open();
  disk_fault = [](std::string const& call, std::string const& path) {
    return call == "create" && path.find("/spill/") != path.npos && path.ends_with("-b.yaml") ? EACCES : 0;
  };
  REQUIRE(copy_in(house, "a.yaml", House::manifest_of(1)));
  REQUIRE(copy_in(house, "b.yaml", House::manifest_of(1, "a boat")));
  auto const end = world.now() + minutes{5};
  while (world.now() < end && house.engine->tally()[State::Done] < 1) house.engine->turn(end);
  CHECK(house.is_there("accepted/a.yaml.receipt.txt"));
  CHECK(house.engine->tally()[State::Done] == 1);
  disk_fault = {};
  CHECK(house.run());
  CHECK(house.receipts.size() == 2);
  CHECK(house.engine->tally()[State::Done] == 2);
}

TEST_CASE("whoever pauses the spool does not wait for the hundreds of manifests that lie there already") {
  World world{240};
  House house{world};
  house.open();
  drop(house, 0, 400);
  while (house.receipts.size() < 20) house.engine->turn(world.now() + seconds{1});
  auto const before = house.receipts.size();
  house.drop("pause-all-0123456789abcdef.yaml", "command: pause\nid: 0123456789abcdef\n");
  while (house.store->fact("paused").empty() && house.receipts.size() < 401) {
    house.engine->turn(world.now() + seconds{1});
    world.pass(milliseconds{5});  // what the wheel does takes its time
  }
  CHECK(house.store->fact("paused") != "");
  CHECK(house.receipts.size() - before < 200);
  auto const bought = world.creates;
  while (house.receipts.size() < 401) house.engine->turn(world.now() + seconds{1});
  CHECK(world.creates <= bought + world.slots);  // what was on its way
  for (auto const& each : house.receipts) CHECK(each.accepted);
}

TEST_CASE("what goes before a large manifest that is half taken in leaves it whole") {
  for (int turns = 0; turns < 6; ++turns) {
    CAPTURE(turns);
    World world{241};
    House house{world};
    house.open();
    REQUIRE(copy_in(house, "large.yaml", House::manifest_of(2500)));
    REQUIRE(copy_in(house, "small.yaml", House::manifest_of(1, "a boat")));
    for (int i = 0; i < turns; ++i) house.engine->turn(world.now());
    house.drop("pause-all-0123456789abcdef.yaml", "command: pause\nid: 0123456789abcdef\n");
    for (int i = 0; i < 1000 && house.receipts.size() < 3; ++i) house.engine->turn(world.now() + seconds{1});
    REQUIRE(house.receipts.size() == 3);
    for (auto const& each : house.receipts) CHECK(each.accepted);
    CHECK(house.receipts.back().source != "large.yaml");
    CHECK(house.store->tally().total() == 2501);
    CHECK(house.store->fact("paused") != "");
  }
}

TEST_CASE("an old complaint that is dropped beside its manifest does not take the place of the new one") {
  World world{237};
  House house{world};
  house.open();
  REQUIRE(copy_in(house, "c.yaml", House::manifest_of(1)));
  REQUIRE(copy_in(house, "b.yaml.error.txt", "old words\n"));
  REQUIRE(copy_in(house, "b.yaml", "manifest: 1\njobs: []\n"));
  CHECK(house.run());
  CHECK(house.receipts.size() == 3);
  auto const words = house.text("rejected/b.yaml.error.txt");
  CHECK(words.find("old words") == std::string::npos);
  CHECK(words.find("b.yaml") != std::string::npos);
}

TEST_CASE("what is taken is put away though the answer to the one behind it cannot be written") {
  World world{238};
  House house{world};
  house.open();
  disk_fault = [](std::string const& call, std::string const& path) {
    return call == "create" && path.find("/rejected/") != path.npos ? EACCES : 0;
  };
  REQUIRE(copy_in(house, "a.yaml", House::manifest_of(1)));
  REQUIRE(copy_in(house, "b.yaml", "manifest: 1\njobs: []\n"));
  auto const end = world.now() + minutes{2};
  while (world.now() < end) house.engine->turn(end);
  CHECK(house.is_there("accepted/a.yaml"));
  REQUIRE(house.receipts.size() == 1);
  CHECK(house.receipts.front().source == "a.yaml");
  disk_fault = {};
  CHECK(house.run());
  CHECK(house.receipts.size() == 2);
  CHECK(house.is_there("rejected/b.yaml.error.txt"));
}

TEST_CASE("a short manifest of very many jobs behind another one is read when its turn comes, and is taken") {
  World world{239};
  House house{world};
  house.open();
  std::string axis;
  for (int i = 0; i < 20; ++i) axis += fmt::format("{}a{}", i ? ", " : "", i);
  auto const many = fmt::format(
      "manifest: 1\nname: many\nbudget: {{ cost: 99999 CNY }}\ndefaults: {{ model: wan2.6-t2i }}\njobs:\n"
      "  - {{ id: \"{{a}}-{{b}}-{{c}}\", prompt: \"a {{a}} {{b}} {{c}}\", matrix: {{ a: [{0}], b: [{0}], c: "
      "[{0}] }} "
      "}}\n",
      axis);
  std::atomic<int> begun = 0;  // before its turn, which is given up, and then in earnest
  disk_fault = [&](std::string const& call, std::string const& path) {
    begun += call == "create" && path.find("/spill/") != path.npos && path.ends_with("-many.yaml");
    return 0;
  };
  REQUIRE(copy_in(house, "few.yaml", House::manifest_of(1)));
  REQUIRE(copy_in(house, "many.yaml", many));
  REQUIRE(copy_in(house, "last.yaml", House::manifest_of(1, "a boat")));
  auto const end = world.now() + hours{1};
  while (world.now() < end && house.receipts.size() < 3) house.engine->turn(end);
  house.close();
  disk_fault = {};
  CHECK(begun == 2);
  REQUIRE(house.receipts.size() == 3);
  CHECK(house.receipts[1].source == "many.yaml");
  CHECK(house.receipts[1].taken.jobs == 8000);
  CHECK(house.receipts[2].accepted);
}

TEST_CASE("nothing is read beside a folder, which may be taking pictures in") {
  World world{237};
  House house{world};
  house.open();
  std::filesystem::create_directory(house.root / "cats");
  std::ofstream{house.root / "cats/manifest.yaml"} << House::manifest_of(1);
  REQUIRE(house.engine->take_copy(house.root / "cats"));
  REQUIRE(copy_in(house, "b.yaml", House::manifest_of(1, "a boat")));
  bool alone = false;
  disk_fault = [&](std::string const& call, std::string const& path) {
    if (call == "create" && path.find("/spill/") != path.npos && path.ends_with("-b.yaml"))
      alone = house.is_there("accepted/cats");
    return 0;
  };
  CHECK(house.run());
  disk_fault = {};
  CHECK(alone);
  CHECK(house.engine->tally()[State::Done] == 2);
}
