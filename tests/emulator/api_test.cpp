#include <doctest/doctest.h>

#include "emulator/stage.h"

using namespace wanspool;
using namespace wanspool::emulator;

TEST_SUITE_BEGIN("emulator");

namespace {

std::string image_body(std::string const& images, std::string const& parameters) {
  return R"({"model":"wan2.6-image","input":{"messages":[{"role":"user","content":[{"text":"a lamp"})" +
         images + R"(]}]},"parameters":{)" + parameters + "}}";
}

std::string const kImage = R"(,{"image":"https://img.example.com/desk.jpg"})";

// Message of the refusal; "" if it was taken.
std::string refusal(std::string const& body) {
  Stage stage;
  auto const answer = stage.create(body);
  if (answer.status == 200) return {};
  CHECK(answer.status == 400);
  return Stage::read(answer).at("message").get<std::string>();
}

}  // namespace

TEST_CASE("a create needs a key, and the right one where one is set") {
  auto options = calm_options();
  options.key = "sk-one";
  Stage stage{options};
  auto asked = Stage::call("POST", "/services/aigc/image-generation/generation", Stage::t2i(1));
  CHECK(stage.api.answer(asked).status == 200);
  asked.headers[0].value = "Bearer sk-two";
  CHECK(stage.api.answer(asked).status == 401);
  asked.headers[0].value = "Bearer ";
  CHECK(Stage::read(stage.api.answer(asked))["message"] == "No API-key provided.");
}

TEST_CASE("a create without the async header is refused with 403") {
  Stage stage;
  auto asked = Stage::call("POST", "/services/aigc/image-generation/generation", Stage::t2i(1));
  asked.headers.pop_back();
  auto const answer = stage.api.answer(asked);
  CHECK(answer.status == 403);
  CHECK(Stage::code(answer) == "AccessDenied");
}

TEST_CASE("unknown models and wrong addresses are url errors") {
  CHECK(refusal(R"({"model":"wan9","input":{}})").starts_with("url error"));
  CHECK(refusal(R"({"input":{}})").starts_with("url error"));
  Stage stage;
  auto const answer =
      stage.api.answer(Stage::call("POST", "/services/aigc/text2image/image-synthesis", Stage::t2i(1)));
  CHECK(answer.status == 400);
}

TEST_CASE("a body that is no request is refused") {
  CHECK(refusal("hello").starts_with("Required body invalid"));
  CHECK(refusal(R"({"model":"wan2.6-t2i"})") == "No messages found in input");
  CHECK(refusal(R"({"model":"wan2.6-t2i","input":{"messages":[{},{}]}})") ==
        "messages length only support 1");
  CHECK(refusal(R"({"model":"wan2.6-t2i","input":{"messages":[{"role":"user","content":[]}]}})") ==
        "lack of image or text");
}

TEST_CASE("edit mode wants one to four pictures, interleave mode one at most") {
  CHECK(refusal(image_body("", "")) == "lack of image or text");
  CHECK(refusal(image_body(kImage, "")).empty());
  CHECK(refusal(image_body(kImage + kImage + kImage + kImage, "")).empty());
  CHECK_FALSE(refusal(image_body(kImage + kImage + kImage + kImage + kImage, "")).empty());
  CHECK(refusal(image_body("", R"("enable_interleave":true)")).empty());
  CHECK_FALSE(refusal(image_body(kImage + kImage, R"("enable_interleave":true)")).empty());
}

TEST_CASE("text to image takes no picture") {
  auto body = image_body(kImage, "");
  body.replace(body.find("wan2.6-image"), 12, "wan2.6-t2i");
  CHECK_FALSE(refusal(body).empty());
}

TEST_CASE("numbers stay within their ranges") {
  auto const edit = [](std::string const& parameters) { return refusal(image_body(kImage, parameters)); };
  auto const interleave = [](std::string const& parameters) {
    return refusal(image_body("", R"("enable_interleave":true,)" + parameters));
  };
  CHECK(edit(R"("n":4)").empty());
  CHECK(edit(R"("n":5)") == "Range of n should be [1, 4]");
  CHECK(edit(R"("n":0)") == "Range of n should be [1, 4]");
  CHECK(edit(R"("n":"2")") == "n should be an integer");
  CHECK(interleave(R"("n":2)") == "num_images_per_prompt must be 1");
  CHECK(interleave(R"("max_images":5)").empty());
  CHECK(interleave(R"("max_images":6)") == "Range of max_images should be [1, 5]");
  CHECK(edit(R"("seed":2147483647)").empty());
  CHECK_FALSE(edit(R"("seed":2147483648)").empty());
}

