#include <doctest/doctest.h>

#include "whole/books.h"

using namespace wanspool;
using namespace wanspool::whole;

TEST_SUITE_BEGIN("whole");

namespace {

bool holds(std::string const& text, std::string const& part) {
  return text.find(part) != text.npos;
}

// One job is drawn for as long as the test lasts, and the others wait behind it.
std::vector<std::string> const kSlow{"--slots", "1", "--service-time", "20h", "--spread", "0"};

}  // namespace

TEST_CASE("cancel tells within a second what is stopped, what is asked for and what is drawn") {
  Emulator const emulator{kSlow};
  House const house{emulator.endpoint(),
                    std::string{kQuick}.replace(std::string{kQuick}.find("slots: 50"), 9, "slots: 3")};
  auto daemon = house.daemon();
  house.hand_in("m.yaml", manifest_of(6));
  await(daemon, "one is drawn and others wait there",
        [&] { return house.tally()[State::Running] == 1 && emulator.created() >= 3; });
  auto const said = house.run({"cancel", "m"});
  INFO("standard error: ", said.err);
  CHECK(said.code == 0);
  CHECK(holds(said.err, "stopped"));
  CHECK(holds(said.err, "1 is being drawn"));
  await(daemon, "all else is canceled", [&] { return house.tally()[State::Canceled] == 5; });
  CHECK(emulator.ledger()["canceled"] >= 2);
  CHECK(house.tally()[State::Running] == 1);
  CHECK(house.run({"verify"}).code == 0);
}

TEST_CASE("a run with nothing left but paused jobs ends with 6 and says so") {
  Emulator const emulator;
  House const house{emulator.endpoint()};
  CHECK(house.run({"pause"}).code == 0);
  house.run({"run"});
  CHECK(house.run({"run", house.write("m.yaml", manifest_of(3))}).code == 6);
  CHECK(emulator.created() == 0);
  CHECK(house.run({"pause", "m/j2"}).code == 0);
  CHECK(house.run({"resume"}).code == 0);
  auto const said = house.run({"run"});
  INFO("standard error: ", said.err);
  CHECK(said.code == 6);
  CHECK(holds(said.err, "1 job is paused"));
  CHECK(emulator.created() == 2);
  CHECK(house.run({"resume", "m"}).code == 0);
  CHECK(house.run({"run"}).code == 0);
  CHECK(emulator.created() == 3);
  CHECK(house.run({"verify"}).code == 0);
}

TEST_CASE("retry queues what has failed once more, and pays for nothing that is here") {
  Emulator const emulator{{"--fault", "task:2:fail=a,code=DataInspectionFailed"}};
  House const house{emulator.endpoint()};
  CHECK(house.run({"run", house.write("m.yaml", manifest_of(3))}).code == 1);
  CHECK(house.run({"retry", "--failed"}).code == 0);
  auto const said = house.run({"run"});
  INFO("standard error: ", said.err);
  CHECK(said.code == 0);
  CHECK(emulator.created() == 4);
  CHECK(house.tally()[State::Done] == 3);
  CHECK(house.run({"retry", "m"}).code == 0);
  CHECK(house.run({"run"}).code == 0);
  CHECK(emulator.created() == 4);
  // The one that failed is in the account's list and no stranger's.
  auto const daemon = house.daemon();
  check_account(house);
}
