#include "engine/hooks.h"

#include <doctest/doctest.h>

#include <map>

#include "base/log.h"
#include "store/support.h"

// What runs when, in virtual time and without any program.
TEST_SUITE_BEGIN("engine");

using namespace wanspool;
using Kind = Hooks::End::Kind;

namespace {

HookCommands const kFailures{{{HookEvent::Failure, {"/bin/true"}}}};

struct Desk {
  Desk() { watch(kFailures); }

  void watch(HookCommands const& commands) { hooks.watch(commands, now); }
  void fail(int jobs) {
    take_in(*store, "cats", wanspool::jobs(jobs));
    for (int i = 1; i <= jobs; ++i) {
      auto task = store->wanted("cats/" + std::to_string(i))->task;
      task.state = State::Failed;
      Batch batch{{task}, {}};
      batch.at = now;
      store->commit(batch);
    }
  }
  // Goes on to the moment when something is to be done.
  void sleep() {
    REQUIRE(hooks.next() != Instant::max());
    now = std::max(now, hooks.next());
    hooks.step(now);
  }
  void end(Kind kind) {
    REQUIRE_FALSE(running.empty());
    auto const row = running.front();
    running.erase(running.begin());
    hooks.ended(row, {kind, "/bin/true has ended with 1"}, now);
    hooks.step(now);
  }
  std::size_t waiting() { return store->hooks(100).size(); }

  TempFolder folder;
  std::unique_ptr<Store> store = open_store(folder / "wanspool.db");
  Instant now = at(0);
  std::vector<HookRow> running;  // begun and not ended
  bool is_known = true;
  Hooks hooks{*store, [this](HookRow const& row) {
                if (is_known) running.push_back(row);
                return is_known;
              }};
};

}  // namespace

TEST_CASE("two commands run at once, the others wait in the store, and each is forgotten when it ends well") {
  Desk desk;
  desk.fail(5);
  desk.hooks.step(desk.now);
  CHECK(desk.running.size() == 2);
  CHECK(desk.running[0].job == "1");
  CHECK(desk.running[1].job == "2");
  CHECK(desk.hooks.next() == Instant::max());
  CHECK(desk.hooks.is_busy(desk.now));
  desk.hooks.step(desk.now);
  CHECK(desk.running.size() == 2);
  CHECK(desk.waiting() == 5);
  desk.end(Kind::Well);
  CHECK(desk.running.size() == 2);
  CHECK(desk.running[1].job == "3");
  CHECK(desk.waiting() == 4);
  while (!desk.running.empty()) desk.end(Kind::Well);
  CHECK(desk.waiting() == 0);
  CHECK_FALSE(desk.hooks.is_busy(desk.now));
  CHECK(desk.hooks.next() == Instant::max());
  CHECK(desk.hooks.counts().well == 5);
}

TEST_CASE(
    "one that fails is tried again with the same id after growing waits, and given up after five tries") {
  log::set_level(log::Level::Off);
  Desk desk;
  desk.fail(1);
  desk.hooks.step(desk.now);
  auto const id = desk.running.at(0).id;
  std::vector<milliseconds> waits;
  for (int tries = 0; tries < 4; ++tries) {
    CHECK(desk.running.at(0).id == id);
    CHECK(desk.running.at(0).tries == tries);
    auto const before = desk.now;
    desk.end(Kind::Badly);
    CHECK(desk.running.empty());
    CHECK_FALSE(desk.hooks.is_busy(desk.now));
    desk.sleep();
    waits.push_back(desk.now - before);
  }
  CHECK(waits == std::vector<milliseconds>{seconds{10}, minutes{1}, minutes{5}, minutes{30}});
  CHECK(desk.store->fact("hooks").empty());
  desk.end(Kind::Badly);
  CHECK(desk.waiting() == 0);
  CHECK(desk.hooks.next() == Instant::max());
  CHECK(desk.store->fact("hooks") == "1");
  CHECK(desk.hooks.counts().badly == 5);
  CHECK(desk.hooks.counts().given_up == 1);
  desk.fail(1);
  take_in(*desk.store, "dogs", jobs(1));
  auto task = desk.store->wanted("dogs/1")->task;
  task.state = State::Failed;
  desk.store->commit({{task}, {}});
  desk.hooks.step(desk.now);
  desk.end(Kind::Well);
  CHECK(desk.store->fact("hooks").empty());
  log::set_level(log::Level::Info);
}

TEST_CASE("one that waits for its next try keeps no other") {
  log::set_level(log::Level::Off);
  Desk desk;
  desk.fail(6);
  desk.hooks.step(desk.now);
  for (int i = 0; i < 4; ++i) desk.end(Kind::Badly);
  CHECK(desk.running.size() == 2);
  CHECK(desk.running[0].job == "5");
  while (!desk.running.empty()) desk.end(Kind::Well);
  CHECK(desk.waiting() == 4);
  desk.sleep();
  CHECK(desk.now == at(10));
  CHECK(desk.running.size() == 2);
  CHECK(desk.running[0].tries == 1);
  log::set_level(log::Level::Info);
}

TEST_CASE("what our own end has cut off has had no try, and begins no more") {
  Desk desk;
  desk.fail(3);
  desk.hooks.step(desk.now);
  auto const id = desk.running.at(0).id;
  desk.hooks.stop();
  desk.end(Kind::CutOff);
  desk.end(Kind::Well);
  CHECK(desk.running.empty());
  CHECK(desk.hooks.next() == Instant::max());
  auto const rows = desk.store->hooks(9);
  REQUIRE(rows.size() == 2);
  CHECK(rows[0].id == id);
  CHECK(rows[0].tries == 0);
}

TEST_CASE("what there is nothing to say of any more is dropped, and the next one follows") {
  Desk desk;
  desk.fail(4);
  desk.is_known = false;
  desk.hooks.step(desk.now);
  CHECK(desk.running.empty());
  while (desk.hooks.is_busy(desk.now)) desk.sleep();
  CHECK(desk.waiting() == 0);
}

TEST_CASE("another configuration holds at once: what it leaves out is dropped, what waits is tried now") {
  log::set_level(log::Level::Off);
  Desk desk;
  desk.fail(1);
  desk.hooks.step(desk.now);
  desk.end(Kind::Badly);
  SUBCASE("the same event") {
    desk.watch({{{HookEvent::Failure, {"/bin/mended"}}}});
    desk.hooks.step(desk.now);
    CHECK(desk.running.size() == 1);
  }
  SUBCASE("another one") {
    desk.watch({{{HookEvent::Job, {"/bin/true"}}}});
    desk.hooks.step(desk.now);
    CHECK(desk.running.empty());
    CHECK(desk.waiting() == 0);
  }
  SUBCASE("none while one runs") {
    desk.watch(kFailures);
    desk.hooks.step(desk.now);
    desk.watch({});
    desk.end(Kind::Well);
    CHECK(desk.hooks.next() == Instant::max());
    CHECK(desk.waiting() == 0);
  }
  log::set_level(log::Level::Info);
}

TEST_SUITE_END();
