#include <doctest/doctest.h>

#include <stdexcept>

#include "net/house.h"
#include "net/server.h"

using namespace wanspool;
using namespace wanspool::test;

TEST_SUITE_BEGIN("net");

namespace {

// Writes down what it is told, in order.
struct Diary final : BodySink {
  std::string heard;
  bool wanted = true;

  bool begin(int status, std::string_view content_range) override {
    heard += "begin " + std::to_string(status) + " '" + std::string{content_range} + "';";
    return wanted;
  }
  bool take(std::string_view bytes) override {
    heard += bytes;
    return true;
  }
  std::string complaint() const override { return wanted ? "" : "another part was asked for"; }
};

struct Told {
  Reply reply;
  std::string heard;
};

Told told(std::string answer, bool wanted = true, After after = After::Keep) {
  Server server{[&](Seen const&) { return Said{answer, after}; }};
  NetHouse house;
  auto const diary = std::make_shared<Diary>();
  diary->wanted = wanted;
  auto request = get(server.url("/"));
  request.sink = diary;
  auto reply = house.ask(std::move(request));
  return {std::move(reply), diary->heard};
}

}  // namespace

TEST_CASE("a sink hears once, before the first byte, which part of what comes") {
  auto const part = told(http(206, "rest", "Content-Range: bytes 4-7/8\r\n"));
  CHECK(part.heard == "begin 206 'bytes 4-7/8';rest");
  CHECK(part.reply.complete());
  CHECK(told(http(200, "all")).heard == "begin 200 '';all");
  auto const pieces = told(
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nal\r\n1\r\nl\r\n0\r\n"
      "Content-Range: bytes 1-2/3\r\n\r\n");
  CHECK(pieces.heard == "begin 200 '';all");
}

TEST_CASE("a sink hears of a success without a body, and not of one that was cut before its first byte") {
  auto const empty = told(http(200, ""));
  CHECK(empty.heard == "begin 200 '';");
  CHECK(empty.reply.complete());
  CHECK(told("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n", true, After::Close).heard.empty());
}

TEST_CASE("a sink hears nothing of what is no success") {
  for (int const status : {302, 403, 416, 503}) CHECK(told(http(status, "no")).heard.empty());
}

TEST_CASE("a sink may refuse a body before it begins, with words of its own") {
  for (auto const* body : {"rest", ""}) {
    auto const refused = told(http(206, body, "Content-Range: bytes 0-3/8\r\n"), false);
    CHECK(refused.heard == "begin 206 'bytes 0-3/8';");
    CHECK(refused.reply.local);
    CHECK(refused.reply.left);
    CHECK_FALSE(refused.reply.complete());
    CHECK(refused.reply.failure.find("another part was asked for") != std::string::npos);
  }
}

TEST_CASE("what a sink throws at its beginning reaches the caller, with a body and without") {
  struct Bomb final : BodySink {
    bool begin(int, std::string_view) override { throw std::domain_error{"boom"}; }
    bool take(std::string_view) override { return true; }
    std::string complaint() const override { return {}; }
  };
  for (auto const* body : {"body", ""}) {
    Server server{[&](Seen const&) { return Said{http(200, body), After::Keep}; }};
    NetHouse house;
    auto request = get(server.url("/"));
    request.sink = std::make_shared<Bomb>();
    house.http().start(std::move(request));
    CHECK_THROWS_AS(house.collect(1), std::domain_error);
    CHECK(house.collect(1).front().local);
  }
}

TEST_CASE("a time-out and a stall say that our patience ended it, a reset and a sleep do not") {
  Server server{[](Seen const& request) {
    if (request.target == "/reset") return Said{"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n", After::Close};
    return Said{};
  }};
  auto settings = NetHouse::plain();
  settings.stall = milliseconds{1};  // libcurl counts whole seconds
  NetHouse house{settings};
  with_time_enough(milliseconds{50}, [&](milliseconds time) {
    auto slow = post(server.url("/mute"), "{}", Repeat::Never);
    slow.timeout = time;
    auto const late = house.ask(std::move(slow));
    CHECK(late.timed_out);
    CHECK_FALSE(late.local);
    return late.left;
  });
  CHECK(house.ask(get(server.url("/mute"))).timed_out);

  NetHouse patient;
  auto const reset = patient.ask(get(server.url("/reset")));
  CHECK_FALSE(reset.complete());
  CHECK_FALSE(reset.timed_out);
  patient.http().start(post(server.url("/sleep"), "{}", Repeat::Never));
  while (server.seen().empty() || server.seen().back().target != "/sleep")
    patient.http().wait(patient.in(milliseconds{1}), {});
  patient.http().drop_connections();
  CHECK_FALSE(patient.collect(1).front().timed_out);
}
