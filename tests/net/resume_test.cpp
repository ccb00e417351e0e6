#include <doctest/doctest.h>

#include <algorithm>

#include "engine/sinks.h"
#include "net/house.h"
#include "net/server.h"
#include "provider/provider.h"

using namespace wanspool;
using namespace wanspool::test;

TEST_SUITE_BEGIN("net");

namespace {

// A storage that hangs up in the middle of whatever it is asked for, but for the last few bytes.
Said storage(std::string const& bytes, Seen const& request, bool knows_ranges) {
  auto const range = request.header("range");
  auto const from = knows_ranges && !range.empty() ? std::stoul(range.substr(6)) : 0;
  auto const rest = bytes.substr(from);
  auto const head = from == 0 ? std::string{"HTTP/1.1 200 OK\r\n"}
                              : "HTTP/1.1 206 Partial Content\r\nContent-Range: bytes " +
                                    std::to_string(from) + "-" + std::to_string(bytes.size() - 1) + "/" +
                                    std::to_string(bytes.size()) + "\r\n";
  bool const all = rest.size() < 20 || !knows_ranges;
  return {head + "Content-Length: " + std::to_string(rest.size()) + "\r\n\r\n" +
              rest.substr(0, all ? rest.size() : rest.size() / 2),
          After::Close};
}

// Asks until the picture is whole; how often that was.
int ask_until_whole(sinks::Place const& place, Server const& server) {
  auto settings = NetHouse::plain();
  settings.foreign_may_be_private = true;
  NetHouse house{settings};
  for (int asked = 1; asked < 20; ++asked) {
    auto const url = server.url("/a.png?Signature=" + std::to_string(asked));
    auto const sink = std::make_shared<PictureSink>(place.sink(url));
    auto request = provider::download_request(url, sink->resume_from());
    request.sink = sink;
    auto const reply = house.ask(std::move(request));
    if (reply.complete() && sink->whole()) {
      sink->finish();
      return asked;
    }
    sink->let_go(reply);
  }
  return -1;
}

}  // namespace

TEST_CASE("a picture comes piece by piece from a storage that hangs up again and again") {
  sinks::Place const place;
  Server server{[&](Seen const& request) { return storage(place.bytes, request, true); }};
  CHECK(ask_until_whole(place, server) == 3);
  CHECK(place.text("out/m/a/image-1.png") == place.bytes);
  std::vector<std::string> ranges;
  for (auto const& each : server.seen()) ranges.push_back(each.header("range"));
  REQUIRE(ranges.size() == 3);
  CHECK(ranges[0].empty());
  CHECK(ranges[1] == "bytes=" + std::to_string(place.bytes.size() / 2) + "-");
}

TEST_CASE("a storage that knows no ranges sends all of it, and that is the picture") {
  sinks::Place const place;
  Server server{[&](Seen const& request) { return storage(place.bytes, request, false); }};
  place.interrupt(40, server.url("/a.png"));
  CHECK(ask_until_whole(place, server) == 1);
  CHECK(server.seen().front().header("range") == "bytes=40-");
  CHECK(place.text("out/m/a/image-1.png") == place.bytes);
}
