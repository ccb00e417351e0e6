#include "engine/engine.h"

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "engine/house.h"

using namespace wanspool;
using namespace wanspool::test;
using Fault = World::Fault;
using What = World::What;

TEST_SUITE_BEGIN("engine");

namespace {

// This fault for the n-th request of a kind, none else.
auto at(What kind, int number, Fault fault) {
  return [=](What what, int n, Instant) { return what == kind && n == number ? fault : Fault::None; };
}

auto always(What kind, Fault fault) {
  return [=](What what, int, Instant) { return what == kind ? fault : Fault::None; };
}

}  // namespace

TEST_CASE("a dropped manifest becomes pictures with their story beside them") {
  World world{1};
  House house{world};
  house.open();
  house.drop("kites.yaml", House::manifest_of(3));
  CHECK(house.run());
  CHECK(house.pictures() == std::vector<std::string>{"kites/job-1/image-1.png", "kites/job-2/image-1.png",
                                                     "kites/job-3/image-1.png"});
  CHECK(house.text("out/kites/job-2/image-1.png") == tiny_png());
  auto const story = nlohmann::json::parse(house.text("out/kites/job-2/result.json"));
  CHECK(story["job"] == "kites/job-2");
  CHECK(story["state"] == "done");
  CHECK(story["request"]["input"]["messages"][0]["content"][0]["text"] == "a kite number 2");
  CHECK(story["cost"]["spent"] == "0.20");
  CHECK(story["pictures"][0]["width"] == 16);
  CHECK(story["pictures"][0]["sha256"].get<std::string>().size() == 64);
  CHECK(house.text("accepted/kites.yaml.receipt.txt").find("jobs          3") != std::string::npos);
  CHECK(house.is_there("accepted/kites.yaml"));
  CHECK_FALSE(house.is_there("inbox/kites.yaml"));
}

TEST_CASE("no key and no signed address is ever in the output tree") {
  World world{2};
  House house{world};
  house.open();
  house.drop("m.yaml", House::manifest_of(1));
  CHECK(house.run());
  auto const story = house.text("out/m/job-1/result.json");
  CHECK(story.find("sk-test") == std::string::npos);
  CHECK(story.find("Signature") == std::string::npos);
}

TEST_CASE("a thousand jobs survive a six-hour outage and no limit is ever broken") {
  World world{3};
  auto const begin = world.now();
  world.fault = [&](What what, int n, Instant now) {
    bool const out = now > begin + minutes{10} && now < begin + minutes{370};
    if (!out) return n % 50 == 7 ? Fault::Throttled : Fault::None;
    return what == What::Create && n % 3 == 0 ? Fault::Unavailable : Fault::Unreachable;
  };
  House house{world};
  house.open();
  house.drop("many.yaml", House::manifest_of(1000));
  CHECK(house.run());
  CHECK(house.pictures().size() == 1000);
  CHECK(world.billed == 1000);
  CHECK(world.most_creates <= 5);
  CHECK(world.most_queries <= 20);
  CHECK(world.most_at_once <= 9);  // five slots, and what may wait for one
  CHECK(house.engine->tally().spent == Money{200'000'000});
  CHECK(house.engine->tally().reserved == Money{});
}

TEST_CASE("a gateway's page instead of an answer leaves one create in doubt, not all of them") {
  World world{5};
  auto const begin = world.now();
  world.fault = [&](What what, int, Instant now) {
    return what == What::Create && now < begin + minutes{30} ? Fault::BadGateway : Fault::None;
  };
  House house{world};
  house.open();
  house.drop("m.yaml", House::manifest_of(100));
  CHECK(house.run());
  CHECK(house.engine->tally()[State::Done] == 100);
  CHECK(world.creates < 120);
  for (auto const& [body, times] : world.accepted) CHECK(times == 1);
}

