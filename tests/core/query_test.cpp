#include <doctest/doctest.h>

#include "core/tasks.h"

using namespace wanspool;
using namespace wanspool::made;
using Kind = Trouble::Kind;

TEST_SUITE_BEGIN("core");

namespace {
constexpr Instant kLater = kStart + minutes{5};
}

TEST_CASE("a task is first seen working once and its provider's times are kept as they came") {
  auto task = heard(submitted(), news::Waiting{{"2026-01-01 00:00:01", "", ""}}, kLater);
  CHECK(task.state == State::Submitted);
  CHECK(task.polls == 1);
  task = heard(task, news::Working{{"", "2026-01-01 00:00:02", ""}}, kLater + seconds{1});
  task = heard(task, news::Working{{"", "", ""}}, kLater + seconds{9});
  CHECK(task.times.running == kLater + seconds{1});
  CHECK(task.times.submit_time == "2026-01-01 00:00:01");
  CHECK(task.times.scheduled_time == "2026-01-01 00:00:02");
  CHECK(task.polls == 3);
}

TEST_CASE("a task that was seen working is not believed to wait again") {
  CHECK(heard(running(), news::Waiting{}, kLater).state == State::Running);
}

TEST_CASE("near the usual time a task is asked for at the lane's step, and more rarely when it is late") {
  Policy policy;
  policy.pace = {seconds{54}, seconds{3}};
  auto const wait_at = [&](milliseconds age) {
    auto const now = kStart + seconds{2} + age;
    return heard(submitted(), news::Working{}, now, policy).due - now;
  };
  CHECK(wait_at(seconds{54}) == seconds{3});
  CHECK(wait_at(seconds{60}) == seconds{3});
  CHECK(wait_at(seconds{94}) == seconds{4});
  CHECK(wait_at(hours{2}) == policy.poll_most);
}

TEST_CASE("before anything is known of a lane its tasks are asked for soon, then more rarely") {
  auto last = milliseconds{0};
  for (int age = 1; age < 100; ++age) {
    auto const now = kStart + seconds{2 + age};
    auto const wait = heard(submitted(), news::Working{}, now).due - now;
    CHECK(wait >= last);
    last = wait;
  }
  CHECK(last == Policy{}.poll_most);
}

TEST_CASE("a finished task is spent for what was charged, not for what was wanted") {
  auto answer = answer_of(1);
  auto const task = heard(running(4), news::Finished{answer, {"", "", "2026-01-01 00:00:03"}}, kLater);
  CHECK(task.state == State::Downloading);
  CHECK(task.reserved == Money{});
  CHECK(task.spent == kPrice);
  CHECK(task.image_count == 1);
  CHECK(task.due == kLater);
  CHECK(task.times.finished == kLater);
  CHECK(task.times.end_time == "2026-01-01 00:00:03");
}

TEST_CASE("a task that failed there is not charged and is tried again only where that may help") {
  auto const again = heard(running(), news::GaveUp{trouble(Kind::Retry), {}}, kLater);
  CHECK(again.state == State::Queued);
  CHECK(again.failures == 1);
  CHECK(again.due > kLater);
  auto const over = heard(running(), news::GaveUp{trouble(Kind::Fatal), {}}, kLater);
  CHECK(over.state == State::Failed);
  CHECK(over.error == trouble(Kind::Fatal));
  for (auto const& task : {again, over}) CHECK(task.reserved + task.spent + task.uncertain == Money{});
}

TEST_CASE("a task that gave up for the lane's or the account's sake is tried again, but not for ever") {
  Policy policy;
  for (auto const kind : {Kind::Lane, Kind::Account}) {
    auto task = running();
    for (int i = 1; i < policy.failures_most; ++i) {
      task = heard(task, news::GaveUp{trouble(kind), {}}, kLater, policy);
      REQUIRE(task.state == State::Queued);
      task = heard(next(task, kLater).task, news::Accepted{"task-2", ""}, kLater, policy);
    }
    CHECK(heard(task, news::GaveUp{trouble(kind), {}}, kLater, policy).state == State::Failed);
  }
}

