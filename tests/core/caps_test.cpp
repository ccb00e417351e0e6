#include "core/caps.h"

#include <doctest/doctest.h>

#include "core/tasks.h"

TEST_SUITE_BEGIN("core");

using namespace wanspool;
using Scope = Stop::Scope;

namespace {

constexpr Money yuan(std::int64_t hundredths) {
  return {hundredths * 10'000};
}

// Two pictures at 0.20.
Task job(std::string const& model = "wan2.6-image") {
  Task task;
  task.model = model;
  task.wanted = 2;
  task.price = yuan(20);
  return task;
}

Standing fruit(Budget const& budget = {}, Counted const& counted = {}) {
  Standing standing;
  standing.manifest = "fruit";
  standing.budget = budget;
  standing.counted = counted;
  return standing;
}

Standing failing(Share most, std::int64_t failed, std::int64_t done, std::int64_t forgiven = 0) {
  auto standing = fruit();
  standing.max_failures = most;
  standing.outcomes = {done, failed, forgiven};
  return standing;
}

Instant const kMidnight{hours{24}}, kNextMonth{hours{720}};

Spent spent_today(Counted const& counted, std::string const& account = {}) {
  LaneKey const lane{account, "wan2.6-image"};
  return {{{lane, counted}}, {{lane, counted}}, kMidnight, kNextMonth};
}

Caps day_of(Budget const& cap) {
  Caps caps;
  caps.all.day = cap;
  return caps;
}

bool fits(Standing const& standing) {
  return !what_stops(job(), {}, standing, {});
}

}  // namespace

TEST_CASE("what is reserved, spent and uncertain counts all the same, in pictures of its price") {
  auto task = job();
  CHECK(counted(task) == Counted{});
  task.state = State::Submitting;
  task.reserved = yuan(40);
  CHECK(counted(task) == Counted{2, yuan(40)});
  task.uncertain = yuan(40);
  CHECK(counted(task) == Counted{4, yuan(80)});
  task.reserved = {};
  task.spent = yuan(20);
  CHECK(counted(task) == Counted{3, yuan(60)});
  task.spent += Money{1};
  CHECK(counted(task).pictures == 4);
}

TEST_CASE("pictures that cost nothing count as they are asked for, and then as they came") {
  auto task = job();
  task.price = {};
  for (auto const state : {State::Submitting, State::Submitted, State::Running, State::Held}) {
    task.state = state;
    CHECK(counted(task) == Counted{2, {}});
  }
  task.image_count = 1;
  for (auto const state : {State::Downloading, State::Done, State::Failed}) {
    task.state = state;
    CHECK(counted(task) == Counted{1, {}});
  }
  for (auto const state : {State::Queued, State::Canceled}) {
    task.state = state;
    CHECK(counted(task) == Counted{});
  }
}

TEST_CASE("a budget is bought up to its last picture and its last amount, and not beyond") {
  CHECK(fits(fruit()));
  CHECK(fits(fruit({10, {}}, {8, {}})));
  CHECK_FALSE(fits(fruit({10, {}}, {9, {}})));
  CHECK(fits(fruit({{}, yuan(100)}, {0, yuan(60)})));
  CHECK_FALSE(fits(fruit({{}, yuan(100)}, {0, yuan(60) + Money{1}})));
  CHECK_FALSE(fits(fruit({1, yuan(100)})));
}

TEST_CASE("what stops at a budget names the part that is too small, and waits for a person") {
  auto const stop = what_stops(job(), {}, fruit({10, yuan(100)}, {9, yuan(20)}), {});
  REQUIRE(stop);
  CHECK(stop->scope == Scope::Manifest);
  CHECK(stop->manifest == "fruit");
  CHECK(stop->cap == Budget{10, {}});
  CHECK(stop->counted == Counted{9, yuan(20)});
  CHECK(stop->until == Instant{});
}

TEST_CASE("a day's cap counts all models, and goes on when the day turns") {
  auto const caps = day_of({10, {}});
  CHECK_FALSE(what_stops(job(), caps, fruit(), spent_today({8, {}})));
  CHECK_FALSE(what_stops(job(), caps, fruit(), {}));
  auto spent = spent_today({5, {}});
  spent.day[{{}, "wan2.6-t2i"}] = {4, {}};
  auto const stop = what_stops(job(), caps, fruit(), spent);
  REQUIRE(stop);
  CHECK(stop->scope == Scope::Day);
  CHECK(stop->manifest.empty());
  CHECK(stop->model.empty());
  CHECK(stop->counted.pictures == 9);
  CHECK(stop->until == kMidnight);
}

TEST_CASE("a month's cap goes on when the month turns") {
  Caps caps;
  caps.all.month = {{}, yuan(100)};
  CHECK_FALSE(what_stops(job(), caps, fruit(), spent_today({0, yuan(60)})));
  auto const stop = what_stops(job(), caps, fruit(), spent_today({0, yuan(61)}));
  REQUIRE(stop);
  CHECK(stop->scope == Scope::Month);
  CHECK(stop->cap == Budget{{}, yuan(100)});
  CHECK(stop->until == kNextMonth);
}

TEST_CASE("a model's cap stops that model alone") {
  Caps caps;
  caps.models["wan2.6-image"].day = {3, {}};
  auto const spent = spent_today({2, {}});
  CHECK_FALSE(what_stops(job("wan2.6-t2i"), caps, fruit(), spent));
  auto const stop = what_stops(job(), caps, fruit(), spent);
  REQUIRE(stop);
  CHECK(stop->model == "wan2.6-image");
  CHECK(stop->scope == Scope::Day);
}

TEST_CASE("what is too big for an empty day waits for a person, not for the morning") {
  auto const stop = what_stops(job(), day_of({1, {}}), fruit(), spent_today({}));
  REQUIRE(stop);
  CHECK(stop->until == Instant{});
}

TEST_CASE("what costs nothing passes a cap of money that is exceeded already") {
  auto free = job();
  free.price = {};
  CHECK_FALSE(what_stops(free, day_of({{}, yuan(10)}), fruit({{}, yuan(10)}, {0, yuan(20)}),
                         spent_today({0, yuan(20)})));
}

TEST_CASE("failures are a reason to wait after fifty finished jobs, when there are more than allowed") {
  CHECK_FALSE(has_failed(failing({2, false}, 49, 0)));
  CHECK(has_failed(failing({2, false}, 50, 0)));
  CHECK_FALSE(has_failed(failing({2, false}, 2, 48)));
  CHECK(has_failed(failing({2, false}, 3, 47)));
  CHECK_FALSE(has_failed(failing({2, true}, 1, 49)));
  CHECK_FALSE(has_failed(failing({2, true}, 2, 98)));
  CHECK(has_failed(failing({2, true}, 2, 97)));
  CHECK(has_failed(failing({0, false}, 1, 60)));
  CHECK_FALSE(has_failed(failing({0, true}, 0, 60)));
  CHECK_FALSE(has_failed(fruit()));
}

TEST_CASE("failures that a person has forgiven are none") {
  CHECK_FALSE(has_failed(failing({2, true}, 3, 57, 3)));
  CHECK_FALSE(has_failed(failing({2, true}, 4, 56, 3)));
  CHECK(has_failed(failing({2, true}, 5, 55, 3)));
}

TEST_CASE("failures come first of all reasons, and then the manifest's own budget") {
  auto standing = failing({2, true}, 3, 57);
  standing.budget = {0, {}};
  auto const caps = day_of({0, {}});
  auto const stop = what_stops(job(), caps, standing, {});
  REQUIRE(stop);
  CHECK(stop->scope == Scope::Failures);
  CHECK(stop->failed == 3);
  CHECK(stop->finished == 60);
  CHECK(stop->most == Share{2, true});
  standing.max_failures.reset();
  CHECK(what_stops(job(), caps, standing, {})->scope == Scope::Manifest);
}

TEST_CASE("the room that caps leave is the smallest of all that hold, and never less than nothing") {
  Caps caps;
  caps.all.day = {10, yuan(300)};
  caps.all.month = {100, yuan(200)};
  caps.models["wan2.6-image"].day = {7, {}};
  auto const spent = spent_today({4, yuan(150)});
  CHECK(room_of(caps, spent, {{}, "wan2.6-image"}) == Budget{3, yuan(50)});
  CHECK(room_of(caps, spent, {{}, "wan2.6-t2i"}) == Budget{6, yuan(50)});
  CHECK(room_of(caps, spent_today({400, yuan(400)}), {{}, "x"}) == Budget{0, Money{}});
  CHECK(room_of(Caps{}, spent, {{}, "x"}) == Budget{});
  CHECK(room_of(fruit({10, {}}, {12, {}})) == Budget{0, {}});
  CHECK(room_of(failing({0, false}, 50, 0)) == Budget{0, Money{}});
}

TEST_CASE("an account's cap counts and stops what is bought under it alone") {
  Caps caps;
  caps.accounts["studio"].all.day = {3, {}};
  auto task = job();
  task.account = "studio";
  CHECK_FALSE(what_stops(task, caps, fruit(), spent_today({100, {}})));
  auto const stop = what_stops(task, caps, fruit(), spent_today({2, {}}, "studio"));
  REQUIRE(stop);
  CHECK(stop->scope == Scope::Day);
  CHECK(stop->account == "studio");
  CHECK(stop->model.empty());
  CHECK(stop->counted.pictures == 2);
  CHECK(stop->until == kMidnight);
  CHECK_FALSE(what_stops(job(), caps, fruit(), spent_today({2, {}}, "studio")));
}

TEST_CASE("an account's cap of a model leaves its other models alone") {
  Caps caps;
  caps.accounts["studio"].models["wan2.6-image"].month = {{}, yuan(50)};
  auto task = job();
  task.account = "studio";
  auto const spent = spent_today({2, yuan(40)}, "studio");
  auto const stop = what_stops(task, caps, fruit(), spent);
  REQUIRE(stop);
  CHECK(stop->scope == Scope::Month);
  CHECK(stop->model == "wan2.6-image");
  CHECK(stop->account == "studio");
  task.model = "wan2.6-t2i";
  CHECK_FALSE(what_stops(task, caps, fruit(), spent));
}

TEST_CASE("caps of all accounts count what any of them buys, and are told first") {
  auto caps = day_of({10, {}});
  caps.accounts["studio"].all.day = {1, {}};
  auto spent = spent_today({5, {}});
  spent.day[{"studio", "wan2.6-t2i"}] = {4, {}};
  auto task = job();
  task.account = "studio";
  auto const stop = what_stops(task, caps, fruit(), spent);
  REQUIRE(stop);
  CHECK_FALSE(stop->account);
  CHECK(stop->counted.pictures == 9);
}

TEST_CASE("the main account may have a cap of its own, which is not that of all accounts") {
  Caps caps;
  caps.accounts[""].all.day = {3, {}};
  auto const stop = what_stops(job(), caps, fruit(), spent_today({2, {}}));
  REQUIRE(stop);
  CHECK(stop->account == "");
  CHECK_FALSE(what_stops(job(), caps, fruit(), spent_today({2, {}}, "studio")));
}

TEST_CASE("the room of a lane is what all accounts together and its own leave") {
  Caps caps;
  caps.all.day = {10, {}};
  caps.accounts["studio"].all.day = {{}, yuan(100)};
  caps.accounts["studio"].models["wan2.6-image"].month = {7, {}};
  auto const spent = spent_today({4, yuan(80)}, "studio");
  CHECK(room_of(caps, spent, {"studio", "wan2.6-image"}) == Budget{3, yuan(20)});
  CHECK(room_of(caps, spent, {"studio", "wan2.6-t2i"}) == Budget{6, yuan(20)});
  CHECK(room_of(caps, spent, {"", "wan2.6-image"}) == Budget{6, {}});
}

namespace {

Stop day_stop(std::optional<std::string> const& account, Instant until = kMidnight) {
  Stop stop;
  stop.scope = Scope::Day;
  stop.account = account;
  stop.cap = {2, {}};
  stop.counted = {1, {}};
  stop.until = until;
  return stop;
}

Stop fruit_stop() {
  Stop stop;
  stop.manifest = "fruit";
  stop.cap = {2, {}};
  stop.counted = {1, {}};
  return stop;
}

}  // namespace

TEST_CASE("a stop of one account keeps a job only from that account") {
  auto task = job();
  CHECK(kept_until(day_stop({}), task) == kMidnight);
  CHECK(kept_until(day_stop(""), task) == kMidnight);
  CHECK_FALSE(kept_until(day_stop("studio"), task));
  task.account = "studio";
  CHECK(kept_until(day_stop("studio"), task) == kMidnight);
  CHECK_FALSE(kept_until(day_stop(""), task));
}

TEST_CASE("a job is kept until the first of its accounts may buy it") {
  std::vector<std::string> const both{"", "studio"};
  auto task = job();
  task.name = "fruit/apple";
  CHECK_FALSE(kept_until({}, task, both));
  CHECK_FALSE(kept_until({day_stop("studio")}, task, both));
  CHECK_FALSE(kept_until({day_stop("")}, task, both));
  CHECK(kept_until({day_stop("")}, task, {""}) == kMidnight);
  CHECK(kept_until({day_stop("", kNextMonth), day_stop("studio")}, task, both) == kMidnight);
  CHECK(kept_until({day_stop("", {}), day_stop("studio")}, task, both) == kMidnight);
  CHECK(kept_until({day_stop("", {}), day_stop("studio", {})}, task, both) == Instant{});
  CHECK(kept_until({day_stop({})}, task, both) == kMidnight);
}

TEST_CASE("what several stops keep waits for the last of them, and for a person if one does") {
  std::vector<std::string> const both{"", "studio"};
  auto task = job();
  task.name = "fruit/apple";
  CHECK(kept_until({day_stop({}), day_stop({}, kNextMonth)}, task, both) == kNextMonth);
  CHECK(kept_until({day_stop({}), fruit_stop()}, task, both) == Instant{});
  CHECK(kept_until({fruit_stop()}, task, both) == Instant{});
  task.name = "nuts/nut";
  CHECK_FALSE(kept_until({fruit_stop()}, task, both));
}

namespace {

constexpr std::int64_t kAnna = 3001, kBen = 3002;

Standing of(std::int64_t submitter) {
  auto standing = fruit();
  standing.submitter = submitter;
  return standing;
}

Caps each_of(Budget const& day, Budget const& month = {}) {
  Caps caps;
  caps.submitter = {day, month};
  return caps;
}

}  // namespace

TEST_CASE("a person's cap counts what is bought in his name alone, under whatever account and model") {
  auto const caps = each_of({3, {}});
  auto spent = spent_today({100, {}});
  spent.day_by = {{kAnna, {2, {}}}, {kBen, {1, {}}}};
  auto task = job("wan2.6-t2i");
  task.account = "studio";
  auto const stop = what_stops(task, caps, of(kAnna), spent);
  REQUIRE(stop);
  CHECK(stop->scope == Scope::Day);
  CHECK(stop->submitter == kAnna);
  CHECK_FALSE(stop->account);
  CHECK(stop->model.empty());
  CHECK(stop->counted.pictures == 2);
  CHECK(stop->until == kMidnight);
  CHECK_FALSE(what_stops(task, caps, of(kBen), spent));
  CHECK_FALSE(what_stops(task, caps, of(kUnknownSubmitter), spent));
}

TEST_CASE("a person's month goes on when it turns, and comes before the caps of all") {
  auto caps = each_of({}, {{}, yuan(50)});
  caps.all.day = {0, {}};
  Spent spent{{}, {}, kMidnight, kNextMonth};
  spent.month_by[kAnna].cost = yuan(11);
  auto const stop = what_stops(job(), caps, of(kAnna), spent);
  REQUIRE(stop);
  CHECK(stop->scope == Scope::Month);
  CHECK(stop->submitter == kAnna);
  CHECK(stop->until == kNextMonth);
  CHECK_FALSE(what_stops(job(), caps, of(kBen), spent)->submitter);
}

TEST_CASE("those whom nobody knows have one cap together") {
  Spent spent;
  spent.day_by[kUnknownSubmitter] = {2, {}};
  CHECK(what_stops(job(), each_of({3, {}}), of(kUnknownSubmitter), spent));
}

TEST_CASE("a person's stop keeps his jobs and nobody else's") {
  auto stop = day_stop({});
  stop.submitter = kAnna;
  CHECK(kept_until(stop, job(), kAnna) == kMidnight);
  CHECK_FALSE(kept_until(stop, job(), kBen));
  CHECK_FALSE(kept_until({stop}, job(), {"", "studio"}, kBen));
  CHECK(kept_until({stop}, job(), {"", "studio"}, kAnna) == kMidnight);
}

TEST_CASE("the room of a person is the smaller one of day and month") {
  Spent spent;
  spent.day_by[kAnna] = {4, yuan(80)};
  spent.month_by[kAnna] = {9, yuan(180)};
  CHECK(room_of(Purse::Periods{{10, {}}, {12, yuan(200)}}, spent, kAnna) == Budget{3, yuan(20)});
  CHECK(room_of(Purse::Periods{{10, {}}, {}}, spent, kBen) == Budget{10, {}});
}
