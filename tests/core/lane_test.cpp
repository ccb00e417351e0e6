#include "core/lane.h"

#include <doctest/doctest.h>

#include <set>

#include "core/tasks.h"

using namespace wanspool;
using made::kStart;
using made::trouble;
using Kind = Trouble::Kind;

TEST_SUITE_BEGIN("core");

namespace {

Weather after(News const& news, Weather weather = {}, Instant now = kStart, Policy const& policy = {}) {
  return learn(std::move(weather), news, policy, now);
}

}  // namespace

TEST_CASE("a lane is called by its model, and with its account where that is not the main one") {
  CHECK(name_of(LaneKey{{}, "wan2.6-image"}) == "wan2.6-image");
  CHECK(name_of(LaneKey{"studio", "wan2.6-image"}) == "studio/wan2.6-image");
  CHECK(account_name("") == "main");
  CHECK(account_name("studio") == "studio");
}

TEST_CASE("a throttled lane waits, and longer each time") {
  Policy policy;
  Weather weather;
  for (int i = 0; i < 30; ++i) {
    auto const now = kStart + hours{i};
    weather = after(news::Refused{trouble(Kind::Lane)}, weather, now, policy);
    CHECK(weather.kind == Weather::Kind::Throttled);
    CHECK(weather.misses == i + 1);
    CHECK(weather.until > now);
    CHECK(weather.until <= now + policy.lane.most);
  }
  CHECK(weather.since == kStart);
  CHECK(weather.reason == "Code: words");
}

TEST_CASE("a Retry-After is honoured up to the cap, and beyond it the lane is out of quota") {
  Policy policy;
  auto const asked = [&](milliseconds length) { return after(news::Refused{trouble(Kind::Lane, length)}); };
  CHECK(asked(minutes{3}).kind == Weather::Kind::Throttled);
  CHECK(asked(minutes{3}).until == kStart + minutes{3});
  CHECK(asked(policy.retry_after_most).kind == Weather::Kind::Throttled);
  CHECK(asked(policy.retry_after_most).until == kStart + policy.retry_after_most);
  CHECK(asked(seconds{1'849'295}).kind == Weather::Kind::OutOfQuota);
  CHECK(asked(seconds{1'849'295}).until == kStart + policy.retry_after_most);
}

TEST_CASE("a Retry-After shorter than our own wait does not shorten it") {
  auto weather = Weather{};
  weather.misses = 20;
  CHECK(after(news::Refused{trouble(Kind::Lane, seconds{1})}, weather).until >=
        kStart + Policy{}.lane.first / 2);
}

TEST_CASE("an account that refuses us is tried again as rarely as the policy says") {
  auto const weather = after(news::Refused{trouble(Kind::Account, hours{500})});
  CHECK(weather.kind == Weather::Kind::Account);
  CHECK(weather.until == kStart + Policy{}.account_probe);
}

TEST_CASE("a create that never left means that the provider is out of reach") {
  auto const weather = after(news::Unsent{trouble(Kind::Lane)});
  CHECK(weather.kind == Weather::Kind::Unreachable);
  CHECK(weather.until > kStart);
  CHECK(weather.reason == "words");
}

TEST_CASE("a create in doubt, however it was told, keeps the next one back for a while") {
  auto const unanswered = after(news::Unanswered{"the connection broke", ""});
  CHECK(unanswered.kind == Weather::Kind::Doubtful);
  CHECK(unanswered.until > kStart);
  CHECK(unanswered.reason == "the connection broke");
  CHECK(after(news::Refused{trouble(Kind::Unknown)}).kind == Weather::Kind::Doubtful);
}

TEST_CASE("an acceptance or a refusal of the task itself shows that the lane is fair") {
  auto const bad = after(news::Refused{trouble(Kind::Lane)});
  CHECK(after(news::Accepted{"task", ""}, bad) == Weather{});
  CHECK(after(news::Refused{trouble(Kind::Fatal)}, bad) == Weather{});
  CHECK(after(news::Refused{trouble(Kind::Retry)}, bad) == Weather{});
}

TEST_CASE("news of queries and downloads says nothing about creates") {
  auto const bad = after(news::Refused{trouble(Kind::Account)});
  for (News const& news :
       {News{news::Waiting{}}, News{news::Working{}}, News{news::Finished{}}, News{news::GaveUp{}},
        News{news::CanceledThere{}}, News{news::Vanished{}}, News{news::NoAnswer{trouble(Kind::Lane)}},
        News{news::PictureSafe{}}, News{news::PictureMissed{}}, News{news::Stored{}}}) {
    CHECK(after(news, bad, kStart + hours{1}) == bad);
    CHECK(after(news, {}, kStart + hours{1}) == Weather{});
  }
}

TEST_CASE("a lane that changes from one weather to another began the new one now") {
  auto weather = after(news::Unsent{trouble(Kind::Lane)});
  weather = after(news::Unsent{trouble(Kind::Lane)}, weather, kStart + minutes{1});
  CHECK(weather.since == kStart);
  weather = after(news::Refused{trouble(Kind::Lane)}, weather, kStart + minutes{2});
  CHECK(weather.since == kStart + minutes{2});
  CHECK(weather.misses == 3);
}

TEST_CASE("every weather has a name of its own") {
  std::set<std::string_view> names;
  for (auto const kind : {Weather::Kind::Fair, Weather::Kind::Throttled, Weather::Kind::Unreachable,
                          Weather::Kind::Doubtful, Weather::Kind::OutOfQuota, Weather::Kind::Account})
    names.insert(name_of(kind));
  CHECK(names.size() == 6);
  CHECK(names.count("") == 0);
}
