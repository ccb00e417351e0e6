#include "core/controller.h"

#include <doctest/doctest.h>

#include "core/tasks.h"

using namespace wanspool;
using made::kStart;
using Over = Trouble::Over;

TEST_SUITE_BEGIN("core");

namespace {

constexpr milliseconds kUsual{20'000};

Limits limits_of(int slots) {
  Limits limits;
  limits.slots = slots;
  return limits;
}

// A turnover of tasks that were sent beyond the slots and waited so long.
void turn_over(Controller& controller, milliseconds waited, int tasks = 8) {
  auto const generation = controller.generation();
  for (int i = 0; i < tasks; ++i) controller.began(waited, generation, kUsual);
}

}  // namespace

TEST_CASE("a few tasks beyond the slots are kept out there from the start") {
  CHECK(Controller{limits_of(5)}.outstanding(kStart) == 6);
  CHECK(Controller{limits_of(1)}.outstanding(kStart) == 2);
  CHECK(Controller{limits_of(1000)}.outstanding(kStart) == 1050);
  CHECK(Controller{limits_of(0)}.outstanding(kStart) > 1'000'000);
}

TEST_CASE("where tasks find a free slot there are more, up to less than the slots, step by step") {
  Controller controller{limits_of(5)};
  int last = controller.outstanding(kStart);
  for (int i = 0; i < 20; ++i) {
    turn_over(controller, milliseconds{0});
    CHECK(controller.outstanding(kStart) <= last + 1);
    last = controller.outstanding(kStart);
  }
  CHECK(last == 9);
}

TEST_CASE("of many slots a part of a turnover is enough to learn from") {
  Controller controller{limits_of(1000)};
  turn_over(controller, milliseconds{0}, 199);
  CHECK(controller.outstanding(kStart) == 1050);
  turn_over(controller, milliseconds{0}, 1);
  CHECK(controller.outstanding(kStart) == 1062);
}

TEST_CASE("where all wait for long there are fewer, and never none") {
  Controller controller{limits_of(5)};
  for (int i = 0; i < 4; ++i) turn_over(controller, milliseconds{0});
  CHECK(controller.outstanding(kStart) == 9);
  for (int i = 0; i < 20; ++i) turn_over(controller, seconds{15});
  CHECK(controller.outstanding(kStart) == 6);
}

TEST_CASE("where they wait about as long as slots take to become free nothing changes") {
  Controller controller{limits_of(5)};
  turn_over(controller, milliseconds{0});
  for (int i = 0; i < 20; ++i) turn_over(controller, seconds{4});
  CHECK(controller.outstanding(kStart) == 7);
}

TEST_CASE("what was sent before the last change teaches nothing about it") {
  Controller controller{limits_of(5)};
  auto const before = controller.generation();
  turn_over(controller, milliseconds{0});
  CHECK(controller.generation() != before);
  for (int i = 0; i < 100; ++i) controller.began(milliseconds{0}, before, kUsual);
  CHECK(controller.outstanding(kStart) == 7);
}

TEST_CASE("an account that refuses a task is taken at its word at once") {
  for (auto const over : {Over::Slots, Over::Some}) {
    Controller controller{limits_of(5)};
    CHECK(controller.is_for_slots(over, 5));
    controller.refused(over, 5, kStart);
    CHECK(controller.outstanding(kStart) == 5);
    CHECK(controller.creates() == 5);
  }
}

TEST_CASE("refused below the slots that we know of, fewer are kept: somebody else has the others") {
  Controller controller{limits_of(5)};
  controller.refused(Over::Slots, 3, kStart);
  CHECK(controller.outstanding(kStart) == 3);
  // And as soon as they are free again they are ours.
  auto const again = kStart + seconds{30};
  CHECK(controller.outstanding(again) == 4);
  controller.accepted(3, again);
  CHECK(controller.outstanding(again) == 5);
  controller.accepted(4, again);
  CHECK(controller.outstanding(again) == 5);
}

TEST_CASE("one more is tried the more rarely the more often it was refused") {
  Controller controller{limits_of(5)};
  auto now = kStart;
  milliseconds last{0};
  for (int i = 0; i < 12; ++i) {
    controller.refused(Over::Slots, 5, now);
    auto const again = controller.memory().again;
    CHECK(controller.outstanding(again - milliseconds{1}) == 5);
    CHECK(controller.outstanding(again) == 6);
    CHECK(again - now >= last);
    CHECK(again - now <= hours{24});
    last = again - now;
    now = again;
  }
  CHECK(last == hours{24});
}

TEST_CASE("a task that waited at the provider proves that the account queues") {
  Controller controller{limits_of(5)};
  controller.refused(Over::Slots, 5, kStart);
  controller.began(seconds{10}, controller.generation(), kUsual);
  CHECK(controller.outstanding(kStart) == 6);
}

TEST_CASE("with nothing out there a refusal is not about the slots") {
  Controller const controller{limits_of(5)};
  CHECK_FALSE(controller.is_for_slots(Over::Slots, 0));
  CHECK_FALSE(controller.is_for_slots(Over::Some, 4));
  CHECK_FALSE(controller.is_for_slots(Over::Rate, 5));
  CHECK_FALSE(controller.is_for_slots(Over::Burst, 5));
  CHECK_FALSE(controller.is_for_slots(Over::Nothing, 5));
}

TEST_CASE("a refused rate is halved and comes back one by one, a refused burst begins at one") {
  Controller controller{limits_of(5)};
  controller.refused(Over::Rate, 2, kStart);
  CHECK(controller.creates() == 2);
  controller.refused(Over::Burst, 2, kStart);
  CHECK(controller.creates() == 1);
  int accepted = 0;
  for (; controller.creates() < 5; ++accepted) {
    auto const before = controller.creates();
    controller.accepted(2, kStart);
    CHECK(controller.creates() <= before + 1);
  }
  CHECK(accepted == 10 + 20 + 30 + 40);
}

TEST_CASE("where no rate is known, one that was refused comes back ever faster") {
  auto limits = limits_of(5);
  limits.creates = 0;
  Controller controller{limits};
  controller.refused(Over::Rate, 2, kStart);
  CHECK(controller.creates() == 1);
  int windows = 0;
  for (; controller.creates() < 1000; windows += 10)
    for (auto left = controller.creates() * 10; left > 0; --left) controller.accepted(2, kStart);
  CHECK(windows < 400);
}

TEST_CASE("what was learned is taken up again after a stop, unless the slots are others by now") {
  Controller controller{limits_of(5)};
  controller.refused(Over::Slots, 4, kStart);
  controller.refused(Over::Rate, 2, kStart);
  Controller const same{limits_of(5), controller.memory()};
  CHECK(same.outstanding(kStart) == controller.outstanding(kStart));
  CHECK(same.creates() == 2);
  Controller const other{limits_of(20), controller.memory()};
  CHECK(other.outstanding(kStart) == 21);
  CHECK(other.creates() == 5);
}

TEST_CASE(
    "where no number of slots is known, one that was refused is tried again soon, and then step by step") {
  Controller controller{limits_of(0)};
  controller.refused(Over::Slots, 3, kStart);
  CHECK(controller.outstanding(kStart) == 3);
  auto const again = kStart + seconds{30};
  for (int others = 3; others < 40; ++others) {
    CHECK(controller.outstanding(again) == others + 1);
    controller.accepted(others, again);
  }
}

TEST_CASE("several refusals of one overshoot count once") {
  Controller controller{limits_of(5)};
  for (int i = 0; i < 8; ++i) controller.refused(Over::Slots, 5, kStart + milliseconds{i});
  CHECK(controller.memory().again == kStart + minutes{10});
  CHECK(controller.outstanding(kStart + seconds{1}) == 5);
}

TEST_CASE("a slot that somebody takes while we wait to try more is given up at once, and asked for soon") {
  Controller controller{limits_of(5)};
  controller.refused(Over::Slots, 5, kStart);
  auto const now = kStart + minutes{1};
  controller.refused(Over::Slots, 4, now);
  CHECK(controller.outstanding(now) == 4);
  CHECK(controller.memory().again == now + seconds{30});
}

TEST_CASE("whoever was often refused beyond the slots still comes back soon below them") {
  Controller controller{limits_of(5)};
  auto now = kStart;
  for (int i = 0; i < 8; ++i) {
    controller.refused(Over::Slots, 5, now);
    now = controller.memory().again;
  }
  controller.refused(Over::Slots, 3, now);
  CHECK(controller.memory().again == now + seconds{30});
}

TEST_CASE("a limit that was lowered by a person holds, whatever was learned under a higher one") {
  Controller controller{limits_of(5)};
  controller.refused(Over::Burst, 2, kStart);
  for (int i = 0; i < 30; ++i) controller.accepted(2, kStart);
  CHECK(controller.creates() == 3);
  auto lower = limits_of(5);
  lower.creates = 1;
  CHECK(Controller{lower, controller.memory()}.creates() == 1);
}
TEST_CASE("other limits keep what was learned of a rate, and nothing that was learned of other slots") {
  Controller controller{limits_of(5)};
  controller.refused(Over::Burst, 0, kStart);
  controller.refused(Over::Slots, 5, kStart);
  CHECK(controller.outstanding(kStart) == 5);
  auto quicker = limits_of(5);
  quicker.creates = 50;
  controller.change(quicker);
  CHECK(controller.creates() == 1);
  CHECK(controller.outstanding(kStart) == 5);
  auto const generation = controller.generation();
  controller.change(limits_of(9));
  CHECK(controller.creates() == 5);
  CHECK(controller.outstanding(kStart) == 10);
  CHECK(controller.generation() != generation);
}
