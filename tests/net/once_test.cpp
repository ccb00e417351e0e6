#include <curl/curl.h>
#include <doctest/doctest.h>

#include <filesystem>
#include <iterator>
#include <set>

#include "net/house.h"
#include "net/server.h"
#include "net/transfer.h"
#include "support/closed_port.h"

using namespace wanspool;
using namespace wanspool::test;

TEST_SUITE_BEGIN("net");

namespace {

// Answers every GET and keeps its connection; reads every POST whole and hangs up without a word.
Said loses_posts(Seen const& request) {
  if (request.method == "POST") return {"", After::Close};
  return {http(200, "{}"), After::Keep};
}

struct CloseMulti {
  void operator()(CURLM* multi) const noexcept { curl_multi_cleanup(multi); }
};

// Runs one handle to its end in a libcurl of our own.
CURLcode run(CURLM* multi, CURL* easy) {
  curl_multi_add_handle(multi, easy);
  for (int running = 1; running > 0;) {
    curl_multi_perform(multi, &running);
    if (running > 0) curl_multi_poll(multi, nullptr, 0, 1000, nullptr);
  }
  int left = 0;
  auto const* const message = curl_multi_info_read(multi, &left);
  auto const code = message->data.result;
  curl_multi_remove_handle(multi, easy);
  return code;
}

}  // namespace

TEST_CASE("a paid request whose answer is lost reaches the server once and has left") {
  Server server{loses_posts};
  NetHouse house;
  auto const reply = house.ask(post(server.url("/create"), R"({"model":"wan2.6-image"})", Repeat::Never));
  CHECK(server.count("POST") == 1);
  CHECK(server.seen().front().body == R"({"model":"wan2.6-image"})");
  CHECK(reply.left);
  CHECK(reply.status == 0);
  CHECK_FALSE(reply.complete());
  CHECK_FALSE(reply.local);
}

TEST_CASE("a paid request does not ride on an idle connection, where libcurl would send it twice") {
  Server server{loses_posts};
  NetHouse house;
  REQUIRE(house.ask(get(server.url("/warm"))).complete());
  auto const reply = house.ask(post(server.url("/create"), "{}", Repeat::Never));
  CHECK(server.count("POST") == 1);
  CHECK(server.seen().back().connection == 2);
  CHECK(reply.left);
  CHECK_FALSE(reply.complete());

  // The control: the same with a request that may be repeated is sent twice.
  Server other{loses_posts};
  REQUIRE(house.ask(get(other.url("/warm"))).complete());
  CHECK_FALSE(house.ask(post(other.url("/create"), "{}", Repeat::Allowed)).complete());
  CHECK(other.count("POST") == 2);
}

TEST_CASE("the count alone stops a second sending where the connection was reused after all") {
  Server server{loses_posts};
  auto const settings = NetHouse::plain();
  std::unique_ptr<CURLM, CloseMulti> const multi{curl_multi_init()};
  Transfer warm{get(server.url("/warm")), settings};
  warm.prepare(Easy{curl_easy_init()}, {});
  REQUIRE(run(multi.get(), warm.handle()) == CURLE_OK);

  Transfer paid{post(server.url("/create"), "{}", Repeat::Never), settings};
  paid.prepare(Easy{curl_easy_init()}, {});
  curl_easy_setopt(paid.handle(), CURLOPT_FRESH_CONNECT, 0L);
  auto const reply = paid.finish(run(multi.get(), paid.handle()));
  CHECK(server.count("POST") == 1);
  CHECK(server.seen().back().connection == 1);
  CHECK(reply.left);
  CHECK_FALSE(reply.complete());
  CHECK(reply.failure.find("second time") != std::string::npos);
}

TEST_CASE("paid requests leave no connections behind, however many of them there are") {
  Server server{[](Seen const&) { return Said{http(200, "{}"), After::Keep}; }};
  NetHouse house;
  auto const open_files = [] {
    return std::distance(std::filesystem::directory_iterator{"/proc/self/fd"},
                         std::filesystem::directory_iterator{});
  };
  REQUIRE(house.ask(get(server.url("/task"))).complete());
  REQUIRE(house.ask(post(server.url("/create"), "{}", Repeat::Never)).complete());
  auto const before = open_files();
  for (int i = 0; i < 20; ++i) {
    REQUIRE(house.ask(post(server.url("/create"), "{}", Repeat::Never)).complete());
    REQUIRE(house.ask(get(server.url("/task"))).complete());
  }
  // The server, whose own end is in this process, may not have heard of the last one's yet.
  CHECK(open_files() <= before + 2);
  std::set<int> creates, queries;
  for (auto const& each : server.seen()) (each.method == "POST" ? creates : queries).insert(each.connection);
  CHECK(creates.size() == 21);
  CHECK(queries.size() == 1);
}

TEST_CASE("a large paid request does not ask for leave to be sent") {
  Server server{[](Seen const&) { return Said{http(200, "{}"), After::Keep}; }};
  NetHouse house;
  auto const body = std::string(3u << 20, 'x');
  CHECK(house.ask(post(server.url("/create"), body, Repeat::Never)).complete());
  CHECK(server.seen().front().header("expect").empty());
  CHECK(server.seen().front().body.size() == body.size());
}

TEST_CASE("a request that met a closed door has not left") {
  auto const port = closed_port();
  NetHouse house;
  auto const reply =
      house.ask(post("http://127.0.0.1:" + std::to_string(port) + "/create?key=s3cret", "{}", Repeat::Never));
  CHECK_FALSE(reply.left);
  CHECK_FALSE(reply.complete());
  CHECK(reply.failure.find("127.0.0.1:" + std::to_string(port)) != std::string::npos);
  CHECK(reply.failure.find("s3cret") == std::string::npos);
}

TEST_CASE("a request to a name that does not resolve has not left") {
  NetHouse house;
  auto const reply = house.ask(post("http://api.invalid/create", "{}", Repeat::Never));
  CHECK_FALSE(reply.left);
  CHECK_FALSE(reply.complete());
  CHECK(reply.failure.find("api.invalid:80") != std::string::npos);
}

TEST_CASE("a request that nobody answers in its time has left") {
  Server server{[](Seen const&) { return Said{}; }};
  NetHouse house;
  with_time_enough(milliseconds{60}, [&](milliseconds time) {
    auto request = post(server.url("/create"), "{}", Repeat::Never);
    request.timeout = time;
    auto const reply = house.ask(std::move(request));
    CHECK(reply.status == 0);
    CHECK_FALSE(reply.complete());
    return reply.left;
  });
  CHECK(server.count("POST") <= 1);  // one that had not left never comes
}

TEST_CASE("a request that stalls is ended before its time, a paid one is left alone until then") {
  Server server{[](Seen const&) { return Said{}; }};
  auto settings = NetHouse::plain();
  settings.stall = milliseconds{1};  // libcurl counts whole seconds
  NetHouse house{settings};
  auto paid = get(server.url("/create"));  // no body: sent bytes count as speed too
  paid.repeat = Repeat::Never;
  paid.ticket = 1;
  auto plain = get(server.url("/task"));
  plain.ticket = 2;
  house.http().start(std::move(paid));
  while (server.seen().empty()) house.http().wait(house.in(milliseconds{1}), {});
  house.http().start(std::move(plain));  // began later, and would end later if both were treated alike
  auto const replies = house.collect(1);
  CHECK(replies.size() == 1);
  CHECK(replies.front().ticket == 2);
}
