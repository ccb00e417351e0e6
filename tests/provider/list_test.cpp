#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "provider/replies.h"

using namespace wanspool;
using namespace wanspool::provider;
using nlohmann::json;

TEST_SUITE_BEGIN("provider");

namespace {

std::variant<ListPage, Trouble> list(int status, std::string body, std::vector<Header> headers = {}) {
  return read_list(answer(status, std::move(body), std::move(headers)));
}

std::variant<ListPage, Trouble> list(json const& body) {
  return list(200, body.dump());
}

json recorded() {
  return json::parse(sample("tasks-list.json"));
}

std::string words(std::variant<ListPage, Trouble> const& read) {
  return std::get<Trouble>(read).message;
}

}  // namespace

TEST_CASE("a row of the list says whose task it is, of which create and from when") {
  auto const page = std::get<ListPage>(list(200, sample("tasks-list.json")));
  REQUIRE(page.rows.size() == 3);
  ListRow const first{"0a9d4e77-51c3-4f0b-9b52-6d1a3c2e8f10",
                      "3b1f0c52-7c0e-9d41-8a55-0f6f2f5b9a01",
                      "wan2.6-image",
                      "SUCCEEDED",
                      "1001",
                      "1000000000000001",
                      Instant{milliseconds{1'785'922'704'817}}};
  CHECK(page.rows[0] == first);
  CHECK(page.rows[2].api_key_id == "1002");
  CHECK(page.rows[2].model == "wan2.5-i2i-preview");
}

TEST_CASE("an empty list is a list, of one page") {
  auto body = json::parse(sample("tasks-list-empty.json"));
  CHECK(said(list(body)) == "List of 0, page 1 of 1");
  body["page_no"] = 4;
  body["total_page"] = 3;
  CHECK(said(list(body)) == "List of 0, page 4 of 3");
}

TEST_CASE("a page that lost its rows is no empty page") {
  auto body = recorded();
  body["data"] = json::array();
  CHECK(said(list(body)) == "NoList Lane AnswerIncomplete");
  CHECK(contains(words(list(body)), "lacks data[0]"));
}

TEST_CASE("pages are counted as the service counts them") {
  auto body = recorded();
  body["page_no"] = 2;
  body["total_page"] = 7;
  CHECK(said(list(body)) == "List of 3, page 2 of 7");
}

TEST_CASE("one row without what makes it evidence makes the page worthless, and the field is named") {
  for (std::string const field : {"task_id", "model_name", "api_key_id", "gmt_create"})
    for (int const row : {0, 2})
      for (json const& value : {json(nullptr), json(""), json(true), json::array()}) {
        auto body = recorded();
        body["data"][static_cast<std::size_t>(row)][field] = value;
        CHECK(said(list(body)) == "NoList Lane AnswerIncomplete");
        CHECK(contains(words(list(body)), "lacks data[" + std::to_string(row) + "]." + field));
      }
}

TEST_CASE("a row without the rest is a row") {
  auto body = recorded();
  for (auto const* field : {"request_id", "status", "caller_parent_id", "start_time", "region"})
    body["data"][0].erase(field);
  auto const page = std::get<ListPage>(list(body));
  CHECK(page.rows[0].request_id.empty());
  CHECK(page.rows[0].status.empty());
  CHECK(page.rows[0].caller.empty());
}

TEST_CASE("a time in another unit than milliseconds is no time") {
  for (json const& stamp : {json(1'785'922'704), json(1'785'922'704'817'000), json(-1), json(0), json(1.5e12),
                            json("1785922704817"), json(18446744073709551615u)}) {
    auto body = recorded();
    body["data"][1]["gmt_create"] = stamp;
    CHECK(contains(words(list(body)), "lacks data[1].gmt_create"));
  }
}

