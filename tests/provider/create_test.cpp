#include <doctest/doctest.h>

#include "provider/replies.h"

using namespace wanspool;
using namespace wanspool::provider;

TEST_SUITE_BEGIN("provider");

namespace {

std::string const kAccepted = R"({"output":{"task_status":"PENDING","task_id":"t-1"},"request_id":"r-1"})";

Reply broken(bool left, int status = 0, std::vector<Header> headers = {}) {
  auto reply = answer(status, "", std::move(headers));
  reply.left = left;
  reply.failure = "the connection was reset";
  return reply;
}

Trouble refusal(Reply const& reply) {
  auto const news = read_create(reply);
  auto const* const refused = std::get_if<news::Refused>(&news);
  REQUIRE_MESSAGE(refused, said(news));
  return refused->trouble;
}

}  // namespace

TEST_CASE("a create that never left is unsent, and the lane waits") {
  auto const news = read_create(broken(false));
  CHECK(said(news) == "Unsent Lane Unreachable");
  CHECK(contains(words(news), "cannot reach the service: the connection was reset"));
}

TEST_CASE("a create that left and was not answered whole is a doubt, whatever was read of the answer") {
  CHECK(said(read_create(broken(true))) == "Unanswered");
  for (int const status : {200, 400, 401, 429, 500, 503}) {
    auto reply = broken(true, status, {{"x-request-id", "r-7"}});
    reply.body = status == 200 ? kAccepted : error_body("Throttling", "slow down");
    auto const news = read_create(reply);
    CAPTURE(status);
    REQUIRE(said(news) == "Unanswered");
    CHECK(std::get<news::Unanswered>(news).request_id == "r-7");
  }
}

TEST_CASE("a failure of ours after the request left is a doubt too") {
  auto reply = broken(true, 200);
  reply.local = true;
  CHECK(said(read_create(reply)) == "Unanswered");
}

TEST_CASE("an accepted create names its task and its request") {
  auto const by_body = std::get<news::Accepted>(read_create(answer(200, kAccepted)));
  CHECK(by_body.task_id == "t-1");
  CHECK(by_body.request_id == "r-1");
  auto const by_header = std::get<news::Accepted>(
      read_create(answer(200, R"({"output":{"task_id":"t-1"}})", {{"x-request-id", "r-2"}})));
  CHECK(by_header.request_id == "r-2");
  CHECK(said(read_create(answer(202, kAccepted))) == "Accepted t-1");
}

TEST_CASE("unknown fields and a task's name beside a code do not unmake an accepted create") {
  CHECK(said(read_create(answer(
            200, R"({"code":"InternalError","message":"","new":[1],"output":{"task_id":"t-1","x":{}}})"))) ==
        "Accepted t-1");
  CHECK(said(read_create(answer(200, "\xef\xbb\xbf" + kAccepted))) == "Accepted t-1");
}

TEST_CASE("a 2xx that does not name a task is a doubt and says what it lacks") {
  CHECK(said(read_create(answer(200, ""))) == "Unanswered");
  CHECK(contains(words(read_create(answer(200, ""))), "not JSON: nothing"));
  CHECK(contains(words(read_create(answer(200, "{}"))), "without output.task_id"));
  CHECK(contains(words(read_create(answer(200, R"({"output":{"task_id":""}})"))), "without output.task_id"));
  CHECK(contains(words(read_create(answer(200, R"({"output":{"task_id":7}})"))), "without output.task_id"));
  CHECK(contains(words(read_create(answer(200, "[]"))), "not JSON"));
  CHECK(said(read_create(answer(204, ""))) == "Unanswered");
  CHECK(said(read_create(answer(200, kAccepted + "}"))) == "Unanswered");
}

TEST_CASE("a known refusal wrapped in a 200 is a refusal, a known 500 or an unknown code in it a doubt") {
  CHECK(said(read_create(answer(200, error_body("Throttling.RateQuota", "")))) ==
        "Refused Lane Throttling.RateQuota");
  CHECK(said(read_create(answer(200, error_body("InvalidApiKey", "")))) == "Refused Account! InvalidApiKey");
  CHECK(said(read_create(answer(200, error_body("ModelUnavailable", "")))) ==
        "Refused Lane ModelUnavailable");
  CHECK(said(read_create(answer(200, error_body("InternalError", "")))) == "Unanswered");
  CHECK(said(read_create(answer(200, error_body("RequestTimeOut", "")))) == "Unanswered");
  CHECK(said(read_create(answer(200, error_body("ModelServingError", "")))) == "Unanswered");
  CHECK(said(read_create(answer(200, error_body("Success", "")))) == "Unanswered");
  CHECK(said(read_create(answer(200, R"({"code":200,"message":"ok"})"))) == "Unanswered");
}

