#include <doctest/doctest.h>
#include <fmt/format.h>

#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <random>

#include "base/days.h"
#include "engine/house.h"
#include "support/zone.h"

using namespace wanspool;
using namespace wanspool::test;
using Fault = World::Fault;
using What = World::What;
using Scope = Stop::Scope;

TEST_SUITE_BEGIN("engine");

// Caps that hold, from the manifest to the provider. wan2.6-t2i costs 0.20 a picture here.
namespace {

std::string manifest(std::string const& head, int jobs, std::string const& name = "m", int pictures = 1,
                     std::string const& model = "wan2.6-t2i") {
  auto text =
      fmt::format("manifest: 1\nname: {}\n{}\ndefaults: {{ model: {}, parameters: {{ n: {} }} }}\njobs:\n",
                  name, head, model, pictures);
  for (int i = 1; i <= jobs; ++i) text += fmt::format("  - {{ id: job-{}, prompt: {} {} }}\n", i, name, i);
  return text;
}

int bought(World const& world, std::string const& name) {
  int times = 0;
  for (auto const& [body, count] : world.accepted)
    if (body.find("\"" + name + " ") != std::string::npos) times += count;
  return times;
}

std::vector<std::string> findings(House const& house) {
  std::vector<std::string> found;
  for (auto const& each : open_reader(house.root / "state/wanspool.db")->audit()) found.push_back(each.what);
  return found;
}

constexpr std::int64_t kAnna = 3001, kBen = 3002;

// Only root can drop a file in another's name; elsewhere all of it is one person's.
void drop_as(House& house, std::int64_t user, std::string const& name, std::string const& text) {
  if (::geteuid() != 0) return house.drop(name, text);
  auto const hidden = house.root / "inbox" / ("." + name);
  std::filesystem::create_directories(hidden.parent_path());
  std::ofstream{hidden} << text;
  REQUIRE(::chown(hidden.c_str(), static_cast<uid_t>(user), static_cast<gid_t>(user)) == 0);
  std::filesystem::rename(hidden, house.root / "inbox" / name);
}

void resume(House& house, std::string const& manifest, std::string const& id) {
  house.drop(id + ".yaml", fmt::format("command: resume\nid: {}\njobs: [{}]\n", id, manifest));
}

// Everything counts, whatever became of it.
void check_caps_hold(House& house, Caps const& caps, std::vector<std::string> const& manifests) {
  auto const within = [](Counted const& counted, Budget const& cap) {
    return (!cap.pictures || counted.pictures <= *cap.pictures) && (!cap.cost || counted.cost <= *cap.cost);
  };
  auto const spent = house.store->spent_on(day_of(house.world.now()));
  REQUIRE(within(sum_of(spent.day), caps.all.day));
  REQUIRE(within(sum_of(spent.month), caps.all.month));
  for (auto const& [model, periods] : caps.models) {
    REQUIRE(within(sum_of(spent.day, model), periods.day));
    REQUIRE(within(sum_of(spent.month, model), periods.month));
  }
  for (auto const& [person, counted] : spent.day_by) REQUIRE(within(counted, caps.submitter.day));
  for (auto const& [person, counted] : spent.month_by) REQUIRE(within(counted, caps.submitter.month));
  for (auto const& each : manifests) {
    auto const standing = house.store->standing(each);
    REQUIRE(within(standing.counted, standing.budget));
  }
}

}  // namespace

TEST_CASE("a manifest is bought up to its budget, and the rest waits for a person") {
  World world{201};
  House house{world};
  house.open();
  SUBCASE("of pictures") {
    house.drop("m.yaml", manifest("budget: { pictures: 3 }", 5));
    CHECK(house.run());
    CHECK(bought(world, "m") == 3);
  }
  SUBCASE("of money") {
    house.drop("m.yaml", manifest("budget: { cost: 0.70 CNY }", 5));
    CHECK(house.run());
    CHECK(bought(world, "m") == 3);
  }
  SUBCASE("of money, spent to the last") {
    house.drop("m.yaml", manifest("budget: { cost: 0.80 CNY }", 5));
    CHECK(house.run());
    CHECK(bought(world, "m") == 4);
  }
  CHECK(house.store->tally()[State::Queued] == 5 - bought(world, "m"));
  auto const stops = house.engine->stops();
  REQUIRE(stops.size() == 1);
  CHECK(stops[0].scope == Scope::Manifest);
  CHECK(stops[0].manifest == "m");
  CHECK(stops[0].counted.pictures == bought(world, "m"));
  CHECK(stops[0].until == Instant{});
  CHECK(open_reader(house.root / "state/wanspool.db")->stops() == stops);
  CHECK(findings(house).empty());
}

