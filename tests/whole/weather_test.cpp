#include <doctest/doctest.h>

#include <algorithm>
#include <optional>

#include "whole/books.h"

using namespace wanspool;
using namespace wanspool::whole;

TEST_SUITE_BEGIN("whole");

namespace {

std::string const kUnpaid =
    "create:*:400,code=Arrearage,message=\"Access denied, please make sure your account is in good "
    "standing.\"";

// Three jobs for each of two models, so that there are two lanes.
constexpr char kTwoLanes[] =
    "manifest: 1\n"
    "jobs:\n"
    "  - { id: hat, model: wan2.6-t2i, prompt: a hat, takes: 3 }\n"
    "  - { id: cap, model: wan2.7-image, prompt: a cap, takes: 3 }\n";

bool contains(std::string const& text, std::string const& words) {
  return text.find(words) != std::string::npos;
}

}  // namespace

TEST_CASE("where nobody answers run says so and waits, and it finishes when somebody does") {
  auto const port = closed_port();
  House const house{"http://127.0.0.1:" + std::to_string(port) + "/api/v1"};
  // Without -v a line comes every five seconds.
  auto run = house.start({"run", "-v", house.write("cats.yaml", manifest_of(3))});
  run.await_err("unreachable");
  CHECK(run.is_running());
  CHECK(house.tally()[State::Held] == 0);
  Emulator const emulator{{"--port", std::to_string(port)}};
  CHECK(run.wait() == 0);
  CHECK(lines_of(run.out()).size() == 3);
  check_books(house, emulator);
}

TEST_CASE("each kind of 429 and an overloaded service are waited out, and cost no job a try") {
  Emulator const emulator{{"--fault", "create:1:429,code=Throttling.RateQuota",        //
                           "--fault", "create:3:429,code=Throttling.Concurrency",      //
                           "--fault", "create:5:429,code=Throttling.AllocationQuota",  //
                           "--fault", "create:7:503,code=ModelUnavailable",            //
                           "--fault", "create:9:429,code=Throttling.BurstRate"}};
  House const house{emulator.endpoint()};
  auto const said = house.run({"run", "-v", house.write("cats.yaml", manifest_of(6))});
  INFO("standard error: ", said.err);
  CHECK(said.code == 0);
  CHECK(lines_of(said.out).size() == 6);
  auto const creates = emulator.ledger()["creates"];
  CHECK(creates["received"] == 11);
  CHECK(creates["refused"].size() == 5);
  for (auto const& [code, count] : creates["refused"].items()) CHECK(count == 1);
  CHECK(contains(said.err, "Throttling.RateQuota"));
  CHECK(contains(said.err, "ModelUnavailable"));
  check_books(house, emulator);
}

TEST_CASE("a quota that is used up is told of, and the daemon tries again at once when a person says so") {
  auto const port = std::to_string(closed_port());
  House const house{"http://127.0.0.1:" + port + "/api/v1"};
  std::optional<Emulator> emulator;
  emulator.emplace(std::vector<std::string>{
      "--port", port, "--fault", "create:*:429,code=Throttling.AllocationQuota,retry-after=1849295"});
  auto daemon = house.daemon();
  house.hand_in("cats.yaml", manifest_of(3));
  daemon.await_err("out of quota");
  CHECK(emulator->ledger()["creates"]["received"] == 1);
  CHECK(contains(house.run({"status"}).out, "out of quota"));
  emulator.reset();
  emulator.emplace(std::vector<std::string>{"--port", port});
  CHECK(house.run({"resume"}).code == 0);
  await(daemon, "all to be done", [&] { return house.is_settled(3); });
  check_books(house, *emulator);
}

TEST_CASE("an unpaid bill ends run with 3, says what helps, and wastes one create") {
  Emulator const emulator{{"--fault", kUnpaid}};
  House const house{emulator.endpoint()};
  auto const said = house.run({"run", house.write("cats.yaml", manifest_of(4))});
  INFO("standard error: ", said.err);
  CHECK(said.code == 3);
  CHECK(contains(said.err, "Arrearage"));
  CHECK(contains(said.err, "pay what is due"));
  CHECK(house.tally()[State::Queued] == 4);
  CHECK(emulator.ledger()["creates"]["received"] == 1);
}

TEST_CASE("an unpaid bill stops every lane of a daemon, and resume tries them again at once") {
  auto const port = std::to_string(closed_port());
  House const house{"http://127.0.0.1:" + port + "/api/v1"};
  std::optional<Emulator> emulator;
  emulator.emplace(std::vector<std::string>{"--port", port, "--fault", kUnpaid});
  auto daemon = house.daemon();
  house.hand_in("hats.yaml", kTwoLanes);
  daemon.await_err("Arrearage");
  await(daemon, "both lanes to stand still", [&] { return house.tally()[State::Queued] == 6; });
  CHECK(emulator->ledger()["creates"]["received"] <= 2);
  auto const lines = lines_of(daemon.err());
  CHECK(std::count_if(lines.begin(), lines.end(),
                      [](auto const& line) { return contains(line, "Arrearage"); }) == 1);
  auto const status = house.run({"status"});
  CHECK(contains(status.out, "Arrearage"));
  emulator.reset();

  // By itself it would try again after five minutes.
  emulator.emplace(std::vector<std::string>{"--port", port});
  CHECK(house.run({"resume"}).code == 0);
  await(daemon, "all to be done", [&] { return house.is_settled(6); });
  check_books(house, *emulator);
}