TEST_CASE("sizes stay within their mode's pixels and ratio") {
  auto const edit = [](std::string const& size) {
    return refusal(image_body(kImage, R"("size":")" + size + '"'));
  };
  for (auto const* good : {"1K", "2K", "1280*1280", "2048*2048", "768*768", "800*1200"})
    CHECK(edit(good).empty());
  for (auto const* bad : {"4K", "1280x1280", "100*100", "4096*4096", "3000*400", "1280*", "*"})
    CHECK_FALSE(edit(bad).empty());
  CHECK_FALSE(refusal(image_body("", R"("enable_interleave":true,"size":"2048*2048")")).empty());
  CHECK_FALSE(refusal(image_body("", R"("enable_interleave":true,"size":"1K")")).empty());
}

TEST_CASE("unknown parameters are tolerated, as the vendor's SDK sends one") {
  CHECK(refusal(image_body(kImage, R"("is_async":true,"colour":"red")")).empty());
}

TEST_CASE("a picture in the store needs its header and the model it was stored for") {
  Stage stage;
  auto const body = image_body(R"(,{"image":"oss://dashscope-instant/x/y.png"})", "");
  auto asked = Stage::call("POST", "/services/aigc/image-generation/generation", body);
  CHECK(Stage::code(stage.api.answer(asked)) == "InvalidParameter.DataInspection");
  asked.headers.push_back({"x-dashscope-ossresourceresolve", "enable"});
  CHECK(Stage::read(stage.api.answer(asked))["message"] == "oss download error.");
}

TEST_CASE("defaults are four pictures in edit mode and five in interleave mode") {
  Stage stage;
  auto const edit = stage.created(image_body(kImage, ""));
  auto const told = stage.created(image_body("", R"("enable_interleave":true)"));
  stage.pass(hours{1});
  CHECK(stage.query(edit)["output"]["choices"].size() == 4);
  auto const content = stage.query(told)["output"]["choices"][0]["message"]["content"];
  REQUIRE(content.size() == 10);
  CHECK(content[0]["type"] == "text");
  CHECK(content[1]["type"] == "image");
}

TEST_CASE("more creates than the limit in any second are refused") {
  auto options = calm_options();
  options.creates_per_second = 5;
  Stage stage{options};
  for (int i = 0; i < 5; ++i) {
    CHECK(stage.create(Stage::t2i(1)).status == 200);
    stage.pass(milliseconds{100});
  }
  auto const refused = stage.create(Stage::t2i(1));
  CHECK(refused.status == 429);
  CHECK(Stage::code(refused) == "Throttling.RateQuota");
  stage.pass(milliseconds{499});
  CHECK(stage.create(Stage::t2i(1)).status == 429);
  stage.pass(milliseconds{1});
  CHECK(stage.create(Stage::t2i(1)).status == 200);
  CHECK(stage.create(Stage::t2i(1)).status == 429);
  CHECK(stage.ledger()["creates"]["refused"]["Throttling.RateQuota"] == 3);
}

TEST_CASE("queries, lists and cancels are limited each for itself") {
  auto options = calm_options();
  options.queries_per_second = 1;
  Stage stage{options};
  CHECK(stage.query("x").contains("output"));
  CHECK(stage.query("x")["code"] == "Throttling.RateQuota");
  CHECK(stage.list("").contains("total"));
  CHECK(stage.cancel("x").status == 400);
  CHECK(stage.cancel("x").status == 429);
}

TEST_CASE("a lost create is charged, a reset one is not made") {
  auto options = calm_options();
  options.rules = {parse_rule("create:1:lose-answer"), parse_rule("create:2:reset"),
                   parse_rule("create:3:504,html,accept")};
  Stage stage{options};
  CHECK(stage.create(Stage::t2i(1)).manner.end == End::Close);
  CHECK(stage.create(Stage::t2i(1)).manner.end == End::Reset);
  auto const third = stage.create(Stage::t2i(1));
  CHECK(third.status == 504);
  CHECK(third.body.starts_with("<html>"));
  auto const ledger = stage.ledger();
  CHECK(ledger["creates"]["received"] == 3);
  CHECK(ledger["creates"]["accepted"] == 2);
  CHECK(ledger["creates"]["same_body_again"] == 1);
  CHECK(ledger["tasks"][0]["creates_of_body"] == 2);
}

TEST_CASE("a refusal by rule has the status, the code and the header it was told") {
  auto options = calm_options();
  options.rules = {parse_rule("query:1:429,retry-after=30"),
                   parse_rule("query:2:code-in-200,code=InternalError")};
  Stage stage{options};
  auto const first = stage.api.answer(Stage::call("GET", "/tasks/x"));
  CHECK(first.status == 429);
  CHECK(first.headers.back().name == "retry-after");
  CHECK(first.headers.back().value == "30");
  auto const second = stage.api.answer(Stage::call("GET", "/tasks/x"));
  CHECK(second.status == 200);
  CHECK(Stage::code(second) == "InternalError");
}

TEST_CASE("an answer carries the id of its request in head and body") {
  Stage stage;
  auto const answer = stage.create(Stage::t2i(1));
  CHECK(answer.headers[1].name == "x-request-id");
  CHECK(answer.headers[1].value == Stage::read(answer)["request_id"]);
  CHECK(stage.list("")["data"][0]["request_id"] == answer.headers[1].value);
}
