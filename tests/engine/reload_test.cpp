#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>
#include <random>

#include "base/days.h"
#include "engine/house.h"
#include "support/zone.h"

using namespace wanspool;
using namespace wanspool::test;
using What = World::What;

TEST_SUITE_BEGIN("engine");

// A configuration that changes while the wheel turns.
namespace {

constexpr char kModel[] = "wan2.6-t2i";

// Turns until that many creates have been accepted.
void buy(House& house, std::size_t tasks) {
  for (int turns = 0; house.world.tasks().size() < tasks && turns < 100'000; ++turns)
    house.engine->turn(house.world.now() + minutes{1});
  REQUIRE(house.world.tasks().size() >= tasks);
}

// Notes when requests of a kind leave.
void note_starts(World& world, What what, std::vector<Instant>& starts) {
  world.refusal = [&world, what, &starts](What its, Request const&,
                                          Instant) -> std::optional<World::Refusal> {
    if (its == what) starts.push_back(world.now());
    return {};
  };
}

// The most that left in a second which ends with one of these, from the `first` up to the `last`.
std::ptrdiff_t most_in_a_second(std::vector<Instant> const& starts, std::size_t first, std::size_t last) {
  std::ptrdiff_t most = 0;
  for (auto end = first; end < last; ++end)
    most = std::max(most, std::count_if(starts.begin(), starts.begin() + static_cast<std::ptrdiff_t>(end) + 1,
                                        [&](Instant each) { return each > starts[end] - seconds{1}; }));
  return most;
}

// Turns so long, whether or not there is something to do.
void pass(House& house, milliseconds length) {
  auto const end = house.world.now() + length;
  while (house.world.now() < end) house.engine->turn(end);
}

void change(House& house) {
  CHECK(house.engine->change(house.models, house.config).empty());
}

}  // namespace

TEST_CASE("a lower rate of creates holds at once and a higher one from then on") {
  World world{901};
  world.slots = 200;
  House house{world};
  house.config.limits[kModel] = {10, 200, 8};
  house.open();
  std::vector<Instant> starts;
  note_starts(world, What::Create, starts);
  house.drop("m.yaml", House::manifest_of(150));
  buy(house, 50);
  auto const lower = starts.size();
  house.config.limits[kModel] = {2, 200, 8};
  change(house);
  buy(house, 80);
  auto const higher = starts.size();
  house.config.limits[kModel] = {20, 200, 8};
  change(house);
  CHECK(house.run());
  CHECK(most_in_a_second(starts, 0, lower) > 5);
  CHECK(most_in_a_second(starts, 0, lower) <= 10);
  CHECK(most_in_a_second(starts, lower, higher) == 2);
  CHECK(most_in_a_second(starts, higher, starts.size()) > 10);
  CHECK(most_in_a_second(starts, higher, starts.size()) <= 20);
  CHECK(house.store->tally()[State::Done] == 150);
  CHECK(world.tasks().size() == 150);
}

TEST_CASE("a lower rate of queries holds at once") {
  World world{902};
  world.slots = 60;
  House house{world};
  house.config.limits[kModel] = {60, 60, 8};
  house.open();
  std::vector<Instant> starts;
  note_starts(world, What::Query, starts);
  house.drop("m.yaml", House::manifest_of(200));
  buy(house, 100);
  auto const lower = starts.size();
  house.config.queries_per_second = 3;
  house.config.lists_per_second = 1;
  change(house);
  CHECK(house.run());
  CHECK(most_in_a_second(starts, 0, lower) > 3);
  CHECK(most_in_a_second(starts, lower, starts.size()) == 3);
  CHECK(house.store->tally()[State::Done] == 200);
}

TEST_CASE("with fewer slots nothing more is sent until there are so few out there") {
  World world{903};
  world.slots = 20;
  House house{world};
  house.config.limits[kModel] = {20, 20, 4};
  house.open();
  house.drop("m.yaml", House::manifest_of(80));
  buy(house, 40);
  auto const standing = [&] {
    for (auto const& each : house.engine->stands(world.now()))
      if (each.row.model == kModel) return each;
    return LaneStand{};
  };
  CHECK(standing().outstanding > 10);
  house.config.limits[kModel] = {20, 3, 4};
  change(house);
  int before = standing().outstanding;
  bool has_shrunk = false;
  while (!house.engine->idle()) {
    house.engine->turn(world.now() + minutes{10});
    auto const now = standing();
    if (now.outstanding > before) CHECK(now.outstanding <= now.room);
    has_shrunk = has_shrunk || now.outstanding <= 3;
    if (has_shrunk) CHECK(now.outstanding <= 5);  // three, and two at most that wait ahead
    before = now.outstanding;
  }
  CHECK(house.store->tally()[State::Done] == 80);
  CHECK(world.tasks().size() == 80);
}

TEST_CASE("the limits of one account change, and those of another do not") {
  World world{920}, studio{921};
  world.beside = &studio;
  studio.ids = "studio";
  studio.host = "http://127.0.0.1:2";
  studio.caller = "2000000000000002";
  House house{world};
  auto& its = house.config.accounts["studio"];
  its.endpoint = studio.host + "/api/v1";
  house.open();
  house.drop("m.yaml", House::manifest_of(60));
  buy(house, 10);
  its.limits[kModel] = {1, 1, {}};
  its.queries_per_second = 3;
  change(house);
  for (auto const& each : house.engine->stands(world.now()))
    if (each.row.model == kModel) CHECK(each.limits.slots == (each.row.account == "studio" ? 1 : 5));
  auto const before = studio.tasks().size();
  CHECK(house.run());
  CHECK(house.store->tally()[State::Done] == 60);
  CHECK(world.tasks().size() + studio.tasks().size() == 60);
  CHECK(studio.tasks().size() - before < (60 - 10 - before) / 3);
}

TEST_CASE("a lower cap stops at once, and a higher one lets go on without a new start") {
  World world{904};
  House house{world};
  house.config.caps.all.day.pictures = 40;
  house.open();
  house.drop("m.yaml", House::manifest_of(30));
  buy(house, 10);
  auto const bought = static_cast<std::int64_t>(world.tasks().size()) + house.engine->unanswered();
  house.config.caps.all.day.pictures = 5;
  change(house);
  pass(house, hours{2});  // it waits for the next day
  CHECK(static_cast<std::int64_t>(world.tasks().size()) <= bought);
  CHECK(house.engine->stops().size() == 1);
  CHECK(house.caps_told == 1);
  auto const so_far = static_cast<std::int64_t>(world.tasks().size());
  house.config.caps.all.day.pictures = so_far + 3;
  change(house);
  pass(house, hours{2});
  CHECK(static_cast<std::int64_t>(world.tasks().size()) == so_far + 3);
  house.config.caps = {};
  change(house);
  CHECK(house.run(hours{2}));
  CHECK(house.store->tally()[State::Done] == 30);
  CHECK(house.engine->stops().empty());
  CHECK(house.store->stops().empty());
}

TEST_CASE("what was planned when the disk was full is bought, and nothing more, under a lower cap") {
  World world{905};
  world.slots = 50;
  House house{world};
  house.config.limits[kModel] = {20, 50, 4};
  house.open();
  house.drop("m.yaml", House::manifest_of(30));
  buy(house, 5);
  // The next plan finds no room in the store.
  house.full_call = "commit";
  for (int turns = 0; turns < 2000 && house.engine->hindrance().kind != Hindrance::Kind::Disk; ++turns)
    house.engine->turn(world.now() + seconds{1});
  REQUIRE(house.engine->hindrance().kind == Hindrance::Kind::Disk);
  auto const& tally = house.engine->tally();
  auto const planned = tally.total() - tally[State::Queued];
  REQUIRE(planned > static_cast<std::int64_t>(world.tasks().size()));
  house.config.caps.all.day.pictures = 1;
  change(house);
  house.full_call.clear();
  pass(house, hours{2});
  CHECK(static_cast<std::int64_t>(world.tasks().size()) <= planned);
  CHECK(house.store->tally()[State::Done] == static_cast<std::int64_t>(world.tasks().size()));
}

TEST_CASE("a cap ends its day by the clock of the new time zone") {
  TimeZone const utc{"UTC"};
  World world{906};  // it begins at midnight
  House house{world};
  house.config.caps.all.day.pictures = 2;
  house.open();
  house.drop("m.yaml", House::manifest_of(4));
  pass(house, hours{1});
  REQUIRE(house.engine->stops().size() == 1);
  CHECK(rfc3339(house.engine->stops().front().until) == "2026-08-06T00:00:00.000Z");
  TimeZone const east{"CST-8"};
  change(house);
  pass(house, hours{1});
  REQUIRE(house.engine->stops().size() == 1);
  CHECK(rfc3339(house.engine->stops().front().until) == "2026-08-05T16:00:00.000Z");
  CHECK(world.tasks().size() == 2);
  pass(house, hours{24});
  CHECK(world.tasks().size() == 4);
}

TEST_CASE("a row of the table that is new is bought from, and one that is gone stays for its jobs") {
  World world{907};
  House house{world};
  house.open();
  auto row = house.models.at(kModel);
  row.name = "kite-1";
  for (auto& [region, price] : row.prices) price = Money{1'000'000};
  auto const before = house.models;
  house.models.emplace("kite-1", row);
  change(house);
  house.drop(
      "k.yaml",
      "manifest: 1\ndefaults: { model: kite-1 }\njobs: [{ id: a, prompt: a }, { id: b, prompt: b }]\n");
  CHECK(house.run());
  CHECK(house.store->tally()[State::Done] == 2);
  CHECK(house.store->tally().spent == Money{2'000'000});
  house.models = before;
  CHECK(house.engine->change(house.models, house.config) == std::vector<std::string>{"kite-1"});
  house.drop("l.yaml", "manifest: 1\ndefaults: { model: kite-1 }\njobs: [{ id: c, prompt: c }]\n");
  CHECK(house.run());
  CHECK(house.store->tally()[State::Done] == 3);
}

TEST_CASE("another price holds for what is dropped from then on") {
  World world{908};
  House house{world};
  house.open();
  for (auto& [region, price] : house.models.at(kModel).prices) price = Money{500'000};
  change(house);
  house.drop("m.yaml", House::manifest_of(2));
  CHECK(house.run());
  CHECK(house.store->tally().spent == Money{1'000'000});
}

TEST_CASE("ask_above and the times of the inbox hold for the next drop") {
  World world{909};
  House house{world};
  house.config.settle = hours{1};
  house.open();
  house.drop("m.yaml", House::manifest_of(2));
  pass(house, minutes{10});
  CHECK(house.receipts.empty());
  house.config.settle = milliseconds{0};
  house.config.ask_above = Money{};
  change(house);
  CHECK(house.run(minutes{10}));
  REQUIRE(house.receipts.size() == 1);
  CHECK_FALSE(house.receipts.front().accepted);
}

TEST_CASE("whatever changes how often in the midst of work, nothing is lost, bought twice or beyond a cap") {
  for (unsigned seed = 1; seed <= 3; ++seed) {
    CAPTURE(seed);
    World world{910 + seed};
    world.slots = 12;
    world.habits.failures = 0.05;
    std::mt19937 random{seed};
    House house{world};
    house.config.limits[kModel] = {10, 12, 3};
    house.open();
    house.drop("m.yaml", House::manifest_of(60));
    std::int64_t highest = 0;
    for (int reloads = 0; reloads < 40; ++reloads) {
      auto const pick = [&](int low, int high) {
        return low + static_cast<int>(random() % (high - low + 1));
      };
      house.config.limits[kModel] = {pick(1, 20), pick(1, 12), pick(1, 4)};
      house.config.queries_per_second = pick(2, 30);
      house.config.lists_per_second = pick(1, 30);
      auto const cap = std::int64_t{pick(1, 40)};
      highest = std::max(highest, cap);
      house.config.caps.all.day.pictures = cap;
      change(house);
      for (int turns = pick(1, 12); turns > 0; --turns) house.engine->turn(world.now() + seconds{1});
      REQUIRE(house.engine->today().pictures <= highest);
    }
    house.config.caps = {};
    change(house);
    CHECK(house.run());
    auto const tally = house.store->tally();
    CHECK(tally[State::Done] + tally[State::Failed] == 60);
    CHECK(world.doubled.empty());
    CHECK(world.rebought.empty());
    for (auto const& each : open_reader(house.root / "state/wanspool.db")->audit()) FAIL_CHECK(each.what);
  }
}

TEST_SUITE_END();
