#include "store/glance.h"

#include <doctest/doctest.h>

#include <array>

#include "store/support.h"

using namespace wanspool;

TEST_SUITE_BEGIN("store");

namespace {

Task sent(Task task, State state, Instant at) {
  task.state = state;
  task.times.sent = task.times.accepted = task.answered = at;
  if (is_final(state)) task.times.done = at + seconds{30};
  return task;
}

std::vector<std::string> names_of(std::vector<Task> const& tasks) {
  std::vector<std::string> names;
  for (auto const& each : tasks) names.push_back(each.name);
  return names;
}

using Names = std::vector<std::string>;

}  // namespace

TEST_CASE("a glance finds what was sent last, what is under way, and what ended last") {
  TempFolder const folder;
  auto const file = folder / "wanspool.db";
  auto const store = open_store(file);
  take_in(*store, "cats", jobs(8));
  auto tasks = all_queued(*store);
  REQUIRE(tasks.size() == 8);
  auto const lane = LaneKey{{}, tasks[0].model};
  std::array const states{State::Done,   State::Done,      State::Running,  State::Failed,
                          State::Failed, State::Submitted, State::Canceled, State::Queued};
  for (std::size_t i = 0; i < 7; ++i)
    tasks[i] = sent(tasks[i], states.at(i), at(static_cast<int>(i) * 10 + 1));
  tasks[3].times.done = at(500);  // sent before the next one, and failed after it
  // What failed before it could be sent is in no list of creates.
  tasks[7].state = State::Failed;
  tasks[7].times.done = at(400);
  store->commit({tasks, {}});
  auto const glance = open_glance(file);
  CHECK(names_of(glance->newest(lane, 2)) == Names{tasks[6].name, tasks[5].name});
  CHECK(names_of(glance->active(9)) == Names{tasks[2].name, tasks[5].name});
  CHECK(names_of(glance->active(1)) == Names{tasks[2].name});
  CHECK(names_of(glance->latest(State::Done, 9)) == Names{tasks[1].name, tasks[0].name});
  CHECK(names_of(glance->latest(State::Failed, 9)) == Names{tasks[3].name, tasks[7].name, tasks[4].name});
  CHECK(names_of(glance->latest(State::Failed, 1)) == Names{tasks[3].name});
  CHECK(glance->quick_check().empty());
}

TEST_CASE("a glance adds up what was bought in a job's name, and nothing for one that got a copy") {
  TempFolder const folder;
  auto const file = folder / "wanspool.db";
  auto const store = open_store(file);
  take_in(*store, "cats", {job("hero", 1, "red")});
  take_in(*store, "twins", {job("hero", 1, "red")}, at(1));
  auto task = sent(all_queued(*store).at(0), State::Done, at(2));
  task.spent = Money{200'000};
  store->commit({{task}, {}});
  auto const spent = [&](char const* manifest) {
    return open_glance(file)->spent_on(*store->job(manifest, "hero")).spent;
  };
  CHECK(spent("cats") == Money{200'000});
  CHECK(spent("twins") == Money{});
  // Another request of the same name: what it had before was bought in its name as well.
  take_in(*store, "cats", {job("hero", 1, "blue")}, at(3));
  task = sent(all_queued(*store).at(0), State::Submitted, at(4));
  task.reserved = Money{400'000};
  store->commit({{task}, {}});
  CHECK(spent("cats") == Money{200'000});
  CHECK(open_glance(file)->spent_on(*store->job("cats", "hero")).reserved == Money{400'000});
  CHECK(open_glance(file)->spent_on(*store->job("cats", "hero")).tasks == 2);
}

TEST_CASE("a glance adds up what days cost") {
  TempFolder const folder;
  auto const file = folder / "wanspool.db";
  auto const store = open_store(file);
  take_in(*store, "cats", jobs(3));
  auto tasks = all_queued(*store);
  std::array const days{"2026-11-30", "2026-12-01", "2026-12-31"};
  for (std::size_t i = 0; i < days.size(); ++i) {
    auto task = sent(tasks[i], State::Submitted, at(1));
    task.reserved = Money{static_cast<std::int64_t>(i) + 1};
    store->commit({.tasks = {task}, .lanes = {}, .day = days.at(i)});
  }
  auto const glance = open_glance(file);
  CHECK(glance->spent_on("2026-12-01", "2026-12-01").reserved == Money{2});
  CHECK(glance->spent_on("2026-12-01", "2026-12-31").reserved == Money{5});
  CHECK(glance->spent_on("2026-01-01", "2026-01-31").reserved == Money{});
}

TEST_SUITE_END();
