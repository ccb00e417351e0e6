#include "engine/world.h"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "engine/house.h"

using namespace wanspool;
using namespace wanspool::test;

TEST_SUITE_BEGIN("engine");

namespace {

using json = nlohmann::json;

Request create(int number) {
  Request request;
  request.method = Method::Post;
  request.url = "http://127.0.0.1:1/api/v1/services/aigc/image-generation/generation";
  request.body = json{{"model", "wan2.6-t2i"}, {"parameters", {{"n", 1}}}, {"number", number}}.dump();
  return request;
}

Request get(std::string const& what) {
  Request request;
  request.url = "http://127.0.0.1:1/api/v1/tasks/" + what;
  return request;
}

json ask(World& world, Request request) {
  world.start(std::move(request));
  return json::parse(world.wait(Instant::max(), {}).front().body);
}

}  // namespace

TEST_CASE("an account without a queue refuses what finds its slots taken, and the house buys it later") {
  World world{70};
  world.habits.refuses = true;
  world.slots = 3;
  House house{world};
  house.open();
  house.drop("m.yaml", House::manifest_of(12));
  CHECK(house.run());
  CHECK(house.pictures().size() == 12);
  CHECK(world.refused_for_slots > 0);
  CHECK(world.most_at_once == 3);
  CHECK(world.creates == 12 + world.refused_for_slots);
}

TEST_CASE("an account refuses what comes beyond its rate in any sliding second, each kind by itself") {
  World world{71};
  world.habits.creates_per_second = 2;
  world.habits.queries_per_second = 1;
  world.latency_least = world.latency_most = milliseconds{40};
  std::vector<int> statuses;
  for (int number = 1; number <= 4; ++number) {
    world.start(create(number));
    statuses.push_back(world.wait(Instant::max(), {}).front().status);
    if (number == 3) world.pass(seconds{1});
  }
  CHECK(statuses == std::vector{200, 200, 429, 200});
  CHECK(world.refused_for_rate == 1);
  CHECK(world.most_creates == 3);
  CHECK(ask(world, get("task-1"))["output"]["task_status"] == "RUNNING");
  CHECK(ask(world, get("task-1"))["code"] == "Throttling.RateQuota");
  CHECK(world.refused_for_rate == 2);
}

TEST_CASE("there are never more tasks in processing than slots, whatever overtakes what") {
  World world{74};
  world.slots = 1;
  world.latency_least = world.latency_most = milliseconds{400};
  world.start(create(1));
  world.latency_least = world.latency_most = milliseconds{40};
  world.start(create(2));
  auto const& tasks = world.tasks();
  REQUIRE(tasks.size() == 2);
  CHECK(tasks[1].accepted < tasks[0].accepted);
  CHECK(tasks[1].begins == tasks[0].ends);
  while (!world.in_flight().empty()) world.wait(Instant::max(), {});
  world.habits.refuses = true;
  CHECK(ask(world, create(3))["code"] == "Throttling.Concurrency");
  CHECK(tasks.size() == 2);
}

TEST_CASE("a task tells when it was taken, begun and ended, and the world when that was noticed") {
  World world{72};
  world.slots = 1;
  world.service = [](std::mt19937_64&) { return milliseconds{10'000}; };
  world.latency_least = world.latency_most = milliseconds{40};
  world.start(create(1));
  world.start(create(2));
  while (world.now() < world.tasks().front().accepted + seconds{5}) world.wait(world.now() + seconds{5}, {});
  auto const& [first, second] = std::pair{world.tasks()[0], world.tasks()[1]};
  CHECK(first.ends == first.begins + seconds{10});
  CHECK(second.begins == first.ends);
  auto const running = ask(world, get(first.id))["output"], pending = ask(world, get(second.id))["output"];
  CHECK(running["submit_time"] == "2026-08-05 08:00:00.020");
  CHECK(running["scheduled_time"] == "2026-08-05 08:00:00.020");
  CHECK(pending["task_status"] == "PENDING");
  CHECK(pending.contains("submit_time"));
  CHECK_FALSE(pending.contains("scheduled_time"));
  CHECK_FALSE(running.contains("end_time"));
  auto const rows = ask(world, get(""))["data"];
  REQUIRE(rows[0]["task_id"] == first.id);
  CHECK(rows[0].value("start_time", 0LL) == first.begins.time_since_epoch().count());
  CHECK_FALSE(rows[0].contains("end_time"));
  CHECK_FALSE(rows[1].contains("start_time"));
  CHECK(world.find(first.id)->noticed == Instant{});
  world.pass(seconds{10});
  CHECK(ask(world, get(first.id))["output"]["end_time"] == "2026-08-05 08:00:10.020");
  auto const noticed = world.now();
  ask(world, get(first.id));
  CHECK(world.find(first.id)->noticed == noticed);
  CHECK(world.find(first.id)->queries == 3);
}

TEST_CASE("a page of the list has a hundred rows at the most, the newest first") {
  World world{73};
  for (int number = 1; number <= 120; ++number) {
    world.start(create(number));
    world.wait(Instant::max(), {});
  }
  auto const first = ask(world, get("?page_no=1&page_size=500")),
             second = ask(world, get("?page_no=2&page_size=100"));
  CHECK(first["data"].size() == 100);
  CHECK(first["data"][0]["task_id"] == "task-120");
  CHECK(second["data"].size() == 20);
  CHECK(second["data"][19]["task_id"] == "task-1");
  CHECK(second["total_page"] == 2);
}
