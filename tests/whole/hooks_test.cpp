#include <doctest/doctest.h>
#include <unistd.h>

#include <fstream>
#include <set>

#include "base/files.h"
#include "whole/books.h"

using namespace wanspool;
using namespace wanspool::whole;
namespace fs = std::filesystem;

TEST_SUITE_BEGIN("whole");

namespace {

// Hooks are shells here; they run in the spool and write beside it. What was read is there when it is whole.
constexpr char kTell[] =
    "cat >../part-$WANSPOOL_HOOK_ID; mv ../part-$WANSPOOL_HOOK_ID "
    "../told-$WANSPOOL_EVENT-$WANSPOOL_HOOK_ID";
constexpr char kBegin[] = "echo $WANSPOOL_HOOK_ID $$ >>../begun; while ! [ -e ../go ]; do sleep 0.02; done; ";

std::string shell(std::string const& text) {
  return "[/bin/sh, -c, '" + text + "']";
}

std::string config_of(std::string const& hooks) {
  return std::string{kQuick} + "hooks: { " + hooks + " }\n";
}

std::vector<nlohmann::json> told(House const& house, std::string const& event) {
  std::vector<nlohmann::json> all;
  for (auto const& entry : fs::directory_iterator{house.folder()})
    if (auto const name = entry.path().filename().string(); name.starts_with("told-" + event + "-")) {
      all.push_back(nlohmann::json::parse(read_file(entry.path())));
      CHECK(name == "told-" + event + "-" + all.back()["id"].get<std::string>());
    }
  return all;
}

nlohmann::json told_of(House const& house, std::string const& event, std::string const& manifest) {
  for (auto const& each : told(house, event))
    if (each["manifest"] == manifest) return each;
  return {};
}

struct Begun {
  std::string id;
  pid_t pid = 0;
};
std::vector<Begun> begun(House const& house) {
  std::ifstream lines{house.folder() / "begun"};
  std::vector<Begun> all;
  for (Begun one; lines >> one.id >> one.pid;) all.push_back(one);
  return all;
}

std::int64_t waiting(House const& house) {
  return house.json({"status", "--json"})["hooks"]["waiting"];
}

bool has_children(pid_t parent) {
  for (auto const& entry : fs::directory_iterator{"/proc"}) {
    if (std::atoi(entry.path().filename().c_str()) == 0) continue;
    std::ifstream file{entry.path() / "stat"};
    std::string const stat{std::istreambuf_iterator<char>{file}, {}};
    auto const after = stat.rfind(") ");  // then its state, then its parent
    if (after != stat.npos && std::atoi(stat.c_str() + after + 4) == parent) return true;
  }
  return false;
}

}  // namespace

TEST_CASE("hooks are told of jobs, manifests and failures, and nothing waits for one that hangs") {
  Emulator const emulator{{"--fault", "task:1:fail=a,code=DataInspectionFailed"}};
  House const house{emulator.endpoint(), config_of("job: " + shell(kTell) + ", manifest: " + shell(kTell) +
                                                   ", failure: " + shell(std::string{kBegin} + kTell))};
  auto daemon = house.daemon();
  house.hand_in("bad.yaml", "manifest: 1\njobs: [{ id: j1, model: wan2.6-t2i, prompt: a thing }]\n");
  await(daemon, "a hook that hangs", [&] { return begun(house).size() == 1; });
  house.hand_in("cats.yaml", manifest_of(2));
  await(daemon, "the other hooks",
        [&] { return !told_of(house, "manifest", "cats").empty() && told(house, "job").size() == 2; });
  CHECK(told(house, "failure").empty());
  house.write("go", "");
  await(daemon, "the end of the one that hung", [&] { return told(house, "failure").size() == 1; });

  auto const failure = told(house, "failure")[0];
  CHECK(failure["schema"] == 1);
  CHECK(failure["event"] == "failure");
  CHECK(failure["try"] == 1);
  CHECK(failure["root"] == house.spool.root.string());
  CHECK(failure["job"] == "bad/j1");
  CHECK(failure["submitter_id"] == ::geteuid());
  CHECK(failure["failure"] == "failed");
  CHECK(failure["error"]["code"] == "DataInspectionFailed");
  CHECK(failure["id"] == begun(house)[0].id);
  for (auto const& job : told(house, "job")) {
    CHECK(job["state"] == "done");
    REQUIRE(job["files"].size() == 1);
    CHECK(fs::exists(job["files"][0].get<std::string>()));
    CHECK(fs::exists(fs::path{job["folder"].get<std::string>()} / "result.json"));
    CHECK(job["cost"]["spent"] == "0.20");
    CHECK(job["cost"]["currency"] == "CNY");
  }
  auto const cats = told_of(house, "manifest", "cats"), bad = told_of(house, "manifest", "bad");
  CHECK(cats["jobs"] == nlohmann::json{{"done", 2}, {"failed", 0}, {"canceled", 0}, {"held", 0}});
  CHECK(cats["pictures"] == 2);
  CHECK(cats["cost"]["spent"] == "0.40");
  CHECK(bad["jobs"]["failed"] == 1);

  await(daemon, "no hook to be left", [&] { return waiting(house) == 0 && !has_children(daemon.pid()); });
  daemon.signal(SIGTERM);
  CHECK(daemon.wait() == 0);
}

