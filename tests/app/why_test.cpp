#include <doctest/doctest.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "app/shell.h"
#include "app/words.h"

using namespace wanspool;
using nlohmann::json;

TEST_SUITE_BEGIN("app");

namespace {

// A queue of thirty jobs of which seven are at the provider, and somebody who has it, as a daemon would.
struct Scene {
  test::Place place;
  Spool spool = Spool::at(place / "spool");
  std::unique_ptr<Store> store;
  Instant now = BootClock{}.now();
  LaneRow lane{"wan2.6-t2i", {}, {}, {}};

  Scene() {
    spool.make();
    store = open_store(spool.database);
    auto const manifest = store->begin_manifest({"cats", "1-cats.yaml", "cats.yaml", "00", now - hours{2}});
    std::vector<NewJob> jobs;
    for (int i = 10; i < 40; ++i)
      jobs.push_back({"job-" + std::to_string(i),
                      i,
                      "f" + std::to_string(i),
                      R"({"model":"m"})",
                      lane.model,
                      1,
                      {200'000}});
    store->add_jobs(manifest, jobs);
    store->publish_manifest(manifest, now - hours{2});
    for (int i = 0; i < 64; ++i) lane.service[""].add(seconds{60});
    lane.memory.slots = 5;
    lane.memory.surplus = 2;
    Batch batch;
    for (auto task : store->queued(lane.model, 7, nullptr)) {
      task.state = State::Running;
      task.task_id = "task-" + std::to_string(task.id);
      task.times.sent = task.times.accepted = now - minutes{1};
      task.reserved = task.price;
      batch.tasks.push_back(task);
    }
    batch.lanes.push_back(lane);
    batch.at = now;
    store->commit(batch);
    store->set_fact("origin", "emulator");
  }
  json why(std::string const& job) const {
    return json::parse(test::wanspool_says(place, {"why", job, "--json"}).out);
  }
};

}  // namespace

TEST_CASE("a job that waits for a slot is told when its turn comes, one that is out there has no reason") {
  Scene const scene;
  auto const first = scene.why("cats/job-17"), last = scene.why("cats/job-39");
  CHECK(first["reason"] == "slot");
  CHECK(last["reason"] == "slot");
  CHECK(last["text"] == "at the provider: 7 tasks; before it: 22 jobs");
  CHECK(first["until"].get<std::string>() < last["until"].get<std::string>());
  CHECK(scene.why("cats/job-10")["reason"].is_null());
  CHECK(scene.why("cats/job-10")["state"] == "running");
}

TEST_CASE("every job of a manifest has one line, and what nobody knows is an error") {
  Scene const scene;
  auto const said = test::wanspool_says(scene.place, {"why", "cats"});
  CHECK(std::count(said.out.begin(), said.out.end(), '\n') == 30);
  CHECK(test::wanspool_says(scene.place, {"why", "dogs"}).code == 4);
}

TEST_CASE("a pause, bad weather, a cap and nobody at work are told as such") {
  Scene scene;
  auto const reason = [&] { return scene.why("cats/job-20")["reason"].get<std::string>(); };
  scene.lane.weather = {Weather::Kind::Throttled, scene.now + hours{1}, scene.now, 1, "Throttling: too many"};
  Batch batch;
  batch.lanes.push_back(scene.lane);
  scene.store->commit(batch);
  CHECK(reason() == "weather");
  Stop stop;
  stop.manifest = "cats";
  stop.cap.pictures = 7;
  stop.counted.pictures = 7;
  Batch stopped;
  stopped.stops = std::vector{stop};
  scene.store->commit(stopped);
  CHECK(reason() == "budget");
  scene.store->set_fact("paused", "a copy was put back");
  CHECK(reason() == "paused");
  scene.store.reset();
  CHECK(reason() == "stopped");
}

TEST_CASE("status tells of each lane its slots, what tasks take, and when all will be here") {
  Scene const scene;
  auto const text = test::wanspool_says(scene.place, {"status"}).out;
  CHECK(text.find("5 of 5 slots taken, 2 more sent ahead; 23 wait") != std::string::npos);
  CHECK(text.find("a task takes 1 min 0 s") != std::string::npos);
  CHECK(text.find("waiting under 6 h 23") != std::string::npos);
  auto const lane = json::parse(test::wanspool_says(scene.place, {"status", "--json"}).out)["lanes"][0];
  CHECK(lane["slots"] == 5);
  CHECK(lane["outstanding"] == 7);
  CHECK(lane["outstanding_most"] == 7);
  CHECK(lane["waiting"] == 23);
  CHECK(lane["median_ms"] == 60'000);
  CHECK(lane["utilisation"].is_number());
  CHECK(lane["ages"]["under 6 h"] == 23);
}

TEST_CASE("what stops an account is told once, and not by each of its lanes") {
  Scene scene;
  Batch batch;
  scene.lane.weather = {Weather::Kind::Account, scene.now + minutes{5}, scene.now, 1, "InvalidApiKey: it is"};
  for (auto const* const model : {"wan2.6-t2i", "wan2.6-image", "wan2.7-image"}) {
    scene.lane.model = model;
    batch.lanes.push_back(scene.lane);
  }
  scene.store->commit(batch);
  for (auto const* const command : {"status", "top"}) {
    auto const text = test::wanspool_says(scene.place, {command}).out;
    auto const told = text.find("InvalidApiKey");
    CHECK_MESSAGE(told != std::string::npos, text);
    CHECK_MESSAGE(text.find("InvalidApiKey", told + 1) == std::string::npos, text);
    CHECK_MESSAGE(text.find("account main: stopped") != std::string::npos, text);
  }
}

TEST_CASE("why says each thing once: a cap's end with its zone, and of bad weather when it is tried again") {
  Scene scene;
  auto const line = [&] { return test::wanspool_says(scene.place, {"why", "cats/job-20"}).out; };
  scene.lane.weather = {Weather::Kind::Account, scene.now + hours{1}, scene.now, 1, "InvalidApiKey: it is"};
  Batch batch;
  batch.lanes.push_back(scene.lane);
  scene.store->commit(batch);
  CHECK(line().starts_with(
      "cats/job-20  weather: wan2.6-t2i is stopped: InvalidApiKey: it is; tried again at "));
  CHECK(test::wanspool_says(scene.place, {"status"}).out.find(", tried again at ") != std::string::npos);
  Stop stop;
  stop.scope = Stop::Scope::Day;
  stop.cap.pictures = 7;
  stop.counted.pictures = 7;
  stop.until = scene.now + hours{48};
  Batch stopped;
  stopped.stops = std::vector{stop};
  scene.store->commit(stopped);
  CHECK(line() == "cats/job-20  budget: today: 7 of 7 pictures are spent or reserved; goes on at " +
                      app::local_time(stop.until) + "\n");
}

TEST_CASE("why tells of a doubt when the list is read, and of what has failed its error") {
  Scene scene;
  auto tasks = scene.store->queued(scene.lane.model, 2, nullptr);
  REQUIRE(tasks.size() == 2);
  tasks[0].state = State::Submitting;
  tasks[0].times.sent = scene.now;
  tasks[0].possible_until = Instant{seconds{1'900'000'000}};
  tasks[1].state = State::Failed;
  tasks[1].error = {Trouble::Kind::Fatal, "DataInspectionFailed", "no such cat", {}, false};
  scene.store->commit({tasks, {}});
  CHECK(scene.why(tasks[0].name)["text"] ==
        "sent and unanswered; the account's list is read at 2030-03-17T17:47:40.000Z and says whether it was "
        "bought");
  CHECK(scene.why(tasks[1].name)["text"] ==
        "over, without all its pictures: DataInspectionFailed: no such cat");
}

TEST_CASE("what a cap holds back is no part of when all will be here") {
  Scene const scene;
  auto const lane = [&] {
    return json::parse(test::wanspool_says(scene.place, {"status", "--json"}).out)["lanes"][0];
  };
  CHECK(lane()["capped"] == 0);
  auto const before = lane()["done_by"].get<std::string>();
  Stop stop;
  stop.manifest = "cats";
  stop.cap.pictures = 7;
  stop.counted.pictures = 7;
  Batch batch;
  batch.stops = std::vector{stop};
  scene.store->commit(batch);
  CHECK(lane()["waiting"] == 23);
  CHECK(lane()["capped"] == 23);
  CHECK(lane()["done_by"].get<std::string>() < before);
  auto const text = test::wanspool_says(scene.place, {"status"}).out;
  CHECK(text.find("23 at caps apart, all of it is here about ") != std::string::npos);
}