TEST_CASE("what was refused for speed goes out later, uncounted") {
  World world{6};
  world.fault = [](What what, int n, Instant) {
    return what == What::Create && n <= 12 ? Fault::Throttled : Fault::None;
  };
  House house{world};
  house.open();
  house.drop("m.yaml", House::manifest_of(2));
  CHECK(house.run());
  CHECK(house.engine->tally()[State::Done] == 2);
}

TEST_CASE("a Retry-After of weeks is reported as out of quota and tried again all the same") {
  World world{7};
  auto const begin = world.now();
  world.fault = [&](What what, int, Instant now) {
    return what == What::Create && now < begin + hours{2} ? Fault::RetryLater : Fault::None;
  };
  House house{world};
  house.open();
  house.drop("m.yaml", House::manifest_of(2));
  CHECK_FALSE(house.run(hours{1}));
  auto const weather = house.engine->weather();
  REQUIRE(std::any_of(weather.begin(), weather.end(),
                      [](auto const& row) { return row.weather.kind == Weather::Kind::OutOfQuota; }));
  CHECK(world.creates < 12);
  CHECK(house.run());
  CHECK(house.engine->tally()[State::Done] == 2);
}

TEST_CASE("a refused key stops creates, loses nothing, and a better one goes on") {
  World world{8};
  world.fault = always(What::Create, Fault::BadKey);
  House house{world};
  house.open();
  house.drop("m.yaml", House::manifest_of(3));
  CHECK(house.run());
  CHECK(house.engine->account_is_stopped());
  CHECK(house.engine->hindrance().text.find("InvalidApiKey") != std::string::npos);
  CHECK(world.creates == 1);
  CHECK(house.engine->tally()[State::Queued] == 3);
  world.fault = [](What, int, Instant) { return Fault::None; };
  house.key = "sk-better";
  for (int i = 0; i < 2000 && house.engine->tally()[State::Done] < 3; ++i)
    house.engine->turn(world.now() + seconds{10});
  CHECK(house.engine->tally()[State::Done] == 3);
}

TEST_CASE("without a key nothing is sent and the reason is said") {
  World world{9};
  House house{world};
  house.key.clear();
  house.open();
  house.drop("m.yaml", House::manifest_of(1));
  CHECK(house.run());
  CHECK(house.engine->account_is_stopped());
  CHECK(house.engine->hindrance().text.find("no API key") != std::string::npos);
  CHECK(world.creates == 0);
}

TEST_CASE("after a start with a key no lane is written down as stopped for want of one, used or not") {
  World world{59};
  House house{world};
  house.key.clear();
  house.open();
  CHECK(house.run());
  auto const stopped = [&] {
    auto const lanes = house.store->lanes();
    return std::count_if(lanes.begin(), lanes.end(),
                         [](auto const& row) { return row.weather.kind == Weather::Kind::Account; });
  };
  REQUIRE(stopped() > 1);
  house.close();
  house.key = "sk-test";
  house.open();
  CHECK(house.run());
  CHECK(stopped() == 0);
}

TEST_CASE("a picture that came torn, or was no picture, is fetched again") {
  World world{10};
  world.fault = [](What what, int n, Instant) {
    if (what != What::Picture) return Fault::None;
    return n == 1 ? Fault::Cut : n == 2 ? Fault::NotAPicture : n == 3 ? Fault::Unreachable : Fault::None;
  };
  House house{world};
  house.open();
  house.drop("m.yaml", House::manifest_of(1));
  CHECK(house.run());
  CHECK(house.text("out/m/job-1/image-1.png") == tiny_png());
  CHECK(house.files_named(".part").empty());
}

TEST_CASE("an expired address is asked for once more") {
  World world{11};
  world.fault = at(What::Picture, 1, Fault::Expired);
  House house{world};
  house.open();
  house.drop("m.yaml", House::manifest_of(1));
  CHECK(house.run());
  CHECK(house.engine->tally()[State::Done] == 1);
}

