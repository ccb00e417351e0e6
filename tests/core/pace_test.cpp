#include "core/pace.h"

#include <doctest/doctest.h>

#include "core/tasks.h"

using namespace wanspool;

TEST_SUITE_BEGIN("core");

TEST_CASE("before a task has ended nothing is known and its lane asks soon") {
  ServiceTimes times;
  CHECK(times.usual() == milliseconds{0});
  CHECK(times.pace().first == seconds{1});
}

TEST_CASE("the usual time is the median and forgets what was long ago") {
  ServiceTimes times;
  for (int i = 0; i < 10; ++i) times.add(seconds{60});
  times.add(hours{3});
  CHECK(times.usual() == seconds{60});
  for (int i = 0; i < 1000; ++i) times.add(seconds{90});
  CHECK(times.usual() == seconds{90});
}

TEST_CASE("the first query comes near the low end of what tasks have taken") {
  ServiceTimes times;
  for (int i = 60; i < 120; ++i) times.add(seconds{i});
  CHECK(times.pace().first > seconds{55});
  CHECK(times.pace().first < seconds{70});
}

TEST_CASE("steps stay within bounds for tasks that take no time or hours, and for a clock that went back") {
  for (milliseconds const length :
       {milliseconds{-5}, milliseconds{0}, milliseconds{1}, milliseconds{hours{3}}}) {
    ServiceTimes times;
    times.add(length);
    CHECK(times.pace().first >= milliseconds{50});
    CHECK(times.pace().step >= milliseconds{100});
    CHECK(times.pace().step <= seconds{5});
  }
}

TEST_CASE("a task of about the usual length is noticed within a twentieth of it") {
  ServiceTimes times;
  for (int i = 0; i < 64; ++i) times.add(seconds{54 + i % 13});
  Policy policy;
  policy.pace = times.pace();
  for (milliseconds length = seconds{54}; length <= seconds{66}; length += milliseconds{137}) {
    auto task = learn(made::submitting(), news::Accepted{"task", ""}, policy, made::kStart);
    while (task.due < made::kStart + length) task = learn(task, news::Working{}, policy, task.due);
    CHECK(task.due - (made::kStart + length) <= times.usual() / 20);
  }
}
