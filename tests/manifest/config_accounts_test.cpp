#include <string>

#include "manifest/config.h"
#include "manifest/reading.h"

// Several accounts, each with a key, limits and caps of its own.

using namespace wanspool;

TEST_SUITE_BEGIN("manifest");

namespace {

ConfigRead read(std::string const& text) {
  return read_config(text, "config.yaml", reading::models());
}

std::string complaints(std::string const& text) {
  std::string out;
  for (auto const& each : read(text).complaints) out += each.str() + "\n";
  return out;
}

}  // namespace

TEST_CASE("every key of an account reaches its place") {
  auto const result = read(R"(
api_key_file: keys/main
queries_per_second: 7
limits: { wan2.6-image: { slots: 9 } }
budget: { day: { pictures: 1000 } }
accounts:
  studio:
    api_key_file: keys/studio
    endpoint: https://dashscope-us.aliyuncs.com/api/v1/
    workspace: llm-xyz
    limits: { wan2.6-image: { creates_per_second: 2, slots: 3 } }
    queries_per_second: 5
    lists_per_second: 4
    budget:
      day: { pictures: 500 }
      models: { wan2.6-t2i: { month: { cost: 20 CNY } } }
  lab_2-b:
)");
  CHECK(result.complaints.empty());
  auto const& config = result.config;
  REQUIRE(config.accounts.size() == 2);
  auto const& studio = config.accounts.at("studio");
  CHECK(studio.api_key_file == "keys/studio");
  CHECK(studio.endpoint == "https://dashscope-us.aliyuncs.com/api/v1");
  CHECK(studio.workspace == "llm-xyz");
  CHECK(studio.limits.at("wan2.6-image") == LimitsChange{2, 3, {}});
  CHECK(studio.queries_per_second == 5);
  CHECK(studio.lists_per_second == 4);
  CHECK(config.accounts.at("lab_2-b") == AccountConfig{});
  CHECK(config.api_key_file == "keys/main");
  CHECK(config.queries_per_second == 7);
  CHECK(config.workspace.empty());
  CHECK(config.caps.all.day == Budget{1000, {}});
  REQUIRE(config.caps.accounts.size() == 1);
  auto const& purse = config.caps.accounts.at("studio");
  CHECK(purse.all.day == Budget{500, {}});
  CHECK(purse.models.at("wan2.6-t2i").month == Budget{{}, Money{20'000'000}});
}

TEST_CASE("an account's caps hold wherever the budget of all stands") {
  auto const result = read(
      "accounts: { studio: { budget: { day: { pictures: 5 } } } }\nbudget: { month: { pictures: 9 } }\n");
  CHECK(result.config.caps.accounts.at("studio").all.day == Budget{5, {}});
  CHECK(result.config.caps.all.month == Budget{9, {}});
}

TEST_CASE("without accounts there is the main one alone") {
  for (auto const* const text : {"", "accounts:\n", "accounts: {}\n"}) {
    CHECK(complaints(text) == "");
    CHECK(read(text).config.accounts.empty());
    CHECK(read(text).config.caps.empty());
  }
}

TEST_CASE("an account's limits lie over the table's row, not over the main account's") {
  auto const config = read(R"(
limits: { wan2.6-image: { creates_per_second: 9, slots: 9 } }
accounts: { studio: { limits: { wan2.6-image: { slots: 3 } } }, lab: }
)")
                          .config;
  auto const& model = reading::models().at("wan2.6-image");
  auto const row = model.limits_in("ap-southeast-1");
  auto const of = [&](std::string const& account) {
    return limits_of(model, "ap-southeast-1", config, account);
  };
  CHECK(limits_of(model, "ap-southeast-1", config).slots == 9);
  CHECK(of("").creates == 9);
  CHECK(of("studio").slots == 3);
  CHECK(of("studio").creates == row.creates);
  CHECK(of("lab").slots == row.slots);
  CHECK(of("nobody").slots == row.slots);
}

