#include <doctest/doctest.h>

#include <cstdlib>
#include <optional>

#include "net/address.h"
#include "net/house.h"
#include "net/server.h"

using namespace wanspool;
using namespace wanspool::test;

TEST_SUITE_BEGIN("net");

namespace {

Said fine(Seen const&) {
  return {http(200, "{}"), After::Keep};
}

Request foreign(std::string url) {
  auto request = get(std::move(url));
  request.origin = Origin::Foreign;
  return request;
}

// Sets a variable of the environment and puts the old value back.
class Variable {
 public:
  Variable(char const* name, char const* value) : name_{name} {
    if (auto const* const old = std::getenv(name)) old_ = old;
    value ? ::setenv(name, value, 1) : ::unsetenv(name);
  }
  Variable(Variable const&) = delete;
  Variable& operator=(Variable const&) = delete;
  ~Variable() { old_ ? ::setenv(name_, old_->c_str(), 1) : ::unsetenv(name_); }

 private:
  char const* name_;
  std::optional<std::string> old_;
};

}  // namespace

TEST_CASE("addresses that do not lead out into the world are known by their networks") {
  for (auto const* address : {"0.0.0.0",
                              "0.1.2.3",
                              "10.0.0.1",
                              "10.255.255.255",
                              "100.64.0.1",
                              "100.100.100.200",
                              "100.127.255.255",
                              "127.0.0.1",
                              "127.255.0.1",
                              "169.254.169.254",
                              "172.16.0.1",
                              "172.31.255.255",
                              "192.0.0.8",
                              "192.0.2.1",
                              "192.168.1.1",
                              "198.51.100.7",
                              "203.0.113.9",
                              "224.0.0.1",
                              "239.1.1.1",
                              "240.0.0.1",
                              "255.255.255.255",
                              "::",
                              "::1",
                              "fe80::1",
                              "fe80::1%eth0",
                              "febf::1",
                              "fec0::1",
                              "fc00::1",
                              "fd12:3456::1",
                              "ff02::1",
                              "::ffff:127.0.0.1",
                              "::ffff:10.1.2.3",
                              "::ffff:0:10.1.2.3",
                              "::192.168.0.1",
                              "64:ff9b::10.0.0.1",
                              "64:ff9b::a9fe:a9fe",
                              "64:ff9b:1::1",
                              "2002:0a00:0001::1",
                              "2002:7f00:0001::",
                              "2001:db8::1",
                              "2001::1",
                              "100::1"}) {
    INFO(address);
    CHECK_FALSE(inner_network(address).empty());
  }
}

TEST_CASE("addresses of the open internet, and names, belong to no inner network") {
  for (auto const* address :
       {"1.1.1.1",          "9.255.255.255",       "11.0.0.0",        "100.63.255.255",  "100.128.0.0",
        "126.255.255.255",  "128.0.0.1",           "169.253.255.255", "172.15.255.255",  "172.32.0.0",
        "192.167.255.255",  "192.169.0.0",         "198.18.0.5",      "223.255.255.255", "47.74.92.1",
        "2400:3200::1",     "2606:4700::1111",     "fbff::1",         "fe00::1",         "::ffff:8.8.8.8",
        "64:ff9b::8.8.8.8", "2002:0808:0808::1",   "101::1",          "localhost",       "",
        "10.0.0",           "10.0.0.1.example.com"}) {
    INFO(address);
    CHECK(inner_network(address).empty());
  }
}

TEST_CASE("an address from outside that leads to the loopback is refused, by digits and by name") {
  Server server{fine};
  NetHouse house;
  for (auto const* host : {"127.0.0.1", "localhost", "2130706433", "0x7f.1", "[::ffff:127.0.0.1]"}) {
    INFO(host);
    auto const reply = house.ask(foreign(server.url("/picture?Signature=s3cret", host)));
    CHECK(reply.local);
    CHECK_FALSE(reply.left);
    CHECK(reply.failure.find("refused: ") != std::string::npos);
    CHECK(reply.failure.find("the loopback") != std::string::npos);
    CHECK(reply.failure.find("s3cret") == std::string::npos);
  }
  CHECK(server.seen().empty());
  CHECK(house.ask(get(server.url("/"))).complete());
  CHECK(server.seen().front().connection == 1);  // nothing had even connected
}

TEST_CASE("a kept connection of the endpoint is no way in for an address from outside") {
  Server server{fine};
  NetHouse house;
  REQUIRE(house.ask(get(server.url("/", "localhost"))).complete());
  auto const reply = house.ask(foreign(server.url("/inside", "localhost")));
  CHECK(reply.local);
  CHECK_FALSE(reply.left);
  CHECK(server.seen().size() == 1);
}

TEST_CASE("an address from outside may lead to the loopback where the endpoint does") {
  Server server{fine};
  auto settings = NetHouse::plain();
  settings.foreign_may_be_private = true;
  NetHouse house{settings};
  CHECK(house.ask(foreign(server.url("/"))).complete());
  CHECK(house.ask(foreign(server.url("/", "localhost"))).complete());
}

TEST_CASE("a proxy of the user may be private, what is asked of it may not") {
  Server proxy{fine};
  Variable const http_proxy{"http_proxy", proxy.url("").c_str()};
  Variable const no_proxy{"no_proxy", nullptr};
  Variable const also_no_proxy{"NO_PROXY", nullptr};
  NetHouse house;
  CHECK(house.ask(foreign("http://pictures.invalid/a.png")).complete());
  REQUIRE(proxy.seen().size() == 1);
  CHECK(proxy.seen().front().target == "http://pictures.invalid/a.png");
  CHECK(house.ask(foreign("http://10.1.2.3/a.png")).local);
  CHECK(proxy.seen().size() == 1);
}

TEST_CASE("a paid request that the proxy would not let through has not left") {
  Server proxy{[](Seen const&) { return Said{http(403, "not from here"), After::Keep}; }};
  Variable const https_proxy{"https_proxy", proxy.url("").c_str()};
  Variable const no_proxy{"no_proxy", nullptr};
  Variable const also_no_proxy{"NO_PROXY", nullptr};
  NetHouse house;
  auto const reply = house.ask(post("https://api.invalid/create", "{}", Repeat::Never));
  CHECK(proxy.count("CONNECT") == 1);
  CHECK_FALSE(reply.left);
  CHECK(reply.status == 0);
  CHECK(reply.failure.find("403") != std::string::npos);
}
