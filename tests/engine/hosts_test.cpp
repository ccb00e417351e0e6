#include "engine/hosts.h"

#include <doctest/doctest.h>

#include <algorithm>

#include "engine/house.h"

// Where addresses out of answers may lead, and what becomes of what is paid for and lies elsewhere.
TEST_SUITE_BEGIN("engine");

using namespace wanspool;
using namespace wanspool::test;

namespace {

Hosts results(std::vector<std::string> more = {}, bool emulator = false) {
  return {"result_hosts", std::move(more), Hosts::Plain::Allowed, emulator};
}

constexpr char kService[] = "https://dashscope-intl.aliyuncs.com/api/v1";

}  // namespace

TEST_CASE("results come from the hosts that the service keeps them on") {
  auto const hosts = results();
  for (auto const* const host :
       {"dashscope-result-bj.oss-cn-beijing.aliyuncs.com", "dashscope-result-hz.oss-cn-hangzhou.aliyuncs.com",
        "dashscope-result-wlcb-acdr-1.oss-cn-wulanchabu-acdr-1.aliyuncs.com",
        "dashscope-result-intl.oss-cn-singapore.aliyuncs.com", "dashscope-463f.oss-accelerate.aliyuncs.com",
        "dashscope-7c2c.oss-cn-shanghai.aliyuncs.com", "Dashscope-A717.OSS-cn-beijing.aliyuncs.com"}) {
    INFO(host);
    CHECK(hosts.why_not(std::string{"https://"} + host + "/a/b.png?Signature=s3cret") == "");
    CHECK(hosts.why_not(std::string{"http://"} + host + "/a/b.png") == "");
  }
}

TEST_CASE("no address that only looks like one of theirs is one") {
  for (auto const* const url : {"https://example.com/a.png?Signature=s3cret",
                                "https://dashscope-a.oss-b.aliyuncs.com.example.com/a.png",
                                "https://example.com/dashscope-a.oss-b.aliyuncs.com/a.png",
                                "https://example.com#dashscope-a.oss-b.aliyuncs.com",
                                "https://example.com?dashscope-a.oss-b.aliyuncs.com",
                                "https://dashscope-a.oss-b.aliyuncs.com@example.com/a.png",
                                "https://example.com\\@dashscope-a.oss-b.aliyuncs.com/a.png",
                                "https://dashscope-a.b.oss-c.aliyuncs.com/a.png",
                                "https://other.oss-cn-beijing.aliyuncs.com/a.png",
                                "https://dashscope-a%2eoss-b.aliyuncs.com%00.example.com/a.png",
                                "https://127.0.0.1/a.png",
                                "https://localhost/a.png",
                                "https://[::1]/a.png",
                                "https://2130706433/a.png",
                                "file:///etc/passwd",
                                "ftp://dashscope-a.oss-b.aliyuncs.com/a.png",
                                "gopher://dashscope-a.oss-b.aliyuncs.com/a.png",
                                "dashscope-a.oss-b.aliyuncs.com/a b.png",
                                "https://dashscope-a.oss-b.aliyuncs.com/\x1b[2J.png",
                                "https://",
                                ""}) {
    INFO(url);
    auto const why = results().why_not(url);
    CHECK(why != "");
    CHECK(why.find("s3cret") == why.npos);
    CHECK(why.find('\x1b') == why.npos);
  }
}

TEST_CASE("an emulator's results lie on the loopback, and nobody else's") {
  for (auto const* const url :
       {"http://127.0.0.1:8600/a.png", "http://localhost:8600/a.png", "http://[::1]:8600/a.png"}) {
    INFO(url);
    CHECK(results({}, true).why_not(url) == "");
    CHECK(results({}, false).why_not(url) != "");
  }
  CHECK(results({}, true).why_not("http://10.0.0.1/a.png") != "");
}

