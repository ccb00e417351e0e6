#include <doctest/doctest.h>

#include "core/tasks.h"

using namespace wanspool;
using namespace wanspool::made;
using Kind = Trouble::Kind;

TEST_SUITE_BEGIN("core");

namespace {
constexpr Instant kLater = kStart + minutes{5};
}

TEST_CASE("before a create leaves its money is reserved and its moment noted") {
  auto const plan = next(queued(3), kLater);
  CHECK(plan.act == Act::Submit);
  CHECK(plan.task.state == State::Submitting);
  CHECK(plan.task.reserved == kPrice * 3);
  CHECK(plan.task.times.sent == kLater);
  CHECK(plan.task.answered == Instant{});
  CHECK(plan.task.creates == 1);
}

TEST_CASE("an accepted task carries the provider's name for it and is asked for after the pace's first") {
  Policy policy;
  policy.pace.first = seconds{40};
  auto const task = heard(submitting(), news::Accepted{"task-9", "request-9"}, kLater, policy);
  CHECK(task.state == State::Submitted);
  CHECK(task.task_id == "task-9");
  CHECK(task.request_id == "request-9");
  CHECK(task.times.accepted == kLater);
  CHECK(task.answered == kLater);
  CHECK(task.due == kLater + seconds{40});
  CHECK(task.reserved == kPrice * 2);
}

TEST_CASE("a lane's or an account's refusal charges no attempt and keeps the task's place in the order") {
  for (auto const kind : {Kind::Lane, Kind::Account}) {
    auto task = submitting();
    for (int i = 0; i < 100; ++i) {
      task = heard(task, news::Refused{trouble(kind, seconds{30})}, kLater + seconds{i});
      REQUIRE(task.state == State::Queued);
      REQUIRE(task.failures == 0);
      REQUIRE(task.due == task.times.queued);
      REQUIRE(task.reserved == Money{});
      task = next(task, kLater + seconds{i}).task;
    }
    CHECK(task.creates == 101);
  }
}

TEST_CASE("a create that never left is not counted, charges no attempt and keeps the task's place") {
  auto task = submitting();
  for (int i = 0; i < 100; ++i) {
    task = heard(task, news::Unsent{trouble(Kind::Lane)}, kLater);
    REQUIRE(task.state == State::Queued);
    REQUIRE(task.creates == 0);
    REQUIRE(task.failures == 0);
    REQUIRE(task.due == task.times.queued);
    REQUIRE(task.reserved == Money{});
    task = next(task, kLater).task;
  }
}

TEST_CASE("a refusal that is worth another try is counted until there have been enough") {
  Policy policy;
  policy.failures_most = 3;
  auto task = submitting();
  for (int i = 1; i < policy.failures_most; ++i) {
    task = heard(task, news::Refused{trouble(Kind::Retry)}, kLater, policy);
    REQUIRE(task.state == State::Queued);
    CHECK(task.failures == i);
    CHECK(task.due > kLater);
    CHECK(task.error == trouble(Kind::Retry));
    task = next(task, kLater).task;
  }
  task = heard(task, news::Refused{trouble(Kind::Retry)}, kLater, policy);
  CHECK(task.state == State::Failed);
  CHECK(task.failures == policy.failures_most);
  CHECK(task.reserved == Money{});
  CHECK(task.error == trouble(Kind::Retry));
  CHECK(task.times.done == kLater);
}

TEST_CASE("failures of creates and of finished tasks are counted together") {
  Policy policy;
  policy.failures_most = 2;
  auto task = heard(submitting(), news::Refused{trouble(Kind::Retry)}, kLater, policy);
  task = heard(next(task, kLater).task, news::Accepted{"task-2", ""}, kLater, policy);
  CHECK(heard(task, news::GaveUp{trouble(Kind::Retry), {}}, kLater, policy).state == State::Failed);
}

TEST_CASE("a task that asks for a longer wait before its next try gets it, up to the cap") {
  Policy policy;
  auto const waits = [&](milliseconds asked) {
    return heard(submitting(), news::Refused{trouble(Kind::Retry, asked)}, kLater, policy).due - kLater;
  };
  CHECK(waits(minutes{9}) == minutes{9});
  CHECK(waits(hours{24 * 21}) == policy.retry_after_most);
}

TEST_CASE("a fatal refusal ends the task, free of charge") {
  auto const task = heard(submitting(), news::Refused{trouble(Kind::Fatal)}, kLater);
  CHECK(task.state == State::Failed);
  CHECK(task.reserved == Money{});
  CHECK(task.spent + task.uncertain == Money{});
  CHECK(task.answered == kLater);
}

TEST_CASE("a create in doubt keeps its money reserved and is not sent again by itself") {
  for (News const& doubt :
       {News{news::Unanswered{"timed out", "request-3"}}, News{news::Refused{trouble(Kind::Unknown)}}}) {
    auto const task = heard(submitting(), doubt, kLater);
    CHECK(task.in_doubt());
    CHECK(task.reserved == kPrice * 2);
    CHECK(task.answered == kLater);
    CHECK(task.error.kind == Kind::Unknown);
    CHECK(next(task, kLater + hours{100}).act == Act::None);
  }
  CHECK(heard(submitting(), news::Unanswered{"timed out", "request-3"}, kLater).request_id == "request-3");
}

TEST_CASE("a lost answer's task was made by a second after the loss, a time-out's within the create's life") {
  auto const sent = submitting().times.sent;
  auto const until = [&](bool timed_out, milliseconds later) {
    return heard(submitting(), news::Unanswered{"gone", {}, timed_out}, sent + later).possible_until - sent;
  };
  CHECK(until(false, seconds{2}) == seconds{3});
  CHECK(until(true, seconds{40}) == minutes{5});
  // However late we come to know of it.
  CHECK(until(false, hours{7}) == minutes{5} + seconds{1});
}

TEST_CASE("what a task heard of its first attempt is not told of its second") {
  auto task = heard(running(), news::GaveUp{trouble(Kind::Retry), {"then", "then", "then"}}, kLater);
  REQUIRE(task.state == State::Queued);
  CHECK(task.task_id.empty());
  CHECK(task.request_id.empty());
  CHECK(task.times.accepted == Instant{});
  CHECK(task.times.running == Instant{});
  CHECK(task.times.finished == Instant{});
  CHECK(task.times.submit_time.empty());
  CHECK(task.times.scheduled_time.empty());
  CHECK(task.times.end_time.empty());
  CHECK(task.times.queued == kStart);
}