TEST_CASE("a higher budget, dropped again, lets the rest be bought without a new start") {
  World world{202};
  House house{world};
  house.open();
  house.drop("m.yaml", manifest("budget: { pictures: 2 }", 5));
  CHECK(house.run());
  CHECK(bought(world, "m") == 2);
  house.drop("m.yaml", manifest("budget: { pictures: 4 }", 5));
  CHECK(house.run());
  CHECK(bought(world, "m") == 4);
  house.drop("m.yaml", manifest("", 5));
  CHECK(house.run());
  CHECK(bought(world, "m") == 5);
  CHECK(house.store->tally()[State::Done] == 5);
  CHECK(house.engine->stops().empty());
  CHECK(house.store->stops().empty());
}

TEST_CASE("what waits at a cap holds up no other manifest, however many jobs of it come first") {
  World world{203};
  House house{world};
  house.open();
  house.drop("a.yaml", manifest("priority: high\nbudget: { pictures: 2 }", 200, "a"));
  CHECK(house.run());
  house.drop("b.yaml", manifest("budget: { pictures: 1 }", 100, "b"));
  house.drop("c.yaml", manifest("", 3, "c"));
  CHECK(house.run());
  CHECK(bought(world, "a") == 2);
  CHECK(bought(world, "b") == 1);
  CHECK(bought(world, "c") == 3);
  CHECK(house.engine->stops().size() == 2);
}

TEST_CASE("a smaller job that still fits is bought before a bigger one that does not") {
  World world{204};
  House house{world};
  house.open();
  house.drop("m.yaml",
             "manifest: 1\nbudget: { pictures: 3 }\ndefaults: { model: wan2.6-t2i }\njobs:\n"
             "  - { id: a, prompt: m first, parameters: { n: 2 } }\n"
             "  - { id: b, prompt: m second, parameters: { n: 2 } }\n"
             "  - { id: c, prompt: m third }\n");
  CHECK(house.run());
  CHECK(bought(world, "m") == 2);
  CHECK(house.is_there("out/m/c/image-1.png"));
  CHECK_FALSE(house.is_there("out/m/b/image-1.png"));
}

TEST_CASE("what a failure gives back is bought for the next job") {
  World world{205};
  House house{world};
  int refused = 0;
  world.fault = [&](What what, int, Instant) {
    return what == What::Create && refused++ < 2 ? Fault::Refused : Fault::None;
  };
  house.open();
  house.drop("m.yaml", manifest("budget: { pictures: 2 }", 6));
  CHECK(house.run());
  CHECK(bought(world, "m") == 2);
  CHECK(house.store->tally()[State::Failed] == 2);
  CHECK(house.store->tally()[State::Queued] == 2);
  CHECK(findings(house).empty());
}

TEST_CASE("a day's cap goes on when the day turns, where the time zone has it") {
  TimeZone const zone{"CET-1CEST,M3.5.0,M10.5.0/3"};
  World world{206};
  House house{world};
  house.config.caps.all.day = {2, {}};
  house.config.rescan = hours{1};
  house.open();
  house.drop("m.yaml", manifest("", 5));
  CHECK(house.run(hours{1}));
  CHECK(bought(world, "m") == 2);
  auto const stops = house.engine->stops();
  REQUIRE(stops.size() == 1);
  CHECK(stops[0].scope == Scope::Day);
  // The world begins at midnight of UTC in summer: two hours into the day there.
  auto const midnight = day_end(world.now());
  CHECK(rfc3339(midnight) == "2026-08-05T22:00:00.000Z");
  CHECK(stops[0].until == midnight);
  while (world.now() < midnight - minutes{1}) house.engine->turn(midnight - minutes{1});
  CHECK(bought(world, "m") == 2);
  while (world.now() < midnight) house.engine->turn(midnight + minutes{1});
  CHECK(house.run(hours{1}));
  CHECK(bought(world, "m") == 4);
  auto const next = day_end(world.now());
  while (world.now() < next) house.engine->turn(next + minutes{1});
  CHECK(house.run(hours{1}));
  CHECK(bought(world, "m") == 5);
  CHECK(house.engine->stops().empty());
}

