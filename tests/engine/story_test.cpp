#include "engine/story.h"

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

using namespace wanspool;

TEST_SUITE_BEGIN("engine");

namespace {

Task finished() {
  Task task;
  task.name = "kites/red";
  task.model = "wan2.6-t2i";
  task.state = State::Done;
  task.task_id = "task-1";
  task.request_id = "request-1";
  task.times.queued = Instant{seconds{1'785'922'704}};
  task.times.submit_time = "2026-08-05 17:38:24.817";
  task.usage = R"({"image_count":1})";
  task.spent = Money{200'000};
  Picture picture;
  picture.number = 1;
  picture.url = "https://example.com/a.png?Signature=secret";
  picture.file = "image-1.png";
  picture.sha256 = "ab";
  picture.bytes = 7;
  picture.width = picture.height = 16;
  task.pictures.push_back(picture);
  return task;
}

nlohmann::ordered_json told(Task const& task) {
  return nlohmann::ordered_json::parse(
      result_json(task, {"f00d", 1, R"({"model":"wan2.6-t2i"})", "CNY"}, {task}));
}

}  // namespace

TEST_CASE("a story has the fixed keys in their order") {
  std::vector<std::string> keys;
  auto const story = told(finished());
  for (auto const& [key, value] : story.items()) keys.push_back(key);
  CHECK(keys == std::vector<std::string>{"schema", "job", "manifest", "fingerprint", "take", "model",
                                         "request", "task_id", "request_id", "times", "polls", "usage",
                                         "cost", "pictures", "state", "error"});
}

TEST_CASE("a story tells texts as texts and what never was as null") {
  auto const story = told(finished());
  CHECK(story["task_id"] == "task-1");
  CHECK(story["manifest"] == "kites");
  CHECK(story["times"]["queued"] == "2026-08-05T09:38:24.000Z");
  CHECK(story["times"]["sent"].is_null());
  CHECK(story["times"]["provider"]["submit_time"] == "2026-08-05 17:38:24.817");
  CHECK(story["error"].is_null());
  CHECK(story["usage"]["image_count"] == 1);
  CHECK(story["pictures"][0]["file"] == "image-1.png");
}

TEST_CASE("a story of a failure names its code and its words") {
  auto task = finished();
  task.state = State::Failed;
  task.pictures.clear();
  task.error = {Trouble::Kind::Fatal, "DataInspectionFailed",
                "Input data may contain inappropriate content."};
  auto const story = told(task);
  CHECK(story["state"] == "failed");
  CHECK(story["error"]["code"] == "DataInspectionFailed");
  CHECK(story["pictures"].empty());
}

TEST_CASE("a story holds no signed address") {
  CHECK(result_json(finished(), {"f00d", 1, "{}", "CNY"}, {finished()}).find("secret") == std::string::npos);
}
