#include <doctest/doctest.h>

#include "core/tasks.h"

using namespace wanspool;
using namespace wanspool::made;
using Kind = Trouble::Kind;

TEST_SUITE_BEGIN("core");

namespace {

constexpr Instant kLater{kStart + seconds{100}};

Task asked(Task task) {
  return heard(std::move(task), news::CancelAsked{}, kLater);
}

}  // namespace

TEST_CASE("a task canceled while its submission is unanswered waits to learn its fate") {
  auto const task = asked(submitting());
  CHECK(task.state == State::Submitting);
  CHECK(next(task, kLater).act == Act::None);
  auto const accepted = heard(task, news::Accepted{"r1", ""}, kLater);
  CHECK(accepted.due == kLater);
  CHECK(next(accepted, kLater).act == Act::CancelRemote);
  auto const refused = heard(task, news::Refused{trouble(Kind::Lane)}, kLater);
  CHECK(refused.state == State::Canceled);
  CHECK(refused.reserved + refused.spent + refused.uncertain == Money{});
}

TEST_CASE("a doubt that is to be canceled is canceled only where it was never accepted") {
  auto const task = asked(in_doubt());
  CHECK(task.in_doubt());
  CHECK(task.reserved == kPrice * 2);
  CHECK(heard(task, news::NeverAccepted{""}, kLater).state == State::Canceled);
  auto const adopted = heard(task, news::Adopted{"task-9", "", kStart}, kLater);
  CHECK(next(adopted, kLater).act == Act::CancelRemote);
  auto const held = heard(task, news::Undecidable{"2 tasks"}, kLater);
  CHECK(held.state == State::Held);
  CHECK(held.reserved == kPrice * 2);
}

TEST_CASE("a doubt that would be sent again at any price ends as canceled, with what it may have cost") {
  auto task = asked(in_doubt());
  task.on_doubt = OnDoubt::Resubmit;
  auto const over = heard(task, news::Undecidable{"2 tasks"}, kLater);
  CHECK(over.state == State::Canceled);
  CHECK(over.uncertain == kPrice * 2);
  CHECK(over.reserved == Money{});
}

TEST_CASE("what waits at the provider is asked to be canceled at once, and once") {
  auto const task = asked(submitted());
  CHECK(task.due == kLater);
  CHECK(next(task, kLater).act == Act::CancelRemote);
  auto const told = heard(task, news::CancelTaken{}, kLater);
  CHECK(told.state == State::Submitted);
  CHECK(told.reserved == kPrice * 2);
  CHECK(next(told, kLater).act == Act::Poll);
  CHECK(next(heard(told, news::Waiting{}, kLater), kLater).act == Act::Poll);
  auto const over = heard(told, news::CanceledThere{}, kLater);
  CHECK(over.state == State::Canceled);
  CHECK(over.reserved + over.spent + over.uncertain == Money{});
}

TEST_CASE("a cancel is a wish: what is drawn anyway is fetched, paid and done") {
  for (auto const& task : {asked(submitted()), heard(asked(submitted()), news::CancelTaken{}, kLater),
                           heard(asked(submitted()), news::CancelRefused{}, kLater), asked(running())}) {
    CHECK(task.is_unwanted());
    auto finished = heard(task, news::Finished{answer_of(2), {}}, kLater);
    CHECK(finished.state == State::Downloading);
    CHECK(finished.spent == kPrice * 2);
    CHECK(finished.cancel == Cancel::TooLate);
    for (int i = 1; i <= 2; ++i) finished = heard(finished, news::PictureSafe{safe_picture(i)}, kLater);
    CHECK(heard(finished, news::Stored{}, kLater).state == State::Done);
  }
}

TEST_CASE("what is being drawn is not asked to be canceled") {
  CHECK(next(asked(running()), kLater).act == Act::Poll);
  auto const seen = heard(asked(submitted()), news::Working{}, kLater);
  CHECK(seen.cancel == Cancel::TooLate);
  CHECK(next(seen, kLater).act == Act::Poll);
}

TEST_CASE("a cancel that is not heard is asked again as long as the task waits, a look between two of them") {
  auto task = asked(submitted());
  auto now = kLater;
  milliseconds last{0};
  for (int i = 0; i < 20; ++i) {
    REQUIRE(next(task, now).act == Act::CancelRemote);
    task = heard(task, news::CancelUnheard{trouble(Kind::Lane)}, now);
    REQUIRE(task.due > now);
    REQUIRE(next(task, now).act == Act::Poll);
    last = task.due - now;
    now = task.due;
    task = heard(task, news::Waiting{}, now);
    REQUIRE(task.due == now);
  }
  CHECK(last <= Policy{}.query.most);
  CHECK(task.failures == 0);
}

TEST_CASE("a task that failed where it was to be canceled is not sent again") {
  auto const over = heard(asked(running()), news::GaveUp{trouble(Kind::Retry), {}}, kLater);
  CHECK(over.state == State::Canceled);
  CHECK(over.reserved + over.spent + over.uncertain == Money{});
}

TEST_CASE(
    "what is wanted again before it was canceled goes on, and what was canceled by then is sent again") {
  auto const told = heard(asked(submitted()), news::CancelTaken{}, kLater);
  auto const again = heard(told, news::WantedAgain{}, kLater);
  CHECK_FALSE(again.is_unwanted());
  CHECK(next(again, kLater).act == Act::Poll);
  auto const queued = heard(again, news::CanceledThere{}, kLater);
  CHECK(queued.state == State::Queued);
  CHECK(queued.cancel == Cancel::None);
  CHECK(queued.reserved == Money{});
  auto const finished = heard(again, news::Finished{answer_of(2), {}}, kLater);
  CHECK(finished.state == State::Downloading);
  CHECK(finished.cancel == Cancel::None);
  CHECK(heard(asked(submitting()), news::WantedAgain{}, kLater) == submitting());
}

TEST_CASE("a cancel changes nothing of what waits to be sent, is paid, or is over") {
  for (auto const& task :
       {queued(), downloading(), asking(), complete(), done(), failed(), canceled(), held()})
    CHECK(asked(task) == task);
}
