#include <doctest/doctest.h>

#include <algorithm>

#include "whole/books.h"

using namespace wanspool;
using namespace wanspool::whole;

namespace fs = std::filesystem;

TEST_SUITE_BEGIN("whole");

namespace {

constexpr char kTree[] =
    "manifest: 1\n"
    "jobs:\n"
    "  - { id: big-red, model: wan2.6-t2i, prompt: a big red cat }\n"
    "  - { id: big-blue, model: wan2.6-t2i, prompt: a big blue cat }\n"
    "  - { id: small-red, model: wan2.6-t2i, prompt: a small red cat }\n";

constexpr char kHat[] = "manifest: 1\njobs: [{ id: hat, model: wan2.6-t2i, prompt: a hat }]\n";

// One run that several tests look at: two manifests that are done and one that failed.
struct Bought {
  Emulator const emulator{{"--fault", "task:5:fail=a,code=DataInspectionFailed"}};
  House const house{emulator.endpoint()};
  Finished const before =
      house.run({"run", house.write("cats.yaml", kTree), house.write("dogs.yaml", manifest_of(1))});
  Finished const said = house.run({"run", house.write("hats.yaml", kHat)});
};
House const& bought() {
  static Bought const once;
  INFO("standard error: ", once.said.err);
  REQUIRE(once.said.code == 1);
  return once.house;
}

// The names in what list --json has printed, sorted.
std::string jobs_of(Finished const& said) {
  std::vector<std::string> jobs;
  for (auto const& line : lines_of(said.out)) {
    auto const object = nlohmann::json::parse(line);
    CHECK(object["schema"] == 1);
    jobs.push_back(object["job"]);
  }
  std::sort(jobs.begin(), jobs.end());
  std::string names;
  for (auto const& each : jobs) names += (names.empty() ? "" : " ") + each;
  return names;
}

}  // namespace

TEST_CASE("every sample manifest is right") {
  House const house{"http://127.0.0.1:9/api/v1"};
  int samples = 0;
  for (auto const& entry : fs::directory_iterator{fs::path{WANSPOOL_SOURCE_DIR} / "jobs"}) {
    if (entry.path().extension() != ".yaml") continue;
    ++samples;
    auto const said = house.run({"check", entry.path().string(), "--json"});
    INFO("standard error: ", said.err);
    CHECK(said.code == 0);
    auto const checked = nlohmann::json::parse(said.out);
    CHECK(checked["schema"] == 1);
    CHECK(checked["ok"] == true);
    CHECK(checked["jobs"] > 0);
  }
  CHECK(samples > 0);
}

TEST_CASE("a newcomer's folder: init, check, run, status, list, show and wait") {
  Emulator const emulator;
  House house{emulator.endpoint()};
  auto const root = house.folder() / "mine";
  house.environment["WANSPOOL_ROOT"] = "";
  auto const made = house.run({"init", root.string()});
  CHECK(made.code == 0);
  CHECK(fs::is_directory(root / "inbox"));
  CHECK(fs::exists(root / "config.yaml"));
  house.environment["WANSPOOL_ROOT"] = root.string();
  auto const manifest = house.write("cats.yaml", kTree);
  CHECK(house.run({"check", manifest}).code == 0);
  auto const run = house.run({"run", manifest});
  CHECK(run.code == 0);
  auto const status = house.json({"status", "--json"});
  CHECK(status["schema"] == 1);
  CHECK(status["root"] == root.string());
  CHECK(status["jobs"]["done"] == 3);
  CHECK(status["daemon"]["running"] == false);
  CHECK(status["filled_by"] == "emulator");
}

