#include "app/service_line.h"

#include <doctest/doctest.h>

#include "app/made_up.h"

using namespace wanspool;
using namespace wanspool::app;

TEST_SUITE_BEGIN("app");

namespace {

LaneRow lane(std::string const& model, Weather::Kind kind) {
  LaneRow row;
  row.model = model;
  row.weather.kind = kind;
  row.weather.until = test::kNow + seconds{20};
  row.weather.reason = "Code";
  return row;
}

}  // namespace

TEST_CASE("a service manager reads what is done, running and waiting, today's money and what it waits for") {
  Service service;
  service.progress.currency = "CNY";
  CHECK(service_line(service) == "tasks done 0, running 0, waiting 0 | today 0.00 CNY");
  auto& tally = service.progress.tally;
  tally.tasks[static_cast<std::size_t>(State::Done)] = 12;
  tally.tasks[static_cast<std::size_t>(State::Running)] = 5;
  tally.tasks[static_cast<std::size_t>(State::Queued)] = 83;
  tally.tasks[static_cast<std::size_t>(State::Failed)] = 1;
  service.today = {17, Money{3'400'000}};
  service.cap = {1000, Money{200'000'000}};
  service.progress.left = minutes{12};
  service.progress.inbox = 2;
  service.progress.hinders = "wan2.6-t2i: throttled for 20 s";
  CHECK(service_line(service) ==
        "tasks done 12, running 5, waiting 83, failed 1 | today 3.40 of 200.00 CNY and 17 of 1000 pictures | "
        "12 min 0 s left | inbox: 2 files | waits: wan2.6-t2i: throttled for 20 s");
}

TEST_CASE("of several lanes the one in the worst weather is told of") {
  CHECK(worst_weather({}, test::kNow).empty());
  CHECK(worst_weather({lane("a", Weather::Kind::Fair)}, test::kNow).empty());
  CHECK(worst_weather({lane("a", Weather::Kind::Fair), lane("b", Weather::Kind::Throttled)}, test::kNow) ==
        "b: throttled for 20 s: Code");
  CHECK(worst_weather({lane("a", Weather::Kind::Throttled), lane("b", Weather::Kind::OutOfQuota),
                       lane("c", Weather::Kind::Unreachable)},
                      test::kNow) == "b: out of quota for 20 s: Code (and 2 more)");
}

TEST_SUITE_END();
