#include <doctest/doctest.h>

#include "base/files.h"
#include "whole/books.h"

using namespace wanspool;
using namespace wanspool::whole;

TEST_SUITE_BEGIN("whole");

namespace {

// Refusals that cost a job one of its tries (503, bad pictures, expired addresses) are together fewer than
// the tries it has, whichever jobs they meet; the rest may meet anybody as often as it likes.
constexpr char kStorm[] = R"(
# creates: none of these leaves a doubt
"create:2:429,retry-after=1"
"create:3:gzip"
"create:4:503,code=ModelUnavailable"
"create:5:chunked"
"create:9:503,code=ModelServingError"
"create:12:gzip,chunked"
# queries
"query:1:500"
"query:2:reset"
"query:3:502,html"
"query:4:429"
"query:5:answer-half"
"query:6:wrong-length"
"query:7:close-before-read"
"query:8:gzip"
"query:9:gzip,chunked"
"query:10:429,code-in-200"
"query:/9:503,html"
"query:/11:reset"
"query:/5:chunked"
# downloads
"download:1:cut-png"
"download:2:not-png"
"download:3:bad-crc"
"download:4:expired"
"download:5:wrong-length"
"download:6:answer-half"
"download:7:slow=20000"
"download:8:reset"
"download:9:502,html"
"download:10:429"
"download:11:gzip"
"download:12:chunked"
"download:/9:answer-half"
"download:/7:slow=20000"
"download:/13:503,html"
)";

}  // namespace

TEST_CASE("in a storm of faults every job is done, bought once and paid once") {
  House house{"http://127.0.0.1:9/api/v1"};
  Emulator const emulator{{"--script", house.write("storm.json", kStorm)}};
  house.environment["DASHSCOPE_HTTP_BASE_URL"] = emulator.endpoint();
  auto const said = house.run({"run", house.write("cats.yaml", manifest_of(30, 2))});
  INFO("standard error: ", said.err);
  CHECK(said.code == 0);
  CHECK(lines_of(said.out).size() == 60);
  CHECK(house.tally()[State::Done] == 30);
  auto const ledger = emulator.ledger();
  CHECK(ledger["creates"]["accepted"] == 30);
  CHECK(ledger["creates"]["received"] > 30);
  CHECK(ledger["faults"] > 25);
  check_books(house, emulator);
}

TEST_CASE("tasks that fail at the provider fail here, cost nothing and leave their reason") {
  Emulator const emulator{
      {"--fault", "task:1:fail=a,code=DataInspectionFailed,message=\"bad words, it says\""}};
  House const house{emulator.endpoint()};
  auto const said = house.run({"run", house.write("cats.yaml", manifest_of(2))});
  INFO("standard error: ", said.err);
  CHECK(said.code == 1);
  CHECK(said.err.find("DataInspectionFailed: bad words, it says") != std::string::npos);
  CHECK(house.tally()[State::Failed] == 1);
  CHECK(house.tally()[State::Done] == 1);
  check_books(house, emulator);
}

TEST_CASE("a create whose answer is lost is found in the account's list and never sent again") {
  Emulator const emulator{{"--fault", "create:3:lose-answer"}};
  House const house{emulator.endpoint()};
  auto const manifest = house.write("cats.yaml", manifest_of(5));
  auto const first = house.run({"run", manifest});
  INFO("standard error: ", first.err);
  CHECK(first.code == 0);
  CHECK(lines_of(first.out).size() == 5);
  CHECK(house.run({"wait", "cats"}).code == 0);

  auto const before = emulator.ledger();
  CHECK(before["creates"]["received"] == 5);
  CHECK(house.run({"run", manifest}).code == 0);
  CHECK(emulator.ledger()["creates"] == before["creates"]);
  check_books(house, emulator);
}

TEST_CASE("an answer that was cut or is a gateway's page leaves a doubt that ends as it was: bought or not") {
  Emulator const emulator{
      {"--fault", "create:1:answer-half", "--fault", "create:3:502,html,accept", "--fault", "create:5:500"}};
  House const house{emulator.endpoint()};
  auto const said = house.run({"run", house.write("cats.yaml", manifest_of(6))});
  INFO("standard error: ", said.err);
  CHECK(said.code == 0);
  CHECK(house.tally()[State::Done] == 6);
  // The fifth was never accepted, and was sent again.
  CHECK(emulator.ledger()["creates"]["received"] == 7);
  CHECK(emulator.created() == 6);
  check_books(house, emulator);
}

TEST_CASE("a manifest that wants a person to decide has its doubts held, explained and never sent again") {
  Emulator const emulator{{"--fault", "create:1:lose-answer"}};
  House const house{emulator.endpoint()};
  auto const manifest = house.write("cats.yaml", "on_uncertain: hold\n" + manifest_of(3));
  auto const first = house.run({"run", manifest});
  INFO("standard error: ", first.err);
  CHECK(first.code == 6);
  CHECK(pictures_in(house.spool.out).size() == 2);
  CHECK(pictures_in(house.spool.orphans).size() == 1);
  auto const held = lines_of(house.run({"list", "--json", "--state", "held"}).out);
  REQUIRE(held.size() == 1);
  auto const job = nlohmann::json::parse(held.front())["job"].get<std::string>();
  auto const shown = house.run({"show", job});
  CHECK(shown.code == 0);
  CHECK(shown.out.find("wanspool adopt " + job) != std::string::npos);
  CHECK(house.run({"wait", "cats"}).code == 6);
  CHECK(house.run({"run", manifest}).code == 6);
  CHECK(emulator.ledger()["creates"]["received"] == 3);
  check_books(house, emulator);
}

TEST_CASE("a run whose last create is in doubt and was not accepted says that it waits for a person") {
  Emulator const emulator{{"--fault", "create:2-:500"}};
  House const house{emulator.endpoint()};
  auto const said = house.run({"run", house.write("cats.yaml", manifest_of(2))});
  INFO("standard error: ", said.err);
  CHECK(said.code == 6);
  CHECK(said.err.find("1 job in doubt") != std::string::npos);
  CHECK(lines_of(said.out).size() == 1);
  CHECK(house.tally()[State::Submitting] == 1);
  CHECK(emulator.ledger()["creates"]["received"] == 2);
}
