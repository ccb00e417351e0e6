#include <doctest/doctest.h>

#include "core/tasks.h"

using namespace wanspool;
using namespace wanspool::made;

TEST_SUITE_BEGIN("core");

namespace {

constexpr Instant kDeadline = kStart + hours{10};

Task due_by(Instant deadline) {
  auto task = queued();
  task.deadline = deadline;
  return task;
}

}  // namespace

TEST_CASE("a task whose deadline has passed is not bought and ends as canceled, saying so") {
  auto const plan = next(due_by(kDeadline), kDeadline);
  CHECK(plan.act == Act::None);
  CHECK(plan.task.state == State::Canceled);
  CHECK(plan.task.error.code == "Deadline");
  CHECK(plan.task.error.message.find("2023-11-15T08:13:20") != std::string::npos);
  CHECK(plan.task.times.done == kDeadline);
  CHECK(plan.task.creates == 0);
  CHECK(plan.task.reserved == Money{});
}

TEST_CASE("up to its deadline a task is bought like any other") {
  CHECK(next(due_by(kDeadline), kDeadline - milliseconds{1}).act == Act::Submit);
  CHECK(next(due_by({}), kDeadline + hours{10'000}).act == Act::Submit);
}

TEST_CASE("what was sent in time is asked for and fetched after the deadline too") {
  auto task = submitted();
  task.deadline = kDeadline;
  CHECK_FALSE(is_overdue(task, kDeadline + hours{1}));
  CHECK(next(task, kDeadline + hours{1}).act == Act::Poll);
  task = downloading();
  task.deadline = kDeadline;
  CHECK(next(task, kDeadline + hours{1}).act == Act::Download);
}

TEST_CASE("what was refused and waits to be sent again has its deadline still") {
  auto task = submitting();
  task.deadline = kDeadline;
  task = heard(task, news::Refused{trouble(Trouble::Kind::Retry)}, kDeadline + minutes{1});
  REQUIRE(task.state == State::Queued);
  CHECK(next(task, kDeadline + hours{1}).task.state == State::Canceled);
}
