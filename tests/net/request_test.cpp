#include <doctest/doctest.h>

#include "net/house.h"
#include "net/server.h"

using namespace wanspool;
using namespace wanspool::test;

TEST_SUITE_BEGIN("net");

namespace {

Said fine(Seen const&) {
  return {http(200, "{}"), After::Keep};
}

}  // namespace

TEST_CASE("a URL is sent byte for byte") {
  Server server{fine};
  NetHouse house;
  for (std::string const target :
       {"/1d/4f/a%20b/./../c.png?Expires=1&OSSAccessKeyId=LTAI&Signature=k7%2F1E%2bz+z%3D&x=~'()*!,;:@$",
        "//double//slash", "/%41%7e?", "/?a=b?c=d/%2e%2E/", "/tasks/"}) {
    CHECK(house.ask(get(server.url(target))).complete());
    CHECK(server.seen().back().target == target);
  }
}

TEST_CASE("a URL that cannot be sent as it is, is a failure of ours and never leaves") {
  Server server{fine};
  NetHouse house;
  for (auto const& url :
       {server.url("/a b"), server.url("/a\nb"), server.url("/\xc3\xa4"), server.url("/") + "\x7f",
        std::string{"ftp://127.0.0.1/x"}, std::string{"file:///etc/hosts"}, std::string{"127.0.0.1/x"},
        std::string{""}, std::string{"http://"},
        "http://me:s3cret@127.0.0.1:" + std::to_string(server.port()) + "/"}) {
    INFO(url);
    auto const reply = house.ask(get(url));
    CHECK_FALSE(reply.complete());
    CHECK(reply.local);
    CHECK_FALSE(reply.left);
    CHECK(reply.failure.find("s3cret") == std::string::npos);
  }
  CHECK(server.seen().empty());
}

TEST_CASE("only the headers that were given are sent, and what HTTP needs") {
  Server server{fine};
  NetHouse house;
  house.ask(get(server.url("/")));
  auto request = post(server.url("/"), "{}", Repeat::Never);
  request.headers = {{"Authorization", "Bearer k"}, {"X-DashScope-Async", "enable"}, {"X-Empty", ""}};
  house.ask(std::move(request));
  house.ask(get(server.url("/")));

  auto const seen = server.seen();
  CHECK(seen[0].header("authorization").empty());
  CHECK(seen[0].header("user-agent") == "wanspool-tests");
  CHECK(seen[1].header("authorization") == "Bearer k");
  CHECK(seen[1].header("x-dashscope-async") == "enable");
  CHECK(seen[1].head.find("X-Empty:") != std::string::npos);
  CHECK(seen[1].header("content-type").empty());
  CHECK(seen[1].body == "{}");
  // Handles are used again; nothing of the last request may stick to them.
  CHECK(seen[2].method == "GET");
  CHECK(seen[2].header("authorization").empty());
}

TEST_CASE("a header with a line break in it is refused") {
  Server server{fine};
  NetHouse house;
  auto request = get(server.url("/"));
  request.headers = {{"X-A", "1\r\nX-B: 2"}};
  auto const reply = house.ask(std::move(request));
  CHECK(reply.local);
  CHECK(server.seen().empty());
}

TEST_CASE("a redirect is an answer and is not followed") {
  Server server{[](Seen const& request) {
    if (request.target == "/away") return Said{http(302, "", "Location: /there\r\n"), After::Keep};
    return Said{http(200, "{}"), After::Keep};
  }};
  NetHouse house;
  auto const reply = house.ask(get(server.url("/away")));
  CHECK(reply.complete());
  CHECK(reply.status == 302);
  CHECK(reply.header("location") == "/there");
  CHECK(server.seen().size() == 1);
}
