#include <doctest/doctest.h>

#include "provider/replies.h"

using namespace wanspool;
using namespace wanspool::provider;

TEST_SUITE_BEGIN("provider");

namespace {

std::string xml(std::string const& code, std::string const& message) {
  return "<?xml version=\"1.0\"?>\n<Error>\n  <Code>" + code + "</Code>\n  <Message>" + message +
         "</Message>\n</Error>\n";
}

std::string missed(int status, std::string body = "") {
  return said(read_missed(answer(status, std::move(body)), 1));
}

Reply failed(bool left, bool local, std::string why) {
  auto reply = answer(left ? 200 : 0, "");
  reply.left = left;
  reply.local = local;
  reply.failure = std::move(why);
  return reply;
}

}  // namespace

TEST_CASE("an address that no longer opens is asked for anew") {
  CHECK(missed(403, xml("AccessDenied", "Request has expired.")) == "Missed Retry AccessDenied, expired");
  CHECK(missed(403, "<html>") == "Missed Retry HttpStatus, expired");
  CHECK(missed(404, xml("NoSuchKey", "gone")) == "Missed Retry NoSuchKey, expired");
  CHECK(missed(410) == "Missed Retry HttpStatus, expired");
}

TEST_CASE("a wrong signature is tried again but is not an old address") {
  CHECK(missed(403, xml("SignatureDoesNotMatch", "…")) == "Missed Retry SignatureDoesNotMatch");
}

TEST_CASE("a storage or a network that cannot is weather") {
  for (int const status : {407, 408, 429, 500, 502, 503, 504})
    CHECK(missed(status, "<html>") == "Missed Lane StorageBusy");
  CHECK(said(read_missed(failed(false, false, "no such host"), 1)) == "Missed Lane Unreachable");
  CHECK(said(read_missed(failed(true, false, "reset"), 1)) == "Missed Lane Unreachable");
  CHECK(read_missed(answer(503, "", {{"retry-after", "9"}}), 1).trouble.retry_after == seconds{9});
}

TEST_CASE("bytes that were no whole picture are fetched again, and why is said") {
  auto const news = read_missed(failed(true, true, "cut after 20 bytes, inside chunk IDAT at byte 33"), 3);
  CHECK(said(news) == "Missed Retry NotAPicture");
  CHECK(news.trouble.message == "picture 3: cut after 20 bytes, inside chunk IDAT at byte 33");
  CHECK(missed(200) == "Missed Retry NotAPicture");
}

TEST_CASE("an address in a private network is a person's matter, and no try of its picture") {
  CHECK(said(read_missed(failed(false, true, "10.0.0.1 is a private address"), 1)) ==
        "Missed Lane AddressRefused");
}

TEST_CASE("a redirect or another refusal counts as a bad fetch") {
  CHECK(missed(302) == "Missed Retry Redirected");
  CHECK(missed(400, xml("InvalidArgument", "x")) == "Missed Retry InvalidArgument");
}

TEST_CASE("what is said of a missed picture holds no signed address") {
  auto const news = read_missed(
      answer(403, xml("AccessDenied", "https://h.example/a.png?Expires=1&amp;Signature=abc is over")), 1);
  CHECK_FALSE(contains(news.trouble.message, "abc"));
  CHECK(contains(news.trouble.message, "HTTP 403, AccessDenied: https://h.example/a.png?"));
}

TEST_CASE("words that are no UTF-8 become words that are") {
  auto const news = read_missed(answer(403, xml("Denied",
                                                "a\xff\xc3 b\xc2\x9b"
                                                "c\xe5\x9b\xbe")),
                                1);
  CHECK(contains(news.trouble.message, "Denied: a?? b c\xe5\x9b\xbe"));
}
