#include <doctest/doctest.h>

#include <algorithm>
#include <vector>

#include "engine/house.h"

using namespace wanspool;
using namespace wanspool::test;
using Fault = World::Fault;
using Refusal = World::Refusal;
using What = World::What;

TEST_SUITE_BEGIN("engine");

namespace {

Refusal const kRate{429, "Throttling.RateQuota", "Requests rate limit exceeded, please try again later."};
Refusal const kBurst{429, "Throttling.BurstRate",
                     "Request rate increased too quickly. To ensure system stability, please adjust."};
Refusal const kSlots{429, "Throttling.Concurrency", "Too many tasks are in processing."};
Refusal const kQuota{429, "Throttling.AllocationQuota", "Allocated quota exceeded, please increase it."};
Refusal const kNoQuota{429, "Throttling.AllocationQuota", "The plan quota has been exhausted."};
Refusal const kUnpaid{400, "Arrearage", "Access denied, please make sure your account is in good standing."};
Refusal const kBadKey{401, "InvalidApiKey", "Invalid API-key provided."};

// Every create that leaves: when, for which model, and how many others are unanswered at that moment.
struct Left {
  Instant at;
  std::string model;
  int others = 0;
};

// What the creates of a world do, and how they are refused.
class Watch {
 public:
  // `refuses` is asked for each create, which counts from 1.
  Watch(World& world, std::function<std::optional<Refusal>(int, Instant)> refuses) {
    world.refusal = [this, &world, refuses = std::move(refuses)](What what, Request const& request,
                                                                 Instant now) -> std::optional<Refusal> {
      if (what != What::Create) return {};
      auto const open = world.in_flight();
      auto const others = std::count_if(open.begin(), open.end(),
                                        [](auto const* each) { return each->method == Method::Post; });
      auto const at = request.body.find("\"model\":\"") + 9;
      creates.push_back(
          {now, request.body.substr(at, request.body.find('"', at) - at), static_cast<int>(others)});
      auto refusal = refuses(static_cast<int>(creates.size()), now);
      if (refusal) last_refused = now;
      return refusal;
    };
  }

  int between(Instant from, Instant to) const {
    return static_cast<int>(std::count_if(creates.begin(), creates.end(),
                                          [&](Left const& each) { return each.at >= from && each.at < to; }));
  }
  int of(std::string const& model) const {
    return static_cast<int>(
        std::count_if(creates.begin(), creates.end(), [&](Left const& each) { return each.model == model; }));
  }

  std::vector<Left> creates;
  Instant last_refused;
};

void turn_until(House& house, Instant end) {
  while (house.world.now() < end) house.engine->turn(end);
}

void allow(House& house, int slots, int creates_in_flight) {
  house.config.limits["wan2.6-t2i"] = {5, slots, creates_in_flight};
  house.world.slots = slots;
}

Weather::Kind kind_of(House const& house) {
  for (auto const& row : house.engine->weather())
    if (row.model == "wan2.6-t2i") return row.weather.kind;
  FAIL("there is no such lane");
  return {};
}

// Ten jobs for each of two models, so that there are two lanes.
std::string two_lanes() {
  std::string text = "manifest: 1\njobs:\n";
  for (std::string const model : {"wan2.6-t2i", "wan2.7-image"})
    text += "  - { id: " + model + ", model: " + model + ", prompt: a kite for " + model + ", takes: 10 }\n";
  return text;
}

}  // namespace

TEST_CASE("an account that takes fewer creates a second than we thought refuses few of them") {
  World world{401};
  world.habits.creates_per_second = 2;
  House house{world};
  allow(house, 60, 1);
  house.open();
  house.drop("m.yaml", House::manifest_of(150));
  CHECK(house.run());
  CHECK(house.pictures().size() == 150);
  CHECK(world.refused_for_rate >= 1);
  // One more is tried again and again, as rarely as ten full windows.
  CHECK(world.refused_for_rate <= 12);
}

TEST_CASE("a refused rate is halved for what follows, and comes back") {
  World world{402};
  Watch watch{world, [](int n, Instant) { return n == 11 ? std::optional{kRate} : std::nullopt; }};
  House house{world};
  allow(house, 300, 1);
  house.open();
  house.drop("m.yaml", House::manifest_of(240));
  CHECK(house.run());
  auto const again = watch.creates.at(11).at;
  CHECK(watch.between(again, again + seconds{5}) <= 2 * 5 + 1);
  CHECK(watch.between(again, again + seconds{5}) >= 8);
  CHECK(watch.between(again + seconds{40}, again + seconds{50}) > 40);
  CHECK(watch.creates.size() == 241);
}

