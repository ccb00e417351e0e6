#include <doctest/doctest.h>

#include <algorithm>

#include "app/account.h"
#include "app/exit.h"
#include "app/plan.h"
#include "support/place.h"

using namespace wanspool;
using namespace wanspool::app;

TEST_SUITE_BEGIN("app");

namespace {

Config at(std::string region, std::string workspace = {}, std::string endpoint = {}) {
  Config config;
  config.region = std::move(region);
  config.workspace = std::move(workspace);
  config.endpoint = std::move(endpoint);
  return config;
}

std::string quits(Config const& config) {
  try {
    region_of(config, endpoint_of(config));
  } catch (Quit const& quit) {
    CHECK(quit.exit_code == kMisconfigured);
    return quit.what();
  }
  return "";
}

}  // namespace

TEST_CASE("a region alone means the host that everybody there shares") {
  test::Environment const nothing{{{"DASHSCOPE_HTTP_BASE_URL", ""}}};
  CHECK(endpoint_of(at("cn-beijing")) == "https://dashscope.aliyuncs.com/api/v1");
  CHECK(endpoint_of(at("ap-southeast-1")) == "https://dashscope-intl.aliyuncs.com/api/v1");
  CHECK(endpoint_of(at("us-east-1")) == "https://dashscope-us.aliyuncs.com/api/v1");
  CHECK(endpoint_of(at("cn-hongkong")) == "https://cn-hongkong.dashscope.aliyuncs.com/api/v1");
  CHECK(endpoint_of(at("")) == "https://dashscope-intl.aliyuncs.com/api/v1");
}

TEST_CASE("a region with a workspace means the workspace's own host, which needs no header") {
  test::Environment const nothing{{{"DASHSCOPE_HTTP_BASE_URL", ""}}};
  for (auto const* const region : {"cn-beijing", "eu-central-1", "ap-northeast-1"}) {
    auto const config = at(region, "llm-1");
    auto const endpoint = endpoint_of(config);
    CHECK(endpoint == "https://llm-1." + std::string{region} + ".maas.aliyuncs.com/api/v1");
    CHECK(region_of(config, endpoint) == region);
    CHECK(workspace_of(config, endpoint).empty());
  }
}

TEST_CASE("a region without a shared host wants a workspace, and says so") {
  test::Environment const nothing{{{"DASHSCOPE_HTTP_BASE_URL", ""}}};
  CHECK(quits(at("eu-central-1")) ==
        "region eu-central-1 has no host that everybody shares: set workspace: in the configuration as well, "
        "the "
        "id of yours, or endpoint:");
  CHECK(quits(at("ap-northeast-1")).starts_with("region ap-northeast-1 has no host"));
}

TEST_CASE("on a shared host and behind a proxy each request names the workspace") {
  test::Environment const nothing{{{"DASHSCOPE_HTTP_BASE_URL", ""}}};
  auto const config = at("", "llm-1", "https://dashscope.aliyuncs.com/api/v1");
  CHECK(workspace_of(config, endpoint_of(config)) == "llm-1");
  auto const proxy = at("eu-central-1", "llm-1", "https://proxy.example/api/v1");
  CHECK(workspace_of(proxy, endpoint_of(proxy)) == "llm-1");
}

TEST_CASE("an endpoint goes first, and the region says whose prices apply behind a proxy") {
  test::Environment const nothing{{{"DASHSCOPE_HTTP_BASE_URL", ""}}};
  auto const proxy = at("us-east-1", "", "https://proxy.example/api/v1");
  CHECK(endpoint_of(proxy) == "https://proxy.example/api/v1");
  CHECK(region_of(proxy, endpoint_of(proxy)) == "us-east-1");
  auto const nobody = at("", "", "https://proxy.example/api/v1");
  CHECK(region_of(nobody, endpoint_of(nobody)) == "unknown");
}

TEST_CASE("an emulator stays one, whatever region is written") {
  test::Environment const nothing{{{"DASHSCOPE_HTTP_BASE_URL", ""}}};
  auto const config = at("eu-central-1", "", "http://127.0.0.1:1/api/v1");
  CHECK(region_of(config, endpoint_of(config)) == "loopback");
}

TEST_CASE("an endpoint of one region beside the name of another is a mistake") {
  test::Environment const nothing{{{"DASHSCOPE_HTTP_BASE_URL", ""}}};
  CHECK(quits(at("us-east-1", "", "https://dashscope.aliyuncs.com/api/v1")) ==
        "the endpoint 'https://dashscope.aliyuncs.com/api/v1' (endpoint: in the configuration) is in "
        "cn-beijing, and "
        "region: says us-east-1; take one of them out");
}

TEST_CASE("an endpoint from outside is believed before the configuration's region") {
  test::Environment const set{{{"DASHSCOPE_HTTP_BASE_URL", "https://dashscope.aliyuncs.com/api/v1"}}};
  auto const config = at("eu-central-1");
  CHECK(region_of(config, endpoint_of(config)) == "cn-beijing");
}

TEST_CASE("a plan says which model its region does not list, and where nobody knows the region") {
  Plan plan;
  plan.currency = "CNY";
  plan.region = "us-east-1";
  auto& lane = plan.lanes["wan2.7-image"];
  lane.is_listed = false;
  lane.price_date = "2026-10-01";
  CHECK(surprises(plan) ==
        std::vector<std::string>{
            "wan2.7-image is not listed in us-east-1, by the table of 2026-10-01: the service "
            "may refuse it, and the highest price of any region is assumed"});
  lane.is_listed = true;
  CHECK(surprises(plan).empty());
  lane.buys = {1, 1, 1, Money{200'000}, Money{200'000}};
  plan.changes[0] = lane.buys;
  plan.region = "unknown";
  auto const lines = long_words("m.yaml", plan, Money{}, Instant{seconds{1}});
  CHECK(std::any_of(lines.begin(), lines.end(), [](std::string const& line) {
    return line ==
           "prices    the highest of any region, by the table of 2026-10-01: nobody knows whose host this "
           "is; region: in config.yaml says it";
  }));
}

TEST_SUITE_END();