TEST_CASE("a task canceled there is final and costs nothing") {
  auto const task = heard(submitted(), news::CanceledThere{}, kLater);
  CHECK(task.state == State::Canceled);
  CHECK(task.reserved + task.spent + task.uncertain == Money{});
  CHECK(task.times.done == kLater);
}

TEST_CASE("queries that go wrong are repeated for ever, ever more rarely, and cost no attempt") {
  Policy policy;
  auto task = running();
  for (int i = 0; i < 1000; ++i) {
    auto const now = kLater + minutes{i};
    task = heard(task, news::NoAnswer{trouble(Kind::Retry)}, now, policy);
    REQUIRE(task.state == State::Running);
    REQUIRE(task.due > now);
    REQUIRE(task.due <= now + policy.query.most);
  }
  CHECK(task.failures == 0);
  CHECK(task.due - (kLater + minutes{999}) >= policy.query.most / 2);
  task = heard(task, news::Working{}, kLater + hours{20}, policy);
  CHECK(task.misses == 0);
}

TEST_CASE("a query's Retry-After is honoured up to the cap") {
  Policy policy;
  auto const wait = [&](milliseconds asked) {
    return heard(running(), news::NoAnswer{trouble(Kind::Lane, asked)}, kLater, policy).due - kLater;
  };
  CHECK(wait(minutes{5}) == minutes{5});
  CHECK(wait(hours{500}) == policy.retry_after_most);
}

TEST_CASE("UNKNOWN is not believed of a young id while nobody else is answered") {
  Policy policy;
  auto task = running();
  for (int i = 0; i < 600; ++i) task = heard(task, news::Vanished{}, kLater + minutes{i}, policy);
  CHECK(task.state == State::Running);
  CHECK(task.reserved == kPrice * 2);
  CHECK(task.due > kLater + minutes{599});
}

TEST_CASE("UNKNOWN is not believed if others were answered only before it began") {
  Policy policy;
  policy.others_answered = kLater;
  auto task = heard(running(), news::Vanished{}, kLater, policy);
  task = heard(task, news::Vanished{}, kLater + hours{1}, policy);
  CHECK(task.state == State::Running);
}

TEST_CASE("UNKNOWN is believed when it lasts longer than the list's delay while others are answered") {
  Policy policy;
  auto task = heard(running(), news::Vanished{}, kLater, policy);
  policy.others_answered = kLater + seconds{1};
  auto const short_of_it = policy.list_delay - milliseconds{1};
  CHECK(heard(task, news::Vanished{}, kLater + short_of_it, policy).state == State::Running);
  task = heard(task, news::Vanished{}, kLater + policy.list_delay, policy);
  CHECK(task.state == State::Failed);
  CHECK(task.reserved == Money{});
  CHECK(task.spent == Money{});
  CHECK(task.uncertain == kPrice * 2);
  CHECK(task.error.code == "TaskUnknown");
}

TEST_CASE("any other answer between two UNKNOWN starts their time anew") {
  Policy policy;
  auto task = heard(running(), news::Vanished{}, kLater, policy);
  task = heard(task, news::Working{}, kLater + seconds{50}, policy);
  policy.others_answered = kLater + seconds{55};
  task = heard(task, news::Vanished{}, kLater + seconds{70}, policy);
  CHECK(task.state == State::Running);
  CHECK(task.unknown_since == kLater + seconds{70});
}

TEST_CASE("UNKNOWN is believed at once of an id that has outlived its 24 hours") {
  Policy policy;
  auto const accepted = running().times.accepted;
  CHECK(heard(running(), news::Vanished{}, accepted + hours{24} - seconds{1}, policy).state ==
        State::Running);
  auto const task = heard(running(), news::Vanished{}, accepted + hours{24}, policy);
  CHECK(task.state == State::Failed);
  CHECK(task.uncertain == kPrice * 2);
}