TEST_CASE("of the 5xx only a 503 of two codes is a refusal") {
  CHECK(said(read_create(answer(503, error_body("ModelUnavailable", "")))) ==
        "Refused Lane ModelUnavailable");
  CHECK(said(read_create(answer(503, error_body("ModelServingError", "")))) ==
        "Refused Lane ModelServingError");
  CHECK(said(read_create(answer(500, error_body("ModelServingError", "")))) == "Unanswered");
  CHECK(said(read_create(answer(500, error_body("ModelUnavailable", "")))) == "Unanswered");
  CHECK(said(read_create(answer(503, error_body("Throttling", "")))) == "Unanswered");
  for (int const status : {500, 501, 502, 503, 504, 520}) {
    auto const news = read_create(answer(status, "<html>oops</html>", {{"x-request-id", "r-9"}}));
    CHECK(said(news) == "Unanswered");
    CHECK(std::get<news::Unanswered>(news).request_id == "r-9");
    CHECK(contains(words(news), "HTTP " + std::to_string(status)));
  }
}

TEST_CASE("a 4xx that a gateway wrote in its own words is a doubt") {
  for (int const status : {400, 401, 403, 404, 413, 429}) {
    CHECK(said(read_create(answer(status, "<html><title>Forbidden</title>"))) == "Unanswered");
    CHECK(said(read_create(answer(status, ""))) == "Unanswered");
    CHECK(said(read_create(answer(status, R"({"status":404,"path":"/"})"))) == "Unanswered");
  }
  CHECK(contains(words(read_create(answer(403, "<html>\n<b>"))), "'<html> <b>'"));
}

TEST_CASE("a time-out that the service reports is a doubt, with any status") {
  CHECK(said(read_create(answer(408, error_body("RequestTimeOut", "")))) == "Unanswered");
}

TEST_CASE("a doubt says whether the service may still be at it") {
  auto const timed_out = [](Reply const& reply) {
    return std::get<news::Unanswered>(read_create(reply)).timed_out;
  };
  auto patience = broken(true);
  CHECK_FALSE(timed_out(patience));
  patience.timed_out = true;
  CHECK(timed_out(patience));
  CHECK(timed_out(answer(504, "<html>")));
  CHECK(timed_out(answer(408, error_body("RequestTimeOut", ""))));
  CHECK(timed_out(broken(true, 504)));
  CHECK_FALSE(timed_out(answer(502, "<html>")));
  CHECK_FALSE(timed_out(answer(200, "{}")));
}

TEST_CASE("a redirect is a doubt and points to the endpoint") {
  auto const news = read_create(answer(302, "", {{"location", "https://elsewhere.example/?Signature=abc"}}));
  CHECK(said(news) == "Unanswered");
  CHECK(contains(words(news), "check the endpoint"));
  CHECK_FALSE(contains(words(news), "elsewhere"));
}

TEST_CASE("a refusal with a code that nobody knows is judged by its status") {
  CHECK(said(read_create(answer(400, error_body("Novel", "")))) == "Refused Fatal Novel");
  CHECK(said(read_create(answer(401, error_body("Novel", "")))) == "Refused Account! Novel");
  CHECK(said(read_create(answer(403, error_body("Novel", "")))) == "Refused Account Novel");
  CHECK(said(read_create(answer(404, R"({"code":404,"message":"no"})"))) == "Refused Fatal 404");
  CHECK(said(read_create(answer(429, error_body("Novel", "")))) == "Refused Lane Novel");
  CHECK(said(read_create(answer(401, R"({"error":{"code":"invalid_api_key","message":"no"}})"))) ==
        "Refused Account! invalid_api_key");
}

TEST_CASE("Retry-After is read as seconds and as a date against the reply's own clock") {
  auto const throttled = error_body("Throttling", "");
  auto const after = [&](std::vector<Header> headers) {
    return refusal(answer(429, throttled, std::move(headers))).retry_after;
  };
  Header const date{"date", "Wed, 05 Aug 2026 09:38:24 GMT"};
  CHECK(after({}) == seconds{0});
  CHECK(after({{"retry-after", "20"}}) == seconds{20});
  CHECK(after({{"retry-after", "1849295"}}) == seconds{1849295});
  CHECK(after({{"retry-after", "-5"}}) == seconds{0});
  CHECK(after({{"retry-after", "99999999999999999999"}}) == seconds{0});
  CHECK(after({{"retry-after", "9999999999999999"}}) == hours{24 * 3660});
  CHECK(after({{"retry-after", "soon"}}) == seconds{0});
  CHECK(after({date, {"retry-after", "Wed, 05 Aug 2026 09:40:00 GMT"}}) == seconds{96});
  CHECK(after({date, {"retry-after", "Wed, 05 Aug 2026 09:00:00 GMT"}}) == seconds{0});
  CHECK(after({{"retry-after", "Wed, 05 Aug 2026 09:40:00 GMT"}}) == seconds{0});
  CHECK(after({date, {"retry-after", "Wed, 32 Foo 2026 09:40:00 GMT"}}) == seconds{0});
  CHECK(after({date, {"retry-after", "Wed, 31 Feb 2026 09:40:00 GMT"}}) == seconds{0});
}

