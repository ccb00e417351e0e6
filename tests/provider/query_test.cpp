#include <doctest/doctest.h>

#include "provider/replies.h"

using namespace wanspool;
using namespace wanspool::provider;

TEST_SUITE_BEGIN("provider");

namespace {

News query(int status, std::string body, std::vector<Header> headers = {}) {
  return read_query(answer(status, std::move(body), std::move(headers)), kNow);
}

// A task whose `output` holds this beside its id.
News task(std::string const& output, std::string const& rest = "") {
  return query(200, R"({"request_id":"r-1","output":{"task_id":"t-1",)" + output + "}" + rest + "}");
}

News succeeded(std::string const& output, std::string const& usage = R"(,"usage":{"image_count":1})") {
  return task(R"("task_status":"SUCCEEDED",)" + output, usage);
}

std::string choice(std::string const& items) {
  return R"({"message":{"content":[)" + items + "]}}";
}

Answer answer_of(News const& news) {
  auto const* const finished = std::get_if<news::Finished>(&news);
  REQUIRE_MESSAGE(finished, said(news));
  return finished->answer;
}

std::string const kPicture =
    R"({"image":"https://h.example/a.png?Expires=1786060800&Signature=s%2F","type":"image"})";

}  // namespace

TEST_CASE("pictures and texts come in reading order, over all choices and all items") {
  auto const answer = answer_of(query(200, sample("task-succeeded-interleave.json")));
  REQUIRE(answer.pieces.size() == 6);
  CHECK(answer.pieces[0].text == "Step 1. Rinse the paper filter with hot water.\n");
  CHECK(contains(answer.pieces[1].url, "f2c8b4d1-1.png?Expires=1786060800&"));
  CHECK(answer.pieces[4].text == "\nStep 3. Pour in slow circles.\n");
  CHECK(answer.usage ==
        R"({"image_count":3,"input_tokens":29,"output_tokens":477,"size":"1280*1280","total_tokens":506})");
  auto const two = answer_of(succeeded(R"("choices":[)" + choice(kPicture + "," + kPicture) + "," +
                                       choice(R"({"text":"end"})") + "]"));
  CHECK(two.pieces.size() == 3);
}

TEST_CASE("an address stays as it came, byte for byte") {
  auto const answer = answer_of(query(200, sample("task-succeeded-edit.json")));
  CHECK(answer.pieces.at(0).url ==
        "https://dashscope-a717.oss-cn-beijing.aliyuncs.com/1d/4f/20260805/9c0b71e2/e1b7a3c0-1.png"
        "?Expires=1786060800&OSSAccessKeyId=LTAI0000EXAMPLE0000KEY00&Signature=k7bQ0mM2x%2F1EXAMPLEsig%2Bzz%"
        "3D");
}