TEST_CASE("an account's name is short and plain, and main is taken") {
  auto const wanted = std::string{
      "config.yaml:1:13: error: an account's name is letters, digits, '-' and '_', at most 32 of them, "
      "not '"};
  for (std::string const name : {"a b", "a/b", "a.b", "\xc3\xa4", "*", "abcdefghijklmnopqrstuvwxyz1234567"})
    CHECK(complaints("accounts: { '" + name + "': }\n") == wanted + name + "'\n");
  CHECK(complaints("accounts: { '': }\n") == wanted + "'\n");
  CHECK(complaints("accounts: { abcdefghijklmnopqrstuvwxyz123456: }\n") == "");
  CHECK(complaints("accounts: { main: { api_key_file: k } }\n") ==
        "config.yaml:1:13: error: 'main' is the account whose key stands at the top of this file; its keys "
        "stand "
        "there too\n");
  CHECK(read("accounts: { main: { budget: { day: { pictures: 1 } } } }\n").config.accounts.empty());
}

TEST_CASE("a mistyped key of an account is asked what was meant") {
  CHECK(complaints("acounts: {}\n") ==
        "config.yaml:1:1: error: the configuration has no key 'acounts'; did you mean 'accounts'?\n");
  CHECK(complaints("accounts:\n  studio: { api_key_fil: k }\n") ==
        "config.yaml:2:13: error: an account has no key 'api_key_fil'; did you mean 'api_key_file'?\n");
  CHECK(complaints("accounts:\n  studio:\n    limits: { wan2.6-imge: { slots: 1 } }\n") ==
        "config.yaml:3:15: error: model 'wan2.6-imge' is unknown; did you mean 'wan2.6-image'?\n");
  CHECK(complaints("accounts:\n  studio:\n    budget: { days: { pictures: 1 } }\n") ==
        "config.yaml:3:15: error: 'budget' has no key 'days'; did you mean 'day'?\n");
  CHECK(complaints("accounts:\n  studio: {}\n  studio: {}\n") ==
        "config.yaml:3:3: error: the key 'studio' stands here a second time; first at 2:3\n");
}

TEST_CASE("values of an account have the types and ranges of those at the top") {
  CHECK(complaints("accounts: 5\n") ==
        "config.yaml:1:11: error: accounts is a map by name, such as studio: { api_key_file: keys/studio }, "
        "not "
        "5\n");
  CHECK(complaints("accounts: [ studio ]\n").find("not a list") != std::string::npos);
  CHECK(complaints("accounts: { studio: keys/studio }\n")
            .find("config.yaml:1:21: error: an account is a map") != std::string::npos);
  CHECK(complaints("accounts: { studio: { queries_per_second: -1 } }\n") ==
        "config.yaml:1:43: error: queries_per_second wants a whole number from 0 to 100000, not -1\n");
  CHECK(complaints("accounts: { studio: { workspace: 'a/b' } }\n") ==
        "config.yaml:1:34: error: a workspace's id is letters, digits and '-', not 'a/b'\n");
  CHECK(complaints("accounts: { studio: { endpoint: 'https://example.com' } }\n")
            .find("config.yaml:1:33: error: an endpoint ends in /api/v1") != std::string::npos);
  CHECK(complaints("accounts: { studio: { budget: { day: { cost: 5 } } } }\n")
            .find("cost wants an amount with its currency") != std::string::npos);
}

TEST_CASE("one key cannot be two accounts, which would go over its limits") {
  CHECK(complaints("accounts: { a: { api_key_file: k }, b: { api_key_file: k } }\napi_key_file: other\n") ==
        "config.yaml:1:56: error: this is the key of the account 'a' too; each needs its own\n");
  CHECK(complaints("accounts: { a: { api_key_file: k } }\napi_key_file: k\n") ==
        "config.yaml:1:32: error: this is the key of the account 'main' too; each needs its own\n");
  CHECK(complaints("accounts: { a: , b: }\n") == "");
}

TEST_SUITE_END();
