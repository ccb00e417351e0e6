#include "net/reach.h"

#include <arpa/inet.h>
#include <doctest/doctest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/fd.h"

using namespace wanspool;

TEST_SUITE_BEGIN("net");

namespace {

struct Listener {
  Listener() {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    REQUIRE(::bind(fd.get(), reinterpret_cast<sockaddr const*>(&address), sizeof address) == 0);
    REQUIRE(::listen(fd.get(), 8) == 0);
    socklen_t size = sizeof address;
    REQUIRE(::getsockname(fd.get(), reinterpret_cast<sockaddr*>(&address), &size) == 0);
    url = "http://127.0.0.1:" + std::to_string(ntohs(address.sin_port)) + "/api/v1";
  }
  Fd fd{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
  std::string url;
};

}  // namespace

TEST_CASE("an address is reached without a byte of a request") {
  Listener const listener;
  CHECK(try_to_reach(listener.url, seconds{10}) == "");
  Fd const caller{::accept4(listener.fd.get(), nullptr, nullptr, SOCK_CLOEXEC)};
  char byte = 0;
  CHECK(::read(caller.get(), &byte, 1) == 0);
}

TEST_CASE("an address that cannot be reached, and one that is none, are told why") {
  std::string url;
  {
    Listener const listener;
    url = listener.url;
  }
  CHECK(try_to_reach(url, seconds{10}).find("connect") != std::string::npos);
  CHECK(try_to_reach("ftp://127.0.0.1/", seconds{10}) != "");
}

TEST_SUITE_END();
