#include "emulator/faults.h"

#include <doctest/doctest.h>

#include <stdexcept>

using namespace wanspool;
using namespace wanspool::emulator;

TEST_SUITE_BEGIN("emulator");

namespace {

// Which of the first ten creates a rule means, as digits.
std::string met(std::string const& rule, std::uint64_t seed = 1) {
  Faults faults{{parse_rule(rule)}, seed};
  std::string out;
  for (int i = 1; i <= 10; ++i)
    if (faults.meet(Call::Create)) out += std::to_string(i) + " ";
  return out;
}

std::string complaint(std::string const& rule) {
  try {
    parse_rule(rule);
  } catch (std::invalid_argument const& error) {
    return error.what();
  }
  return {};
}

}  // namespace

TEST_CASE("a rule means the requests it counts") {
  CHECK(met("create:3:reset") == "3 ");
  CHECK(met("create:2-4:reset") == "2 3 4 ");
  CHECK(met("create:9-:reset") == "9 10 ");
  CHECK(met("create:/4:reset") == "4 8 ");
  CHECK(met("create:*:reset") == "1 2 3 4 5 6 7 8 9 10 ");
  CHECK(met("query:3:reset").empty());
  CHECK(met("any:2:reset") == "2 ");
}

TEST_CASE("chance repeats with its seed") {
  CHECK(met("create:50%:reset", 5) == met("create:50%:reset", 5));
  CHECK(met("create:0%:reset").empty());
  CHECK(met("create:50%:reset", 5) != met("create:50%:reset", 6));
}

TEST_CASE("actions add up within a rule") {
  auto const rule =
      parse_rule("create:1:status=429,code=Throttling,message=\"slow, please\",retry-after=7,delay=50ms");
  CHECK(rule.fault.status == 429);
  CHECK(rule.fault.code == "Throttling");
  CHECK(rule.fault.message == "slow, please");
  CHECK(rule.fault.retry_after == 7);
  CHECK(rule.fault.manner.delay == milliseconds{50});
  CHECK(rule.fault.refuses());
}

TEST_CASE("a lost answer is carried out, a reset is not") {
  CHECK_FALSE(parse_rule("create:1:lose-answer").fault.refuses());
  CHECK(parse_rule("create:1:reset").fault.refuses());
  auto const both = parse_rule("create:1:lose-answer,reset").fault;
  CHECK_FALSE(both.refuses());
  CHECK(both.manner.end == End::Reset);
  CHECK_FALSE(parse_rule("create:1:504,html,accept").fault.refuses());
}

TEST_CASE("the first rule that means a request decides") {
  Faults faults{{parse_rule("create:2:500"), parse_rule("create:*:429")}, 1};
  CHECK(faults.meet(Call::Create)->status == 429);
  CHECK(faults.meet(Call::Create)->status == 500);
  CHECK(faults.met() == 2);
}

TEST_CASE("a rule that cannot be meant says why") {
  CHECK(complaint("create:1").find("CALL:WHEN:ACTION") != std::string::npos);
  CHECK(complaint("creates:1:reset").find("none of") != std::string::npos);
  CHECK(complaint("create:0:reset").find("counts begin with 1") != std::string::npos);
  CHECK(complaint("create:1:lose-anser").find("did you mean 'lose-answer'") != std::string::npos);
  CHECK(complaint("create:1:status").find("takes a value") != std::string::npos);
  CHECK(complaint("create:1:reset=3").find("takes no value") != std::string::npos);
  CHECK(complaint("create:1:not-png").find("no meaning") != std::string::npos);
  CHECK(complaint("query:1:fail=a").find("no meaning") != std::string::npos);
}

TEST_CASE("a script is lines or an array of rules") {
  auto const lines = parse_script(
      "# weather\n\"create:3:lose-answer\"\n\n"
      R"({"on": "query", "when": "2-3", "status": 429, "retry-after": 5, "message": "a \"b\", c"})");
  REQUIRE(lines.size() == 2);
  CHECK(lines[1].call == Call::Query);
  CHECK(lines[1].when.to == 3);
  CHECK(lines[1].fault.retry_after == 5);
  CHECK(lines[1].fault.message == "a \"b\", c");
  auto const array =
      parse_script(R"([{"on":"download","when":1,"do":["slow=100","delay=1s"]}, "create:1:reset"])");
  REQUIRE(array.size() == 2);
  CHECK(array[0].fault.manner.bytes_per_second == 100);
  CHECK_THROWS_AS(parse_script("{broken"), std::invalid_argument);
  CHECK_THROWS_AS(parse_script(R"({"when": 3})"), std::invalid_argument);
}

TEST_CASE("lengths of time carry their unit") {
  CHECK(parse_length("90s") == milliseconds{90'000});
  CHECK(parse_length("1.5m") == milliseconds{90'000});
  CHECK(parse_length("250ms") == milliseconds{250});
  CHECK(parse_length("0") == milliseconds{0});
  CHECK_THROWS_AS(parse_length("5x"), std::invalid_argument);
  CHECK_THROWS_AS(parse_length(""), std::invalid_argument);
}
