#include <stdexcept>
#include <string>

#include "manifest/reading.h"

using namespace wanspool;

TEST_SUITE_BEGIN("manifest");

namespace {

// The table that is built in, with its first `from` replaced.
std::string table_with(std::string const& from, std::string const& to) {
  auto text = schema_file("models.yaml");
  auto const at = text.find(from);
  REQUIRE(at != std::string::npos);
  return text.replace(at, from.size(), to);
}

std::string complaint(std::string const& text) {
  try {
    read_models(text, "models.yaml");
  } catch (std::runtime_error const& error) {
    std::string const words = error.what();
    auto const start = words.find("error: ");
    CHECK(words.starts_with("models.yaml:"));
    return start == std::string::npos ? words : words.substr(start);
  }
  return "";
}

}  // namespace

TEST_CASE("the table knows the first two models as the contract has them") {
  auto const& models = reading::models();
  REQUIRE(models.size() == 12);
  auto const& image = models.at("wan2.6-image");
  CHECK(image.path == "/services/aigc/image-generation/generation");
  CHECK(image.prompt_characters == 2000);
  REQUIRE(image.modes.size() == 2);
  CHECK(image.mode("", 1).name == "edit");
  CHECK(image.mode("", 1).images_low == 1);
  CHECK(image.mode("", 1).images_high == 4);
  CHECK(image.mode("", 1).count == "n");
  CHECK(image.mode("enable_interleave", 0).count == "max_images");
  CHECK(image.mode("enable_interleave", 0).images_high == 1);
  CHECK(image.mode("enable_interleave", 0).parameter("prompt_extend") == nullptr);
  CHECK(image.mode("", 1).parameter("size")->names == std::vector<std::string>{"1K", "2K"});
  CHECK(image.limits_in("cn-beijing").creates == 5);
  CHECK(image.price_in("ap-southeast-1").micros == 220'177);
  CHECK(image.currency == "CNY");
  auto const& words = models.at("wan2.6-t2i");
  CHECK(words.prompt_characters == 2100);
  CHECK(words.mode("enable_interleave", 3).name.empty());
  CHECK(words.limits_in("cn-beijing").creates == 1);
  CHECK(words.limits_in("cn-beijing").slots == 5);
  CHECK(words.limits_in("ap-southeast-1").creates == 5);
  CHECK(words.price_in("loopback").micros == 200'000);
}

TEST_CASE("a table with an unknown or a missing key is refused with its place") {
  CHECK_THROWS_WITH_AS(read_models("models:\n  m: { pth: /x }\n", "t.yaml"),
                       "t.yaml:2:6: error: the key 'body' is missing here\n"
                       "t.yaml:2:6: error: the key 'prompt_characters' is missing here\n"
                       "t.yaml:2:6: error: the key 'modes' is missing here\n"
                       "t.yaml:2:6: error: the key 'limits' is missing here\n"
                       "t.yaml:2:6: error: the key 'prices' is missing here\n"
                       "t.yaml:2:8: error: a model has no key 'pth'; did you mean 'path'?",
                       std::runtime_error);
  CHECK_THROWS_AS(read_models("", "t.yaml"), std::runtime_error);
  CHECK_THROWS_AS(read_models("models: {}", "t.yaml"), std::runtime_error);
}

TEST_CASE("a row whose values make no sense is refused") {
  CHECK(complaint(table_with("range: [1, 4]", "range: [4, 1]")).find("range wants a whole number from 4") !=
        std::string::npos);
  CHECK(complaint(table_with("range: [1, 4], default: 1", "range: [1, 4], default: 5")).find("not 5") !=
        std::string::npos);
  CHECK(complaint(table_with("kind: boolean", "kind: bool")) ==
        "error: kind is boolean, integer, text, size, boxes or palette");
  CHECK(complaint(table_with("count: n", "count: m")) ==
        "error: count names an integer parameter of this mode that has a default");
  CHECK(complaint(table_with("cn-beijing: 0.20", "cn-beijing: cheap")) ==
        "error: a price is a number such as 0.20, not 'cheap'");
  CHECK(complaint(table_with("window: 1s", "window: 1")).find("write 1s") != std::string::npos);
  CHECK(complaint(table_with("path: /services", "path: services")) ==
        "error: path is what follows the endpoint, such as /services/aigc/text2image/image-synthesis");
  CHECK(complaint(table_with("ratio: 4", "rato: 4")).find("no key 'rato'; did you mean 'ratio'?") !=
        std::string::npos);
  CHECK(complaint(table_with("            ratio: 4\n", "")).find("the key 'ratio' is missing here") !=
        std::string::npos);
}