TEST_CASE("a person can name more hosts, whole or with a star for what has no dot in it") {
  auto const hosts = results({"pictures.example.com", "*.oss-cn-beijing.aliyuncs.com"});
  CHECK(hosts.why_not("https://pictures.example.com/a.png") == "");
  CHECK(hosts.why_not("https://PICTURES.example.com:8443/a.png") == "");
  CHECK(hosts.why_not("https://anything.oss-cn-beijing.aliyuncs.com/a.png") == "");
  CHECK(hosts.why_not("https://more.pictures.example.com/a.png") != "");
  CHECK(hosts.why_not("https://a.b.oss-cn-beijing.aliyuncs.com/a.png") != "");
  auto const why = hosts.why_not("https://elsewhere.example.com/a.png");
  CHECK(why.find("elsewhere.example.com") != why.npos);
  CHECK(why.find("result_hosts") != why.npos);
}

TEST_CASE("no picture is sent over plain http, but to an emulator") {
  Hosts const uploads{"upload_hosts", {}, Hosts::Plain::Refused, false};
  CHECK(uploads.why_not("https://dashscope-file-mgr.oss-cn-beijing.aliyuncs.com") == "");
  CHECK(uploads.why_not("http://dashscope-file-mgr.oss-cn-beijing.aliyuncs.com") != "");
  CHECK(uploads.why_not("https://example.com").find("upload_hosts") != std::string::npos);
  Hosts const emulators{"upload_hosts", {}, Hosts::Plain::Refused, true};
  CHECK(emulators.why_not("http://127.0.0.1:8600/uploads") == "");
}

TEST_CASE(
    "what is paid for and lies at an unknown host waits for a person, and is fetched when that is set") {
  World world{501};
  world.host = "https://mirror.example.com";
  House house{world};
  house.endpoint = kService;
  house.open();
  house.drop("m.yaml", House::manifest_of(3));
  CHECK(house.run(hours{2}));  // comes to rest: only a person can help
  CHECK(world.pictures == 0);  // nobody was asked
  auto const& tally = house.engine->tally();
  CHECK(tally[State::Downloading] == 3);
  auto const spent = tally.spent;
  CHECK(spent > Money{});
  CHECK(tally.uncertain == Money{});
  CHECK(house.engine->refused_addresses().find("mirror.example.com") != std::string::npos);
  CHECK(house.store->fact("results").find("result_hosts") != std::string::npos);
  CHECK(house.engine->hindrance().kind == Hindrance::Kind::None);  // the disk is not to blame

  house.close();
  house.config.result_hosts = {"mirror.example.com"};
  house.open();
  CHECK(house.run(minutes{1}));
  CHECK(house.engine->tally()[State::Done] == 3);
  CHECK(house.engine->tally().spent == spent);
  CHECK(house.engine->refused_addresses() == "");
  CHECK(house.store->fact("results") == "");
  CHECK(world.creates == 3);
  CHECK(world.billed == 3);
}

TEST_CASE("what lies at an unknown host for longer than the service keeps it is lost, and counted so") {
  World world{502};
  world.host = "https://mirror.example.com";
  House house{world};
  house.endpoint = kService;
  house.open();
  house.drop("m.yaml", House::manifest_of(1));
  CHECK(house.run(hours{1}));
  auto const queries = world.queries;
  auto const spent = house.engine->tally().spent;
  auto const until = world.now() + hours{23};
  while (world.now() < until) house.engine->turn(until);
  CHECK(world.queries == queries);  // nobody is asked before the day is over
  CHECK(house.engine->tally()[State::Downloading] == 1);
  world.forget("task-1");
  auto const late = world.now() + hours{4};
  while (world.now() < late && house.engine->tally()[State::Failed] == 0) house.engine->turn(late);
  CHECK(house.engine->tally()[State::Failed] == 1);
  CHECK(house.engine->tally().uncertain == spent);
  CHECK(house.alarms.size() == 2);  // six hours and one hour before
  CHECK(world.pictures == 0);
}
