#include <doctest/doctest.h>
#include <sys/eventfd.h>

#include <algorithm>
#include <set>

#include "base/fd.h"
#include "net/house.h"
#include "net/server.h"

using namespace wanspool;
using namespace wanspool::test;

TEST_SUITE_BEGIN("net");

namespace {

Said fine(Seen const&) {
  return {http(200, "{}"), After::Keep};
}

Said mute(Seen const&) {
  return {};
}

// Waits until the server has read so many requests.
void until_seen(NetHouse& house, Server const& server, std::size_t count) {
  while (server.seen().size() < count) CHECK(house.http().wait(house.in(milliseconds{1}), {}).empty());
}

}  // namespace

TEST_CASE("a wait ends at its instant, also one that is past, with nothing to say") {
  NetHouse house;
  auto const until = house.in(milliseconds{20});
  CHECK(house.http().wait(until, {}).empty());
  CHECK(house.now() >= until);
  CHECK(house.http().wait(Instant{}, {}).empty());
  CHECK(house.http().wait(Instant::min(), {}).empty());
}

TEST_CASE("a readable descriptor ends a wait that has no end") {
  Server server{mute};
  NetHouse house;
  Fd const bell{::eventfd(1, EFD_CLOEXEC | EFD_NONBLOCK)};
  int const wake[] = {bell.get()};
  CHECK(house.http().wait(Instant::max(), wake).empty());
  house.http().start(get(server.url("/")));
  CHECK(house.http().wait(Instant::max(), wake).empty());
  std::uint64_t value = 0;
  CHECK(::read(bell.get(), &value, sizeof value) == sizeof value);  // nobody drained it
}

TEST_CASE("a pipe whose other end is closed wakes too") {
  NetHouse house;
  int ends[2] = {};
  REQUIRE(::pipe(ends) == 0);
  Fd const reader{ends[0]};
  Fd{ends[1]}.reset();
  int const wake[] = {reader.get()};
  CHECK(house.http().wait(Instant::max(), wake).empty());
}

TEST_CASE("after a sleep open transfers end as failures, and the next has a new connection") {
  Server server{[](Seen const& request) { return request.target == "/mute" ? Said{} : fine(request); }};
  NetHouse house;
  REQUIRE(house.ask(get(server.url("/"))).complete());
  house.http().start(post(server.url("/mute"), "{}", Repeat::Never));
  house.http().start(get(server.url("/mute")));
  until_seen(house, server, 3);
  house.http().drop_connections();
  for (auto const& reply : house.collect(2)) {
    CHECK(reply.left);
    CHECK_FALSE(reply.complete());
    CHECK_FALSE(reply.local);
    CHECK(reply.failure.find("dropped after a sleep") != std::string::npos);
  }
  CHECK(house.ask(get(server.url("/"))).complete());
  auto const seen = server.seen();
  CHECK(std::none_of(seen.begin(), seen.end() - 1,
                     [&](auto const& each) { return each.connection == seen.back().connection; }));
}

TEST_CASE("after a sleep no idle connection is used again") {
  Server server{fine};
  NetHouse house;
  REQUIRE(house.ask(get(server.url("/"))).complete());
  house.http().drop_connections();
  REQUIRE(house.ask(get(server.url("/"))).complete());
  CHECK(server.seen().back().connection == 2);
}

TEST_CASE("two hundred transfers at once all come home, each once") {
  Server server{fine};
  NetHouse house;
  std::set<std::uint64_t> tickets;
  for (std::uint64_t i = 1; i <= 200; ++i) {
    auto request = get(server.url("/tasks/" + std::to_string(i)));
    request.ticket = i;
    house.http().start(std::move(request));
  }
  for (auto const& reply : house.collect(200)) {
    CHECK(reply.complete());
    tickets.insert(reply.ticket);
  }
  CHECK(tickets.size() == 200);
  CHECK(server.seen().size() == 200);
}

TEST_CASE("more transfers than connections wait for their turn") {
  Server server{fine};
  auto settings = NetHouse::plain();
  settings.connections_most = 3;
  NetHouse house{settings};
  for (int i = 0; i < 20; ++i) house.http().start(get(server.url("/")));
  for (auto const& reply : house.collect(20)) CHECK(reply.complete());
  auto const seen = server.seen();
  CHECK(std::all_of(seen.begin(), seen.end(), [](auto const& each) { return each.connection <= 3; }));
}

TEST_CASE("paid requests find room for their own connections among idle ones") {
  Server server{fine};
  auto settings = NetHouse::plain();
  settings.connections_most = 3;
  NetHouse house{settings};
  for (int i = 0; i < 20; ++i) house.http().start(post(server.url("/create"), "{}", Repeat::Never));
  for (auto const& reply : house.collect(20)) CHECK(reply.complete());
  std::set<int> connections;
  for (auto const& each : server.seen()) connections.insert(each.connection);
  CHECK(connections.size() == 20);
}

TEST_CASE("time spent waiting for a turn does not count against a request") {
  Server server{[](Seen const& request) { return request.target == "/mute" ? Said{} : fine(request); }};
  auto settings = NetHouse::plain();
  settings.connections_most = 1;
  // Where it counted, the second would never have time enough.
  with_time_enough(milliseconds{60}, [&](milliseconds time) {
    NetHouse house{settings};
    auto first = get(server.url("/mute"));
    first.timeout = time * 2;
    auto second = get(server.url("/"));
    second.timeout = time;
    house.http().start(std::move(first));
    house.http().start(std::move(second));
    auto const replies = house.collect(2);
    CHECK_FALSE(replies[0].complete());
    return replies[1].complete();
  });
}

TEST_CASE("a house may be left while its transfers are open") {
  Server server{mute};
  NetHouse house;
  for (int i = 0; i < 10; ++i) house.http().start(get(server.url("/")));
  until_seen(house, server, 10);
  house.http().start(get("http://nobody.invalid/"));
}
