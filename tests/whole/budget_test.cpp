#include <doctest/doctest.h>
#include <signal.h>

#include "whole/books.h"

using namespace wanspool;
using namespace wanspool::whole;

TEST_SUITE_BEGIN("whole");

namespace {

std::string fruit(std::string const& head, int jobs = 3) {
  return head + manifest_of(jobs);
}

bool holds(std::string const& text, std::string const& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("a run that a budget stops ends with 6 and says why, and goes on when that is raised") {
  Emulator const emulator;
  House const house{emulator.endpoint()};
  auto const stopped = house.run({"run", house.write("fruit.yaml", fruit("budget: { pictures: 2 }\n"))});
  INFO("standard error: ", stopped.err);
  CHECK(stopped.code == 6);
  CHECK(holds(stopped.err, "budget: fruit: 2 of 2 pictures are spent or reserved; raise `budget`"));
  CHECK(lines_of(stopped.out).size() == 2);

  auto const status = house.run({"status"});
  CHECK(holds(status.out, "budget    fruit: 2 of 2 pictures are spent or reserved"));
  auto const json = house.json({"status", "--json"});
  REQUIRE(json["stops"].size() == 1);
  CHECK(json["stops"][0]["manifest"] == "fruit");
  CHECK(json["stops"][0]["pictures"]["most"] == 2);

  auto const raised = house.run({"run", house.write("fruit.yaml", fruit("budget: { pictures: 3 }\n"))});
  CHECK(raised.code == 0);
  CHECK(house.json({"status", "--json"})["stops"].empty());
  CHECK(emulator.created() == 3);
  check_books(house, emulator);
}

TEST_CASE("a run that a day's cap stops ends with 6 and says when it goes on") {
  Emulator const emulator;
  House house{emulator.endpoint(), std::string{kQuick} + "budget: { day: { cost: 0.40 CNY } }\n"};
  house.environment["TZ"] = zone_at_noon();
  auto const said = house.run({"run", house.write("fruit.yaml", fruit(""))});
  INFO("standard error: ", said.err);
  CHECK(said.code == 6);
  CHECK(holds(said.err, "budget: today: 0.40 of 0.40 CNY are spent or reserved; goes on at 20"));
  CHECK(emulator.created() == 2);
  check_books(house, emulator);
}

TEST_CASE("a run beside a daemon leaves with 6 when only a budget is left to wait for") {
  Emulator const emulator;
  House const house{emulator.endpoint()};
  auto const daemon = house.daemon();
  auto const said = house.run({"run", house.write("fruit.yaml", fruit("budget: { pictures: 2 }\n"))});
  INFO("standard error: ", said.err);
  CHECK(said.code == 6);
  CHECK(holds(said.err, "budget: fruit: 2 of 2 pictures"));
  auto const raised = house.run({"run", house.write("fruit.yaml", fruit(""))});
  CHECK(raised.code == 0);
  CHECK(emulator.created() == 3);
}

TEST_CASE("who waits is told once of a cap that ends by itself, and is waited for") {
  Emulator const emulator;
  House const house{emulator.endpoint(),
                    std::string{kQuick} + "timezone: UTC\nbudget: { day: { pictures: 2 } }\n"};
  auto const daemon = house.daemon();
  auto waiting = house.start({"submit", house.write("fruit.yaml", fruit("")), "--wait"});
  std::string const words = "wanspool: budget: today: 2 of 2 pictures are spent or reserved; goes on at 20";
  waiting.await_err(words);
  auto const said = house.run({"wait", "fruit", "--timeout", "1"});
  INFO("standard error: ", said.err);
  CHECK(said.code == 1);
  CHECK(holds(said.err, words));
  CHECK(said.err.find(words) == said.err.rfind(words));
  waiting.signal(SIGINT);
  CHECK(waiting.wait() == 128 + SIGINT);
}

TEST_CASE("who waits leaves with 6 where only a person can raise a budget") {
  Emulator const emulator;
  House const house{emulator.endpoint()};
  auto const daemon = house.daemon();
  auto const said =
      house.run({"submit", house.write("fruit.yaml", fruit("budget: { pictures: 2 }\n")), "--wait"});
  INFO("standard error: ", said.err);
  CHECK(said.code == 6);
  CHECK(holds(said.err, "wanspool: budget: fruit: 2 of 2 pictures are spent or reserved; raise `budget`"));
  CHECK(house.run({"wait", "fruit"}).code == 6);
}

TEST_CASE("a zone that the system does not know is refused with 78 before anything is done") {
  Emulator const emulator;
  House const house{emulator.endpoint(), "timezone: Europe/Berlim\n"};
  auto const said = house.run({"status"});
  CHECK(said.code == 78);
  CHECK(holds(said.err, "config.yaml:1:11: error: timezone 'Europe/Berlim' is not known"));
}

TEST_CASE("resume names manifests that are known") {
  Emulator const emulator;
  House const house{emulator.endpoint()};
  CHECK(house.run({"run", house.write("fruit.yaml", fruit(""))}).code == 0);
  CHECK(house.run({"resume", "nuts"}).code == 4);
  auto const said = house.run({"resume", "Fruit"});
  INFO("standard error: ", said.err);
  CHECK(said.code == 0);
  CHECK_FALSE(holds(said.err, "failed"));
  CHECK(house.run({"run"}).code == 0);
}