TEST_CASE("jobs are named by manifest, prefix, glob, path and standard input") {
  auto const& house = bought();
  auto const named = [&](std::string const& word) { return jobs_of(house.run({"list", "--json", word})); };
  CHECK(named("cats") == "cats/big-blue cats/big-red cats/small-red");
  CHECK(named("cats/big-red") == "cats/big-red");
  CHECK(named("cats/big") == "");
  CHECK(named("*/*-red") == "cats/big-red cats/small-red");
  CHECK(named("**/j1") == "dogs/j1");
  CHECK(named((house.spool.out / "cats/big-red/image-1.png").string()) == "cats/big-red");
  auto piped = house.setup({"list", "--json", "-"});
  piped.input = "dogs\ncats/small-red\n";
  CHECK(jobs_of(test::finish(piped)) == "cats/small-red dogs/j1");
}

TEST_CASE("what is asked for ends with the code that says how it stands") {
  auto const& house = bought();
  CHECK(house.run({"wait", "dogs"}).code == 0);
  CHECK(house.run({"wait", "hats"}).code == 1);
  CHECK(house.run({"wait", "dogs", "hats"}).code == 1);
  CHECK(house.run({"wait", "dags"}).code == 4);
  CHECK(house.run({"list", "dags"}).code == 4);
  auto const unknown = house.run({"show", "dogs/j2"});
  CHECK(unknown.code == 4);
  CHECK(unknown.err.find("did you mean 'dogs/j1'?") != std::string::npos);
  auto const shown = house.json({"show", "dogs/j1", "--json"});
  CHECK(shown["schema"] == 1);
  CHECK(shown["job"] == "dogs/j1");
  CHECK(shown["state"] == "done");
  CHECK(shown["request"]["model"] == "wan2.6-t2i");
  CHECK(shown["pictures"][0]["bytes"] == 2048);
}

TEST_CASE("a run beside a daemon ends with 1 for what fails while it watches, not for what is over") {
  Emulator const emulator{{"--fault", "task:1:fail=a,code=DataInspectionFailed"}};
  House const house{emulator.endpoint()};
  auto const daemon = house.daemon();
  CHECK(house.run({"run", house.write("hats.yaml", kHat)}).code == 1);
  CHECK(house.run({"run"}).code == 0);
  auto const capped = house.write("fruit.yaml", "budget: { pictures: 1 }\n" + manifest_of(2));
  CHECK(house.run({"run", capped}).code == 6);
  CHECK(house.run({"cancel", "fruit"}).code == 0);
  auto const said = house.run({"run"});
  INFO("standard error: ", said.err);
  CHECK(said.code == 0);
  CHECK(said.err.find("failed 1, canceled 1") != std::string::npos);
}

TEST_CASE("what two manifests share is spent once, whoever tells of it") {
  Emulator const emulator;
  House const house{emulator.endpoint()};
  auto const daemon = house.daemon();
  auto const twins = house.write("twins.yaml", manifest_of(2));
  auto const said = house.run({"run", house.write("cats.yaml", manifest_of(2)), twins});
  INFO("standard error: ", said.err);
  CHECK(said.code == 0);
  CHECK(lines_of(said.err).back().find("done 4, running 0, waiting 0, failed 0") == 0);
  CHECK(lines_of(said.err).back().find("spent 0.40, ") != std::string::npos);
  auto const again = house.run({"submit", twins, "--wait"});
  CHECK(lines_of(again.err).back().find("spent 0.00, ") != std::string::npos);
  CHECK(house.run({"wait", "cats/**", "twins"}).err.find("spent 0.40, ") != std::string::npos);
}

TEST_CASE("wait gives up when its time is over and says so") {
  Emulator const emulator{{"--service-time", "1h"}};
  House const house{emulator.endpoint()};
  auto const daemon = house.daemon();
  fs::rename(house.write("cats.yaml", manifest_of(1)), house.spool.inbox / "cats.yaml");
  await("the job to be known", [&] { return house.tally().total() == 1; });
  auto const said = house.run({"wait", "cats", "--timeout", "0.2"});
  CHECK(said.code == 1);
  CHECK(said.err.find("the time ran out") != std::string::npos);
}
