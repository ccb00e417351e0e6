#include <doctest/doctest.h>

#include "emulator/stage.h"

using namespace wanspool;
using namespace wanspool::emulator;

TEST_SUITE_BEGIN("emulator");

namespace {

constexpr char kWords[] = "text2image/image-synthesis";
constexpr char kPictures[] = "image2image/image-synthesis";
constexpr char kMessages[] = "image-generation/generation";

std::string words(std::string const& model, std::string const& parameters = {}) {
  return R"({"model":")" + model + R"(","input":{"prompt":"a paper boat","negative_prompt":"people"},)" +
         R"("parameters":{)" + parameters + "}}";
}

std::string pictures(int count, std::string const& parameters = {}) {
  std::string images;
  for (int i = 0; i < count; ++i) images += R"(,"https://img.example.com/clock.png")";
  return R"({"model":"wan2.5-i2i-preview","input":{"prompt":"a clock","images":[)" +
         (images.empty() ? images : images.substr(1)) + R"(]},"parameters":{)" + parameters + "}}";
}

std::string messages(std::string const& model, int images, std::string const& parameters) {
  std::string content = R"({"text":"a lamp"})";
  for (int i = 0; i < images; ++i) content += R"(,{"image":"https://img.example.com/desk.jpg"})";
  return R"({"model":")" + model + R"(","input":{"messages":[{"role":"user","content":[)" + content +
         R"(]}]},"parameters":{)" + parameters + "}}";
}

Answer post(Stage& stage, std::string const& path, std::string const& body) {
  return stage.api.answer(Stage::call("POST", "/services/aigc/" + path, body));
}

std::string made(Stage& stage, std::string const& path, std::string const& body) {
  return Stage::read(post(stage, path, body)).at("output").at("task_id").get<std::string>();
}

// Message of the refusal; "" if it was taken.
std::string refusal(std::string const& path, std::string const& body) {
  Stage stage;
  auto const answer = post(stage, path, body);
  return answer.status == 200 ? "" : Stage::read(answer).at("message").get<std::string>();
}

Options with(std::vector<char const*> const& rules) {
  auto options = calm_options();
  for (auto const* each : rules) options.rules.push_back(parse_rule(each));
  return options;
}

}  // namespace

TEST_CASE("an older task ends with results, metrics and a count of pictures") {
  Stage stage;
  auto const id = made(stage, kWords, words("wan2.5-t2i-preview", R"("n":2)"));
  auto const running = stage.query(id)["output"];
  CHECK(running["task_status"] == "RUNNING");
  CHECK(running["task_metrics"] == nlohmann::json::parse(R"({"TOTAL":2,"SUCCEEDED":0,"FAILED":0})"));
  stage.pass(seconds{90});
  auto const done = stage.query(id);
  auto const output = done["output"];
  REQUIRE(output["results"].size() == 2);
  CHECK(output["results"][0]["orig_prompt"] == "a paper boat");
  CHECK(output["results"][0].contains("actual_prompt"));
  CHECK(output["task_metrics"]["SUCCEEDED"] == 2);
  CHECK_FALSE(output.contains("choices"));
  CHECK_FALSE(output.contains("finished"));
  CHECK(done["usage"] == nlohmann::json::parse(R"({"image_count":2})"));
  auto const url = output["results"][1]["url"].get<std::string>();
  auto const picture = stage.get(url.substr(url.find("/results/")));
  CHECK(decoded_size(picture.body).width == 1280);
}

TEST_CASE("a prompt that was not rewritten has no actual prompt") {
  Stage stage;
  auto const id = made(stage, kWords, words("wan2.2-t2i-flash", R"("n":1,"prompt_extend":false)"));
  stage.pass(seconds{90});
  CHECK_FALSE(stage.query(id)["output"]["results"][0].contains("actual_prompt"));
}

TEST_CASE("an older task may lose some of its pictures, and only the good ones are charged") {
  Stage stage{with({"task:1:pictures=1", "task:2:pictures=2,code=DataInspectionFailed,message=no"})};
  auto const first = made(stage, kWords, words("wan2.2-t2i-flash", R"("n":2)"));
  auto const second = made(stage, kPictures, pictures(1));
  stage.pass(seconds{90});
  auto const done = stage.query(first);
  CHECK(done["output"]["task_status"] == "SUCCEEDED");
  REQUIRE(done["output"]["results"].size() == 2);
  CHECK(done["output"]["results"][0].contains("url"));
  CHECK(done["output"]["results"][1]["code"] == "InternalError.Timeout");
  CHECK_FALSE(done["output"]["results"][1].contains("url"));
  CHECK(done["output"]["task_metrics"] == nlohmann::json::parse(R"({"TOTAL":2,"SUCCEEDED":1,"FAILED":1})"));
  CHECK(done["usage"]["image_count"] == 1);
  CHECK(stage.query(second)["output"]["results"][3] ==
        nlohmann::json::parse(R"({"code":"DataInspectionFailed","message":"no"})"));
  CHECK(stage.ledger()["charged_pictures"] == 3);
  CHECK(stage.ledger()["cost"] == "0.54");
}

TEST_CASE("an older task that failed or lost all its pictures is FAILED with metrics, and free") {
  Stage stage{with({"task:1:fail=a", "task:2:pictures=0"})};
  for (int i = 0; i < 2; ++i) {
    auto const id = made(stage, kPictures, pictures(2));
    stage.pass(seconds{90});
    auto const output = stage.query(id)["output"];
    CHECK(output["task_status"] == "FAILED");
    CHECK(output["code"] == "DataInspectionFailed");
    CHECK(output["task_metrics"] == nlohmann::json::parse(R"({"TOTAL":4,"SUCCEEDED":0,"FAILED":4})"));
  }
  CHECK(stage.ledger()["charged_pictures"] == 0);
}

