#include <doctest/doctest.h>

#include <fstream>

#include "engine/house.h"
#include "engine/status_words.h"

using namespace wanspool;
using namespace wanspool::test;
using What = World::What;

namespace fs = std::filesystem;

TEST_SUITE_BEGIN("engine");

namespace {

std::string status_of(House const& house, std::string const& manifest) {
  auto const name = "out/" + manifest + "/STATUS.txt";
  return house.is_there(name) ? house.text(name) : "";
}

bool says(std::string const& text, std::string const& words) {
  return text.find(words) != text.npos;
}

StatusFacts facts() {
  StatusFacts facts;
  facts.manifest = "cats";
  facts.currency = "CNY";
  facts.census.is_known = true;
  return facts;
}

void put(Census& census, State state, std::int64_t number) {
  census.jobs[static_cast<int>(state)] = number;
  if (state == State::Queued) census.waiting["wan2.6-t2i"] = number;
}

Instant const kNow{seconds{1'700'000'000}};

}  // namespace

TEST_CASE("STATUS.txt tells of the end when a manifest is over") {
  World world{1};
  House house{world};
  house.open();
  house.drop("m.yaml", House::manifest_of(3));
  CHECK(house.run());
  auto const text = status_of(house, "m");
  CHECK(text.starts_with("m: all 3 jobs are done\n"));
  CHECK(says(text, "spent 0.60, reserved 0.00, uncertain 0.00 CNY\n"));
  CHECK_FALSE(says(text, "waits for"));
  CHECK_FALSE(says(text, "inbox"));
  CHECK_FALSE(house.is_there("out/m/STATUS.txt.part"));
}

TEST_CASE("STATUS.txt is there as soon as a manifest is taken in, and follows it") {
  World world{2};
  House house{world};
  house.open();
  house.drop("m.yaml", House::manifest_of(40));
  CHECK_FALSE(house.run(seconds{30}));
  auto const begun = status_of(house, "m");
  CHECK(begun.starts_with("m: 40 jobs\n"));
  CHECK(says(begun, "waits for  free slots at the service"));
  CHECK(says(begun, "command: cancel\n"));
  CHECK(says(begun, "jobs: [m]\n"));
  CHECK_FALSE(house.run(seconds{20}));
  CHECK(status_of(house, "m") != begun);
  CHECK(house.run());
  CHECK(status_of(house, "m").starts_with("m: all 40 jobs are done\n"));
}

TEST_CASE("STATUS.txt is written every ten seconds at most while much happens") {
  World world{3};
  House house{world};
  house.open();
  house.drop("m.yaml", House::manifest_of(60));
  int written = 0;
  disk_fault = [&](std::string const& call, std::string const& path) {
    written += call == "rename" && path.ends_with("/STATUS.txt");
    return 0;
  };
  auto const before = world.now();
  CHECK(house.run());
  disk_fault = {};
  auto const spans = (world.now() - before) / seconds{10};
  CHECK(written >= 5);
  CHECK(written <= spans + 2);
}

TEST_CASE(
    "STATUS.txt of manifests that come together is written once each, and their folders are synced "
    "together") {
  World world{8};
  House house{world};
  house.config.caps.all.day = {1, {}};
  house.open();
  for (int i = 0; i < 40; ++i)
    house.drop("m" + std::to_string(i) + ".yaml", House::manifest_of(1, "kite " + std::to_string(i)));
  int written = 0, synced = 0;
  disk_fault = [&](std::string const& call, std::string const& path) {
    written += call == "rename" && path.ends_with("/STATUS.txt");
    synced += call == "sync" && path.ends_with("/out");
    return 0;
  };
  auto const end = world.now() + seconds{8};
  while (world.now() < end) house.engine->turn(end);
  disk_fault = {};
  CHECK(written >= 40);
  CHECK(written <= 42);
  CHECK(synced <= 20);
  for (int i = 0; i < 40; ++i) CHECK(says(status_of(house, "m" + std::to_string(i)), "1 job"));
}

TEST_CASE("STATUS.txt names the first failures with the service's words") {
  World world{4};
  world.fault = [](What what, int number, Instant) {
    return what == What::Create && number <= 7 ? World::Fault::Refused : World::Fault::None;
  };
  House house{world};
  house.open();
  house.drop("m.yaml", House::manifest_of(8));
  CHECK(house.run());
  auto const text = status_of(house, "m");
  CAPTURE(text);
  CHECK(text.starts_with("m: all 8 jobs are over\n"));
  CHECK(says(text, "\nfailed:\n  m/job-"));
  CHECK(says(text, ": DataInspectionFailed"));
  CHECK(says(text, "  … and 2 more\n"));
  CHECK(says(text, "command: retry\n"));
  CHECK(says(text, "failed: true\n"));
}

TEST_CASE("STATUS.txt says that a person has paused the spool, and that it goes on") {
  World world{5};
  House house{world};
  house.open();
  house.drop("pause.yaml", "command: pause\nid: one\n");
  house.run(minutes{1});
  house.drop("m.yaml", House::manifest_of(2));
  CHECK(house.run(minutes{10}));
  CHECK(says(status_of(house, "m"), "waits for  somebody who helps: paused by a person"));
  house.drop("resume.yaml", "command: resume\nid: two\n");
  CHECK(house.run());
  CHECK(status_of(house, "m").starts_with("m: all 2 jobs are done\n"));
}

TEST_CASE("STATUS.txt that was lost, torn or is of before a stop is made anew by the next start") {
  World world{6};
  House house{world};
  house.open();
  house.drop("m.yaml", House::manifest_of(2));
  CHECK(house.run());
  auto const whole = without_time(status_of(house, "m"));
  house.close();
  std::ofstream{house.root / "out/m/STATUS.txt"} << "m: 2 jo";
  house.open();
  CHECK(house.run());
  CHECK(without_time(status_of(house, "m")) == whole);
  house.close();
  fs::remove(house.root / "out/m/STATUS.txt");
  house.open();
  CHECK(house.run());
  CHECK(without_time(status_of(house, "m")) == whole);
}

TEST_CASE("a folder that takes no STATUS.txt stops nothing") {
  World world{7};
  House house{world};
  house.open();
  disk_fault = [](std::string const& call, std::string const& path) {
    return call == "create" && path.ends_with("/STATUS.txt.part") ? EACCES : 0;
  };
  house.drop("m.yaml", House::manifest_of(2));
  CHECK(house.run());
  CHECK(house.engine->tally()[State::Done] == 2);
  disk_fault = {};
  CHECK(status_of(house, "m").empty());
}

TEST_CASE("a manifest whose folder takes no STATUS.txt keeps no other from its own") {
  World world{7};
  House house{world};
  house.open();
  auto const elsewhere = house.root.parent_path() / (house.root.filename().string() + "-elsewhere");
  std::filesystem::create_directories(elsewhere);
  std::filesystem::create_directories(house.root / "out");
  std::filesystem::create_directory_symlink(elsewhere, house.root / "out/a");
  for (std::string const name : {"a", "b", "c"})
    house.drop(name + ".yaml", "name: " + name + "\n" + House::manifest_of(2, "a " + name));
  auto const end = world.now() + minutes{30};
  auto const tells_the_end = [&](std::string const& name) {
    return status_of(house, name).starts_with(name + ": all 2 jobs are done\n");
  };
  while (world.now() < end && !(tells_the_end("b") && tells_the_end("c"))) house.engine->turn(end);
  CHECK(tells_the_end("b"));
  CHECK(tells_the_end("c"));
  CHECK(std::filesystem::is_empty(elsewhere));
  std::filesystem::remove(elsewhere);
}

TEST_CASE("what the service says of a failure is harmless in STATUS.txt and has an end") {
  auto told = facts();
  put(told.census, State::Failed, 6);
  JobRow row;
  row.manifest = "cats";
  row.job = "hero";
  row.task.error = {Trouble::Kind::Fatal, "Bad\x1b[2J", "line\none\xff" + std::string(5'000, 'x')};
  told.census.failed = {row};
  auto const text = status_text(told, kNow);
  CHECK(says(text, "  cats/hero: Bad [2J: line one?xxx"));
  CHECK(says(text, "  … and 5 more\n"));
  CHECK_FALSE(says(text, "\x1b"));
  CHECK(text.size() < 2'000);
}

TEST_CASE("what waits is told with its reasons: caps, weather, single pauses, doubts") {
  auto told = facts();
  put(told.census, State::Queued, 12);
  told.census.paused = 2;
  Stop stop;
  stop.scope = Stop::Scope::Day;
  stop.cap.cost = Money{40'000'000};
  stop.counted.cost = Money{40'000'000};
  stop.until = kNow + hours{3};
  told.stops = {stop};
  told.lanes = {{"wan2.6-t2i", {Weather::Kind::Throttled, kNow + minutes{1}, kNow, 1, "too fast"}}};
  put(told.census, State::Held, 1);
  auto const text = status_text(told, kNow);
  CHECK(says(text, "the budget of the day: 40.00 of 40.00 CNY are spent or reserved; goes on at "));
  CHECK(says(text, "the service, wan2.6-t2i is throttled until "));
  CHECK(says(text, "too fast (12 jobs)\n"));
  CHECK(says(text, "a person, who has paused 2 jobs\n"));
  CHECK(says(text, "a person, who decides about 1 job\n"));
  CHECK(says(text, "command: resume\n"));

  told.hinders = "the service refuses this account: too fast";
  CHECK_FALSE(says(status_text(told, kNow), "is throttled"));  // once is enough
  told.hinders.clear();

  stop.submitter = 3001;
  stop.model = "wan2.6-t2i";
  told.stops = {stop};
  CHECK_FALSE(says(status_text(told, kNow), "budget"));
  told.owner = 3001;
  CHECK(
      says(status_text(told, kNow), "the budget of the day of whoever dropped it for wan2.6-t2i: 40.00 of"));
  stop.submitter = {};
  stop.scope = Stop::Scope::Manifest;
  stop.manifest = "dogs";
  told.stops = {stop};
  CHECK_FALSE(says(status_text(told, kNow), "budget"));
  told.stops.clear();
  told.lanes.push_back({"wan2.6-t2i", {}, {}, {}, "other"});
  CHECK_FALSE(says(status_text(told, kNow), "throttled"));
}

TEST_CASE("of a lane that is stopped it is told when it is tried again, for nobody knows when it goes on") {
  auto told = facts();
  put(told.census, State::Queued, 12);
  told.lanes = {{"wan2.6-t2i", {Weather::Kind::Account, kNow + minutes{1}, kNow, 1, "InvalidApiKey"}}};
  auto const text = status_text(told, kNow);
  CHECK(says(text, "the service, wan2.6-t2i is stopped, tried again at "));
  CHECK_FALSE(says(text, " until "));
}

TEST_CASE("the expected end is told where it is known, and that a person has to help first") {
  auto told = facts();
  put(told.census, State::Queued, 3);
  CHECK(says(status_text(told, kNow), "end        cannot be told yet\n"));
  told.left = hours{2};
  CHECK(says(status_text(told, kNow), "end        about 2023-11-1"));
  told.census.paused = 3;
  CHECK(says(status_text(told, kNow), "end        nothing happens before a person helps\n"));
  put(told.census, State::Queued, 0);
  told.census.paused = 0;
  put(told.census, State::Canceled, 3);
  auto const over = status_text(told, kNow);
  CHECK(over.starts_with("cats: all 3 jobs are over\n"));
  CHECK_FALSE(says(over, "\nend"));
}

TEST_SUITE_END();
