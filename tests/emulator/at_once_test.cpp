#include <doctest/doctest.h>

#include "emulator/stage.h"

using namespace wanspool;
using namespace wanspool::emulator;

TEST_SUITE_BEGIN("emulator");

namespace {

constexpr char kPath[] = "/services/aigc/multimodal-generation/generation";

std::string image_body(std::string const& images, std::string const& parameters) {
  return R"({"model":"wan2.6-image","input":{"messages":[{"role":"user","content":[{"text":"a lamp"})" +
         images + R"(]}]},"parameters":{)" + parameters + "}}";
}

std::string const kEdit = image_body(R"(,{"image":"https://img.example.com/desk.jpg"})", R"("n":2)");
std::string const kTold = image_body("", R"("enable_interleave":true,"stream":true,"max_images":2)");

Answer ask(Stage& stage, std::string const& body, std::vector<Header> const& more = {}) {
  auto asked = Stage::call("POST", kPath, body);
  asked.headers.pop_back();
  asked.headers.insert(asked.headers.end(), more.begin(), more.end());
  return stage.api.answer(asked);
}

Answer stream(Stage& stage, std::string const& body = kTold) {
  return ask(stage, body, {{"x-dashscope-sse", "enable"}});
}

struct Frame {
  std::string id;
  std::string event;
  std::string status;
  nlohmann::json data;
};

// Strict: four lines and an empty one each.
std::vector<Frame> frames_of(std::string text) {
  std::vector<Frame> frames;
  auto const line = [&](std::string const& begin) {
    REQUIRE(text.starts_with(begin));
    auto const end = text.find('\n');
    REQUIRE(end != std::string::npos);
    auto value = text.substr(begin.size(), end - begin.size());
    text.erase(0, end + 1);
    return value;
  };
  while (!text.empty()) {
    Frame frame;
    frame.id = line("id:");
    frame.event = line("event:");
    frame.status = line(":HTTP_STATUS/");
    frame.data = nlohmann::json::parse(line("data:"));
    CHECK(line("").empty());
    frames.push_back(std::move(frame));
  }
  return frames;
}

Options with(char const* rule) {
  auto options = calm_options();
  options.rules.push_back(parse_rule(rule));
  return options;
}

}  // namespace

TEST_CASE("a synchronous call is answered with its pictures, held for the service time") {
  Stage stage;
  auto const answer = ask(stage, kEdit);
  CHECK(answer.status == 200);
  CHECK(answer.manner.delay == seconds{90});
  auto const body = Stage::read(answer);
  REQUIRE(body["output"]["choices"].size() == 2);
  CHECK(body["output"]["finished"] == true);
  CHECK(body["output"].size() == 2);
  CHECK(body["usage"]["image_count"] == 2);
  CHECK(body["request_id"] == answer.headers[1].value);
  auto const url = body["output"]["choices"][1]["message"]["content"][0]["image"].get<std::string>();
  CHECK(decoded_size(stage.get(url.substr(url.find("/results/"))).body).width == 1280);
}

TEST_CASE("speed divides the hold, and no service time is an answer at once") {
  auto options = calm_options();
  options.speed = 60;
  Stage fast{options};
  CHECK(ask(fast, Stage::t2i(1)).manner.delay == milliseconds{1500});
  options.service_time = milliseconds{0};
  Stage none{options};
  CHECK(ask(none, Stage::t2i(1)).manner.delay == milliseconds{0});
}

TEST_CASE("a synchronous call refuses the async header and the models of other endpoints") {
  Stage stage;
  auto const refused = ask(stage, Stage::t2i(1), {{"x-dashscope-async", "enable"}});
  CHECK(refused.status == 403);
  CHECK(Stage::read(refused)["message"] == "Current user api does not support asynchronous calls.");
  auto const foreign = ask(stage, R"({"model":"wan2.5-t2i-preview","input":{"prompt":"x"}})");
  CHECK(Stage::read(foreign)["message"].get<std::string>().starts_with("url error"));
  CHECK(stage.ledger()["creates"]["refused"]["AccessDenied"] == 1);
}

TEST_CASE("a synchronous call is charged like a task, and is none that can be found") {
  Stage stage;
  ask(stage, kEdit);
  auto const ledger = stage.ledger();
  CHECK(ledger["creates"]["accepted"] == 1);
  CHECK(ledger["charged_pictures"] == 2);
  CHECK(ledger["cost"] == "0.40");
  CHECK(ledger["tasks"][0]["synchronous"] == true);
  CHECK(stage.list("")["total"] == 0);
  auto const id = ledger["tasks"][0]["task_id"].get<std::string>();
  CHECK(stage.status(id) == "UNKNOWN");
  CHECK(stage.cancel(id).status == 400);
}

TEST_CASE("text and pictures come at once only as a stream, asked for in head and body") {
  Stage stage;
  CHECK(ask(stage, kTold).status == 400);
  CHECK(stream(stage, image_body("", R"("enable_interleave":true)")).status == 400);
  CHECK(stream(stage).status == 200);
}

TEST_CASE("a stream tells text and pictures frame by frame and says stop in the last") {
  Stage stage;
  auto const answer = stream(stage);
  CHECK(answer.headers.front().value.starts_with("text/event-stream"));
  CHECK(answer.manner.delay == seconds{90});
  auto const frames = frames_of(answer.body);
  REQUIRE(frames.size() == 7);
  int images = 0;
  long tokens = 0;
  for (std::size_t i = 0; i < frames.size(); ++i) {
    auto const& data = frames[i].data;
    auto const& choice = data["output"]["choices"][0];
    auto const last = i + 1 == frames.size();
    CHECK(frames[i].id == std::to_string(i + 1));
    CHECK(frames[i].event == "result");
    CHECK(frames[i].status == "200");
    CHECK(choice["finish_reason"] == (last ? "stop" : "null"));
    CHECK(choice["message"]["content"].size() == (last ? 0 : 1));
    if (!last && choice["message"]["content"][0]["type"] == "image") ++images;
    CHECK(data["usage"]["image_count"] == images);
    CHECK(data["usage"]["output_tokens"] >= tokens);
    tokens = data["usage"]["output_tokens"].get<long>();
  }
  CHECK(images == 2);
  CHECK(stage.ledger()["charged_pictures"] == 2);
}

TEST_CASE("a stream without interleaving is one frame") {
  Stage stage;
  auto const frames = frames_of(stream(stage, kEdit).body);
  REQUIRE(frames.size() == 1);
  CHECK(frames[0].data["output"]["choices"].size() == 2);
}

TEST_CASE("a rule ends a stream with an error frame, and nothing is charged") {
  for (auto const* rule : {"create:1:sse-error,code=InternalError", "task:1:sse-error,code=InternalError"}) {
    Stage stage{with(rule)};
    auto const answer = stream(stage);
    CHECK(answer.status == 200);
    auto const frames = frames_of(answer.body);
    REQUIRE(frames.size() >= 2);
    CHECK(frames.front().event == "result");
    CHECK(frames.back().event == "error");
    CHECK(frames.back().status == "500");
    CHECK(frames.back().data["code"] == "InternalError");
    CHECK(frames.back().data["request_id"] == answer.headers[1].value);
    CHECK(stage.ledger()["charged_pictures"] == 0);
  }
}

TEST_CASE("a failure at once is an error with its status") {
  Stage stage{with("task:1:fail=a")};
  auto const answer = ask(stage, kEdit);
  CHECK(answer.status == 400);
  CHECK(Stage::code(answer) == "DataInspectionFailed");
  CHECK(stage.ledger()["charged_pictures"] == 0);
}

TEST_CASE("a lost synchronous answer is charged, and a delay by rule comes on top of the hold") {
  auto options = with("create:1:lose-answer");
  options.rules.push_back(parse_rule("create:2:delay=1s"));
  Stage stage{options};
  auto const lost = ask(stage, kEdit);
  CHECK(lost.manner.end == End::Close);
  CHECK(stage.ledger()["charged_pictures"] == 2);
  CHECK(ask(stage, kEdit).manner.delay == seconds{91});
}
