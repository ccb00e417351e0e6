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

TEST_CASE("the longer tasks differ in length the wider apart are the queries") {
  ServiceTimes alike, unlike;
  for (int i = 0; i < 64; ++i) {
    alike.add(seconds{60} + milliseconds{i});
    unlike.add(seconds{30 + i});
  }
  CHECK(unlike.pace().step > 2 * alike.pace().step);
}

TEST_CASE("what the list watches is asked for by itself only when most would have ended") {
  ServiceTimes times;
  for (int i = 0; i < 64; ++i) times.add(seconds{50 + i % 20});
  CHECK(times.watched_pace().first > times.at(0.9));
  CHECK(times.watched_pace().step >= seconds{5});
}

TEST_CASE("what is known of the times outlives a stop") {
  ServiceTimes times;
  CHECK(times.str().empty());
  CHECK(ServiceTimes::read("") == times);
  for (int i = 0; i < 100; ++i) times.add(milliseconds{i * 997});
  CHECK(ServiceTimes::read(times.str()) == times);
  CHECK(ServiceTimes::read("12 nonsense 13").usual() == milliseconds{12});
}

TEST_CASE("a task that waits in the provider's queue is not asked for before it can have ended") {
  Policy policy;
  policy.pace = {seconds{50}, seconds{1}};
  auto const task = learn(made::submitting(), news::Accepted{"task", ""}, policy, made::kStart);
  CHECK(learn(task, news::Waiting{}, policy, made::kStart + seconds{60}).due == made::kStart + seconds{110});
  // It says itself how long it had waited.
  news::Working const working{{"2026-11-22 10:00:00.000", "2026-11-22 10:00:40.500", ""}};
  CHECK(learn(task, working, policy, made::kStart + seconds{60}).due == made::kStart + milliseconds{90'500});
}

TEST_CASE("the provider's times tell how long a task waited and was worked on, where they are there") {
  Times times;
  CHECK_FALSE(times.waited().has_value());
  times.submit_time = "2026-11-22 23:59:59.250";
  times.scheduled_time = "2026-11-23 00:00:01.000";
  CHECK(times.waited() == milliseconds{1750});
  CHECK_FALSE(times.worked().has_value());
  times.end_time = "2026-11-23 00:01:01";
  CHECK(times.worked() == seconds{60});
  for (auto const* const bad : {"", "soon", "2026-13-01 00:00:00", "2026-11-22 23:59:58.000"}) {
    times.end_time = bad;
    CHECK_FALSE(times.worked().has_value());
  }
}
