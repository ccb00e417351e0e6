#include <doctest/doctest.h>

#include <map>

#include "emulator/stage.h"

using namespace wanspool;
using namespace wanspool::emulator;

TEST_SUITE_BEGIN("emulator");

namespace {

Options among(int strangers, int own_key) {
  auto options = calm_options();
  options.strangers = strangers;
  options.strangers_own_key = own_key;
  options.slots = 0;
  return options;
}

// Rows of the list by the key that made them.
std::map<std::string, int> keys(Stage& stage) {
  std::map<std::string, int> count;
  auto const list = stage.list("page_size=100");
  for (auto const& row : list["data"]) ++count[row["api_key_id"].get<std::string>()];
  return count;
}

std::vector<std::string> strange_ids(Stage& stage) {
  std::vector<std::string> ids;
  auto const list = stage.list("page_size=100");
  for (auto const& row : list["data"])
    if (row["api_key_id"] != "1001") ids.push_back(row["task_id"].get<std::string>());
  return ids;
}

}  // namespace

TEST_CASE("strangers of other keys come between the creates, and no more than were asked for") {
  Stage stage{among(4, 0)};
  stage.created();
  CHECK(keys(stage)["1001"] == 1);
  for (int i = 1; i < 40; ++i) stage.created();
  auto const count = keys(stage);
  CHECK(count == std::map<std::string, int>{{"1001", 40}, {"9001", 2}, {"9002", 2}});
  auto const list = stage.list("page_size=100");
  CHECK(list["total"] == 44);
  CHECK(list["data"][0]["caller_parent_id"] == list["data"][43]["caller_parent_id"]);
}

TEST_CASE("strangers may have the key of whoever asks") {
  Stage stage{among(0, 3)};
  for (int i = 0; i < 40; ++i) stage.created();
  CHECK(keys(stage) == std::map<std::string, int>{{"1001", 43}});
  CHECK(stage.ledger()["strangers"]["own_key"] == 3);
}

TEST_CASE("a stranger is in no books and takes no slot") {
  auto options = among(4, 4);
  options.slots = 1;
  Stage stage{options};
  for (int i = 0; i < 40; ++i) {
    CHECK(stage.status(stage.created()) == "RUNNING");
    stage.pass(seconds{90});
  }
  auto const ledger = stage.ledger();
  CHECK(ledger["creates"]["accepted"] == 40);
  CHECK(ledger["charged_pictures"] == 40);
  CHECK(ledger["tasks"].size() == 40);
  CHECK(ledger["strangers"]["other_keys"] == 4);
}

TEST_CASE("a stranger's task runs, ends, has a picture and dies like any other") {
  auto options = among(1, 0);
  options.picture_size = Size{64, 48};
  Stage stage{options};
  std::vector<std::string> ids;
  while (ids.empty()) {
    stage.created();
    ids = strange_ids(stage);
  }
  CHECK(stage.status(ids[0]) == "RUNNING");
  stage.pass(seconds{90});
  CHECK(stage.list("task_id=" + ids[0])["data"][0]["status"] == "SUCCEEDED");
  CHECK(decoded_size(stage.get(stage.address(ids[0])).body).width == 64);
  stage.pass(hours{25});
  CHECK(stage.status(ids[0]) == "UNKNOWN");
  CHECK(strange_ids(stage).empty());
}

TEST_CASE("the list is sorted by age, whoever made the tasks") {
  Stage stage{among(6, 6)};
  for (int i = 0; i < 40; ++i) {
    stage.created();
    stage.pass(milliseconds{7});
  }
  auto const list = stage.list("page_size=100");
  long long newer = stage.clock.at.time_since_epoch().count();
  for (auto const& row : list["data"]) {
    CHECK(row["gmt_create"] <= newer);
    newer = row["gmt_create"].get<long long>();
  }
}

TEST_CASE("the same seed brings the same strangers") {
  auto const life = [] {
    Stage stage{among(3, 3)};
    for (int i = 0; i < 40; ++i) stage.created();
    return stage.list("page_size=100").at("data");
  };
  CHECK(life() == life());
}

TEST_CASE("a clock that is off shows in every time that is told") {
  for (auto const skew : {milliseconds{-90'000}, milliseconds{7'000}}) {
    auto options = calm_options();
    options.clock_skew = skew;
    Stage stage{options};
    auto const id = stage.created();
    auto const theirs = stage.clock.at + skew;
    CHECK(stage.list("")["data"][0]["gmt_create"] == theirs.time_since_epoch().count());
    CHECK(stage.query(id)["output"]["submit_time"] == beijing(theirs));
    stage.pass(seconds{90});
    CHECK(stage.status(id) == "SUCCEEDED");
    auto const answer = stage.get(stage.address(id));
    CHECK(answer.status == 200);
    for (auto const& each : answer.headers)
      if (each.name == "date") CHECK(each.value == http_date(stage.clock.at + skew));
  }
}

TEST_CASE("a skew may be negative on the command line, and must be a length of time") {
  auto const parsed = [](std::vector<char const*> words) {
    words.insert(words.begin(), "wanspool-emulator");
    return parse_options(static_cast<int>(words.size()), words.data());
  };
  CHECK(parsed({"--clock-skew", "-5s"}).options.clock_skew == seconds{-5});
  CHECK(parsed({"--clock-skew=-90s"}).options.clock_skew == seconds{-90});
  CHECK(parsed({"--clock-skew", "+250ms"}).options.clock_skew == milliseconds{250});
  CHECK(parsed({"--strangers", "3", "--strangers-own-key", "2"}).options.strangers_own_key == 2);
}
