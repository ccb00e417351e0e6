#include <doctest/doctest.h>
#include <fmt/format.h>
#include <unistd.h>

#include <fstream>
#include <functional>
#include <map>

#include "engine/house.h"

using namespace wanspool;
using namespace wanspool::test;
namespace fs = std::filesystem;
using Fault = World::Fault;
using What = World::What;

TEST_SUITE_BEGIN("engine");

// manifest.md, "what happens when a manifest is dropped again", from the inbox to the provider.
namespace {

std::string manifest(std::map<std::string, std::string> const& prompts) {
  std::string text = "manifest: 1\nname: m\ndefaults: { model: wan2.6-t2i }\njobs:\n";
  for (auto const& [id, prompt] : prompts) text += fmt::format("  - {{ id: {}, prompt: {} }}\n", id, prompt);
  return text;
}

int bought(World const& world, std::string const& prompt) {
  int times = 0;
  for (auto const& [body, count] : world.accepted)
    if (body.find("\"" + prompt + "\"") != std::string::npos) times += count;
  return times;
}

void turn_until(House& house, std::function<bool()> const& reached) {
  for (int i = 0; i < 5000 && !reached(); ++i) house.engine->turn(house.world.now() + seconds{1});
  REQUIRE(reached());
}

void drop_and_take(House& house, std::string const& text) {
  auto const receipts = house.receipts.size();
  house.drop("m.yaml", text);
  turn_until(house, [&] { return house.receipts.size() > receipts; });
}

auto const kOffline = [](What what, int, Instant) {
  return what == What::Create ? Fault::Unreachable : Fault::None;
};
auto const kOnline = [](What, int, Instant) { return Fault::None; };

bool holds(std::string const& text, std::string const& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("a job that changes before it is sent is bought as it is now, and never as it was") {
  World world{80};
  world.fault = kOffline;
  House house{world};
  house.open();
  drop_and_take(house, manifest({{"a", "old"}, {"b", "same"}}));
  drop_and_take(house, manifest({{"a", "new"}, {"b", "same"}}));
  world.fault = kOnline;
  CHECK(house.run());
  CHECK(bought(world, "old") == 0);
  CHECK(bought(world, "new") == 1);
  CHECK(bought(world, "same") == 1);
  CHECK(holds(house.text("accepted/m.yaml.receipt.txt"), "changed       1\nknown         1\n"));
  CHECK(house.engine->tally().tasks == house.store->tally().tasks);
}

TEST_CASE("a job that changes while it is made is finished, and then bought as it is now") {
  World world{81};
  House house{world};
  house.open();
  house.drop("m.yaml", manifest({{"a", "old"}}));
  turn_until(house, [&] { return bought(world, "old") == 1; });
  drop_and_take(house, manifest({{"a", "new"}}));
  CHECK(bought(world, "new") == 0);
  CHECK(house.run());
  CHECK(bought(world, "old") == 1);
  CHECK(bought(world, "new") == 1);
  CHECK(world.most_at_once == 1);
  CHECK(house.store->tally()[State::Done] == 2);
}

TEST_CASE("a job that changes when it is done is bought anew, and back again costs nothing") {
  World world{82};
  House house{world};
  house.open();
  house.drop("m.yaml", manifest({{"a", "old"}}));
  CHECK(house.run());
  house.drop("m.yaml", manifest({{"a", "new"}}));
  CHECK(house.run());
  CHECK(world.creates == 2);
  house.drop("m.yaml", manifest({{"a", "old"}}));
  CHECK(house.run());
  CHECK(world.creates == 2);
}

TEST_CASE("a create that is refused after its job has changed is not sent again") {
  World world{83};
  House house{world};
  house.open();
  bool refuse = true;
  world.fault = [&](What what, int, Instant) {
    return what == What::Create && refuse ? Fault::Throttled : Fault::None;
  };
  house.drop("m.yaml", manifest({{"a", "old"}, {"b", "gone"}}));
  turn_until(house, [&] { return house.engine->unanswered() > 0; });
  drop_and_take(house, manifest({{"a", "new"}}));
  refuse = false;
  CHECK(house.run());
  CHECK(bought(world, "old") == 0);
  CHECK(bought(world, "gone") == 0);
  CHECK(bought(world, "new") == 1);
  CHECK(house.engine->tally().tasks == house.store->tally().tasks);
}

TEST_CASE("what is gone from its manifest is sent at no step after the drop is taken") {
  for (int step = 0; step < 40; ++step) {
    INFO(step);
    World world{84};
    House house{world};
    house.open();
    house.drop("m.yaml", House::manifest_of(12));
    for (int i = 0; i < step; ++i) house.engine->turn(world.now() + milliseconds{200});
    house.drop("m.yaml", House::manifest_of(1));
    Tally before;
    bool kept_waits = true;
    auto const is_retired = [&] {
      auto const last = house.store->job("m", "job-12");
      return last && last->retired;
    };
    for (int i = 0; i < 1000 && !is_retired() && !house.engine->idle(); ++i) {
      before = house.store->tally();
      auto const kept = house.store->job("m", "job-1");
      kept_waits = !kept || kept->task.state == State::Queued;
      house.engine->turn(world.now() + milliseconds{200});
    }
    CHECK(house.run());
    if (!is_retired()) {  // the second came in the first one's place
      CHECK(world.creates == 1);
      continue;
    }
    auto const after = house.store->tally();
    CHECK(after[State::Done] == before.total() - before[State::Queued] + (kept_waits ? 1 : 0));
    CHECK(after[State::Canceled] == 12 - after[State::Done]);
    CHECK(house.engine->tally().tasks == after.tasks);
  }
}

TEST_CASE("a price that nobody has said yes to buys nothing, and a yes buys it") {
  World world{85};
  House house{world};
  house.config.ask_above = Money{500'000};
  house.open();
  house.drop("m.yaml", House::manifest_of(3));
  CHECK(house.run());
  CHECK(house.text("rejected/m.yaml.error.txt") ==
        "m.yaml: error: this would newly cost 0.60 CNY at most (3 pictures); to agree, add the line: "
        "budget: { cost: 0.60 CNY }\n");
  CHECK(world.creates == 0);
  CHECK(house.store->tally().total() == 0);
  std::ofstream{house.root / "m.yaml"} << House::manifest_of(3);
  Handover handover;
  handover.agreed = Money{600'000};
  CHECK(house.engine->take_copy(house.root / "m.yaml", handover));
  CHECK(house.run());
  CHECK(world.creates == 3);
  house.drop("m.yaml", House::manifest_of(5));
  CHECK(house.run());
  CHECK(world.creates == 5);
}

TEST_CASE("what waits counts against the budget though a part of the manifest does not name it") {
  World world{88};
  world.fault = kOffline;
  House house{world};
  house.config.ask_above = {};
  house.open();
  auto const with_budget = [](char const* cost, int jobs) {
    return fmt::format("budget: {{ cost: {} CNY }}\n", cost) + House::manifest_of(jobs);
  };
  drop_and_take(house, with_budget("3", 10));
  REQUIRE(house.receipts.back().accepted);
  Handover handover;
  handover.selection.only = {"m/job-1*"};
  auto const hand_over = [&](char const* cost) {
    std::ofstream{house.root / "m.yaml"} << with_budget(cost, 20);
    auto const receipts = house.receipts.size();
    REQUIRE(house.engine->take_copy(house.root / "m.yaml", handover));
    turn_until(house, [&] { return house.receipts.size() > receipts; });
    return house.receipts.back().accepted;
  };
  CHECK_FALSE(hand_over("3"));
  CHECK(holds(house.text("rejected/m.yaml.error.txt"), "1.80 CNY at most (9 pictures), beside 2.00 CNY"));
  CHECK(house.store->tally().total() == 10);
  CHECK(hand_over("3.80"));
  CHECK(house.store->tally().total() == 19);
}

TEST_CASE("another owner's manifest of a known name is rejected") {
  if (::geteuid() != 0) return;  // nobody else can give files away
  World world{86};
  House house{world};
  house.open();
  house.drop("m.yaml", House::manifest_of(1));
  CHECK(house.run());
  std::ofstream{house.root / "inbox/.m.yaml"} << House::manifest_of(2);
  REQUIRE(::chown((house.root / "inbox/.m.yaml").c_str(), 1234, 1234) == 0);
  fs::rename(house.root / "inbox/.m.yaml", house.root / "inbox/m.yaml");
  CHECK(house.run());
  CHECK(holds(house.text("rejected/m.yaml.error.txt"), "the name 'm' belongs to the user with id 0"));
  CHECK(world.creates == 1);
}

TEST_CASE("what could not be sent by its deadline is not bought, and the wheel wakes for it") {
  World world{87};
  world.fault = kOffline;
  House house{world};
  house.open();
  NewManifest drop{"m", "claim", "m.yaml", "sha", world.now()};
  drop.terms.deadline = world.now() + hours{1};
  ManifestJob job;
  job.id = "a";
  job.request = {"wan2.6-t2i", "late", {}, {{"n", 1}}, {}};
  auto const id = house.store->begin_manifest(drop);
  std::vector const rows{row_of(job, house.models.at("wan2.6-t2i"), "loopback")};
  house.store->add_jobs(id, rows);
  house.store->publish_manifest(id, world.now());
  house.close();
  house.open();
  CHECK(house.run(hours{2}));
  world.fault = kOnline;
  CHECK(house.run());
  CHECK(world.accepted.empty());
  REQUIRE(house.ends.size() == 1);
  CHECK(house.ends[0].state == State::Canceled);
  CHECK(house.ends[0].error.code == "Deadline");
  CHECK(house.ends[0].times.done >= drop.terms.deadline);
  CHECK(house.ends[0].times.done < drop.terms.deadline + minutes{1});
  CHECK(house.engine->tally().tasks == house.store->tally().tasks);
}
