#include "app/account.h"

#include <doctest/doctest.h>

#include "app/exit.h"
#include "support/place.h"

using namespace wanspool;
using namespace wanspool::app;
using test::Environment;
using test::Place;

TEST_SUITE_BEGIN("app");

namespace {

std::map<std::string, std::string> nothing_set() {
  return {{"DASHSCOPE_API_KEY", ""}, {"CREDENTIALS_DIRECTORY", ""}, {"DASHSCOPE_HTTP_BASE_URL", ""}};
}

std::string refused(std::string const& endpoint, bool allow_http = false) {
  Config config;
  config.endpoint = endpoint;
  config.allow_http = allow_http;
  try {
    endpoint_of(config);
  } catch (Quit const& quit) {
    CHECK(quit.exit_code == kMisconfigured);
    return quit.what();
  }
  return {};
}

}  // namespace

TEST_CASE("the environment's endpoint goes before the configuration's and that before the service's") {
  Config config;
  Environment const none{nothing_set()};
  CHECK(endpoint_of(config) == "https://dashscope-intl.aliyuncs.com/api/v1");
  config.endpoint = "https://dashscope.aliyuncs.com/api/v1";
  CHECK(endpoint_of(config) == config.endpoint);
  Environment const set{{{"DASHSCOPE_HTTP_BASE_URL", " https://example.com/api/v1// "}}};
  CHECK(endpoint_of(config) == "https://example.com/api/v1");
}

TEST_CASE("plain http is for loopback, or for whoever asks for it") {
  Environment const none{nothing_set()};
  CHECK(refused("http://127.0.0.1:8080/api/v1").empty());
  CHECK(refused("http://example.com/api/v1").find("allow_http") != std::string::npos);
  CHECK(refused("http://example.com/api/v1", true).empty());
}

TEST_CASE("an endpoint that cannot be right is refused with what would be") {
  Environment const none{nothing_set()};
  CHECK(refused("dashscope.aliyuncs.com/api/v1").find("https://") != std::string::npos);
  CHECK(refused("https://dashscope.aliyuncs.com").find("/api/v1") != std::string::npos);
}

TEST_CASE("the key is the environment's, else the credential, else the file's") {
  Place place;
  place.write("run/dashscope-api-key", "from-credential\n");
  place.write("root/key", "  from-file \r\n");
  Config config;
  Environment const none{nothing_set()};
  CHECK(read_key(config, place / "root", "us-east-1").text.empty());
  CHECK(read_key(config, place / "root", "us-east-1").complaint.empty());
  config.api_key_file = "key";
  CHECK(read_key(config, place / "root", "us-east-1").text == "from-file");
  Environment const credential{{{"CREDENTIALS_DIRECTORY", (place / "run").string()}}};
  CHECK(read_key(config, place / "root", "us-east-1").text == "from-credential");
  Environment const variable{{{"DASHSCOPE_API_KEY", "from-variable"}}};
  CHECK(read_key(config, place / "root", "us-east-1").text == "from-variable");
}

TEST_CASE("a key file that does not hold a key is complained about without its contents") {
  Place place;
  place.write("key", "sk-one\nsk-two\n");
  Config config;
  Environment const none{nothing_set()};
  config.api_key_file = "key";
  auto const two = read_key(config, place.path(), "us-east-1");
  CHECK(two.text.empty());
  CHECK(two.complaint.find("key") != std::string::npos);
  CHECK(two.complaint.find("sk-") == std::string::npos);
  config.api_key_file = "none";
  CHECK(read_key(config, place.path(), "us-east-1").complaint.find("none") != std::string::npos);
}

TEST_CASE("an emulator needs no key") {
  Environment const none{nothing_set()};
  Config const config;
  CHECK(read_key(config, "/", "loopback").text == "emulator");
}

TEST_CASE("a key that is put there later is found when it is asked for again") {
  Place place;
  Config config;
  Environment const none{nothing_set()};
  config.api_key_file = place.write("key", "first").string();
  auto const key = key_source(config, place.path(), "us-east-1");
  CHECK(key() == "first");
  place.write("key", "second");
  CHECK(key() == "second");
}

TEST_SUITE_END();
