#include <doctest/doctest.h>

#include <algorithm>

#include "engine/house.h"

using namespace wanspool;
using namespace wanspool::test;
using Fault = World::Fault;
using What = World::What;

TEST_SUITE_BEGIN("engine");

namespace {

constexpr char kModel[] = "wan2.6-t2i";

// A house that buys under two accounts, each at a provider of its own; what one of them knows the other does
// not.
struct Two {
  explicit Two(unsigned seed) : main{seed}, studio{seed + 1000}, house{main} {
    main.beside = &studio;
    main.ids = "main";
    studio.ids = "studio";
    studio.host = "http://127.0.0.1:2";
    studio.caller = "2000000000000002";
    for (auto* const world : {&main, &studio}) {
      world->service_least = seconds{18};
      world->service_most = seconds{24};
    }
    house.config.accounts["studio"].endpoint = studio.host + "/api/v1";
  }
  void begin(int jobs) {
    house.open();
    house.drop("m.yaml", House::manifest_of(jobs));
  }
  void stop_and_start() {
    house.close();
    main.forget_flights();
    house.open();
  }
  // Every request was accepted once, by one of the two.
  bool each_bought_once(int jobs) const {
    auto accepted = main.accepted;
    for (auto const& [body, number] : studio.accepted) accepted[body] += number;
    return static_cast<int>(accepted.size()) == jobs &&
           std::all_of(accepted.begin(), accepted.end(), [](auto const& each) { return each.second == 1; });
  }

  World main, studio;
  House house;
};

}  // namespace

TEST_CASE("jobs go to whichever account has a slot, so that two are done with them in half the time") {
  Two two{901};
  two.begin(100);
  auto const begin = two.main.now();
  CHECK(two.house.run());
  CHECK(two.each_bought_once(100));
  CHECK(two.house.pictures().size() >= 100);
  auto const share = static_cast<double>(two.studio.tasks().size()) / 100;
  CHECK(share == doctest::Approx(0.5).epsilon(0.1));
  // Ten slots, and 21 s a task.
  CHECK(two.main.now() - begin < seconds{21} * 13);
}

TEST_CASE("an account with twice the slots gets twice the jobs, and no limit of either is broken") {
  Two two{902};
  two.studio.slots = 10;
  auto& limits = two.house.config.accounts["studio"].limits[kModel];
  limits.slots = 10;
  limits.creates_per_second = 2;
  for (auto* const world : {&two.main, &two.studio}) {
    world->habits.refuses = true;
    world->habits.queries_per_second = 20;
    world->habits.lists_per_second = 20;
  }
  two.studio.habits.creates_per_second = 2;
  two.begin(120);
  CHECK(two.house.run());
  CHECK(two.each_bought_once(120));
  CHECK(two.studio.tasks().size() > 70);
  CHECK(two.studio.tasks().size() < 90);
  CHECK(two.studio.most_creates <= 2);
  CHECK(two.main.refused_for_rate + two.studio.refused_for_rate == 0);
}

