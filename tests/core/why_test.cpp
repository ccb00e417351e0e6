#include "core/why.h"

#include <doctest/doctest.h>

#include <set>

#include "core/tasks.h"

using namespace wanspool;
using made::kStart;
using Kind = Reason::Kind;

TEST_SUITE_BEGIN("core");

namespace {

Situation queued() {
  Situation situation;
  situation.task.state = State::Queued;
  situation.room = 6;
  situation.slots = 5;
  situation.usual = seconds{60};
  return situation;
}

Kind kind_of(Situation const& situation) {
  return why(situation, kStart).value().kind;
}

}  // namespace

TEST_CASE("every job that waits has one reason, in every situation, and the names differ") {
  std::set<std::string_view> names;
  for (unsigned bits = 0; bits < 1u << 11; ++bits) {
    auto it = queued();
    if (bits & 1) it.task.state = State::Held;
    it.somebody_works = bits & 2;
    it.paused = bits & 4;
    if (bits & 8) it.awaits = {"m/source"};
    it.uploads_stand = bits & 16;
    if (bits & 32) it.stop = Stop{};
    if (bits & 64) it.stop = Stop{Stop::Scope::Failures, {}, {}, {}, {}, {}, 0, 0, {}, {}};
    it.has_room = bits & 128;
    if (bits & 256) it.weather = {Weather::Kind::Throttled, kStart + seconds{5}, kStart, 1, {}};
    if (bits & 512) it.outstanding = 6;
    if (bits & 1024) it.task.deadline = kStart;
    auto const reason = why(it, kStart);
    REQUIRE(reason.has_value());
    names.insert(name_of(reason->kind));
  }
  CHECK(names.size() == 11);
}

TEST_CASE("what does not wait to be bought has none") {
  for (auto const state : {State::Submitting, State::Submitted, State::Running, State::Downloading,
                           State::Done, State::Failed, State::Canceled}) {
    auto it = queued();
    it.task.state = state;
    CHECK_FALSE(why(it, kStart).has_value());
  }
}

TEST_CASE("a job behind others is told when its turn will come") {
  auto it = queued();
  it.outstanding = 6;
  it.before = 9;
  CHECK(why(it, kStart) == Reason{Kind::Slot, kStart + seconds{120}});
  it.usual = {};
  CHECK(why(it, kStart) == Reason{Kind::Slot, Instant{}});
}

TEST_CASE("a job that is next and has a slot waits for its moment alone") {
  CHECK(kind_of(queued()) == Kind::Rate);
  auto it = queued();
  it.task.due = kStart + seconds{8};
  CHECK(why(it, kStart) == Reason{Kind::Rate, kStart + seconds{8}});
}

TEST_CASE("a deadline that will pass before the job's turn is told early") {
  auto it = queued();
  it.outstanding = 6;
  it.before = 99;
  it.task.deadline = kStart + minutes{10};
  CHECK(why(it, kStart) == Reason{Kind::Deadline, it.task.deadline});
  it.task.deadline = kStart + minutes{30};
  CHECK(kind_of(it) == Kind::Slot);
}

TEST_CASE("bad weather is told until when, and no longer when it has passed") {
  auto it = queued();
  it.weather = {Weather::Kind::Account, kStart + minutes{5}, kStart, 1, "Arrearage"};
  CHECK(why(it, kStart) == Reason{Kind::Weather, kStart + minutes{5}});
  it.weather.until = kStart;
  CHECK(kind_of(it) == Kind::Rate);
}
