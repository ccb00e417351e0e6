#include <doctest/doctest.h>

#include <algorithm>

#include "provider/replies.h"

using namespace wanspool;
using namespace wanspool::provider;

TEST_SUITE_BEGIN("provider");

namespace {

bool is_taken(Reply const& reply) {
  return std::holds_alternative<news::CancelTaken>(read_cancel(reply));
}

bool is_refused(Reply const& reply) {
  return std::holds_alternative<news::CancelRefused>(read_cancel(reply));
}

// It is asked for again: what is said is no end.
bool is_unheard(Reply const& reply) {
  auto const news = read_cancel(reply);
  auto const* const it = std::get_if<news::CancelUnheard>(&news);
  return it && it->trouble.kind == Trouble::Kind::Lane && !it->trouble.message.empty();
}

}  // namespace

TEST_CASE("a cancel is a POST without a body, with the key, to the task's own address") {
  auto const request = cancel_request({"https://example.com/api/v1", "sk-1"}, "0a9d4e77-51c3");
  CHECK(request.method == Method::Post);
  CHECK(request.url == "https://example.com/api/v1/tasks/0a9d4e77-51c3/cancel");
  CHECK(request.body.empty());
  CHECK(std::any_of(request.headers.begin(), request.headers.end(),
                    [](Header const& each) { return each.value == "Bearer sk-1"; }));
  CHECK(cancel_request({"https://example.com/api/v1", ""}, "../x").url ==
        "https://example.com/api/v1/tasks/%2E%2E%2Fx/cancel");
}

TEST_CASE("a cancel that is taken and one that comes too late are told apart") {
  CHECK(is_taken(answer(200, sample("cancel-ok.json"))));
  CHECK(is_refused(answer(400, sample("cancel-400-not-pending.json"))));
}

TEST_CASE("what the service will never do is not asked for again") {
  CHECK(is_refused(answer(404, error_body("NotFound", "no such path"))));
  CHECK(is_refused(answer(403, error_body("AccessDenied", "not allowed"))));
  CHECK(is_refused(answer(200, sample("cancel-400-not-pending.json"))));
}

TEST_CASE("a cancel that was throttled, lost or broken on its way is asked for again") {
  CHECK(is_unheard(answer(429, error_body("Throttling.RateQuota", "too fast"))));
  CHECK(is_unheard(answer(500, error_body("InternalError", "oops"))));
  CHECK(is_unheard(answer(401, error_body("InvalidApiKey", "no"))));
  CHECK(is_unheard(answer(502, "<html>")));
  CHECK(is_unheard(answer(200, "<html>")));
  CHECK(is_unheard(answer(200, error_body("Throttling.RateQuota", "too fast"))));
  Reply lost;
  lost.left = true;
  lost.failure = "connection reset by peer";
  CHECK(is_unheard(lost));
}