TEST_CASE("after a refused burst the creates of a second begin again at one and become more") {
  World world{403};
  Watch watch{world, [](int n, Instant) { return n == 11 ? std::optional{kBurst} : std::nullopt; }};
  House house{world};
  allow(house, 300, 1);
  house.open();
  house.drop("m.yaml", House::manifest_of(240));
  CHECK(house.run());
  auto const again = watch.creates.at(11).at;
  CHECK(watch.between(again, again + seconds{5}) <= 5 + 1);
  CHECK(watch.between(again + seconds{50}, again + seconds{60}) > 40);
  CHECK(watch.creates.size() == 241);
}

TEST_CASE("a create that is refused for want of a slot stops nothing but waits for one") {
  World world{404};
  world.service_least = world.service_most = seconds{20};
  Watch watch{world, [](int n, Instant) { return n == 5 ? std::optional{kSlots} : std::nullopt; }};
  House house{world};
  allow(house, 5, 1);
  house.open();
  house.drop("m.yaml", House::manifest_of(12));
  while (watch.creates.size() < 5) house.engine->turn(world.now() + seconds{1});
  turn_until(house, watch.last_refused + seconds{10});
  CHECK(watch.creates.size() == 5);
  CHECK(kind_of(house) == Weather::Kind::Fair);
  // The first end makes room at once, and not when some wait is over.
  turn_until(house, watch.creates.front().at + seconds{22});
  CHECK(watch.creates.size() > 5);
  CHECK(house.run());
  CHECK(house.pictures().size() == 12);
}

TEST_CASE(
    "an allocated quota that is exceeded is a pause, and one that is used up is tried every ten minutes") {
  for (bool const used_up : {false, true}) {
    CAPTURE(used_up);
    World world{405};
    auto const end = world.now() + hours{3};
    Watch watch{world, [&](int, Instant now) {
                  return now < end ? std::optional{used_up ? kNoQuota : kQuota} : std::nullopt;
                }};
    House house{world};
    allow(house, 5, 4);
    house.open();
    house.drop("m.yaml", House::manifest_of(6));
    turn_until(house, end);
    CHECK(kind_of(house) == (used_up ? Weather::Kind::OutOfQuota : Weather::Kind::Throttled));
    // Of what leaves at once, before anybody has refused anything, there are four.
    if (used_up) CHECK(watch.creates.size() <= 4 + 18);
    if (used_up) CHECK(watch.creates.size() >= 18);
    if (!used_up) CHECK(watch.creates.size() > 4 + 36);
    CHECK(house.run());
    CHECK(house.pictures().size() == 6);
  }
}

TEST_CASE("Retry-After is kept to, whatever was refused and by whatever status") {
  for (auto refusal :
       {kRate, kBurst, kSlots, kQuota, Refusal{503, "ModelUnavailable", "Model is unavailable"}}) {
    CAPTURE(refusal.code);
    refusal.retry_after = 200;
    World world{406};
    Watch watch{world, [&](int n, Instant) { return n <= 2 ? std::optional{refusal} : std::nullopt; }};
    House house{world};
    allow(house, 5, 1);
    house.open();
    house.drop("m.yaml", House::manifest_of(3));
    CHECK(house.run());
    REQUIRE(watch.creates.size() == 5);
    CHECK(watch.creates[1].at - watch.creates[0].at >= seconds{200});
    CHECK(watch.creates[2].at - watch.creates[1].at >= seconds{200});
    CHECK(watch.creates[2].at - watch.creates[1].at < seconds{320});
  }
}

TEST_CASE("while queries are refused nothing is bought twice, and their Retry-After is kept to") {
  World world{407};
  world.service_least = world.service_most = seconds{10};
  std::vector<Instant> asked;
  world.refusal = [&](What what, Request const&, Instant now) -> std::optional<Refusal> {
    if (what == What::List) return Refusal{403, "AccessDenied", "Access denied."};
    if (what != What::Query) return {};
    asked.push_back(now);
    auto refusal = kRate;
    refusal.retry_after = 100;
    return asked.size() <= 3 ? std::optional{refusal} : std::nullopt;
  };
  House house{world};
  house.open();
  house.drop("m.yaml", House::manifest_of(1));
  CHECK(house.run());
  CHECK(house.pictures().size() == 1);
  CHECK(world.creates == 1);
  REQUIRE(asked.size() >= 4);
  for (std::size_t i = 1; i < 4; ++i) CHECK(asked[i] - asked[i - 1] >= seconds{100});
}

