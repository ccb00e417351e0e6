#include <doctest/doctest.h>

#include "core/tasks.h"

using namespace wanspool;
using namespace wanspool::made;
using Kind = Trouble::Kind;

TEST_SUITE_BEGIN("core");

namespace {

constexpr Instant kLater = kStart + minutes{5};

Task in_doubt_with(OnDoubt on_doubt) {
  auto task = in_doubt();
  task.on_doubt = on_doubt;
  return task;
}

Task finished(Task const& task, int pictures, std::string const& size = "") {
  auto answer = answer_of(pictures);
  answer.size = size;
  return heard(task, news::Finished{answer, {}}, kLater);
}

}  // namespace

TEST_CASE("a create in flight is not in doubt, and neither is one that has been settled") {
  CHECK(in_doubt().in_doubt());
  for (auto const& task : {queued(), submitting(), adopted(), held(), done()}) CHECK_FALSE(task.in_doubt());
}

TEST_CASE("a doubt keeps its money reserved and is never sent again by itself") {
  auto const task = in_doubt(3);
  CHECK(task.reserved == kPrice * 3);
  auto const plan = next(task, kLater + hours{100});
  CHECK(plan.act == Act::None);
  CHECK(plan.task == task);
}

TEST_CASE("an adopted task goes on as if its answer had come, and is asked for at once") {
  auto const task = heard(in_doubt(), news::Adopted{"task-9", "request-9", kStart + seconds{2}}, kLater);
  CHECK(task.state == State::Submitted);
  CHECK(task.adopted);
  CHECK(task.task_id == "task-9");
  CHECK(task.request_id == "request-9");
  CHECK(task.times.accepted == kStart + seconds{2});
  CHECK(task.reserved == kPrice * 2);
  CHECK(task.creates == 1);
  CHECK(task.due == kLater);
  CHECK(next(task, kLater).act == Act::Poll);
}

TEST_CASE("an adopted task is spent for what was charged") {
  auto const task = finished(adopted(3), 2);
  CHECK(task.state == State::Downloading);
  CHECK(task.spent == kPrice * 2);
  CHECK(task.reserved == Money{});
  CHECK(task.uncertain == Money{});
}

TEST_CASE("a held task that a person adopts goes on with the money it kept reserved") {
  auto const task = heard(held(), news::Adopted{"task-9", "", kStart}, kLater);
  CHECK(task.state == State::Submitted);
  CHECK(task.reserved == kPrice * 2);
  CHECK(task.error == Trouble{});
}

TEST_CASE("a create that was never accepted costs nothing, is not counted and keeps its place in the order") {
  auto const task = heard(in_doubt(), news::NeverAccepted{"not in the list"}, kLater);
  CHECK(task.state == State::Queued);
  CHECK(task.reserved + task.spent + task.uncertain == Money{});
  CHECK(task.creates == 0);
  CHECK(task.failures == 0);
  CHECK(task.possible_until == Instant{});
  CHECK(task.due == kStart);
  CHECK(next(task, kLater).act == Act::Submit);
}

TEST_CASE("what nobody can decide is held with its money reserved and the reason") {
  for (auto const on_doubt : {OnDoubt::Adopt, OnDoubt::Hold}) {
    auto const task = heard(in_doubt_with(on_doubt), news::Undecidable{"2 tasks may be its own"}, kLater);
    CHECK(task.state == State::Held);
    CHECK(task.reserved == kPrice * 2);
    CHECK(task.uncertain == Money{});
    CHECK(task.error.message == "2 tasks may be its own");
    CHECK(next(task, kLater + hours{100}).act == Act::None);
  }
}

TEST_CASE("on_uncertain: resubmit sends it again and counts the first as perhaps spent") {
  auto task = heard(in_doubt_with(OnDoubt::Resubmit), news::Undecidable{"2 tasks may be its own"}, kLater);
  CHECK(task.state == State::Queued);
  CHECK(task.uncertain == kPrice * 2);
  CHECK(task.reserved == Money{});
  CHECK(task.creates == 1);
  task = next(task, kLater).task;
  CHECK(task.reserved == kPrice * 2);
  CHECK(task.creates == 2);
  CHECK_FALSE(task.in_doubt());
  task = finished(heard(task, news::Accepted{"task-2", ""}, kLater), 2);
  CHECK(task.spent == kPrice * 2);
  CHECK(task.uncertain == kPrice * 2);
}

TEST_CASE("an adopted task with more pictures than were asked for is somebody else's") {
  auto const task = finished(adopted(2), 3);
  CHECK(task.state == State::Held);
  CHECK(task.error.code == "Misfit");
  CHECK(task.error.message.find("task-1") != std::string::npos);
  CHECK(task.reserved == kPrice * 2);
  CHECK(task.spent == Money{});
  CHECK(task.pictures.empty());
}

TEST_CASE("an adopted task with pictures of another size than asked for is somebody else's") {
  auto task = adopted();
  task.size = "1280*1280";
  CHECK(finished(task, 2, "1376*768").state == State::Held);
  CHECK(finished(task, 2, "1280*1280").state == State::Downloading);
  CHECK(finished(task, 2, "").state == State::Downloading);
  task.size.clear();
  CHECK(finished(task, 2, "1376*768").state == State::Downloading);
}

TEST_CASE("an adopted task with fewer pictures than were asked for may well be its own") {
  CHECK(finished(adopted(3), 1).state == State::Downloading);
}

TEST_CASE("a task that the provider named itself is never taken for somebody else's") {
  auto task = running(1);
  task.size = "1280*1280";
  CHECK(finished(task, 3, "1376*768").state == State::Downloading);
}

TEST_CASE("a misfit can be adopted anew, and a task that is sent again is judged as its own") {
  auto const misfit = finished(adopted(2), 3);
  auto const other = heard(misfit, news::Adopted{"task-2", "", kStart}, kLater);
  CHECK(other.state == State::Submitted);
  CHECK(other.task_id == "task-2");
  auto task = heard(adopted(1), news::GaveUp{trouble(Kind::Retry), {}}, kLater);
  task = heard(next(task, kLater).task, news::Accepted{"task-3", ""}, kLater);
  CHECK(finished(task, 3).state == State::Downloading);
}