TEST_CASE("two accounts may give two tasks the same id, and each has its own pictures") {
  Two two{903};
  two.studio.ids = "main";
  two.begin(12);
  CHECK(two.house.run());
  CHECK(two.each_bought_once(12));
  CHECK(two.house.engine->tally()[State::Done] == 12);
  CHECK(two.house.engine->tally().spent == Money{200'000} * 12);
}

TEST_CASE("a key that is refused stops its own account alone, and the other one does the work") {
  Two two{904};
  two.studio.fault = [](What what, int, Instant) {
    return what == What::Create ? Fault::BadKey : Fault::None;
  };
  two.begin(30);
  CHECK(two.house.run(minutes{30}));
  CHECK(two.house.engine->tally()[State::Done] == 30);
  CHECK(two.main.tasks().size() == 30);
  CHECK(two.studio.creates <= 2);
}

TEST_CASE("what is out there under a key that is refused is waited for when all the rest is done") {
  Two two{905};
  auto const broken = two.main.now() + seconds{5};
  two.studio.fault = [&](What, int, Instant now) { return now > broken ? Fault::BadKey : Fault::None; };
  two.begin(30);
  CHECK(two.house.run(minutes{30}));
  CHECK(two.house.engine->account_is_stopped());
  auto const out_there = static_cast<std::int64_t>(two.studio.tasks().size());
  CHECK(out_there > 0);
  CHECK(two.house.engine->tally()[State::Done] == 30 - out_there);
  two.studio.fault = [](What, int, Instant) { return Fault::None; };
  two.stop_and_start();
  CHECK(two.house.run());
  CHECK(two.house.engine->tally()[State::Done] == 30);
  CHECK(two.each_bought_once(30));
}

TEST_CASE("a doubt is ended by the list of the account that it was sent under") {
  Two two{906};
  two.studio.fault = [](What what, int number, Instant) {
    return what == What::Create && number == 2 ? Fault::LostAnswer : Fault::None;
  };
  two.begin(40);
  CHECK(two.house.run());
  CHECK(two.house.engine->tally()[State::Done] == 40);
  CHECK(two.each_bought_once(40));
}

TEST_CASE("a create that one account never got is sent again, under whichever has a slot then") {
  Two two{907};
  two.studio.fault = [](What what, int number, Instant) {
    return what == What::Create && number == 2 ? Fault::LostRequest : Fault::None;
  };
  two.begin(40);
  CHECK(two.house.run());
  CHECK(two.house.engine->tally()[State::Done] == 40);
  CHECK(two.each_bought_once(40));
}

TEST_CASE("after a stop every task is asked for under the account that has it") {
  Two two{908};
  two.begin(40);
  while (two.studio.tasks().size() < 4 || two.main.tasks().size() < 4)
    two.house.engine->turn(two.main.now() + seconds{1});
  two.stop_and_start();
  CHECK(two.house.run());
  CHECK(two.house.engine->tally()[State::Done] == 40);
  CHECK(two.each_bought_once(40));
}

TEST_CASE("an account is not taken out of the configuration while its tasks are out there") {
  Two two{909};
  two.begin(10);
  while (two.studio.tasks().empty() || two.house.engine->unanswered() > 0)
    two.house.engine->turn(two.main.now() + seconds{1});
  two.house.close();
  auto const its = two.house.config.accounts;
  two.house.config.accounts.clear();
  try {
    two.house.open();
    FAIL("it was opened");
  } catch (StoreBroken const& broken) {
    CHECK(broken.exit_code == 78);
    CHECK(std::string{broken.what()}.find("studio") != std::string::npos);
  }
  two.house.close();
  two.house.config.accounts = its;
  two.main.forget_flights();
  two.house.open();
  CHECK(two.house.run());
  CHECK(two.each_bought_once(10));
  // Now nothing is left of it.
  two.house.close();
  two.house.config.accounts.clear();
  two.house.open();
}

TEST_CASE("a cap of one account sends the rest to the other") {
  Two two{910};
  two.house.config.caps.accounts["studio"].all.day.pictures = 3;
  two.begin(30);
  CHECK(two.house.run());
  CHECK(two.house.engine->tally()[State::Done] == 30);
  CHECK(two.studio.tasks().size() == 3);
  CHECK(two.house.engine->stops().empty());
}

TEST_CASE("where the caps of all accounts are reached the rest waits, and says why") {
  Two two{911};
  two.house.config.caps.accounts["studio"].all.day.pictures = 3;
  two.house.config.caps.accounts[""].all.day.pictures = 4;
  two.begin(30);
  CHECK(two.house.run(minutes{10}));
  CHECK(two.studio.tasks().size() == 3);
  CHECK(two.main.tasks().size() == 4);
  CHECK(two.house.engine->stops().size() == 2);
  two.house.config.caps.accounts[""].all.day.pictures = 100;
  two.stop_and_start();
  CHECK(two.house.run());
  CHECK(two.main.tasks().size() == 27);
  CHECK(two.studio.tasks().size() == 3);
}

TEST_CASE("two keys of one account are found out by its list, and only one of them buys on") {
  Two two{912};
  two.studio.caller = two.main.caller;
  auto const lose_second = [](What what, int number, Instant) {
    return what == What::Create && number == 2 ? Fault::LostAnswer : Fault::None;
  };
  two.main.fault = two.studio.fault = lose_second;
  two.begin(200);
  CHECK(two.house.run());
  CHECK(two.house.engine->tally()[State::Done] == 200);
  CHECK(two.studio.tasks().size() < 40);
}

TEST_CASE("the same key under two names buys under one of them") {
  Two two{913};
  two.house.config.accounts["studio"].endpoint = two.house.endpoint;
  two.house.key = "sk-studio";
  two.begin(12);
  CHECK(two.house.run());
  CHECK(two.main.tasks().size() == 12);
  CHECK(two.house.store->created_since({"studio", kModel}, Instant{}).empty());
  CHECK(two.main.most_at_once <= 9);
}

TEST_CASE("an account at its cap does not bring the whole queue to hand") {
  Two two{914};
  two.house.config.caps.accounts["studio"].all.day.pictures = 2;
  two.begin(300);
  // Each turn costs as little as with one account: the queue is not read again and again.
  int turns = 0;
  for (auto const until = two.main.now() + minutes{3}; two.main.now() < until; ++turns)
    two.house.engine->turn(until);
  CHECK(two.studio.tasks().size() == 2);
  CHECK(two.main.tasks().size() > 20);
  CHECK(turns < 20'000);
  two.house.drop("more.yaml", House::manifest_of(1, "the last"));
  CHECK(two.house.run());
  CHECK(two.each_bought_once(301));
}

TEST_CASE("a list that one account refuses does not hide what the other has bought since a copy was made") {
  Two two{915};
  two.begin(6);
  CHECK(two.house.run());
  two.house.store->set_fact("stamp", std::to_string((two.main.now() - hours{1}).time_since_epoch().count()));
  two.studio.fault = [](What what, int, Instant) { return what == What::List ? Fault::Denied : Fault::None; };
  two.stop_and_start();
  two.house.drop("n.yaml", House::manifest_of(1, "after the copy"));
  for (int i = 0; i < 200; ++i) two.house.engine->turn(two.main.now() + seconds{1});
  auto const paused = two.house.store->fact("paused");
  CHECK(paused.find("account studio") != std::string::npos);
  CHECK(two.house.engine->tally()[State::Queued] == 1);
}
