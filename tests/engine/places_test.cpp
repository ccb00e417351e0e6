#include <doctest/doctest.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <tuple>

#include "base/sha256.h"
#include "engine/house.h"

using namespace wanspool;
using namespace wanspool::test;
using What = World::What;
using Fault = World::Fault;
using nlohmann::json;

TEST_SUITE_BEGIN("engine");

namespace {

// Jobs by id, prompt and place.
using Jobs = std::vector<std::tuple<std::string, std::string, std::string>>;

std::string manifest(Jobs const& jobs, int pictures = 1) {
  auto text = "manifest: 1\ndefaults: { model: wan2.6-t2i, parameters: { n: " + std::to_string(pictures) +
              " } }\njobs:\n";
  for (auto const& [id, prompt, place] : jobs)
    text += "  - { id: " + id + ", prompt: " + prompt + ", picture: " + place + " }\n";
  return text;
}

json story(House const& house, std::string const& job) {
  return json::parse(house.text("out/" + job + "/result.json"));
}

}  // namespace

TEST_CASE("a row that is inserted at the top takes no picture from the rows that move on") {
  World world{301};
  world.habits.own_pictures = true;
  House house{world};
  house.open();
  house.drop("m.yaml",
             manifest({{"cat-1", "a red vase", "shelf/red"}, {"cat-2", "a blue vase", "shelf/blue"}}));
  CHECK(house.run());
  auto const red = house.text("out/m/shelf/red.png"), blue = house.text("out/m/shelf/blue.png");
  REQUIRE(red != blue);
  house.drop("m.yaml", manifest({{"cat-1", "a green vase", "shelf/green"},
                                 {"cat-2", "a red vase", "shelf/red"},
                                 {"cat-3", "a blue vase", "shelf/blue"}}));
  CHECK(house.run());
  CHECK(world.creates == 3);
  REQUIRE(house.pictures() ==
          std::vector<std::string>{"m/shelf/blue.png", "m/shelf/green.png", "m/shelf/red.png"});
  CHECK(house.text("out/m/shelf/red.png") == red);
  CHECK(house.text("out/m/shelf/blue.png") == blue);
  CHECK(story(house, "m/cat-2")["pictures"][0]["sha256"] == sha256_hex(red));
  CHECK(story(house, "m/cat-3")["pictures"][0]["sha256"] == sha256_hex(blue));
}

TEST_CASE("two jobs that change places change their pictures") {
  for (int const workers : {0, 3}) {
    CAPTURE(workers);
    World world{302};
    world.habits.own_pictures = true;
    world.patience = milliseconds{5};
    House house{world};
    house.workers = workers;
    house.open();
    house.drop("m.yaml", manifest({{"a", "a red vase", "x"}, {"b", "a blue vase", "y"}}));
    CHECK(house.run());
    auto const red = house.text("out/m/x.png"), blue = house.text("out/m/y.png");
    house.drop("m.yaml", manifest({{"a", "a red vase", "y"}, {"b", "a blue vase", "x"}}));
    CHECK(house.run());
    CHECK(world.creates == 2);
    CHECK(house.text("out/m/x.png") == blue);
    CHECK(house.text("out/m/y.png") == red);
  }
}

TEST_CASE("a picture on its way to another place is found by its sum, and what lies where it was stays") {
  World world{303};
  world.habits.own_pictures = true;
  bool is_up = false;
  world.fault = [&](What what, int number, Instant) {
    return what == What::Picture && number > 1 && !is_up ? Fault::Unreachable : Fault::None;
  };
  House house{world};
  house.open();
  house.drop("m.yaml", manifest({{"set", "two vases", "old"}}, 2));
  house.run(minutes{10});
  REQUIRE(house.pictures().size() == 1);
  auto const at = house.pictures().front();
  auto const mine = house.text("out/" + at), others = tiny_png("another job's");
  auto const displaced = house.root / "old/m/.displaced";
  std::filesystem::create_directories(displaced);
  std::ofstream{displaced / (sha256_hex(mine) + ".png"), std::ios::binary} << mine;
  std::ofstream{house.root / "out" / at, std::ios::binary | std::ios::trunc} << others;
  house.drop("m.yaml", manifest({{"set", "two vases", "new"}}, 2));
  house.run(minutes{2});
  is_up = true;
  CHECK(house.run());
  CHECK(house.text("out/" + at) == others);
  auto there = at;
  CHECK(house.text("out/" + there.replace(there.find("old"), 3, "new")) == mine);
  CHECK(story(house, "m/set")["pictures"].size() == 2);
}

TEST_CASE("a changed job that fails leaves the story of the picture that is there") {
  World world{304};
  House house{world};
  house.open();
  house.drop("m.yaml", manifest({{"a", "a red vase", "x"}}));
  CHECK(house.run());
  auto const before = house.text("out/m/a/result.json");
  world.fault = [](What what, int, Instant) { return what == What::Create ? Fault::Refused : Fault::None; };
  house.drop("m.yaml", manifest({{"a", "a blue vase", "x"}}));
  CHECK(house.run());
  CHECK(house.text("out/m/a/result.json") == before);
  CHECK(house.is_there("out/m/x.png"));
}
