#include <doctest/doctest.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "engine/house.h"

using namespace wanspool;
using namespace wanspool::test;
using What = World::What;
using Fault = World::Fault;
using nlohmann::json;

TEST_SUITE_BEGIN("engine");

namespace {

constexpr char kTwoAlike[] =
    "manifest: 1\ndefaults: { model: wan2.6-t2i }\njobs:\n"
    "  - { id: first, prompt: a kite }\n"
    "  - { id: second, prompt: a kite }\n";

std::string of_pictures(int pictures, std::string const& head = "") {
  return "manifest: 1\n" + head +
         "defaults: { model: wan2.6-t2i, parameters: { n: " + std::to_string(pictures) +
         " } }\njobs: [{ id: set, prompt: a set of kites }]\n";
}

std::string redo(std::string const& job, std::string const& id = "r1") {
  return "command: redo\nid: " + id + "\njobs: [" + job + "]\n";
}

json story(House const& house, std::string const& job) {
  return json::parse(house.text("out/" + job + "/result.json"));
}

bool is_accepted(House const& house, std::string const& name) {
  return house.is_there("accepted/" + name + ".receipt.txt");
}

}  // namespace

TEST_CASE("equal requests are bought once, and each job has its picture and its story") {
  World world{1};
  House house{world};
  house.open();
  house.drop("m.yaml", kTwoAlike);
  house.drop("other.yaml", kTwoAlike);
  CHECK(house.run());
  CHECK(world.creates == 1);
  CHECK(house.pictures().size() == 4);
  CHECK(house.engine->tally().spent == Money{200'000});
  for (auto const* job : {"m/first", "m/second", "other/first", "other/second"}) {
    CAPTURE(job);
    CHECK(story(house, job)["job"] == job);
    CHECK(story(house, job)["state"] == "done");
    CHECK(house.text(std::string{"out/"} + job + "/image-1.png") == house.text("out/m/first/image-1.png"));
  }
}

TEST_CASE("a job that wants what was bought long ago gets a copy at no cost") {
  World world{2};
  House house{world};
  house.open();
  house.drop("m.yaml", kTwoAlike);
  CHECK(house.run());
  house.close();
  house.open();
  house.drop("again.yaml", kTwoAlike);
  CHECK(house.run());
  CHECK(world.creates == 1);
  CHECK(house.is_there("out/again/second/image-1.png"));
}

TEST_CASE("redo buys the next take with another seed, and the old picture moves to old/") {
  World world{3};
  world.habits.own_pictures = true;
  House house{world};
  house.open();
  house.drop("m.yaml", House::manifest_of(1));
  CHECK(house.run());
  auto const before = house.text("out/m/job-1/image-1.png");
  auto const first = story(house, "m/job-1");

  house.drop("redo.yaml", redo("m/job-1"));
  CHECK(house.run());
  CHECK(is_accepted(house, "redo.yaml"));
  CHECK(world.creates == 2);
  CHECK(house.engine->tally().spent == Money{400'000});
  auto const second = story(house, "m/job-1");
  CHECK(second["take"] == 2);
  CHECK(second["request"]["parameters"]["seed"] != first["request"]["parameters"]["seed"]);
  CHECK(house.text("out/m/job-1/image-1.png") != before);
  auto const kept = "old/m/job-1/" + first["fingerprint"].get<std::string>().substr(0, 12);
  CHECK(house.text(kept + "/image-1.png") == before);
  CHECK(json::parse(house.text(kept + "/result.json")) == first);
}

TEST_CASE("redo of what costs more than may pass unasked wants the price that was agreed to") {
  World world{3};
  House house{world};
  house.config.ask_above = Money{300'000};
  house.open();
  house.drop("m.yaml", "manifest: 1\nbudget: { cost: 1 CNY }\n" + House::manifest_of(2).substr(12));
  CHECK(house.run());
  CHECK(world.creates == 2);
  auto const both = "command: redo\nid: both\njobs: [m/job-1, m/job-2]\n";
  auto const refusal = [&](std::string const& price) {
    house.drop("redo.yaml", both + price);
    CHECK(house.run());
    return house.text("rejected/redo.yaml.error.txt");
  };
  CHECK(refusal("") ==
        "redo.yaml: error: this would cost 0.40 CNY at most, which needs a yes; to agree, add the line: "
        "price: 0.40 CNY\n");
  CHECK(
      refusal("price: 0.39 CNY\n").find("more than was agreed to; to agree, raise it to: price: 0.40 CNY") !=
      std::string::npos);
  CHECK(refusal("price: 40 USD\n").find("is in USD, and pictures are paid in CNY") != std::string::npos);
  CHECK(world.creates == 2);
  // A refusal has had no effect: its id is still good.
  house.drop("redo.yaml", both + std::string{"price: 0.40 CNY\n"});
  CHECK(house.run());
  CHECK(is_accepted(house, "redo.yaml"));
  CHECK(world.creates == 4);
  house.drop("one.yaml", redo("m/job-1", "cheap"));
  CHECK(house.run());
  CHECK(world.creates == 5);
}

TEST_CASE("the same command file takes effect once") {
  World world{4};
  House house{world};
  house.open();
  house.drop("m.yaml", House::manifest_of(1));
  CHECK(house.run());
  for (auto const* name : {"redo.yaml", "redo-again.yaml"}) {
    house.drop(name, redo("m/job-1", "the-same-id"));
    CHECK(house.run());
  }
  CHECK(world.creates == 2);
}

TEST_CASE("redo of what waits, of what is unknown and of nothing is refused with the reason") {
  World world{5};
  world.fault = [](What what, int, Instant) { return what == What::Create ? Fault::BadKey : Fault::None; };
  House house{world};
  house.open();
  house.drop("m.yaml", House::manifest_of(1));
  house.run(minutes{1});
  house.drop("waits.yaml", redo("m/job-1", "a"));
  house.drop("unknown.yaml", redo("m/job-9", "b"));
  house.run(minutes{1});
  CHECK(house.text("rejected/waits.yaml.error.txt").find("waits to be bought") != std::string::npos);
  CHECK(house.text("rejected/unknown.yaml.error.txt").find("m/job-9") != std::string::npos);
}

TEST_CASE("a held order that is redone counts as paid, perhaps, and is bought anew") {
  World world{6};
  world.fault = [](What what, int number, Instant) {
    if (what == What::List) return Fault::Denied;
    return what == What::Create && number == 1 ? Fault::LostAnswer : Fault::None;
  };
  House house{world};
  house.open();
  house.drop("m.yaml", House::manifest_of(1));
  CHECK(house.run());
  CHECK(house.engine->tally()[State::Held] == 1);
  house.drop("redo.yaml", redo("m/job-1"));
  CHECK(house.run());
  CHECK(house.engine->tally().uncertain == Money{200'000});
  CHECK(house.engine->tally().spent == Money{200'000});
  CHECK(house.engine->tally().reserved == Money{});
  CHECK(house.is_there("out/m/job-1/image-1.png"));
}

TEST_CASE("a person ends a doubt: the candidate becomes the job's picture and the books are even") {
  World world{7};
  world.habits.familiars = 1;
  world.fault = [](What what, int number, Instant) {
    return what == What::Create && number == 2 ? Fault::LostAnswer : Fault::None;
  };
  House house{world};
  house.open();
  house.drop("m.yaml", House::manifest_of(4));
  CHECK(house.run());
  auto const held = house.store->held({});
  REQUIRE(held.size() == 1);
  std::string lost;
  for (auto const& task : world.tasks())
    if (task.ours && house.store->orphan({}, task.id)) lost = task.id;
  REQUIRE_FALSE(lost.empty());
  house.drop("adopt.yaml",
             "command: adopt\nid: a1\njobs: [" + held.front().name + "]\ntask_id: " + lost + "\n");
  CHECK(house.run());
  CHECK(is_accepted(house, "adopt.yaml"));
  CHECK(house.is_there("out/" + held.front().name + "/image-1.png"));
  CHECK_FALSE(house.is_there("orphans/" + lost));
  CHECK(story(house, held.front().name)["task_id"] == lost);
  CHECK(house.engine->tally().reserved == Money{});
  CHECK(house.engine->tally()[State::Held] == 0);
}

TEST_CASE("refill buys what an answer lacks, and only that") {
  World world{8};
  world.pictures_short = 1;
  world.fault = [&](What what, int number, Instant) {
    if (what == What::Create) world.pictures_short = number == 1 ? 1 : 0;
    return Fault::None;
  };
  House house{world};
  house.open();
  house.drop("m.yaml", of_pictures(3, "refill: true\n"));
  CHECK(house.run());
  CHECK(world.creates == 2);
  CHECK(world.billed == 3);
  CHECK(house.pictures().size() == 3);
  CHECK(house.engine->tally().spent == Money{600'000});
  CHECK(story(house, "m/set")["pictures"].size() == 3);
  CHECK(story(house, "m/set")["cost"]["spent"] == "0.60");
}

TEST_CASE("an answer that stays short is refilled twice and then left") {
  World world{9};
  world.pictures_short = 1;
  House house{world};
  house.open();
  house.drop("m.yaml", of_pictures(4, "refill: true\n"));
  CHECK(house.run());
  CHECK(world.creates <= 3);
  CHECK(static_cast<int>(house.pictures().size()) == world.billed);
  CHECK(house.engine->tally().spent == Money{200'000} * world.billed);
}

TEST_CASE("without refill a short answer is done with what came") {
  World world{10};
  world.pictures_short = 1;
  House house{world};
  house.open();
  house.drop("m.yaml", of_pictures(3));
  CHECK(house.run());
  CHECK(world.creates == 1);
  CHECK(house.pictures().size() == 2);
  CHECK(house.engine->tally().reserved == Money{});
}

TEST_CASE("what dies first is fetched first") {
  World world{11};
  bool storage_is_down = true;
  world.fault = [&](What what, int, Instant) {
    return what == What::Picture && storage_is_down ? Fault::Unreachable : Fault::None;
  };
  House house{world};
  house.open();
  house.drop("m.yaml", House::manifest_of(80));
  house.run(minutes{40});
  storage_is_down = false;
  world.pass(minutes{20});
  house.ends.clear();
  CHECK(house.run());
  REQUIRE(house.ends.size() == 80);
  // Sixteen are fetched at a time, and the slowest of them is overtaken.
  for (std::size_t i = 32; i < house.ends.size(); ++i)
    CHECK(house.ends[i].times.finished >= house.ends[i - 32].times.finished);
}

TEST_CASE("an address that has expired is asked for once more while the task lives") {
  World world{12};
  world.habits.own_pictures = true;
  world.fault = [](What what, int number, Instant) {
    return what == What::Picture && number <= 2 ? Fault::Expired : Fault::None;
  };
  House house{world};
  house.open();
  house.drop("m.yaml", House::manifest_of(2));
  CHECK(house.run());
  CHECK(house.pictures().size() == 2);
  CHECK(world.creates == 2);
}

TEST_CASE("somebody hears of a picture that cannot be fetched six hours and one hour before it dies") {
  World world{13};
  auto const begin = world.now();
  world.fault = [&](What what, int, Instant now) {
    return what == What::Picture && now < begin + hours{23} + minutes{30} ? Fault::Unreachable : Fault::None;
  };
  House house{world};
  house.open();
  house.drop("m.yaml", House::manifest_of(1));
  CHECK(house.run());
  REQUIRE(house.alarms.size() == 2);
  CHECK(house.alarms[0] <= hours{6});
  CHECK(house.alarms[0] > hours{5} + minutes{50});
  CHECK(house.alarms[1] <= hours{1});
  CHECK(house.alarms[1] > minutes{50});
  CHECK(house.pictures().size() == 1);
}