TEST_CASE("every model has one place to be asked at") {
  CHECK(refusal(kWords, words("wanx2.1-t2i-turbo")).empty());
  CHECK(refusal(kMessages, words("wan2.5-t2i-preview")).starts_with("url error"));
  CHECK(refusal(kWords, pictures(1)).starts_with("url error"));
  CHECK(refusal(kPictures, words("wan2.2-t2i-plus")).starts_with("url error"));
  CHECK(refusal(kWords, Stage::t2i(1)).starts_with("url error"));
}

TEST_CASE("the older endpoints want the async header, too") {
  Stage stage;
  for (auto const* path : {kWords, kPictures}) {
    auto asked = Stage::call("POST", std::string{"/services/aigc/"} + path, words("wan2.2-t2i-plus"));
    asked.headers.pop_back();
    CHECK(stage.api.answer(asked).status == 403);
  }
}

TEST_CASE("the older endpoints take a prompt, and pictures only where they are edited") {
  CHECK(refusal(kWords, R"({"model":"wan2.2-t2i-plus","input":{}})") == "prompt is required");
  CHECK(refusal(kWords, R"({"model":"wan2.2-t2i-plus","input":{"prompt":7}})") ==
        "prompt should be a string");
  CHECK(refusal(kWords, R"({"model":"wan2.2-t2i-plus","input":{"prompt":"x","negative_prompt":7}})") ==
        "negative_prompt should be a string");
  CHECK(refusal(kPictures, pictures(0)) == "lack of image or text");
  CHECK(refusal(kPictures, pictures(3)).empty());
  CHECK_FALSE(refusal(kPictures, pictures(4)).empty());
}

TEST_CASE("sizes are bound by pixels, by sides or by a list, as the model has it") {
  auto const size = [](std::string const& model, std::string const& value) {
    return refusal(kWords, words(model, R"("size":")" + value + '"'));
  };
  CHECK(size("wan2.5-t2i-preview", "1440*1440").empty());
  CHECK_FALSE(size("wan2.5-t2i-preview", "1024*1024").empty());
  CHECK(size("wan2.2-t2i-plus", "512*1440").empty());
  CHECK_FALSE(size("wan2.2-t2i-plus", "500*1024").empty());
  CHECK_FALSE(size("wan2.2-t2i-plus", "1K").empty());
  CHECK(size("qwen-image", "928*1664").empty());
  CHECK_FALSE(size("qwen-image", "1024*1024").empty());
  CHECK(refusal(kPictures, pictures(1, R"("size":"768*768")")).empty());
  CHECK_FALSE(refusal(kPictures, pictures(1, R"("size":"1440*1440")")).empty());
}

TEST_CASE("four pictures are drawn where nothing is said, but one by qwen-image, which takes no more") {
  Stage stage;
  auto const wan = made(stage, kWords, words("wan2.2-t2i-flash"));
  auto const qwen = made(stage, kWords, words("qwen-image-plus"));
  stage.pass(seconds{90});
  CHECK(stage.query(wan)["output"]["results"].size() == 4);
  CHECK(stage.query(qwen)["output"]["results"].size() == 1);
  CHECK(refusal(kWords, words("qwen-image", R"("n":2)")) == "num_images_per_prompt must be 1");
  CHECK(stage.ledger()["cost"] == "0.76");
}

TEST_CASE("older models have two slots and two creates a second, unless told otherwise") {
  auto options = calm_options();
  options.creates_per_second.reset();
  Stage stage{options};
  auto const body = words("wan2.2-t2i-flash");
  for (int i = 0; i < 2; ++i) made(stage, kWords, body);
  CHECK(post(stage, kWords, body).status == 429);
  stage.pass(seconds{1});
  CHECK(stage.status(made(stage, kWords, body)) == "PENDING");
  options.slots = 3;
  options.creates_per_second = 3;
  Stage wide{options};
  for (int i = 0; i < 3; ++i) CHECK(wide.status(made(wide, kWords, body)) == "RUNNING");
}

TEST_CASE("the list names the older endpoints") {
  Stage stage;
  made(stage, kPictures, pictures(1));
  CHECK(stage.list("")["data"][0]["user_api_unique_key"] ==
        "apikey:v1:aigc:image2image:image-synthesis:wan2.5-i2i-preview");
}

TEST_CASE("wan2.7 takes no picture or nine, and draws 4K only from words") {
  auto const pro = [](int images, std::string const& size) {
    return refusal(kMessages, messages("wan2.7-image-pro", images, R"("size":")" + size + '"'));
  };
  CHECK(pro(0, "4K").empty());
  CHECK(pro(9, "2K").empty());
  CHECK_FALSE(pro(10, "2K").empty());
  CHECK_FALSE(pro(1, "4K").empty());
  CHECK_FALSE(pro(0, "2048*256").empty());
  CHECK(pro(0, "2400*300").empty());
  CHECK_FALSE(refusal(kMessages, messages("wan2.7-image", 0, R"("size":"4K")")).empty());
}

TEST_CASE("wan2.7 puts a sequence of up to twelve pictures into one choice") {
  Stage stage;
  auto const one = made(stage, kMessages, messages("wan2.7-image-pro", 0, ""));
  auto const many = made(stage, kMessages, messages("wan2.7-image-pro", 0, R"("enable_sequential":true)"));
  stage.pass(seconds{90});
  CHECK(stage.query(one)["output"]["choices"].size() == 1);
  auto const done = stage.query(many);
  REQUIRE(done["output"]["choices"].size() == 1);
  CHECK(done["output"]["choices"][0]["message"]["content"].size() == 12);
  CHECK(done["usage"]["total_tokens"] > 0);
  CHECK(stage.ledger()["cost"] == "6.50");
}
