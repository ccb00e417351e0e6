#include "app/plan.h"

#include <doctest/doctest.h>
#include <stdlib.h>
#include <time.h>

using namespace wanspool;
using namespace wanspool::app;

TEST_SUITE_BEGIN("app");

namespace {

// 2026-11-22 17:00:00 UTC
Instant const kNow{seconds{1'795'366'800}};

struct Utc {
  Utc() {
    ::setenv("TZ", "UTC", 1);
    ::tzset();
  }
};

NewJob job(std::string body, int wanted) {
  return {"hero", 3, "f1", std::move(body), "wan2.6-image", wanted, {200'000}};
}

// So many pictures of one job each are new.
Plan plan_of(std::int64_t jobs, int wanted = 1) {
  Plan plan;
  plan.currency = "CNY";
  plan.region = "cn-beijing";
  auto& lane = plan.lanes["wan2.6-image"];
  lane.picture = {200'000};
  lane.price_date = "2026-10-01";
  for (std::int64_t i = 0; i < jobs; ++i) {
    lane.buys.add(job("{}", wanted));
    plan.changes[0].add(job("{}", wanted));
  }
  return plan;
}

std::string joined(std::vector<std::string> const& lines) {
  std::string text;
  for (auto const& each : lines) text += each + "\n";
  return text;
}

}  // namespace

TEST_CASE("an answer of text and pictures holds one picture at least, any other what was asked for") {
  CHECK(least_pictures(job(R"({"parameters":{"enable_interleave":true,"max_images":5}})", 5)) == 1);
  CHECK(least_pictures(job(R"({"parameters":{"enable_interleave":false,"n":4}})", 4)) == 4);
  CHECK(least_pictures(job(R"({"input":"say \"enable_interleave\":true","parameters":{"n":4}})", 4)) == 4);
}

TEST_CASE("time goes in rounds of as many tasks as there are slots") {
  Tempo const pace{{0, seconds{1}, 5, 1}, seconds{60}, 0};
  CHECK(time_for(0, pace) == seconds{0});
  CHECK(time_for(5, pace) == seconds{60});
  CHECK(time_for(6, pace) == seconds{120});
  CHECK(done_within(seconds{59}, 6, pace) == 0);
  CHECK(done_within(seconds{60}, 6, pace) == 5);
  CHECK(done_within(seconds{120}, 6, pace) == 6);
}

TEST_CASE("where there are slots enough the creates decide") {
  Tempo const pace{{1, seconds{1}, 0, 1}, seconds{60}, 0};
  CHECK(time_for(100, pace) == seconds{159});
  CHECK(done_within(seconds{60}, 100, pace) == 1);
  CHECK(done_within(seconds{159}, 100, pace) == 100);
}

TEST_CASE("what waits already goes first") {
  Tempo const pace{{0, seconds{1}, 5, 1}, seconds{60}, 10};
  CHECK(time_for(5, pace) == seconds{180});
  CHECK(done_within(seconds{120}, 5, pace) == 0);
  CHECK(done_within(seconds{180}, 5, pace) == 5);
}

TEST_CASE("the next morning is today before eight, and tomorrow from eight on") {
  Utc const utc;
  auto const eight = Instant{seconds{1'795'420'800}};  // 2026-11-23 08:00:00
  CHECK(next_morning(kNow) == eight);
  CHECK(next_morning(eight - milliseconds{1}) == eight);
  CHECK(next_morning(eight) == eight + hours{24});
}

TEST_CASE("a plan tells its price, its time and what is there tomorrow") {
  Utc const utc;
  auto plan = plan_of(2);
  plan.lanes["wan2.6-image"].pace.limits = {5, seconds{1}, 5, 1};
  CHECK(joined(long_words("cats.yaml", plan, {50'000'000}, kNow)) ==
        "cats.yaml: 2 jobs\n"
        "  +      2        2 pictures            0.40 CNY  new\n"
        "buys      at most 2 pictures for 0.40 CNY; what fails is not charged\n"
        "          wan2.6-image: 2 tasks, 2 pictures, 0.20 CNY each: 0.40 CNY\n"
        "prices    those of cn-beijing, by the table of 2026-10-01\n"
        "takes     about 1 min 30 s, until 17:01:30 UTC, if it begins now\n"
        "          wan2.6-image: 5 at once, 5 new a second, 1 min 30 s each as is usual\n"
        "there     tomorrow at 08:00 (2026-11-23 08:00:00 UTC): all 2 pictures\n");
  CHECK(short_words("cats.yaml", plan) ==
        "cats.yaml: +2; at most 2 pictures, at most 0.40 CNY; about 1 min 30 s");
}

TEST_CASE("a plan of a part says how many jobs are not in it, and of answers that may be short how few") {
  auto plan = plan_of(1, 3);
  plan.lanes["wan2.6-image"].buys = {};
  plan.lanes["wan2.6-image"].buys.add(job(R"({"enable_interleave":true})", 3));
  plan.part_of = 12;
  auto const words = joined(long_words("cats.yaml", plan, {50'000'000}, kNow));
  CHECK(words.starts_with("cats.yaml: 1 of 12 jobs\n"));
  CHECK(words.find(
            "        11                                        not in this part, and left as they are\n") !=
        std::string::npos);
  CHECK(words.find("at most 3 pictures for 0.60 CNY; at least 1 picture for 0.20 CNY;") != std::string::npos);
  CHECK(words.find("UTC): all of it\n") != std::string::npos);
}

TEST_CASE("a plan with nothing to buy says so") {
  Plan plan;
  plan.currency = "CNY";
  plan.changes[1].add(job("{}", 1));
  plan.same[static_cast<std::size_t>(State::Done)] = 1;
  CHECK(joined(long_words("cats.yaml", plan, {}, kNow)) ==
        "cats.yaml: 1 job\n"
        "  =      1         1 picture            0.20 CNY  the same, nothing to pay; 1 done\n"
        "buys      nothing\n");
  CHECK(short_words("cats.yaml", plan) == "cats.yaml: =1; buys nothing");
}

TEST_CASE("what is not finished by the morning is counted") {
  Utc const utc;
  auto plan = plan_of(10'000);
  plan.lanes["wan2.6-image"].pace.limits = {5, seconds{1}, 5, 1};
  // 15 hours are 600 rounds of five.
  CHECK(plan.pictures_within(next_morning(kNow) - kNow) == 3000);
  auto const words = joined(long_words("cats.yaml", plan, {5'000'000'000}, kNow));
  CHECK(words.find("(2026-11-23 08:00:00 UTC): 3000 of 10000 pictures\n") != std::string::npos);
}

TEST_CASE("a deadline that is past leaves nothing to be bought") {
  Utc const utc;
  auto plan = plan_of(10);
  plan.deadline = kNow - seconds{1};
  auto const words = joined(long_words("cats.yaml", plan, {5'000'000'000}, kNow));
  CHECK(words.find(" is past: none of it will be bought\n") != std::string::npos);
  CHECK(words.find("by then") == std::string::npos);
}

TEST_CASE(
    "a deadline that comes in the middle says how much is bought by then, one that comes later nothing") {
  Utc const utc;
  auto plan = plan_of(10'000);
  plan.lanes["wan2.6-image"].pace.limits = {5, seconds{1}, 5, 1};
  plan.deadline = kNow + hours{15};
  auto const words = [&] { return joined(long_words("cats.yaml", plan, {5'000'000'000}, kNow)); };
  CHECK(words().find("what has not been ordered by then is not bought; about 30") != std::string::npos);
  CHECK(words().find(" of 10000 pictures will be\n") != std::string::npos);
  plan.deadline = kNow + hours{24 * 365};
  CHECK(words().find("deadline") == std::string::npos);
  plan.cap = Stop{};
  CHECK(words().find("what has not been ordered by then is not bought\n") != std::string::npos);
}

TEST_CASE("a plan that a day's cap holds back says so with what is used of it, and promises no time") {
  Utc const utc;
  auto plan = plan_of(30);
  Caps caps;
  caps.all.day.pictures = 40;
  Spent spent;
  spent.day_ends = kNow + hours{7};
  spent.day[{"", "wan2.6-t2i"}] = {10, {}};
  CHECK_FALSE(cap_met(plan, caps, spent, {""}, 1000));
  spent.day[{"", "wan2.6-t2i"}] = {11, {}};
  plan.cap = cap_met(plan, caps, spent, {""}, 1000);
  REQUIRE(plan.cap);
  auto const words = joined(long_words("cats.yaml", plan, {50'000'000}, kNow));
  CHECK(words.find(
            "takes     a cap holds it back: today: 11 of 40 pictures are spent or reserved, and all of this "
            "needs more; goes on at 2026-11-23 00:00:00 UTC\n") != std::string::npos);
  CHECK(words.find("there ") == std::string::npos);
  CHECK(short_words("cats.yaml", plan)
            .ends_with(" CNY; a cap holds it back: today: 11 of 40 pictures are spent or "
                       "reserved, and all of this needs more; goes on at 2026-11-23 00:00:00 UTC"));
}

TEST_CASE("of a plan's caps a person's own counts for that one, and an account's where there is no other") {
  auto const plan = plan_of(30);
  Caps caps;
  caps.submitter.month.cost = Money{6'000'000};
  Spent spent;
  spent.month_by[1001] = {1, {200'000}};
  CHECK_FALSE(cap_met(plan, caps, spent, {""}, 1000));
  CHECK(cap_met(plan, caps, spent, {""}, 1001)->submitter == 1001);
  caps = {};
  caps.accounts[""].all.day.pictures = 29;
  CHECK(cap_met(plan, caps, spent, {""}, 1000)->counted.pictures == 0);
  CHECK_FALSE(cap_met(plan, caps, spent, {"", "second"}, 1000));
}

TEST_CASE("one that waits is one that waits") {
  auto plan = plan_of(10);
  plan.lanes["wan2.6-image"].pace.ahead = 1;
  CHECK(joined(long_words("cats.yaml", plan, {5'000'000'000}, kNow)).find(", after 1 that waits already\n") !=
        std::string::npos);
}

TEST_CASE("a yes is needed above ask_above unless the manifest's own budget covers it") {
  auto plan = plan_of(10);
  CHECK_FALSE(needs_yes(plan, {2'000'000}));
  CHECK(needs_yes(plan, {1'999'999}));
  CHECK(refusal(plan, {0}).find("budget: { cost: 2.00 CNY }") != std::string::npos);
  CHECK(refusal(plan, {0}, Money{2'000'000}).empty());
  plan.budget.cost = Money{2'000'000};
  CHECK_FALSE(needs_yes(plan, {0}));
  CHECK(refusal(plan, {0}).empty());
}

TEST_CASE("a yes helps a manifest that costs more than its own budget: what is beyond that waits") {
  auto plan = plan_of(10);
  plan.budget.cost = Money{1'000'000};
  CHECK(needs_yes(plan, {0}));
  CHECK(refusal(plan, {0}, Money{2'000'000}).empty());
}

TEST_CASE("many jobs with an n above one are told, and answers that may hold but one picture") {
  Plan plan;
  plan.several[4] = 9;
  CHECK(surprises(plan).empty());
  plan.several[4] = 12;
  plan.single = 1;
  CHECK(joined(surprises(plan)) ==
        "12 jobs with n: 4, and each picture is paid: 48 pictures in all\n"
        "1 answer with text and pictures may hold one picture at most, because no max_images is written\n");
}

TEST_SUITE_END();