TEST_CASE("in bad weather one create goes out alone to see, and when it is answered well the others follow") {
  struct Sky {
    char const* name;
    std::optional<Refusal> refusal;
    Fault fault;
  };
  for (auto const& sky :
       {Sky{"overloaded", Refusal{503, "ModelUnavailable", "Model is unavailable"}, Fault::None},
        Sky{"throttled", kQuota, Fault::None}, Sky{"no connection", {}, Fault::Unreachable}}) {
    CAPTURE(sky.name);
    World world{408};
    world.latency_least = world.latency_most = seconds{2};  // so that several could be under way
    auto const clears = world.now() + minutes{30};
    Watch watch{world, [&](int, Instant now) { return now < clears ? sky.refusal : std::nullopt; }};
    world.fault = [&](What, int, Instant now) { return now < clears ? sky.fault : Fault::None; };
    House house{world};
    allow(house, 50, 4);
    house.open();
    house.drop("m.yaml", House::manifest_of(30));
    CHECK(house.run());
    CHECK(house.pictures().size() == 30);

    auto const first_answer = watch.creates.empty() ? clears : watch.creates.front().at + seconds{2};
    for (auto const& each : watch.creates)
      if (each.at > first_answer && each.at < clears) CHECK(each.others == 0);
    auto const after = std::find_if(watch.creates.begin(), watch.creates.end(),
                                    [&](Left const& each) { return each.at >= clears; });
    REQUIRE(after != watch.creates.end());
    CHECK(watch.between(after->at, after->at + seconds{2}) == 1);
    CHECK(std::any_of(after, watch.creates.end(), [](Left const& each) { return each.others >= 2; }));
  }
}

TEST_CASE(
    "an unpaid bill or a bad key stops every lane at once, and each has wasted one create at the most") {
  for (auto const& refusal : {kUnpaid, kBadKey}) {
    CAPTURE(refusal.code);
    World world{409};
    bool paid = false;
    Watch watch{world, [&](int, Instant) { return paid ? std::nullopt : std::optional{refusal}; }};
    House house{world};
    house.open();
    house.drop("m.yaml", two_lanes());
    auto const begin = world.now();
    turn_until(house, begin + minutes{4});
    CHECK(watch.of("wan2.6-t2i") == 1);
    CHECK(watch.of("wan2.7-image") <= 1);
    CHECK(house.engine->account_is_stopped());
    CHECK(house.engine->tally()[State::Queued] == 20);
    CHECK(house.engine->tally().reserved == Money{});
    for (auto const& row : house.engine->weather()) {
      CHECK(row.weather.kind == Weather::Kind::Account);
      CHECK(row.weather.reason.find(refusal.code) != std::string::npos);
    }

    paid = true;
    house.drop("resume.yaml", "command: resume\nid: paid\n");
    auto const told = world.now();
    turn_until(house, told + seconds{30});
    CHECK(watch.between(told, told + seconds{30}) > 2);
    CHECK(house.run());
    CHECK(house.pictures().size() == 20);
    CHECK_FALSE(house.engine->account_is_stopped());
  }
}

TEST_CASE("a stopped account is tried again by itself, a create of each lane every five minutes") {
  World world{410};
  auto const pays = world.now() + hours{2};
  Watch watch{world, [&](int, Instant now) { return now < pays ? std::optional{kUnpaid} : std::nullopt; }};
  House house{world};
  house.open();
  house.drop("m.yaml", two_lanes());
  turn_until(house, pays);
  for (auto const* const model : {"wan2.6-t2i", "wan2.7-image"}) {
    CAPTURE(model);
    CHECK(watch.of(model) >= 12);
    CHECK(watch.of(model) <= 25);
  }
  turn_until(house, pays + minutes{6});
  CHECK_FALSE(house.engine->account_is_stopped());
  CHECK(house.run());
  CHECK(house.pictures().size() == 20);
}

TEST_CASE("the first lane that is served again frees the others") {
  World world{411};
  bool paid = false;
  Watch watch{world, [&](int, Instant) { return paid ? std::nullopt : std::optional{kUnpaid}; }};
  House house{world};
  house.open();
  house.drop("m.yaml", two_lanes());
  turn_until(house, world.now() + minutes{1});
  auto const before = watch.creates.size();
  paid = true;
  while (watch.creates.size() == before) house.engine->turn(world.now() + seconds{10});
  auto const served = watch.creates.back().at;
  turn_until(house, served + seconds{5});
  CHECK(watch.of("wan2.6-t2i") > 2);
  CHECK(watch.of("wan2.7-image") > 2);
  CHECK(house.run());
}