TEST_CASE("a month's cap outlasts its days") {
  TimeZone const zone{"UTC"};
  World world{207};
  House house{world};
  house.config.caps.all.month = {{}, Money{400'000}};
  house.config.rescan = hours{12};
  house.open();
  house.drop("m.yaml", manifest("", 3));
  CHECK(house.run(hours{1}));
  CHECK(bought(world, "m") == 2);
  auto const stop = house.engine->stops().at(0);
  CHECK(stop.scope == Scope::Month);
  CHECK(rfc3339(stop.until) == "2026-09-01T00:00:00.000Z");
  while (world.now() < stop.until - minutes{1}) house.engine->turn(stop.until - minutes{1});
  CHECK(bought(world, "m") == 2);
  while (world.now() < stop.until) house.engine->turn(stop.until + minutes{1});
  CHECK(house.run(hours{1}));
  CHECK(bought(world, "m") == 3);
}

TEST_CASE("a model's cap stops that model, and another one goes on") {
  World world{208};
  House house{world};
  house.config.caps.models["wan2.6-t2i"].day = {1, {}};
  house.open();
  house.drop("a.yaml", manifest("", 3, "a"));
  house.drop("b.yaml", manifest("", 3, "b", 1, "wan2.5-t2i-preview"));
  CHECK(house.run(hours{1}));
  CHECK(bought(world, "a") == 1);
  CHECK(bought(world, "b") == 3);
  REQUIRE(house.engine->stops().size() == 1);
  CHECK(house.engine->stops()[0].model == "wan2.6-t2i");
}

TEST_CASE("what a day has cost is known after a new start, and a higher cap holds from then on") {
  World world{209};
  House house{world};
  house.config.caps.all.day = {2, {}};
  house.open();
  house.drop("m.yaml", manifest("", 5));
  CHECK(house.run(hours{1}));
  house.close();
  house.open();
  CHECK(house.run(hours{1}));
  CHECK(bought(world, "m") == 2);
  house.close();
  house.config.caps.all.day = {3, {}};
  house.open();
  CHECK(house.run(hours{1}));
  CHECK(bought(world, "m") == 3);
  house.close();
  house.config.caps = {};
  house.open();
  CHECK(house.run(hours{1}));
  CHECK(bought(world, "m") == 5);
  CHECK(house.store->stops().empty());
}

TEST_CASE("what waits at a cap is not bought after its deadline, and waits no longer") {
  World world{210};
  House house{world};
  house.open();
  house.drop("m.yaml", manifest("deadline: 5h\nbudget: { pictures: 1 }", 200));
  CHECK(house.run(hours{1}));
  CHECK(house.store->tally()[State::Queued] == 199);
  auto const end = world.now() + hours{6};
  while (world.now() < end) house.engine->turn(end);
  CHECK(house.store->tally()[State::Queued] == 0);
  CHECK(house.store->tally()[State::Canceled] == 199);
  CHECK(house.engine->stops().empty());
}

TEST_CASE("when more has failed than a manifest allows, its rest waits until somebody resumes it") {
  World world{211};
  House house{world};
  int creates = 0;
  world.fault = [&](What what, int, Instant) {
    return what == What::Create && ++creates <= 3 ? Fault::Refused : Fault::None;
  };
  house.open();
  house.drop("m.yaml", manifest("max_failures: 2%", 80));
  house.drop("n.yaml", manifest("", 90, "n"));
  CHECK(house.run());
  auto const outcomes = house.store->standing("m").outcomes;
  CHECK(outcomes.failed == 3);
  CHECK(outcomes.finished() >= 50);
  // What was under way then was finished.
  CHECK(outcomes.finished() < 60);
  CHECK(bought(world, "n") == 90);
  auto const stops = house.engine->stops();
  REQUIRE(stops.size() == 1);
  CHECK(stops[0].scope == Scope::Failures);
  CHECK(stops[0].manifest == "m");
  CHECK(stops[0].failed == 3);
  CHECK(stops[0].finished == outcomes.finished());

  resume(house, "m", "r1");
  CHECK(house.run());
  CHECK(house.store->tally()[State::Queued] == 0);
  CHECK(bought(world, "m") == 77);
  CHECK(house.store->standing("m").outcomes.forgiven == 3);
  CHECK(house.text("accepted/r1.yaml.receipt.txt").find("failed jobs of m are forgiven") !=
        std::string::npos);
  // Once more there is nothing to forgive, and nobody is told of failures.
  resume(house, "m", "r2");
  CHECK(house.run());
  CHECK(house.text("accepted/r2.yaml.receipt.txt").find("forgiven") == std::string::npos);
  CHECK(findings(house).empty());
}

TEST_CASE("what was forgiven stays forgiven after a new start, and new failures count") {
  World world{212};
  House house{world};
  bool refusing = true;
  world.fault = [&](What what, int, Instant) {
    return what == What::Create && refusing ? Fault::Refused : Fault::None;
  };
  house.open();
  house.drop("m.yaml", manifest("max_failures: 10", 100));
  CHECK(house.run());
  CHECK(house.store->standing("m").outcomes.failed >= 50);
  auto const before = house.store->standing("m").outcomes.failed;
  CHECK(before < 60);
  resume(house, "m", "r1");
  refusing = false;
  for (int i = 0; i < 20; ++i) house.engine->turn(world.now() + seconds{1});
  house.close();
  house.open();
  for (int i = 0; i < 20; ++i) house.engine->turn(world.now() + seconds{1});
  refusing = true;
  CHECK(house.run());
  auto const after = house.store->standing("m").outcomes;
  CHECK(after.failed - before > 10);
  CHECK(after.failed - before < 17);
  CHECK(house.engine->stops().at(0).scope == Scope::Failures);
}

TEST_CASE("to resume a manifest that nobody knows is refused") {
  World world{213};
  House house{world};
  house.open();
  house.drop("m.yaml", manifest("", 1));
  CHECK(house.run());
  resume(house, "nobody", "r1");
  for (int i = 0; i < 20; ++i) house.engine->turn(world.now() + seconds{1});
  CHECK(house.is_there("rejected/r1.yaml"));
  CHECK(house.text("rejected/r1.yaml.error.txt").find("nobody is not known here") != std::string::npos);
}

TEST_CASE("whatever happens, no cap is exceeded at any turn, and what fits is bought in the end") {
  TimeZone const zone{"UTC"};
  for (unsigned seed = 1; seed <= 12; ++seed) {
    CAPTURE(seed);
    std::mt19937 dice{seed};
    auto const up_to = [&](int most) { return static_cast<int>(dice() % static_cast<unsigned>(most)); };
    World world{seed};
    world.habits.list_delay = seconds{up_to(30)};
    world.habits.failures = 0.1;
    world.habits.shortfalls = 0.2;
    bool calm = false;
    world.fault = [&](What what, int, Instant) {
      static constexpr Fault kCreates[] = {Fault::LostAnswer,  Fault::LostRequest, Fault::Throttled,
                                           Fault::Unavailable, Fault::Refused,     Fault::Unreachable};
      if (calm || dice() % 5 != 0) return Fault::None;
      if (what == What::Create) return kCreates[dice() % 6];
      return what == What::Query && dice() % 4 == 0 ? Fault::TaskFailed : Fault::None;
    };
    Steps steps;
    House house{world};
    house.steps = &steps;
    auto& caps = house.config.caps;
    caps.all.day = {6 + up_to(8), {}};
    caps.all.month = {{}, Money{2'000'000 + 100'000 * up_to(30)}};
    caps.models["wan2.6-t2i"].day = {{}, Money{1'000'000 + 100'000 * up_to(10)}};
    caps.submitter.day = {4 + up_to(6), {}};
    caps.submitter.month = {{}, Money{1'400'000 + 100'000 * up_to(20)}};
    auto const on_uncertain = up_to(3) == 0 ? "on_uncertain: resubmit\n" : "";
    auto const refill = up_to(2) == 0 ? "refill: true\n" : "";
    drop_as(house, kAnna, "m.yaml",
            manifest(fmt::format("{}{}budget: {{ cost: {}.{}0 CNY }}", on_uncertain, refill, 1 + up_to(2),
                                 up_to(10)),
                     8, "m", 1 + up_to(3)));
    drop_as(house, kBen, "n.yaml", manifest("budget: { pictures: 5 }", 6, "n", 2, "wan2.5-t2i-preview"));
    auto const end = world.now() + hours{70};
    auto const turn = [&](Instant until) {
      if (!house.is_open()) {
        steps = {0, up_to(3) == 0 ? 0 : 1 + up_to(150)};
        house.open();
      }
      house.engine->turn(until);
    };
    for (int turns = 0; turns < 3000 && world.now() < end; ++turns) {
      calm = world.now() > end - hours{40};
      try {
        turn(std::min(end, world.now() + minutes{30}));
      } catch (Crash const&) {
        house.close();
        continue;
      }
      check_caps_hold(house, caps, {"m", "n"});
    }
    if (!house.is_open()) {
      steps = {};
      house.open();
    }
    for (auto const& finding : findings(house)) CHECK(finding == "");
    // What waits is waiting for a cap, or for a person.
    if (house.store->tally()[State::Queued] > 0) CHECK_FALSE(house.engine->stops().empty());
  }
}

TEST_CASE("one person at the cap holds up nobody else, and goes on when the day turns") {
  if (::geteuid() != 0) return;  // it takes two owners
  TimeZone const zone{"UTC"};
  World world{214};
  House house{world};
  house.config.caps.submitter.day = {3, {}};
  house.config.rescan = hours{1};
  house.open();
  drop_as(house, kAnna, "a.yaml", manifest("priority: high", 150, "a"));
  drop_as(house, kAnna, "b.yaml", manifest("", 100, "b"));
  drop_as(house, kBen, "c.yaml", manifest("", 2, "c"));
  CHECK(house.run(hours{1}));
  CHECK(bought(world, "a") == 3);
  CHECK(bought(world, "b") == 0);
  CHECK(bought(world, "c") == 2);
  auto const stops = house.engine->stops();
  REQUIRE(stops.size() == 1);
  CHECK(stops[0].scope == Scope::Day);
  CHECK(stops[0].submitter == kAnna);
  CHECK(stops[0].until == day_end(world.now()));
  CHECK(open_reader(house.root / "state/wanspool.db")->stops() == stops);
  while (world.now() < stops[0].until) house.engine->turn(stops[0].until + minutes{1});
  CHECK(house.run(hours{1}));
  CHECK(bought(world, "a") == 6);
  CHECK(findings(house).empty());
}

TEST_CASE("a person's cap that is raised while the wheel turns lets his jobs go on") {
  World world{215};
  House house{world};
  house.config.caps.submitter.month = {2, {}};
  house.open();
  house.drop("m.yaml", manifest("", 5));
  CHECK(house.run(hours{1}));
  CHECK(bought(world, "m") == 2);
  REQUIRE(house.engine->stops().size() == 1);
  CHECK(house.engine->stops()[0].submitter == static_cast<std::int64_t>(::geteuid()));
  house.config.caps.submitter.month = {4, {}};
  house.engine->change(house.models, house.config);
  CHECK(house.run(hours{1}));
  CHECK(bought(world, "m") == 4);
  house.config.caps.submitter = {};
  house.engine->change(house.models, house.config);
  CHECK(house.run(hours{1}));
  CHECK(bought(world, "m") == 5);
  CHECK(house.engine->stops().empty());
}

TEST_CASE("what a person has bought today is known after a new start") {
  World world{216};
  House house{world};
  house.config.caps.submitter.day = {{}, Money{400'000}};
  house.open();
  house.drop("m.yaml", manifest("", 5));
  CHECK(house.run(hours{1}));
  house.close();
  house.open();
  CHECK(house.run(hours{1}));
  CHECK(bought(world, "m") == 2);
}
