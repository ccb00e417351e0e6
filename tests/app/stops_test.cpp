#include "app/stops.h"

#include <doctest/doctest.h>

#include "support/zone.h"

using namespace wanspool;
using namespace wanspool::app;
using Scope = Stop::Scope;

TEST_SUITE_BEGIN("app");

namespace {

Stop fruit() {
  Stop stop;
  stop.manifest = "fruit";
  stop.cap.cost = Money{40'000'000};
  stop.counted = {200, Money{40'000'000}};
  return stop;
}

Stop day(std::string const& model = {}) {
  Stop stop;
  stop.scope = Scope::Day;
  stop.model = model;
  stop.cap.pictures = 1000;
  stop.counted = {999, Money{1}};
  stop.until = Instant{seconds{1'795'474'800}};  // 2026-11-23T23:00:00Z
  return stop;
}

std::string words(Stop const& stop) {
  return line_of_stop(stop, "CNY");
}

}  // namespace

TEST_CASE("a manifest at its budget is told with the way on") {
  CHECK(words(fruit()) ==
        "budget: fruit: 40.00 of 40.00 CNY are spent or reserved; raise `budget` in its manifest and drop it "
        "again");
  auto both = fruit();
  both.cap.pictures = 200;
  CHECK(words(both).find("200 of 200 pictures and 40.00 of 40.00 CNY are") != std::string::npos);
}

TEST_CASE("a cap of a day or a month says when it goes on, where days turn here") {
  test::TimeZone const zone{"CET-1"};
  CHECK(words(day()) ==
        "budget: today: 999 of 1000 pictures are spent or reserved, and the next job needs more; goes on at "
        "2026-11-24 00:00:00 CET");
  CHECK(words(day("wan2.6-image")).find("today, wan2.6-image: 999") != std::string::npos);
  auto month = day();
  month.scope = Scope::Month;
  CHECK(words(month).find("this month: ") != std::string::npos);
  month.until = {};
  CHECK(words(month).ends_with("raise `budget` in the configuration and reload it"));
}

TEST_CASE("failures are told with the command that forgives them") {
  Stop stop;
  stop.scope = Scope::Failures;
  stop.manifest = "fruit";
  stop.failed = 3;
  stop.finished = 60;
  stop.most = {2, true};
  CHECK(words(stop) == "failures: fruit: 3 of 60 failed, more than 2%; wanspool resume fruit");
  CHECK(
      json_of_stops({stop}, "CNY") ==
      R"([{"reason":"failures","scope":"manifest","manifest":"fruit","model":null,"account":null,"submitter":null,"until":null,"failed":3,)"
      R"("finished":60,"most":"2%"}])");
}

TEST_CASE("for machines a stop is an object with what counts and what is allowed") {
  CHECK(json_of_stops({}, "CNY") == "[]");
  CHECK(
      json_of_stops({fruit(), day("m")}, "CNY") ==
      R"([{"reason":"budget","scope":"manifest","manifest":"fruit","model":null,"account":null,"submitter":null,"until":null,)"
      R"("cost":{"counted":"40.00","most":"40.00","currency":"CNY"}},)"
      R"({"reason":"budget","scope":"day","manifest":null,"model":"m","account":null,"submitter":null,"until":"2026-11-23T23:00:00.000Z",)"
      R"("pictures":{"counted":999,"most":1000}}])");
}

TEST_CASE("a person's cap is told with his name, or his id where the system has no such user") {
  test::TimeZone const zone{"CET-1"};
  auto stop = day();
  stop.submitter = 0;
  CHECK(words(stop).starts_with("budget: today, submitter root: 999 of 1000 pictures"));
  CHECK(words(stop).ends_with("goes on at 2026-11-24 00:00:00 CET"));
  CHECK(json_of_stops({stop}, "CNY").find(R"("submitter":"root")") != std::string::npos);
  stop.submitter = 3'999'999'999;
  CHECK(words(stop).find("submitter 3999999999: ") != std::string::npos);
  stop.submitter = kUnknownSubmitter;
  CHECK(words(stop).find("submitter (unknown): ") != std::string::npos);
}

TEST_CASE("a person's cap is no reason for anybody else's job") {
  auto stop = day();
  stop.submitter = 3001;
  Task queued;
  queued.wanted = 2;
  CHECK(stop_of({stop}, queued, {""}, 3001) == 0);
  CHECK_FALSE(stop_of({stop}, queued, {""}, 3002));
}