TEST_CASE("a quota that is used up waits longer than any sleep, a full one only as asked") {
  for (auto const* message : {"Free allocated quota exceeded.", "The plan quota has been EXHAUSTED.",
                              "The quota will reset at 2026-08-26 00:00:00 UTC."})
    CHECK(refusal(answer(429, error_body("Throttling.AllocationQuota", message))).retry_after >= hours{1});
  CHECK(refusal(answer(429,
                       error_body("Throttling.AllocationQuota", "Allocated quota exceeded, please increase")))
            .retry_after == seconds{0});
  CHECK(refusal(
            answer(429, error_body("Throttling.AllocationQuota", "exhausted"), {{"retry-after", "1849295"}}))
            .retry_after == seconds{1849295});
}

TEST_CASE("a refusal says the service's words, what helps, and which request it was") {
  auto const trouble = refusal(answer(400, sample("create-error-400-url-error.json")));
  CHECK(contains(trouble.message, "url error, please check url"));
  CHECK(contains(trouble.message, "the model and the endpoint do not fit together"));
  CHECK(contains(trouble.message, "(request c1e5a9d2-0b3f-97a4-b8d6-2f4e6a8c0d13)"));
  CHECK(contains(refusal(answer(400, R"({"code":"InvalidFile"})")).message, "gave no reason"));
  auto const key = refusal(answer(401, error_body("InvalidApiKey", "Invalid API-key provided.")));
  CHECK(
      contains(key.message, "Invalid API-key provided; check the key (DASHSCOPE_API_KEY, api_key_file, or"));
}

TEST_CASE("no words carry a key, a signature or a picture") {
  auto const shown = [](std::string const& message) {
    return refusal(answer(400, R"({"code":"InvalidParameter","message":")" + message + R"("})")).message;
  };
  CHECK(shown("Incorrect key sk-ws-0123456789abcdef.XYZ given") == "Incorrect key sk-… given");
  CHECK(shown("token st-0123456789abcdef0123") == "token st-…");
  CHECK(shown("task-0a9d4e77-51c3-4f0b-9b52-6d1a3c2e8f10 is busy") ==
        "task-0a9d4e77-51c3-4f0b-9b52-6d1a3c2e8f10 is busy");
  CHECK(shown("cannot open https://me:secret@h.example/a.png?Expires=1&Signature=s%2F, sorry") ==
        "cannot open https://…@h.example/a.png?… sorry");
  CHECK(shown("bad OSSAccessKeyId=LTAI123&Signature=abc=") == "bad OSSAccessKeyId=…&Signature=…");
  CHECK(shown("bad data:image/png;base64,iVBORw0KGgo= in it") == "bad data:image/png;base64,… in it");
  CHECK(shown("two\\nlines\\u001b[31m") == "two lines [31m");
  auto const long_one = shown(std::string(599, 'a') + "\xe5\x9b\xbe" + std::string(5000, 'b'));
  CHECK(long_one == std::string(599, 'a') + "…");
}

TEST_CASE("nesting without end is not followed") {
  std::string const open(100'000, '['), closed = open + std::string(100'000, ']');
  for (auto const& body : {open, closed, R"({"output":{"task_id":"t"},"usage":)" + std::string(200'000, '['),
                           R"({"output":{"task_id":"t"},"usage":{"a":)" + closed + "}}"}) {
    CHECK(said(read_create(answer(200, body))) == "Unanswered");
    CHECK(said(read_query(answer(200, body), kNow)) == "NoAnswer Lane NotJson");
  }
  std::string objects;
  for (int i = 0; i < 100'000; ++i) objects += "{\"a\":";
  CHECK(said(read_create(answer(200, objects))) == "Unanswered");
  CHECK(said(read_create(answer(200, objects + "1" + std::string(100'000, '}')))) == "Unanswered");
}

TEST_CASE("numbers beyond all bounds and bytes that are no text make a doubt, not a crash") {
  CHECK(said(read_create(answer(200, R"({"output":{"task_id":"t"},"usage":{"a":1e99999}})"))) ==
        "Unanswered");
  CHECK(said(read_create(answer(200, "{\"output\":{\"task_id\":\"\xff\xfe\"}}"))) == "Unanswered");
  CHECK(said(read_create(answer(200, std::string("\0\0\0", 3)))) == "Unanswered");
}
