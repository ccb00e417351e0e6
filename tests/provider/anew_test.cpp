#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "provider/provider.h"

using namespace wanspool::provider;
using nlohmann::json;

TEST_SUITE_BEGIN("provider");

namespace {

constexpr char kBody[] =
    R"({"input":{"messages":[{"content":[{"text":"a hat"}],"role":"user"}]},"model":"wan2.6-image",)"
    R"("parameters":{"n":4,"seed":7,"size":"1K"}})";

}  // namespace

TEST_CASE("what is bought again differs from the first request in its seed alone") {
  auto expected = json::parse(kBody);
  expected["parameters"]["seed"] = 99;
  CHECK(json::parse(redo_body(kBody, 99)) == expected);
}

TEST_CASE("a verbatim request without parameters gets a seed when it is bought again") {
  CHECK(json::parse(redo_body(R"({"model":"m"})", 5)) ==
        json::parse(R"({"model":"m","parameters":{"seed":5}})"));
}

TEST_CASE("a refill asks for the missing pictures with another seed") {
  auto expected = json::parse(kBody);
  expected["parameters"]["seed"] = 99;
  expected["parameters"]["n"] = 1;
  CHECK(json::parse(refill_body(kBody, 1, 99)) == expected);
}

TEST_CASE("an answer of text and pictures is never refilled") {
  CHECK(refill_body(R"({"model":"m","parameters":{"enable_interleave":true,"max_images":3,"n":1}})", 1, 9) ==
        "");
  CHECK(refill_body(R"({"model":"m","parameters":{"max_images":3}})", 1, 9) == "");
  CHECK(refill_body("not JSON", 1, 9) == "");
}

TEST_CASE("a sequence holds as many pictures as the model finds right, and is never refilled") {
  CHECK(refill_body(R"({"model":"m","parameters":{"enable_sequential":true,"n":6}})", 2, 9) == "");
  CHECK(json::parse(refill_body(R"({"model":"m","parameters":{"enable_sequential":false,"n":4}})", 2, 9)) ==
        json::parse(R"({"model":"m","parameters":{"enable_sequential":false,"n":2,"seed":9}})"));
}

TEST_CASE("a body that has its words by name is bought again and refilled like any other") {
  constexpr char kNamed[] =
      R"({"input":{"negative_prompt":"people","prompt":"a hat"},"model":"wan2.2-t2i-flash",)"
      R"("parameters":{"n":4,"seed":7}})";
  CHECK(redo_body(kNamed, 99) ==
        R"({"input":{"negative_prompt":"people","prompt":"a hat"},"model":"wan2.2-t2i-flash",)"
        R"("parameters":{"n":4,"seed":99}})");
  CHECK(refill_body(kNamed, 2, 99) ==
        R"({"input":{"negative_prompt":"people","prompt":"a hat"},"model":"wan2.2-t2i-flash",)"
        R"("parameters":{"n":2,"seed":99}})");
  CHECK(with_seed(R"({"input":{"prompt":"a hat"},"model":"qwen-image"})", 5) ==
        R"({"input":{"prompt":"a hat"},"model":"qwen-image","parameters":{"seed":5}})");
}
