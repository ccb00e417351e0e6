#include <doctest/doctest.h>

#include "emulator/stage.h"

using namespace wanspool;
using namespace wanspool::emulator;

TEST_SUITE_BEGIN("emulator");

TEST_CASE("a task runs for its service time and then has its pictures") {
  Stage stage;
  auto const id = stage.created(Stage::t2i(2));
  CHECK(stage.status(id) == "RUNNING");
  stage.pass(milliseconds{89'999});
  CHECK(stage.status(id) == "RUNNING");
  stage.pass(milliseconds{1});
  auto const done = stage.query(id);
  CHECK(done["output"]["task_status"] == "SUCCEEDED");
  CHECK(done["output"]["choices"].size() == 2);
  CHECK(done["usage"]["image_count"] == 2);
  CHECK(done["usage"]["size"] == "1280*1280");
}

TEST_CASE("tasks beyond the slots wait, and start when one ends") {
  Stage stage;
  std::vector<std::string> ids;
  for (int i = 0; i < 7; ++i) ids.push_back(stage.created());
  CHECK(stage.status(ids[4]) == "RUNNING");
  CHECK(stage.status(ids[5]) == "PENDING");
  stage.pass(seconds{90});
  CHECK(stage.status(ids[4]) == "SUCCEEDED");
  CHECK(stage.status(ids[6]) == "RUNNING");
  // Nobody looked between: the later ones started when the earlier ones ended all the same.
  stage.pass(seconds{90});
  CHECK(stage.status(ids[6]) == "SUCCEEDED");
  auto const lane = stage.ledger()["lanes"]["wan2.6-t2i"];
  CHECK(lane["max_simultaneous"] == 5);
  CHECK(lane["max_pending"] == 2);
  CHECK(lane["busy_slot_ms"] == 7 * 90'000);
  CHECK(lane["utilisation_span"].get<double>() == doctest::Approx(0.7));
}

TEST_CASE("surplus tasks are refused where the account is such") {
  auto options = calm_options();
  options.over_slots = OverSlots::Refuse;
  options.slots = 1;
  Stage stage{options};
  stage.created();
  auto const refused = stage.create(Stage::t2i(1));
  CHECK(refused.status == 429);
  CHECK(Stage::code(refused) == "Throttling.Concurrency");
  stage.pass(seconds{90});
  CHECK(stage.create(Stage::t2i(1)).status == 200);
}

TEST_CASE("speed divides the service time and the life") {
  auto options = calm_options();
  options.speed = 60;
  Stage stage{options};
  auto const id = stage.created();
  stage.pass(milliseconds{1500});
  CHECK(stage.status(id) == "SUCCEEDED");
  stage.pass(minutes{24} - milliseconds{1});
  CHECK(stage.status(id) == "SUCCEEDED");
  stage.pass(milliseconds{1});
  CHECK(stage.status(id) == "UNKNOWN");
}

TEST_CASE("spread makes service times differ within its share") {
  auto options = calm_options();
  options.spread = 0.5;
  options.slots = 0;
  Stage stage{options};
  for (int i = 0; i < 50; ++i) stage.created();
  stage.pass(hours{1});
  long least = 1'000'000;
  long most = 0;
  auto const ledger = stage.ledger();
  for (auto const& task : ledger["tasks"]) {
    auto const took = task["ended_ms"].get<long>() - task["started_ms"].get<long>();
    least = std::min(least, took);
    most = std::max(most, took);
  }
  CHECK(least >= 45'000);
  CHECK(least < 60'000);
  CHECK(most <= 135'000);
  CHECK(most > 120'000);
}

TEST_CASE("no service time at all is a task that is done at once") {
  auto options = calm_options();
  options.service_time = milliseconds{0};
  Stage stage{options};
  for (int i = 0; i < 20; ++i) CHECK(stage.status(stage.created()) == "SUCCEEDED");
}

TEST_CASE("a foreign id is UNKNOWN, with status 200") {
  Stage stage;
  auto const answer = stage.query("0a9d4e77-51c3-4f0b-9b52-6d1a3c2e8f10");
  CHECK(answer["output"]["task_status"] == "UNKNOWN");
  CHECK(answer["output"].size() == 2);
}

TEST_CASE("only a waiting task can be canceled, and it costs nothing") {
  auto options = calm_options();
  options.slots = 1;
  Stage stage{options};
  auto const running = stage.created();
  auto const waiting = stage.created();
  CHECK(stage.cancel(waiting).status == 200);
  CHECK(stage.status(waiting) == "CANCELED");
  for (auto const& id : {running, waiting, std::string{"nobody"}}) {
    auto const refused = stage.cancel(id);
    CHECK(refused.status == 400);
    CHECK(Stage::code(refused) == "UnsupportedOperation");
  }
  stage.pass(hours{1});
  CHECK(stage.status(waiting) == "CANCELED");
  CHECK(stage.ledger()["charged_pictures"] == 1);
}

TEST_CASE("a rule for tasks spoils the end of the accepted ones it counts") {
  auto options = calm_options();
  for (auto const* rule : {"task:1:fail=a", "task:2:fail=b,code=InternalError.Timeout", "task:3:fail=c",
                           "task:4:pictures=1", "task:5:vanish", "task:6:service-time=200s"})
    options.rules.push_back(parse_rule(rule));
  options.slots = 0;
  Stage stage{options};
  std::vector<std::string> ids;
  for (int i = 0; i < 6; ++i) {
    CHECK(stage.create("{}").status == 400);  // refused creates are not counted
    ids.push_back(stage.created(Stage::t2i(2)));
  }
  stage.pass(seconds{90});
  CHECK(stage.query(ids[0])["output"]["code"] == "DataInspectionFailed");
  auto const second = stage.query(ids[1]);
  CHECK(second["code"] == "InternalError.Timeout");
  CHECK_FALSE(second.contains("output"));
  CHECK(stage.status(ids[2]) == "FAILED");
  CHECK_FALSE(stage.query(ids[2])["output"].contains("code"));
  CHECK(stage.query(ids[3])["usage"]["image_count"] == 1);
  CHECK(stage.status(ids[4]) == "UNKNOWN");
  CHECK(stage.status(ids[5]) == "RUNNING");
  CHECK(stage.list("").at("total") == 5);
}

TEST_CASE("what failed is not charged") {
  auto options = calm_options();
  options.rules.push_back(parse_rule("task:1:fail=a"));
  Stage stage{options};
  stage.created(Stage::t2i(4));
  stage.created(Stage::t2i(3));
  stage.pass(hours{1});
  auto const ledger = stage.ledger();
  CHECK(ledger["charged_pictures"] == 3);
  CHECK(ledger["cost"] == "0.60");
}

TEST_CASE("the list shows the newest first, page by page") {
  Stage stage;
  std::vector<std::string> ids;
  for (int i = 0; i < 7; ++i) {
    ids.push_back(stage.created());
    stage.pass(milliseconds{10});
  }
  auto const first = stage.list("page_no=1&page_size=3");
  CHECK(first["total"] == 7);
  CHECK(first["total_page"] == 3);
  CHECK(first["data"][0]["task_id"] == ids[6]);
  auto const last = stage.list("page_no=3&page_size=3");
  REQUIRE(last["data"].size() == 1);
  CHECK(last["data"][0]["task_id"] == ids[0]);
  CHECK(last["data"][0]["user_api_unique_key"] == "apikey:v1:aigc:image-generation:generation:wan2.6-t2i");
  CHECK_FALSE(last["data"][0].contains("end_time"));
}

TEST_CASE("the list can be narrowed") {
  Stage stage;
  auto const id = stage.created();
  stage.pass(seconds{90});
  stage.created();
  CHECK(stage.list("status=SUCCEEDED").at("total") == 1);
  CHECK(stage.list("model_name=wan2.6-image").at("total") == 0);
  CHECK(stage.list("task_id=" + id).at("data")[0]["task_id"] == id);
  auto const created = stage.list("task_id=" + id).at("data")[0]["gmt_create"].get<long long>();
  auto stamp = beijing(Instant{milliseconds{created} + seconds{1}}).substr(0, 19);
  std::erase_if(stamp, [](char c) { return c == '-' || c == ' ' || c == ':'; });
  CHECK(stage.list("start_time=" + stamp).at("total") == 1);
  CHECK(stage.list("end_time=" + stamp).at("data")[0]["task_id"] == id);
}

TEST_CASE("a list that asks for nonsense is refused") {
  Stage stage;
  for (auto const* query : {"page_no=0", "page_size=x", "start_time=yesterday",
                            "start_time=20260101000000&end_time=20260103000000"})
    CHECK(stage.list(query)["code"] == "InvalidParameter");
}

TEST_CASE("a new task may stay out of the list for a while") {
  auto options = calm_options();
  options.list_delay = seconds{30};
  Stage stage{options};
  stage.created();
  CHECK(stage.list("").at("total") == 0);
  stage.pass(seconds{30});
  CHECK(stage.list("").at("total") == 1);
}

TEST_CASE("each key has an id of its own, all one account") {
  Stage stage;
  stage.created();
  auto other = Stage::call("POST", "/services/aigc/image-generation/generation", Stage::t2i(1));
  other.headers[0].value = "Bearer sk-two";
  stage.api.answer(other);
  auto const data = stage.list("")["data"];
  CHECK(data[0]["api_key_id"] != data[1]["api_key_id"]);
  CHECK(data[0]["caller_parent_id"] == data[1]["caller_parent_id"]);
}

TEST_CASE("times are UTC+8 and do not say so") {
  CHECK(beijing(Instant{seconds{1'785'922'704} + milliseconds{817}}) == "2026-08-05 17:38:24.817");
}
