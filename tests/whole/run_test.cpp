#include <doctest/doctest.h>
#include <signal.h>

#include <algorithm>
#include <set>

#include "base/files.h"
#include "whole/books.h"

using namespace wanspool;
using namespace wanspool::whole;

TEST_SUITE_BEGIN("whole");

namespace {

constexpr char kTwoKinds[] =
    "manifest: 1\n"
    "jobs:\n"
    "  - { id: lamps, model: wan2.6-t2i, prompt: two lamps, parameters: { n: 2 } }\n"
    "  - id: recipe\n"
    "    model: wan2.6-image\n"
    "    prompt: coffee in two steps\n"
    "    parameters: { enable_interleave: true, max_images: 2 }\n";

// One run that several tests look at.
struct Bought {
  Emulator const emulator;
  House const house{emulator.endpoint()};
  std::string const manifest = house.write("cats.yaml", kTwoKinds);
  Finished const said = house.run({"run", manifest});
};
Bought const& bought() {
  static Bought const once;
  INFO("standard error: ", once.said.err);
  REQUIRE(once.said.code == 0);
  return once;
}

nlohmann::json result_of(House const& house, std::string const& job) {
  return nlohmann::json::parse(read_file(house.spool.out / job / "result.json"));
}

std::set<std::string> keys_of(nlohmann::json const& object) {
  std::set<std::string> keys;
  for (auto const& [key, value] : object.items()) keys.insert(key);
  return keys;
}

}  // namespace

TEST_CASE("run makes the pictures of a manifest and prints one path for each") {
  auto const& [emulator, house, manifest, said] = bought();
  auto printed = lines_of(said.out);
  std::sort(printed.begin(), printed.end());
  auto const out = (house.spool.out / "cats").string();
  CHECK(printed == std::vector<std::string>{out + "/lamps/image-1.png", out + "/lamps/image-2.png",
                                            out + "/recipe/image-1.png", out + "/recipe/image-2.png"});
  for (auto const& each : printed) CHECK(is_whole_picture(each));
  check_books(house, emulator);
}

TEST_CASE("the story beside the pictures has its fixed keys and tells what was bought") {
  auto const& house = bought().house;
  auto const result = result_of(house, "cats/lamps");
  CHECK(keys_of(result) == std::set<std::string>{"schema", "job", "manifest", "fingerprint", "take", "model",
                                                 "request", "task_id", "request_id", "times", "polls",
                                                 "usage", "cost", "pictures", "state", "error"});
  CHECK(result["schema"] == 1);
  CHECK(result["state"] == "done");
  CHECK(result["task_id"].is_string());
  CHECK(result["times"]["done"].is_string());
  CHECK(result["error"].is_null());
  CHECK(result["request"]["parameters"]["n"] == 2);
  REQUIRE(result["pictures"].size() == 2);
  CHECK(keys_of(result["pictures"][0]) ==
        std::set<std::string>{"file", "sha256", "width", "height", "bytes"});
  CHECK(result["pictures"][0]["bytes"] == 2048);

  auto const document = read_file(house.spool.out / "cats/recipe/document.md");
  CHECK(document.find("(image-1.png)") < document.find("(image-2.png)"));
  CHECK(document.find("(image-2.png)") != std::string::npos);
}

TEST_CASE("what was bought once is not bought again by the same manifest") {
  auto const& [emulator, house, manifest, said] = bought();
  auto const before = emulator.ledger();
  CHECK(house.run({"run", manifest}).code == 0);
  auto const after = emulator.ledger();
  CHECK(after["creates"]["received"] == before["creates"]["received"]);
  CHECK(after["downloads"] == before["downloads"]);
}

TEST_CASE("a picture on disk is what the provider serves, byte by byte") {
  auto const& [emulator, house, manifest, said] = bought();
  auto const id = result_of(house, "cats/lamps")["task_id"].get<std::string>();
  auto const task =
      nlohmann::json::parse(emulator.get("/api/v1/tasks/" + id, "Authorization: Bearer any\r\n"));
  auto const address = task["output"]["choices"][0]["message"]["content"][0]["image"].get<std::string>();
  auto const served = emulator.get(address.substr(address.find("/results/")));
  CHECK(served.size() == 2048);
  CHECK(served == read_file(house.spool.out / "cats/lamps/image-1.png"));
}

TEST_CASE("the first Ctrl-C buys nothing more and finishes what is paid") {
  Emulator const emulator{{"--slots", "2", "--service-time", "40s"}};
  House const house{emulator.endpoint(),
                    "inbox: { settle: 50ms }\nlimits: { wan2.6-t2i: { creates_per_second: 2, slots: 2 } }\n"};
  constexpr int kJobs = 40;  // they would take a minute
  auto run = house.start({"run", house.write("cats.yaml", manifest_of(kJobs))});
  await(run, "two tasks at the provider", [&] { return emulator.created() >= 2; });
  run.signal(SIGINT);
  run.await_err("nothing more is bought");
  CHECK(run.wait() == 6);
  CHECK(emulator.created() < kJobs);
  CHECK(house.tally()[State::Done] == emulator.created());
  check_books(house, emulator);
}

TEST_CASE("the second Ctrl-C leaves at once, and the next run fetches what was left out there") {
  Emulator const emulator{{"--service-time", "100s", "--spread", "0"}};
  House const house{emulator.endpoint()};
  auto const manifest = house.write("cats.yaml", manifest_of(3));
  auto run = house.start({"run", manifest});
  await(run, "three tasks at the provider", [&] { return house.at_provider() == 3; });
  run.signal(SIGINT);
  run.await_err("nothing more is bought");
  run.signal(SIGINT);
  CHECK(run.wait() == 6);
  CHECK(run.out().empty());
  CHECK(run.err().find("3 tasks at the provider") != std::string::npos);

  auto const again = house.run({"run"});
  INFO("standard error: ", again.err);
  CHECK(again.code == 0);
  CHECK(lines_of(again.out).size() == 3);
  CHECK(emulator.created() == 3);
  check_books(house, emulator);
}