TEST_CASE("a hook that was cut off runs again after the next start, and knows it by its id") {
  Emulator const emulator;
  House const house{emulator.endpoint(), config_of("job: " + shell(std::string{kBegin} + kTell))};
  {
    auto daemon = house.daemon();
    house.hand_in("cats.yaml", manifest_of(1));
    await(daemon, "the hook", [&] { return begun(house).size() == 1; });
    auto const hook = begun(house)[0].pid;
    SUBCASE("by a crash") {
      daemon.signal(SIGKILL);
      REQUIRE(daemon.wait() == kKilled);
      ::kill(-hook, SIGKILL);
    }
    SUBCASE("by a stop, which ends the hook as well") {
      daemon.signal(SIGTERM);
      CHECK(daemon.wait(std::chrono::seconds{15}) == 0);
      CHECK(::kill(hook, 0) != 0);
    }
  }
  CHECK(waiting(house) == 1);
  CHECK(told(house, "job").empty());
  house.write("go", "");
  auto daemon = house.daemon();
  await(daemon, "the hook's end", [&] { return told(house, "job").size() == 1 && waiting(house) == 0; });
  auto const runs = begun(house);
  REQUIRE(runs.size() == 2);
  CHECK(runs[0].id == runs[1].id);
  CHECK(told(house, "job")[0]["id"] == runs[0].id);
  CHECK(told(house, "job")[0]["try"] == 1);
  CHECK(told(house, "job")[0]["job"] == "cats/j1");
}

TEST_CASE(
    "a hook that is missing or takes too long is a line of the log, and a stopped account is told once") {
  Emulator const emulator{{"--fault", "create:2-:401,code=InvalidApiKey"}};
  House const house{emulator.endpoint(),
                    config_of("job: [/nowhere/hook], manifest: " + shell("exec sleep 600") +
                              ", stopped: " + shell(kTell) + ", time_limit: 1s")};
  auto daemon = house.daemon();
  daemon.await_err("hook job: /nowhere/hook cannot be run: No such file or directory");
  house.hand_in("cats.yaml", manifest_of(1));
  daemon.await_err(
      "hook job of cats/j1: /nowhere/hook cannot be run: No such file or directory; tried again in 10 s");
  daemon.await_err(
      "hook manifest of cats: /bin/sh was ended after its time limit of 1 s; tried again in 10 s");
  house.hand_in("dogs.yaml",
                "manifest: 1\njobs:\n  - { id: a, model: wan2.6-t2i, prompt: a dog }\n"
                "  - { id: b, model: wan2.6-t2i, prompt: b dog }\n");
  await(daemon, "the account to stop", [&] { return told(house, "stopped").size() == 1; });
  auto const stopped = told(house, "stopped")[0];
  CHECK(stopped["account"] == "main");
  auto const models = stopped["models"].get<std::set<std::string>>();
  CHECK(models.contains("wan2.6-t2i"));
  CHECK(stopped["error"]["code"] == "InvalidApiKey");
  CHECK(house.tally()[State::Done] == 1);
  daemon.signal(SIGTERM);
  CHECK(daemon.wait() == 0);
}