TEST_CASE("a picture that never comes whole fails its job, which counts as paid and not delivered") {
  World world{12};
  world.fault = always(What::Picture, Fault::NotAPicture);
  House house{world};
  house.open();
  house.drop("m.yaml", House::manifest_of(1));
  CHECK(house.run());
  CHECK(house.pictures().empty());
  CHECK(house.engine->tally()[State::Failed] == 1);
  CHECK(house.engine->tally().uncertain == Money{200'000});
  CHECK(house.text("out/m/job-1/result.json").find("not a PNG") != std::string::npos);
}

TEST_CASE("a task that fails there is bought again as a new one, so many times and no more") {
  World world{13};
  world.fault = always(What::Query, Fault::TaskFailed);
  House house{world};
  house.open();
  house.drop("m.yaml", House::manifest_of(1));
  CHECK(house.run());
  CHECK(world.creates == 3);
  CHECK(world.billed == 0);
  CHECK(house.engine->tally()[State::Failed] == 1);
  CHECK(house.engine->tally().spent == Money{});
  CHECK(house.text("out/m/job-1/result.json").find("InternalError.Timeout") != std::string::npos);
}

TEST_CASE("a refused prompt fails its job alone") {
  World world{14};
  world.fault = at(What::Create, 2, Fault::Refused);
  House house{world};
  house.open();
  house.drop("m.yaml", House::manifest_of(3));
  CHECK(house.run());
  CHECK(house.engine->tally()[State::Done] == 2);
  CHECK(house.engine->tally()[State::Failed] == 1);
}

TEST_CASE("fewer pictures than were asked for are said in the result and cost what they are") {
  World world{15};
  world.pictures_short = 1;
  House house{world};
  house.open();
  house.drop("m.yaml",
             "manifest: 1\njobs: [{ id: a, model: wan2.6-t2i, prompt: kites, parameters: { n: 3 } }]\n");
  CHECK(house.run());
  auto const story = nlohmann::json::parse(house.text("out/m/a/result.json"));
  CHECK(story["cost"]["pictures_wanted"] == 3);
  CHECK(story["cost"]["pictures_charged"] == 2);
  CHECK(story["cost"]["spent"] == "0.40");
  CHECK(story["pictures"].size() == 2);
}

TEST_CASE("a wrong manifest is rejected with its complaints and nothing is queued") {
  World world{16};
  House house{world};
  house.open();
  house.drop("bad.yaml",
             "manifest: 1\njobs:\n  - { id: a, model: wan2.6-imge, prompt: x }\n  - { id: a, prompt: y }\n");
  CHECK(house.run());
  CHECK(house.is_there("rejected/bad.yaml"));
  CHECK(house.text("rejected/bad.yaml.error.txt").find("bad.yaml:3:") != std::string::npos);
  CHECK(house.engine->tally().total() == 0);
  CHECK(world.creates == 0);
}

TEST_CASE("a manifest dropped twice is bought once") {
  World world{17};
  House house{world};
  house.open();
  house.drop("m.yaml", House::manifest_of(4));
  CHECK(house.run());
  house.drop("m.yaml", House::manifest_of(4));
  CHECK(house.run());
  CHECK(world.creates == 4);
  CHECK(house.receipts.size() == 2);
  CHECK(house.receipts[1].accepted);
  CHECK(house.receipts[1].taken.fresh == 0);
}

TEST_CASE("a large manifest is taken in while the pictures of another are made") {
  World world{18};
  House house{world};
  house.open();
  house.drop("small.yaml", House::manifest_of(2));
  house.engine->turn(world.now() + seconds{1});
  house.drop("large.yaml", House::manifest_of(5000, "a boat"));
  int turns = 0;
  while (house.receipts.size() < 2 && turns++ < 1000) house.engine->turn(world.now() + seconds{1});
  CHECK(turns > 5);
  CHECK(house.engine->tally()[State::Queued] >= 4900);
}

TEST_CASE("a full disk under the queue stops buying, keeps what was heard, and goes on when there is room") {
  World world{19};
  House house{world};
  house.open();
  house.drop("m.yaml", House::manifest_of(20));
  while (world.creates < 3) house.engine->turn(world.now() + seconds{1});
  house.store_is_full = true;
  auto const creates = world.creates;
  for (int i = 0; i < 50; ++i) house.engine->turn(world.now() + seconds{1});
  CHECK(world.creates <= creates + 1);
  CHECK(house.engine->hindrance().kind == Hindrance::Kind::Disk);
  house.store_is_full = false;
  CHECK(house.run());
  CHECK(house.engine->tally()[State::Done] == 20);
  CHECK(world.billed == 20);
}

TEST_CASE("a laptop that slept ten hours asks about everything at once and goes on") {
  World world{20};
  House house{world};
  house.open();
  house.drop("m.yaml", House::manifest_of(8));
  while (world.creates < 4) house.engine->turn(world.now() + seconds{1});
  world.pass(hours{10});
  CHECK(house.run());
  CHECK(house.engine->tally()[State::Done] + house.engine->tally()[State::Held] == 8);
  CHECK(house.engine->tally()[State::Held] <= 1);
}

TEST_CASE("UNKNOWN for every task at once touches none of them and stops creates") {
  World world{21};
  auto const begin = world.now();
  world.fault = [&](What what, int, Instant now) {
    return what == What::Query && now > begin + seconds{5} && now < begin + minutes{30} ? Fault::Unknown
                                                                                        : Fault::None;
  };
  House house{world};
  house.open();
  house.drop("m.yaml", House::manifest_of(12));
  CHECK_FALSE(house.run(minutes{20}));
  CHECK(house.engine->tally()[State::Failed] == 0);
  CHECK(world.creates <= 10);
  CHECK(house.run());
  CHECK(house.engine->tally()[State::Done] == 12);
}

TEST_CASE(
    "UNKNOWN for one task while others are answered is believed when it lasts, and counted as uncertain") {
  World world{22};
  world.service_least = world.service_most = minutes{10};
  std::string first;
  House house{world};
  house.open();
  house.drop("m.yaml", House::manifest_of(5));
  while (world.creates < 5) house.engine->turn(world.now() + seconds{1});
  world.forget("task-1");
  CHECK(house.run());
  CHECK(house.engine->tally()[State::Failed] == 1);
  CHECK(house.engine->tally()[State::Done] == 4);
  CHECK(house.engine->tally().uncertain == Money{200'000});
}

TEST_CASE("a spool filled by an emulator refuses the service") {
  World world{23};
  House house{world};
  house.open();
  house.drop("m.yaml", House::manifest_of(1));
  CHECK(house.run());
  house.close();
  house.endpoint = "https://dashscope-intl.aliyuncs.com/api/v1";
  try {
    house.open();
    FAIL("it was opened");
  } catch (StoreBroken const& error) {
    CHECK(error.exit_code == 78);
    CHECK(std::string{error.what()}.find("--root") != std::string::npos);
  }
}

TEST_CASE("after a polite stop nothing is bought and what is paid is fetched at the next start") {
  World world{24};
  House house{world};
  house.open();
  house.drop("m.yaml", House::manifest_of(10));
  while (world.creates < 3) house.engine->turn(world.now() + seconds{1});
  house.engine->stop_creating("stopping");
  auto const creates = world.creates;
  CHECK(house.run());
  CHECK(world.creates == creates);
  CHECK(house.engine->tally()[State::Done] == creates);
  house.close();
  house.open();
  CHECK(house.run());
  CHECK(house.engine->tally()[State::Done] == 10);
  CHECK(world.creates == 10);
}

TEST_CASE("limits hold across a restart in the middle of a burst") {
  World world{25};
  world.slots = 0;
  House house{world};
  house.config.limits["wan2.6-t2i"].slots = 0;
  house.open();
  house.drop("m.yaml", House::manifest_of(60));
  for (int restarts = 0; restarts < 6; ++restarts) {
    auto const goal = world.creates + 7;
    while (world.creates < goal) house.engine->turn(world.now() + seconds{1});
    house.close();
    house.open();
  }
  CHECK(house.run());
  CHECK(world.most_creates <= 5);
  CHECK(world.most_queries <= 20);
}
