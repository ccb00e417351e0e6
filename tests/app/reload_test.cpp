#include "app/reload.h"

#include <doctest/doctest.h>

using namespace wanspool;
using namespace wanspool::app;
using Names = std::vector<std::string>;

TEST_SUITE_BEGIN("app");

namespace {

Context context_with(Config config) {
  Context context;
  context.spool = Spool::at("/spool");
  context.endpoint = "https://h.example/api/v1";
  context.region = "cn-beijing";
  context.models = {{"m", {}}};
  context.config = std::move(config);
  return context;
}

}  // namespace

TEST_CASE("a configuration that says the same changes nothing") {
  auto const running = context_with({});
  auto const reload = reloaded(running, running);
  CHECK(reload.changed.empty());
  CHECK(reload.kept.empty());
  CHECK(words_of_changes(reload.changed) == "the configuration was read anew: nothing of it has changed");
}

TEST_CASE("limits, rates, caps, prices and times hold from a reload on, each by its name") {
  auto const running = context_with({});
  Config config;
  config.limits["m"] = {3, 4, {}};
  config.queries_per_second = 5;
  config.lists_per_second = 6;
  config.ask_above = Money{};
  config.caps.all.day.pictures = 7;
  config.timezone = "UTC";
  config.list_delay = seconds{8};
  config.settle = seconds{9};
  config.metrics_file = "wanspool.prom";
  config.json_logs = true;
  config.hooks.commands[HookEvent::Job] = {"/bin/true"};
  config.models["own"] = {};
  auto fresh = context_with(config);
  fresh.models["own"] = {};
  auto const reload = reloaded(running, fresh);
  CHECK(reload.changed == Names{"models", "limits", "queries_per_second", "lists_per_second", "ask_above",
                                "budget", "timezone", "doubt", "inbox", "metrics", "log", "hooks"});
  CHECK(reload.kept.empty());
  CHECK(reload.context.config.limits == config.limits);
  CHECK(reload.context.config.caps == config.caps);
  CHECK(reload.context.models.contains("own"));
}

TEST_CASE("endpoint, region, key and places stay as they are, and what else is said holds") {
  auto const running = context_with({});
  Config config;
  config.endpoint = "https://other.example/api/v1";
  config.region = "us-east-1";
  config.workspace = "llm-1";
  config.api_key_file = "elsewhere";
  config.out = "/srv/out";
  config.result_hosts = {"pictures.example"};
  config.upload_hosts = {"storage.example"};
  config.queries_per_second = 5;
  auto fresh = context_with(config);
  fresh.endpoint = config.endpoint;
  fresh.region = config.region;
  fresh.spool = Spool::at("/spool", "inbox", "/srv/out");
  auto const reload = reloaded(running, fresh);
  CHECK(reload.kept ==
        Names{"endpoint", "region", "workspace", "api_key_file", "paths", "result_hosts", "upload_hosts"});
  CHECK(reload.changed == Names{"queries_per_second"});
  CHECK(reload.context.endpoint == running.endpoint);
  CHECK(reload.context.region == running.region);
  CHECK(reload.context.spool.out == running.spool.out);
  CHECK(reload.context.config.endpoint.empty());
  CHECK(reload.context.config.out == "out");
  CHECK(words_of_kept(reload.kept) ==
        "the configuration says something else of endpoint, region, workspace, api_key_file, paths, "
        "result_hosts, upload_hosts; that needs a restart and stays as it is");
  // It is told again as long as it differs.
  CHECK(reloaded(reload.context, fresh).kept == reload.kept);
}

TEST_CASE("accounts neither come nor go, and of each its limits, rates and caps may change") {
  Config before;
  before.accounts["a"] = {};
  before.accounts["b"].limits["m"] = {1, 1, {}};
  before.caps.accounts["b"].all.day.pictures = 1;
  Config after;
  after.accounts["a"].queries_per_second = 3;
  after.accounts["a"].api_key_file = "other";
  after.accounts["c"] = {};
  after.caps.accounts["a"].all.day.pictures = 9;
  after.caps.accounts["c"].all.day.pictures = 9;
  auto const reload = reloaded(context_with(before), context_with(after));
  auto const& config = reload.context.config;
  CHECK(reload.kept == Names{"accounts"});
  CHECK(config.accounts.size() == 2);
  CHECK(config.accounts.at("a").queries_per_second == 3);
  CHECK(config.accounts.at("a").api_key_file.empty());
  CHECK(config.accounts.at("b") == before.accounts.at("b"));
  CHECK(config.caps.accounts.size() == 2);
  CHECK(config.caps.accounts.at("a").all.day.pictures == 9);
  CHECK(config.caps.accounts.at("b") == before.caps.accounts.at("b"));
}

TEST_SUITE_END();
