#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <random>
#include <stdexcept>

#include "base/fd.h"

namespace wanspool::test {

// A port of loopback where nobody listens. It is none of those that a system gives out by itself (ip(7)),
// which the tests beside this one may be given the next moment.
inline int closed_port() {
  std::random_device dice;
  std::uniform_int_distribution<int> among{20'000, 32'000};
  for (int tries = 0; tries < 1000; ++tries) {
    auto const port = among(dice);
    Fd const fd{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (::bind(fd.get(), reinterpret_cast<sockaddr const*>(&address), sizeof address) == 0) return port;
  }
  throw std::runtime_error{"no port of loopback is free"};
}

}  // namespace wanspool::test
