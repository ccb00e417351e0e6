#include <doctest/doctest.h>

#include "base/files.h"
#include "whole/books.h"

using namespace wanspool;
using namespace wanspool::whole;

namespace fs = std::filesystem;

TEST_SUITE_BEGIN("whole");

namespace {

nlohmann::json shown(House const& house, std::string const& job) {
  return house.json({"show", job, "--json"});
}

}  // namespace

TEST_CASE("redo shows its price, buys once more and keeps the old picture, whoever repeats the command") {
  Emulator const emulator{{"--picture-bytes", "0"}};  // drawn, so that no two are the same
  House const house{emulator.endpoint()};
  auto daemon = house.daemon();
  house.hand_in("cats.yaml", manifest_of(2));
  await(daemon, "all to be done", [&] { return house.is_settled(2); });
  auto const picture = house.spool.out / "cats/j1/image-1.png";
  auto const old = read_file(picture);

  auto const unasked = house.run({"redo", "cats/j1"});
  CHECK(unasked.code == 6);
  CHECK(unasked.err.find("at most 0.20 CNY") != std::string::npos);
  CHECK(unasked.err.find("--yes") != std::string::npos);
  CHECK(emulator.created() == 2);

  auto const command = std::string{"command: redo\nid: \"once\"\njobs: [cats/j1]\n"};
  for (std::string const name : {"redo-1.yaml", "redo-2.yaml"}) {
    house.hand_in(name, command);
    await(daemon, "the command to be taken", [&] { return fs::exists(house.spool.accepted / name); });
  }
  await(daemon, "the old picture to be kept", [&] { return pictures_in(house.spool.old).size() == 1; });
  await(daemon, "all to be done", [&] { return house.is_settled(3); });
  CHECK(read_file(house.spool.accepted / "redo-2.yaml.receipt.txt").find("before") != std::string::npos);
  CHECK(emulator.created() == 3);
  CHECK(is_whole_picture(picture));
  auto const kept = pictures_in(house.spool.old);
  REQUIRE(kept.size() == 1);
  CHECK(read_file(kept.front()) == old);

  auto const said = house.run({"redo", "cats/j1", "--yes"});
  INFO("redo says: ", said.err);
  CHECK(said.code == 0);
  await(daemon, "all to be done", [&] { return house.is_settled(4); });
  CHECK(emulator.created() == 4);
  await(daemon, "the second old picture", [&] { return pictures_in(house.spool.old).size() == 2; });
  CHECK(house.json({"status", "--json"})["cost"]["spent"] == "0.80");
  check_account(house);
  CHECK(house.run({"verify"}).code == 0);
}

TEST_CASE("adopt gives a held job the task that it bought, once, and nothing is paid for it again") {
  Emulator const emulator{{"--fault", "create:1:lose-answer"}};
  House const house{emulator.endpoint()};
  auto daemon = house.daemon();
  house.hand_in("cats.yaml", "on_uncertain: hold\n" + manifest_of(2));
  await(daemon, "the first to be held and its candidate fetched",
        [&] { return house.tally()[State::Held] == 1 && pictures_in(house.spool.orphans).size() == 1; });
  await(daemon, "the candidate to be done", [&] { return house.tally()[State::Done] == 2; });
  auto const held = shown(house, "cats/j1");
  REQUIRE(held["candidates"].size() == 1);
  auto const task = held["candidates"][0]["task_id"].get<std::string>();
  CHECK(tasks_for(emulator, "a lamp on table 1") == std::vector<std::string>{task});

  auto const unasked = house.run({"adopt", "cats/j1", task});
  CHECK(unasked.code == 6);
  CHECK(unasked.err.find("0.20 CNY") != std::string::npos);
  CHECK(shown(house, "cats/j1")["state"] == "held");

  auto const command = "command: adopt\nid: \"once\"\njobs: [cats/j1]\ntask_id: " + task + "\n";
  for (std::string const name : {"adopt-1.yaml", "adopt-2.yaml"}) {
    house.hand_in(name, command);
    await(daemon, "the command to be taken", [&] { return fs::exists(house.spool.accepted / name); });
  }
  await(daemon, "all to be done", [&] { return house.is_settled(2); });
  CHECK(house.tally()[State::Done] == 2);
  CHECK(is_whole_picture(house.spool.out / "cats/j1/image-1.png"));
  CHECK(shown(house, "cats/j1")["task_id"] == task);
  auto const again = house.run({"adopt", "cats/j1", task, "--yes"});
  CHECK(again.code == 2);
  CHECK(emulator.created() == 2);
  CHECK(house.json({"status", "--json"})["cost"]["spent"] == "0.40");
  check_account(house);
  CHECK(house.run({"verify"}).code == 0);
}
