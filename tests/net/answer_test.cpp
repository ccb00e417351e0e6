#include <doctest/doctest.h>
#include <zlib.h>

#include "net/house.h"
#include "net/server.h"

using namespace wanspool;
using namespace wanspool::test;

TEST_SUITE_BEGIN("net");

namespace {

Server::Script always(std::string bytes, After after = After::Keep) {
  return [bytes = std::move(bytes), after](Seen const&) { return Said{bytes, after}; };
}

std::string gzipped(std::string text) {
  z_stream stream{};
  deflateInit2(&stream, Z_BEST_COMPRESSION, Z_DEFLATED, MAX_WBITS + 16, 8, Z_DEFAULT_STRATEGY);
  std::string packed(deflateBound(&stream, text.size()), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(text.data());
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(packed.data());
  stream.avail_out = static_cast<uInt>(packed.size());
  deflate(&stream, Z_FINISH);
  packed.resize(stream.total_out);
  deflateEnd(&stream);
  return packed;
}

}  // namespace

TEST_CASE("an answer brings its ticket, status, headers in lower case and body") {
  Server server{always(http(429, "slow down", "X-Request-Id: r-1\r\nRETRY-AFTER:  7 \r\n"))};
  NetHouse house;
  auto request = get(server.url("/"));
  request.ticket = 42;
  auto const reply = house.ask(std::move(request));
  CHECK(reply.ticket == 42);
  CHECK(reply.status == 429);
  CHECK(reply.header("x-request-id") == "r-1");
  CHECK(reply.header("retry-after") == "7");
  CHECK(reply.body == "slow down");
  CHECK(reply.complete());
  CHECK(reply.left);
}

TEST_CASE("of several heads the last one counts, and a trailer is no header") {
  Server server{
      always("HTTP/1.1 103 Early\r\nLink: early\r\n\r\n"
             "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nA: 1\r\n\r\n"
             "5\r\nhello\r\n1\r\n!\r\n0\r\nX-Trailer: late\r\n\r\n")};
  NetHouse house;
  auto const reply = house.ask(get(server.url("/")));
  CHECK(reply.complete());
  CHECK(reply.status == 200);
  CHECK(reply.body == "hello!");
  CHECK(reply.header("link").empty());
  CHECK(reply.header("x-trailer").empty());
  CHECK(reply.header("a") == "1");
}

TEST_CASE("a packed answer is unpacked, and only the endpoint is asked for one") {
  Server server{always(http(200, gzipped("{\"a\":1}"), "Content-Encoding: gzip\r\n"))};
  NetSettings settings;
  settings.foreign_may_be_private = true;
  NetHouse house{settings};
  CHECK(house.ask(get(server.url("/"))).body == "{\"a\":1}");

  auto foreign = get(server.url("/picture"));
  foreign.origin = Origin::Foreign;
  house.ask(std::move(foreign));
  auto download = get(server.url("/picture"));
  download.sink = std::make_shared<Heap>();
  house.ask(std::move(download));

  auto const seen = server.seen();
  CHECK(seen[0].header("accept-encoding") == "gzip");
  CHECK(seen[1].header("accept-encoding").empty());
  CHECK(seen[2].header("accept-encoding").empty());
}

TEST_CASE("a body that is cut short is a failure that has a status") {
  Server server{always("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nonly this", After::Close)};
  NetHouse house;
  auto const reply = house.ask(get(server.url("/")));
  CHECK(reply.status == 200);
  CHECK(reply.body == "only this");
  CHECK_FALSE(reply.complete());
  CHECK_FALSE(reply.local);
}

TEST_CASE("a head that is cut short is no status") {
  Server server{always("HTTP/1.1 200 OK\r\nContent-Le", After::Close)};
  NetHouse house;
  auto const reply = house.ask(get(server.url("/")));
  CHECK(reply.status == 0);
  CHECK_FALSE(reply.complete());
}

TEST_CASE("an interim head alone is no answer") {
  Server server{always("HTTP/1.1 100 Continue\r\n\r\n", After::Close)};
  NetHouse house;
  auto const reply = house.ask(post(server.url("/"), "{}", Repeat::Never));
  CHECK(reply.status == 0);
  CHECK(reply.left);
  CHECK_FALSE(reply.complete());
}

TEST_CASE("a head without end is cut off") {
  std::string many;
  for (int i = 0; i < 2000; ++i) many += "X-Filler: " + std::string(60, 'x') + "\r\n";
  Server server{always(http(200, "", many))};
  NetHouse house;
  auto const reply = house.ask(get(server.url("/")));
  CHECK(reply.local);
  CHECK(reply.failure.find("head is longer") != std::string::npos);
}

TEST_CASE("a body longer than allowed is cut off, with a sink or without, packed or not") {
  Server server{[](Seen const& request) {
    if (request.target == "/bomb")
      return Said{http(200, gzipped(std::string(5000, 'x')), "Content-Encoding: gzip\r\n"), After::Keep};
    return Said{http(200, std::string(5000, 'x')), After::Keep};
  }};
  NetHouse house;
  for (auto const* path : {"/plain", "/bomb"}) {
    auto request = get(server.url(path));
    request.body_limit = 4999;
    auto const reply = house.ask(std::move(request));
    CHECK(reply.local);
    CHECK(reply.failure.find("4999") != std::string::npos);
  }
  auto request = get(server.url("/sink"));
  request.body_limit = 4999;
  request.sink = std::make_shared<Heap>();
  CHECK(house.ask(std::move(request)).local);

  auto exact = get(server.url("/exact"));
  exact.body_limit = 5000;
  CHECK(house.ask(std::move(exact)).complete());
}

TEST_CASE("a sink gets the bytes of a success, and the reply none") {
  Server server{always(http(200, "picture"))};
  NetHouse house;
  auto const heap = std::make_shared<Heap>();
  auto request = get(server.url("/"));
  request.sink = heap;
  auto const reply = house.ask(std::move(request));
  CHECK(reply.complete());
  CHECK(heap->bytes == "picture");
  CHECK(reply.body.empty());
}

TEST_CASE("a sink gets nothing of an error page, and the reply its beginning") {
  Server server{always(http(403, std::string(100'000, 'e')))};
  NetHouse house;
  auto const heap = std::make_shared<Heap>();
  auto request = get(server.url("/"));
  request.sink = heap;
  auto const reply = house.ask(std::move(request));
  CHECK(reply.complete());
  CHECK(reply.status == 403);
  CHECK(heap->bytes.empty());
  CHECK(reply.body.size() == 65536);
}

TEST_CASE("a sink that says no ends the transfer with its own words") {
  Server server{always(http(200, "picture"))};
  NetHouse house;
  auto const heap = std::make_shared<Heap>();
  heap->most = 3;
  auto request = get(server.url("/"));
  request.sink = heap;
  auto const reply = house.ask(std::move(request));
  CHECK(reply.local);
  CHECK(reply.status == 200);
  CHECK(reply.failure.find("the heap is full") != std::string::npos);
}

TEST_CASE("what a sink throws reaches the caller, and the rest goes on") {
  struct Bomb final : BodySink {
    bool take(std::string_view) override { throw std::domain_error{"boom"}; }
    std::string complaint() const override { return {}; }
  };
  Server server{always(http(200, "picture"))};
  NetHouse house;
  auto request = get(server.url("/"));
  request.ticket = 1;
  request.sink = std::make_shared<Bomb>();
  house.http().start(std::move(request));
  CHECK_THROWS_AS(house.collect(1), std::domain_error);
  auto const reply = house.collect(1).front();  // every request has its reply
  CHECK(reply.ticket == 1);
  CHECK(reply.local);
  CHECK(house.ask(get(server.url("/"))).body == "picture");
}
