#include <string>

#include "manifest/config.h"
#include "manifest/reading.h"

// Rows of the user's own, and where pictures are bought.

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

// A row that is right, with `from` replaced.
std::string row_with(std::string const& from = {}, std::string const& to = {}) {
  std::string text = R"(models:
  wanx2.0-t2i-turbo:
    path: /services/aigc/text2image/image-synthesis
    body: input
    prompt_characters: 800
    modes:
      - images: [0, 0]
        count: n
        parameters:
          n: { kind: integer, range: [1, 4], default: 1 }
          size: { kind: size, sides: [512, 1440], default: 1024*1024 }
    limits: { creates: 2, window: 1s, slots: 2, creates_in_flight: 1 }
    prices: { currency: CNY, date: 2026-10-01, per_picture: { cn-beijing: 0.04 } }
)";
  if (from.empty()) return text;
  auto const at = text.find(from);
  REQUIRE(at != std::string::npos);
  return text.replace(at, from.size(), to);
}

}  // namespace

TEST_CASE("a row of the user's own is read like one that is built in") {
  auto const result = read(row_with());
  CHECK(complaints(row_with()) == "");
  REQUIRE(result.config.models.size() == 1);
  auto const& model = result.config.models.at("wanx2.0-t2i-turbo");
  CHECK(model.name == "wanx2.0-t2i-turbo");
  CHECK(model.body == BodyShape::Input);
  CHECK(model.limits.slots == 2);
  CHECK(model.price_in("cn-beijing").micros == 40'000);
  CHECK_FALSE(model.is_priced_in("us-east-1"));
}

TEST_CASE("limits may be set for a model of the user's own, wherever its row stands") {
  auto const result = read("limits: { wanx2.0-t2i-turbo: { slots: 1 } }\n" + row_with());
  CHECK(result.complaints.empty());
  CHECK(result.config.limits.at("wanx2.0-t2i-turbo").slots == 1);
}

TEST_CASE("a row of the user's own is checked like a manifest") {
  CHECK(complaints(row_with("    body: input\n", "    boddy: input\n")) ==
        "config.yaml:4:5: error: a model has no key 'boddy'; did you mean 'body'?\n");
  CHECK(complaints(row_with("    body: input\n", "")) ==
        "config.yaml:3:5: error: the key 'body' is missing here\n");
  CHECK(complaints(row_with("body: input", "body: inputs")) ==
        "config.yaml:4:11: error: body is messages or input; did you mean 'input'?\n");
  CHECK(complaints(row_with("kind: size", "kind: sice")) ==
        "config.yaml:11:25: error: kind is boolean, integer, text, size, boxes or palette; did you mean "
        "'size'?\n");
  CHECK(complaints(row_with("cn-beijing: 0.04", "cn-bejing: 0.04")) ==
        "config.yaml:13:63: error: region 'cn-bejing' is unknown; did you mean 'cn-beijing'?\n");
  CHECK(complaints(row_with("default: 1024*1024", "default: 2048*2048")) ==
        "config.yaml:11:60: error: size '2048*2048' has a side of 2048; its row takes W*H with sides from "
        "512 to "
        "1440\n");
  CHECK(complaints(row_with("range: [1, 4], default: 1 ", "range: [1, 4] ")) ==
        "config.yaml:8:16: error: count names an integer parameter of this mode that has a default\n");
  CHECK(complaints(row_with("images: [0, 0]", "images: [0, 2]")) ==
        "config.yaml:3:5: error: the key 'pictures' is missing here\n");
}

TEST_CASE("a mode is chosen by a parameter that it has and that is on in it") {
  auto const wrong =
      "config.yaml:8:15: error: when names a boolean parameter of this mode whose default is true\n";
  CHECK(complaints(row_with("        count: n\n", "        when: n\n        count: n\n")) == wrong);
  CHECK(complaints(row_with("        count: n\n", "        when: loud\n        count: n\n")) == wrong);
}

TEST_CASE("a row cannot send the key to another host") {
  for (auto const* const path :
       {"https://evil.example/x", "//evil.example/x", "/x/../y", "/x?y=1", "/x@y", "x"})
    CHECK(complaints(row_with("path: /services/aigc/text2image/image-synthesis",
                              std::string{"path: '"} + path + "'")) ==
          "config.yaml:3:11: error: path is what follows the endpoint, such as "
          "/services/aigc/text2image/image-synthesis\n");
}

TEST_CASE("a row that is built in cannot be replaced") {
  CHECK(complaints(row_with("wanx2.0-t2i-turbo", "wan2.6-image")) ==
        "config.yaml:2:3: error: model 'wan2.6-image' is built in and cannot be replaced; its speed is set "
        "under "
        "'limits'\n");
  CHECK(read(row_with("wanx2.0-t2i-turbo", "wan2.6-image")).config.models.empty());
}

TEST_CASE("prices in another currency would make every sum wrong") {
  CHECK(complaints(row_with("currency: CNY", "currency: USD")) ==
        "config.yaml:3:5: error: prices are told in CNY here, and those of 'wanx2.0-t2i-turbo' in USD\n");
}

TEST_CASE("models that are no rows are refused") {
  CHECK(complaints("models: 5\n") == "config.yaml:1:9: error: models is a map by name, not 5\n");
  CHECK(complaints("models: [ a ]\n") == "config.yaml:1:9: error: models is a map by name, not a list\n");
  CHECK(complaints("models:\n") == "");
}

TEST_CASE("a region is one that the service has") {
  CHECK(read("region: eu-central-1\nworkspace: llm-1a2b\n").config.region == "eu-central-1");
  CHECK(read("region: eu-central-1\nworkspace: llm-1a2b\n").config.workspace == "llm-1a2b");
  CHECK(complaints("region: eu-centrl-1\n") ==
        "config.yaml:1:9: error: region 'eu-centrl-1' is unknown; did you mean 'eu-central-1'?\n");
  CHECK(complaints("region: mars\n") ==
        "config.yaml:1:9: error: region 'mars' is unknown; known are cn-beijing, ap-southeast-1, us-east-1, "
        "eu-central-1, cn-hongkong, ap-northeast-1\n");
}

TEST_CASE("a workspace cannot become another host") {
  for (auto const* const id : {"evil.example/x", "a b", "a@b", "-a", "x:1"})
    CHECK(complaints(std::string{"workspace: '"} + id + "'\n") ==
          std::string{"config.yaml:1:12: error: a workspace's id is letters, digits and '-', not '"} + id +
              "'\n");
}

TEST_SUITE_END();