TEST_CASE("what an item is its key says, with or without a type") {
  CHECK(said(succeeded(R"("choices":[)" + choice(R"({"image":"https://h.example/a"})") + "]")) ==
        "Finished 1 of 1, 0 texts");
  CHECK(said(succeeded(R"("choices":[)" + choice(R"({"type":"image","text":"words"},)" + kPicture) + "]")) ==
        "Finished 1 of 1, 1 texts");
  CHECK(said(succeeded(R"("choices":[{"message":{"content":"words"}}])", "")) == "Finished 0 of 0, 1 texts");
}

TEST_CASE("an address tells its own end; one that does not is good for a day") {
  auto const expires = [](std::string const& url) {
    return answer_of(succeeded(R"("results":[{"url":")" + url + R"("}])")).pieces.at(0).expires;
  };
  CHECK(expires("https://h/a?Expires=1786060800&Signature=s") == Instant{seconds{1786060800}});
  CHECK(expires("https://h/a?x=1&Expires=1786060800") == Instant{seconds{1786060800}});
  auto const day = kNow + hours{24};
  for (auto const* url :
       {"https://h/a", "https://h/a?", "https://h/a?NotExpires=1786060800",
        "https://h/a?Expires=", "https://h/a?Expires=12x", "https://h/a?Expires=99999999999999999999",
        "https://h/a?Expires=7", "https://h/Expires=1786060800"})
    CHECK(expires(url) == day);
}

TEST_CASE("what is charged is what the usage says, and the pictures counted where it says nothing") {
  std::string const one = R"("choices":[)" + choice(kPicture) + "]";
  auto const count = [&](std::string const& usage) { return answer_of(succeeded(one, usage)).image_count; };
  CHECK(count(R"(,"usage":{"image_count":3})") == 3);
  CHECK(count(R"(,"usage":{"image_count":0})") == 0);
  for (auto const* usage : {"", R"(,"usage":null)", R"(,"usage":{})", R"(,"usage":{"image_count":"2"})",
                            R"(,"usage":{"image_count":-2})", R"(,"usage":{"image_count":1e9})",
                            R"(,"usage":{"image_count":18446744073709551615})"})
    CHECK(count(usage) == 1);
  CHECK(answer_of(succeeded(one, "")).usage.empty());
}

TEST_CASE("the size of what was drawn is told where it is one") {
  std::string const one = R"("choices":[)" + choice(kPicture) + "]";
  auto const size = [&](std::string const& value) {
    return answer_of(succeeded(one, R"(,"usage":{"image_count":1,"size":)" + value + "}")).size;
  };
  CHECK(size(R"("1376*768")") == "1376*768");
  for (auto const* other : {R"("1K")", R"("")", R"("*")", R"("1376*")", R"("1376x768")", R"("1*2*3")",
                            R"("-1*5")", R"("123456*7")", "1376", "null", "[]"})
    CHECK(size(other).empty());
  CHECK(answer_of(succeeded(one, "")).size.empty());
}

TEST_CASE("a paid success that does not show its pictures is asked again, and what is missing is named") {
  auto const lacks = [](News const& news, std::string const& field) {
    CHECK(said(news) == "NoAnswer Lane AnswerIncomplete");
    CHECK_MESSAGE(contains(words(news), "lacks " + field), words(news));
  };
  lacks(succeeded(R"("finished":true)"), "output.choices");
  lacks(succeeded(R"("choices":[])"), "output.choices[0]");
  lacks(succeeded(R"("choices":null)"), "output.choices");
  lacks(succeeded(R"("results":[])"), "output.results[0]");
  lacks(succeeded(R"("choices":[{"message":{}}])"), "output.choices[0].message.content");
  lacks(succeeded(R"("choices":[)" + choice(R"({"text":"a"},{"image":7})") + "]"),
        "output.choices[0].message.content[1].image");
  lacks(succeeded(R"("choices":[)" + choice("") + "]"), "the pictures that usage.image_count speaks of");
  lacks(succeeded(R"("choices":[)" + choice("") + "]", ""),
        "output.choices or output.results with something");
  lacks(succeeded(R"("choices":[)" + choice(R"({"text":"a"})") + "]"), "the pictures that usage.image_count");
  lacks(succeeded(R"("results":[{"url":""}])"), "output.results[0].url");
}

TEST_CASE("of a success with failed parts the pictures that came are taken") {
  auto const answer = answer_of(query(200, sample("task-succeeded-results-partial.json")));
  CHECK(answer.pieces.size() == 1);
  CHECK(answer.image_count == 1);
  CHECK(
      answer.shortfall ==
      "InternalError.Timeout: An internal timeout error has occured during execution, please try again later "
      "or contact service support.");
}

TEST_CASE("a reason why pictures failed is told once, and each of several") {
  auto const shortfall = [](std::string const& more) {
    return answer_of(succeeded(R"("results":[{"url":"https://h/a.png"},)" + more + "]")).shortfall;
  };
  CHECK(shortfall(R"({"code":"A","message":"x"},{"code":"A","message":"x"})") == "A: x");
  CHECK(shortfall(R"({"code":"A","message":"x"},{"code":"B"})") == "A: x; B");
  CHECK(shortfall(R"({"url":"https://h/b.png"})").empty());
}

TEST_CASE("a success whose every part failed is a failure") {
  std::string const failed = R"("results":[{"code":"DataInspectionFailed","message":"Output data may…"}])";
  CHECK(said(succeeded(failed, R"(,"usage":{"image_count":0})")) == "GaveUp Fatal DataInspectionFailed");
  CHECK(said(succeeded(failed, "")) == "GaveUp Fatal DataInspectionFailed");
  CHECK(said(succeeded(failed)) == "NoAnswer Lane AnswerIncomplete");
}

TEST_CASE("a status that nobody knows is not an end") {
  CHECK(said(task(R"("task_status":"SUSPENDED")")) == "Waiting");
  CHECK(said(task(R"("task_status":"REVIEWING")")) == "Waiting");
  CHECK(said(task(R"("task_status":"CANCELLED")")) == "CanceledThere");
}

TEST_CASE("an answer without a status is no answer, and says so") {
  for (auto const* body :
       {"{}", R"({"output":{}})", R"({"output":null})", R"({"output":{"task_status":3}})"}) {
    auto const news = query(200, body, {{"x-request-id", "r-3"}});
    CHECK(said(news) == "NoAnswer Lane AnswerIncomplete");
    CHECK(contains(words(news), "lacks output.task_status (request r-3)"));
  }
}

TEST_CASE("the provider's times come as they are") {
  auto const working = std::get<news::Working>(query(200, sample("task-running.json")));
  CHECK(working.times.submit_time == "2026-08-05 17:38:24.817");
  CHECK(working.times.scheduled_time == "2026-08-05 17:38:24.861");
  CHECK(working.times.end_time.empty());
  CHECK(std::get<news::GaveUp>(query(200, sample("task-failed.json"))).times.end_time ==
        "2026-08-05 17:39:31.204");
  CHECK(std::get<news::Waiting>(query(200, sample("task-pending-minimal.json"))).times.submit_time.empty());
}

TEST_CASE("a failed task is over for content and parameters, and tried again for all else") {
  auto const failed = [](std::string const& code, std::string const& message = "") {
    return said(task(R"("task_status":"FAILED","code":")" + code + R"(","message":")" + message + "\""));
  };
  CHECK(failed("InvalidParameter") == "GaveUp Fatal InvalidParameter");
  CHECK(failed("IPInfringementSuspect") == "GaveUp Fatal IPInfringementSuspect");
  CHECK(failed("ModelNotFound") == "GaveUp Fatal ModelNotFound");
  CHECK(failed("InvalidParameter", "download image failed") == "GaveUp Retry InvalidParameter");
  CHECK(failed("InternalError.Algo") == "GaveUp Retry InternalError.Algo");
  CHECK(failed("Throttling") == "GaveUp Retry Throttling");
  CHECK(failed("Arrearage") == "GaveUp Retry Arrearage");
  CHECK(failed("Novel") == "GaveUp Retry Novel");
  CHECK(failed("", "only words") == "GaveUp Retry TaskFailed");
}

TEST_CASE("a failure that has its code only at top level is read too") {
  auto const news =
      query(200, R"({"code":"InvalidParameter","message":"no","output":{"task_status":"FAILED"}})");
  CHECK(said(news) == "GaveUp Fatal InvalidParameter");
  CHECK(said(query(200, R"({"code":"","message":"","output":{"task_status":"RUNNING"}})")) == "Working");
}

TEST_CASE("an error without a task ends the task only if it speaks of the task") {
  for (int const status : {200, 400}) {
    CHECK(said(query(status, error_body("InvalidParameter", "n must be 1"))) ==
          "GaveUp Fatal InvalidParameter");
    CHECK(said(query(status, error_body("InvalidURL.Timeout", ""))) == "GaveUp Retry InvalidURL.Timeout");
    CHECK(said(query(status, error_body("InvalidParameter", "Request method 'GET' is not supported."))) ==
          "NoAnswer Lane InvalidParameter");
    CHECK(said(query(status, error_body("BadRequest.EmptyInput", ""))) ==
          "NoAnswer Lane BadRequest.EmptyInput");
    CHECK(said(query(status, error_body("UnsupportedOperation", ""))) ==
          "NoAnswer Lane UnsupportedOperation");
    CHECK(said(query(status, error_body("Throttling", ""))) == "NoAnswer Lane Throttling");
    CHECK(said(query(status, error_body("InternalError", ""))) == "NoAnswer Lane InternalError");
    CHECK(said(query(status, error_body("InvalidApiKey", ""))) == "NoAnswer Account! InvalidApiKey");
    CHECK(said(query(status, error_body("Novel", ""))) == "NoAnswer Lane Novel");
  }
  CHECK(said(query(500, error_body("InvalidParameter", ""))) == "NoAnswer Lane InvalidParameter");
  CHECK(said(query(404, error_body("NotFound", ""))) == "NoAnswer Lane NotFound");
}

TEST_CASE("a query that nobody answered is asked again, however it failed") {
  Reply reply;
  reply.failure = "could not resolve the host";
  CHECK(said(read_query(reply, kNow)) == "NoAnswer Lane Unreachable");
  auto cut = answer(200, sample("task-succeeded-edit.json"));
  cut.failure = "the connection was reset";
  CHECK(said(read_query(cut, kNow)) == "NoAnswer Lane Unreachable");
  for (int const status : {200, 301, 403, 404, 429, 500, 502, 503, 504})
    CHECK(said(query(status, "<html>gateway</html>")) == "NoAnswer Lane NotJson");
  CHECK(said(query(401, "<html>who are you</html>")) == "NoAnswer Account! NotJson");
  CHECK(said(query(502, "{}")) == "NoAnswer Lane HttpStatus");
  CHECK(said(query(500, R"({"output":{"task_status":"FAILED"}})")) == "NoAnswer Lane HttpStatus");
  auto const later = query(503, "busy", {{"retry-after", "7"}});
  CHECK(std::get<news::NoAnswer>(later).trouble.retry_after == seconds{7});
}

TEST_CASE("only an answer about a known task is evidence that the account is well") {
  for (auto const* name : {"task-pending.json", "task-running.json", "task-succeeded-edit.json",
                           "task-failed.json", "task-canceled.json"})
    CHECK(is_normal(query(200, sample(name))));
  CHECK_FALSE(is_normal(query(200, sample("task-unknown.json"))));
  CHECK_FALSE(is_normal(query(429, sample("task-query-429.json"))));
  CHECK_FALSE(is_normal(read_create(answer(200, sample("create-response.json")))));
}
