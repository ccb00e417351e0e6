#include <doctest/doctest.h>

#include <algorithm>

#include "engine/house.h"

using namespace wanspool;
using namespace wanspool::test;
using What = World::What;
using Fault = World::Fault;

TEST_SUITE_BEGIN("engine");

namespace {

std::string wish(std::string const& verb, std::string const& jobs, std::string const& more = {}) {
  static int ids = 0;
  return "command: " + verb + "\nid: w" + std::to_string(++ids) + "\n" + more +
         (jobs.empty() ? "" : "jobs: [" + jobs + "]\n");
}

std::string answer(House const& house, std::string const& name) {
  return house.text("accepted/" + name + ".receipt.txt");
}

bool holds(std::string const& text, std::string const& part) {
  return text.find(part) != text.npos;
}

// Turns the wheel until it is so, or the test fails.
void until(House& house, std::function<bool()> const& so) {
  for (int turns = 0; !so(); ++turns) {
    REQUIRE(turns < 10'000);
    house.engine->turn(house.world.now() + seconds{1});
  }
}

std::int64_t count(House const& house, State state) {
  return house.engine->tally()[state];
}

// Seven jobs of which two wait at the provider beyond its slots.
void fill(House& house) {
  house.world.slots = 2;
  house.world.service_least = house.world.service_most = minutes{2};
  house.open();
  house.drop("m.yaml", House::manifest_of(7));
}

void check_money(House& house) {
  auto const& tally = house.engine->tally();
  CHECK(tally.reserved + tally.uncertain == Money{});
  CHECK(tally.spent == Money{200'000} * house.world.charged());
  auto const reader = open_reader(Spool::at(house.root).database);
  for (auto const& finding : reader->audit()) CHECK(finding.what == "");
}

}  // namespace

TEST_CASE("a cancel stops what was not sent at once, and what waits at the provider there") {
  World world{1};
  House house{world};
  fill(house);
  until(house, [&] { return count(house, State::Running) == 2 && world.creates >= 3; });
  auto const sent = world.creates;
  house.drop("stop.yaml", wish("cancel", "m"));
  CHECK(house.run());
  CHECK(world.creates == sent);
  CHECK(count(house, State::Done) == 2);
  CHECK(count(house, State::Canceled) == 5);
  CHECK(world.charged() == 2);
  CHECK(world.cancels >= sent - 2);
  auto const said = answer(house, "stop.yaml");
  CHECK(holds(said, "stopped"));
  CHECK(holds(said, "2 are being drawn, which nobody can stop: they are paid and come (0.40 "));
  CHECK(holds(said, "\n\nchanged  "));
  CHECK(holds(said, "\ndrawn  2\ndrawn_cost  0.40\n"));
  CHECK(said.ends_with("\ncurrency  CNY\n"));
  check_money(house);
}

TEST_CASE("a cancel costs no other job anything, and a canceled one is bought when it is wanted again") {
  World world{2};
  House house{world};
  house.open();
  house.drop("m.yaml", House::manifest_of(3));
  house.drop("stop.yaml", wish("cancel", "m/job-2, 'm/*-3'"));
  CHECK(house.run());
  auto const bought = count(house, State::Done);
  CHECK(bought >= 1);
  CHECK(count(house, State::Canceled) == 3 - bought);
  house.drop("again.yaml", wish("retry", "m"));
  CHECK(house.run());
  CHECK(count(house, State::Done) == 3);
  for (auto const& [body, times] : world.accepted) CHECK(times <= 2);
  CHECK(world.charged() == 3);
  check_money(house);
}

TEST_CASE("a cancel of a create that is unanswered is obeyed when its fate is known") {
  World world{3};
  bool lost = false;
  world.fault = [&](What what, int, Instant) {
    return what == What::Create && !std::exchange(lost, true) ? Fault::LostAnswer : Fault::None;
  };
  world.service_least = world.service_most = hours{1};
  world.slots = 1;
  House house{world};
  house.open();
  house.drop("m.yaml", House::manifest_of(3));
  until(house, [&] { return lost && count(house, State::Submitting) == 1; });
  house.drop("stop.yaml", wish("cancel", "m/job-1"));
  until(house, [&] { return house.is_there("accepted/stop.yaml.receipt.txt"); });
  CHECK(holds(answer(house, "stop.yaml"), "1 is sent and not answered"));
  CHECK(count(house, State::Canceled) == 0);
  CHECK(house.run());
  // It had begun when its fate was known: it was drawn and paid.
  CHECK(count(house, State::Done) == 3);
  for (auto const& [body, times] : world.accepted) CHECK(times == 1);
  check_money(house);
}

TEST_CASE("a wish to cancel is remembered over a stop") {
  World world{4};
  House house{world};
  fill(house);
  world.fault = [](What what, int, Instant) {
    return what == What::Cancel ? Fault::Unreachable : Fault::None;
  };
  until(house, [&] { return count(house, State::Running) == 2 && count(house, State::Submitted) > 0; });
  auto const waiting = count(house, State::Submitted);
  house.drop("stop.yaml", wish("cancel", "m"));
  until(house, [&] { return world.cancels > 0; });
  house.close();
  world.fault = [](What, int, Instant) { return Fault::None; };
  house.open();
  CHECK(house.run());
  CHECK(count(house, State::Done) == 2);
  CHECK(count(house, State::Canceled) == 5);
  CHECK(waiting > 0);
  check_money(house);
}

TEST_CASE("cancels are asked for within the limits, and again when they are throttled") {
  World world{5};
  world.slots = 1;
  world.service_least = world.service_most = minutes{10};
  world.habits.queries_per_second = 20;
  int throttled = 0;
  world.fault = [&](What what, int, Instant) {
    return what == What::Cancel && ++throttled <= 3 ? Fault::Throttled : Fault::None;
  };
  House house{world};
  house.config.limits["wan2.6-t2i"].slots = 8;
  house.open();
  house.drop("m.yaml", House::manifest_of(8));
  until(house, [&] { return count(house, State::Running) == 1 && world.creates == 8; });
  house.drop("stop.yaml", wish("cancel", "m"));
  CHECK(house.run());
  CHECK(count(house, State::Done) == 1);
  CHECK(count(house, State::Canceled) == 7);
  CHECK(world.cancels >= 10);
  CHECK(world.refused_for_rate == 0);
  check_money(house);
}

TEST_CASE("a purchase of several jobs is canceled when none wants it any more, and goes on till then") {
  World world{6};
  world.slots = 1;
  world.service_least = world.service_most = minutes{10};
  House house{world};
  house.config.limits["wan2.6-t2i"].slots = 4;
  house.open();
  house.drop("m.yaml", House::manifest_of(2));
  house.drop("n.yaml", House::manifest_of(2));
  until(house, [&] { return count(house, State::Submitted) == 1 && count(house, State::Running) == 1; });
  house.drop("one.yaml", wish("cancel", "m"));
  until(house, [&] { return house.is_there("accepted/one.yaml.receipt.txt"); });
  CHECK(world.cancels == 0);
  SUBCASE("the others get it") {
    CHECK(house.run());
    CHECK(count(house, State::Done) == 2);
    CHECK(house.is_there("out/n/job-2/image-1.png"));
  }
  SUBCASE("the last one's cancel stops what waits") {
    house.drop("two.yaml", wish("cancel", "n"));
    CHECK(house.run());
    CHECK(count(house, State::Done) == 1);
    CHECK(count(house, State::Canceled) == 1);
  }
  SUBCASE("whoever wants it again in between keeps it") {
    house.drop("two.yaml", wish("cancel", "n"));
    house.drop("three.yaml", wish("retry", "n"));
    CHECK(house.run());
    CHECK(count(house, State::Done) == 2);
    CHECK(count(house, State::Canceled) == 0);
  }
  check_money(house);
}

TEST_CASE("retry queues what cost nothing, and leaves to redo what was paid and not delivered") {
  World world{7};
  int creates = 0;
  world.fault = [&](What what, int, Instant) {
    if (what == What::Create) return ++creates == 1 ? Fault::Refused : Fault::None;
    return what == What::Picture ? Fault::NotAPicture : Fault::None;
  };
  House house{world};
  house.open();
  house.drop("m.yaml", House::manifest_of(2));
  CHECK(house.run());
  CHECK(count(house, State::Failed) == 2);
  world.fault = [](What, int, Instant) { return Fault::None; };
  house.drop("again.yaml", wish("retry", "", "failed: true\n"));
  CHECK(house.run());
  CHECK(count(house, State::Done) == 1);
  CHECK(count(house, State::Failed) == 1);
  auto const said = answer(house, "again.yaml");
  CHECK(holds(said, "1 job is queued again"));
  CHECK(holds(said, "1 is paid for, or may be, and not delivered; only redo buys again: m/job-2"));
  CHECK(world.creates == 3);
  house.drop("twice.yaml", wish("retry", "m", "failed: true\n"));
  CHECK(house.run());
  CHECK(world.creates == 3);
}

TEST_CASE("what is paused is not bought, what is paid goes on, and neither a stop nor a drop resumes it") {
  World world{8};
  House house{world};
  house.open();
  house.drop("p.yaml", House::manifest_of(1, "a first kite"));
  CHECK(house.run());
  house.drop("q.yaml", House::manifest_of(4));
  world.fault = [](What what, int, Instant) { return what == What::Create ? Fault::Throttled : Fault::None; };
  until(house, [&] { return house.is_there("accepted/q.yaml"); });
  house.drop("pause.yaml", wish("pause", "q/job-1, q/job-3"));
  until(house, [&] { return house.is_there("accepted/pause.yaml.receipt.txt"); });
  world.fault = [](What, int, Instant) { return Fault::None; };
  CHECK(house.run());
  CHECK(count(house, State::Done) == 3);
  CHECK(count(house, State::Queued) == 2);
  house.close();
  house.open();
  house.drop("q.yaml", House::manifest_of(4));
  CHECK(house.run());
  CHECK(count(house, State::Queued) == 2);
  house.drop("resume.yaml", wish("resume", "q"));
  CHECK(house.run());
  CHECK(count(house, State::Done) == 5);
  check_money(house);
}

TEST_CASE("a paused spool buys nothing until it is resumed") {
  World world{9};
  House house{world};
  house.open();
  house.drop("pause.yaml", wish("pause", ""));
  CHECK(house.run());
  house.drop("m.yaml", House::manifest_of(2));
  CHECK(house.run());
  CHECK(world.creates == 0);
  CHECK(house.engine->hindrance().kind == Hindrance::Kind::Paused);
  house.close();
  house.open();
  CHECK(house.run());
  CHECK(world.creates == 0);
  house.drop("resume.yaml", wish("resume", ""));
  CHECK(house.run());
  CHECK(count(house, State::Done) == 2);
}

TEST_CASE("priority takes effect on the next create") {
  World world{10};
  world.slots = 1;
  House house{world};
  house.config.limits["wan2.6-t2i"].slots = 1;
  house.open();
  house.drop("m.yaml", House::manifest_of(6));
  until(house, [&] { return world.creates == 1; });
  house.drop("hurry.yaml", wish("priority", "m/job-6", "priority: high\n"));
  CHECK(house.run());
  std::vector<std::string> order;
  for (auto const& each : world.tasks()) order.push_back(each.body.substr(each.body.find("number"), 8));
  REQUIRE(order.size() == 6);
  CHECK(std::find(order.begin(), order.end(), "number 6") - order.begin() <= 3);
}

TEST_CASE("the same wish takes effect once, and one that means nothing is refused") {
  World world{11};
  House house{world};
  house.open();
  house.drop("pause.yaml", wish("pause", ""));
  house.drop("m.yaml", House::manifest_of(2));
  CHECK(house.run());
  for (auto const* name : {"one.yaml", "two.yaml"}) {
    house.drop(name, "command: cancel\nid: same\njobs: [m/job-1]\n");
    CHECK(house.run());
  }
  CHECK(holds(answer(house, "one.yaml"), "1 job is stopped"));
  CHECK(holds(answer(house, "two.yaml"), "has had its effect before"));
  for (std::string const verb : {"pause", "resume", "retry", "priority"}) {
    CAPTURE(verb);
    for (auto const* time : {"-first.yaml", "-again.yaml"}) {
      house.drop(verb + time, "command: " + verb + "\nid: once-" + verb + "\njobs: [m/job-2]\n" +
                                  (verb == "priority" ? "priority: high\n" : ""));
      CHECK(house.run());
    }
    CHECK_FALSE(holds(answer(house, verb + "-first.yaml"), "before"));
    CHECK(holds(answer(house, verb + "-again.yaml"), "has had its effect before"));
  }
  house.drop("nobody.yaml", wish("cancel", "nobody, 'x*'"));
  CHECK(house.run());
  CHECK(holds(house.text("rejected/nobody.yaml.error.txt"), "nobody is not known here"));
}

TEST_CASE("a wish that meant nothing had no effect, and is obeyed when it comes again and means something") {
  World world{13};
  House house{world};
  house.open();
  auto const pause = "command: pause\nid: monday\njobs: [m]\n";
  house.drop("early.yaml", pause);
  CHECK(house.run());
  CHECK(holds(house.text("rejected/early.yaml.error.txt"), "m is not known here"));
  world.fault = [](What what, int, Instant) { return what == What::Create ? Fault::Throttled : Fault::None; };
  house.drop("m.yaml", House::manifest_of(2));
  until(house, [&] { return house.is_there("accepted/m.yaml"); });
  house.drop("late.yaml", pause);
  until(house, [&] { return house.is_there("accepted/late.yaml.receipt.txt"); });
  CHECK(holds(answer(house, "late.yaml"), "1 job is paused; 1 is sent"));
}

TEST_CASE("a wish for more jobs than one step takes is done in steps, and others are bought meanwhile") {
  World world{12};
  House house{world};
  house.open();
  house.drop("pause.yaml", wish("pause", ""));
  house.drop("m.yaml", House::manifest_of(2500));
  CHECK(house.run());
  house.drop("stop.yaml", wish("cancel", "m/*"));
  CHECK(house.run());
  CHECK(count(house, State::Canceled) == 2500);
  CHECK(holds(answer(house, "stop.yaml"), "2500 jobs are stopped"));
}

namespace {

constexpr int kJobs = 4;

bool live(House& house, Steps& steps) {
  try {
    house.open();
    bool const rested = house.run();  // outside of CHECK, which would catch the crash
    CHECK(rested);
    steps.crash_at = 0;
    return true;
  } catch (Crash const&) {
    house.close();
    return false;
  }
}

// Jobs wait, are sent and are drawn while a person cancels three of them, and later wants all again. Stops at
// this step of the first part, or of the second; returns how many steps it has.
int life(int part, int crash_at, int& crashes) {
  World world{static_cast<unsigned>(crash_at)};
  world.slots = 1;
  House house{world};
  Steps steps;
  house.steps = &steps;
  world.fault = [&, dropped = false](What what, int, Instant) mutable {
    if (what == What::Query && !std::exchange(dropped, true))
      house.drop("stop.yaml", "command: cancel\nid: stop\njobs: [m/job-2, m/job-3, m/job-4]\n");
    return Fault::None;
  };
  int taken = 0;
  auto const survive = [&](int which) {
    steps = {0, which == part ? crash_at : 0};
    bool const lived = live(house, steps);
    if (which == part) taken = steps.taken;
    if (lived) return;
    ++crashes;
    steps = {};
    REQUIRE(live(house, steps));
  };
  house.drop("m.yaml", House::manifest_of(kJobs));
  survive(1);
  house.drop("later.yaml", House::manifest_of(1, "a later kite"));  // ends a doubt about the last order
  CHECK(house.run());
  auto const& tally = house.engine->tally();
  CHECK(tally[State::Done] + tally[State::Canceled] == kJobs + 1);
  CHECK(tally[State::Done] == world.charged());
  CHECK(house.is_there("accepted/stop.yaml.receipt.txt"));
  check_money(house);
  house.close();
  house.drop("again.yaml", "command: retry\nid: again\njobs: [m]\n");
  survive(2);
  house.drop("last.yaml", House::manifest_of(1, "the last kite"));
  CHECK(house.run());
  CHECK(house.engine->tally()[State::Done] == kJobs + 2);
  CHECK(world.charged() == kJobs + 2);
  CHECK(world.rebought.empty());
  CHECK(world.doubled.empty());
  CHECK(house.is_there("accepted/again.yaml.receipt.txt"));
  check_money(house);
  return taken;
}

}  // namespace

TEST_CASE("a crash at every step of a cancel and of a retry loses nothing and buys nothing twice") {
  for (int const part : {1, 2}) {
    int crashes = 0, lives = 0;
    auto const all = life(part, 0, crashes);
    REQUIRE(all > 60);
    for (int step = 1; step < all; step += 3, ++lives) {
      CAPTURE(part);
      CAPTURE(step);
      life(part, step, crashes);
    }
    CHECK(crashes > lives * 3 / 4);
  }
}