TEST_CASE("a list that does not tell which page it is, and of how many, proves nothing") {
  for (std::string const field : {"page_no", "total_page", "data"})
    for (json const& value : {json(nullptr), json("1"), json(-1), json(1e9), json(10'000'000)}) {
      auto body = recorded();
      body[field] = value;
      CHECK(said(list(body)) == "NoList Lane AnswerIncomplete");
      CHECK(contains(words(list(body)), "lacks " + field));
    }
}

TEST_CASE("a list that nobody answered is asked for again") {
  Reply reply;
  reply.failure = "could not resolve the host";
  CHECK(said(read_list(reply)) == "NoList Lane Unreachable");
  auto cut = answer(200, sample("tasks-list.json"));
  cut.failure = "the connection was reset";
  CHECK(said(read_list(cut)) == "NoList Lane Unreachable");
  for (int const status : {200, 302, 400, 401, 403, 404, 429, 500, 502, 504})
    CHECK(said(list(status, "<html>gateway</html>")) == "NoList Lane NotJson");
  for (int const status : {302, 400, 404, 500}) CHECK(said(list(status, "{}")) == "NoList Lane HttpStatus");
  CHECK(std::get<Trouble>(list(503, "busy", {{"retry-after", "7"}})).retry_after == seconds{7});
}

TEST_CASE("a list that is throttled or fails there is asked for again") {
  CHECK(said(list(429, error_body("Throttling.RateQuota", ""))) == "NoList Lane Throttling.RateQuota");
  CHECK(said(list(429, error_body("Novel", ""))) == "NoList Lane Novel");
  CHECK(said(list(408, error_body("RequestTimeOut", ""))) == "NoList Lane RequestTimeOut");
  for (int const status : {500, 502, 503})
    CHECK(said(list(status, error_body("InternalError", ""))) == "NoList Lane InternalError");
  CHECK(said(list(302, error_body("Novel", ""))) == "NoList Lane Novel");
}

TEST_CASE("a list that is refused is refused, and says why") {
  for (int const status : {400, 403, 404, 405})
    CHECK(said(list(status, error_body("Novel", ""))) == "NoList Fatal Novel");
  auto const refused = list(403, error_body("AccessDenied", "no lists for sub-accounts"));
  CHECK(said(refused) == "NoList Fatal AccessDenied");
  CHECK(contains(words(refused), "the account's list of tasks: no lists for sub-accounts"));
  CHECK(said(list(400, error_body("InvalidParameter", "page_size too large"))) ==
        "NoList Fatal InvalidParameter");
}

TEST_CASE("a key or a bill in trouble is the account's, whatever was asked for") {
  CHECK(said(list(401, error_body("InvalidApiKey", ""))) == "NoList Account! InvalidApiKey");
  CHECK(said(list(401, error_body("Novel", ""))) == "NoList Account! Novel");
  CHECK(said(list(401, error_body("AccessDenied", ""))) == "NoList Account! AccessDenied");
  CHECK(said(list(400, error_body("Arrearage", ""))) == "NoList Account! Arrearage");
  CHECK(said(list(429, error_body("PostpaidBillOverdue", ""))) == "NoList Account! PostpaidBillOverdue");
  CHECK(said(list(404, error_body("WorkSpaceNotFound", ""))) == "NoList Account! WorkSpaceNotFound");
}

TEST_CASE("an error wrapped in a 200 means what it means under its own status") {
  CHECK(said(list(200, error_body("Throttling", ""))) == "NoList Lane Throttling");
  CHECK(said(list(200, error_body("InvalidApiKey", ""))) == "NoList Account! InvalidApiKey");
  CHECK(said(list(200, error_body("AccessDenied", ""))) == "NoList Fatal AccessDenied");
  CHECK(said(list(200, error_body("InternalError", ""))) == "NoList Lane InternalError");
  CHECK(said(list(200, error_body("Novel", ""))) == "NoList Lane Novel");
  auto body = recorded();
  body["code"] = "InternalError";
  CHECK(said(list(body)) == "NoList Lane InternalError");
}
