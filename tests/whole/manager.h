#pragma once

#include <doctest/doctest.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <chrono>
#include <filesystem>
#include <string>

#include "base/fd.h"
#include "whole/stage.h"

namespace wanspool::whole {

// The service manager's side of sd_notify.
class Manager {
 public:
  explicit Manager(std::filesystem::path const& socket)
      : fd_{::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0)} {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    socket.string().copy(address.sun_path, sizeof address.sun_path - 1);
    REQUIRE(::bind(fd_.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
  }
  // Reads on until `words` have been heard.
  void await(std::string const& words) {
    whole::await("the daemon to say " + words, [&] {
      listen();
      return heard_.find(words) != std::string::npos;
    });
  }
  // Reads on until nothing was said for so long.
  void await_silence(std::chrono::milliseconds length) {
    auto last = std::chrono::steady_clock::now();
    whole::await("the daemon to say nothing", [&] {
      auto const now = std::chrono::steady_clock::now();
      if (listen()) last = now;
      return now >= last + length;
    });
  }
  void forget() { heard_.clear(); }

 private:
  // Whether something was said.
  bool listen() {
    auto const before = heard_.size();
    char text[4096];
    for (ssize_t got; (got = ::recv(fd_.get(), text, sizeof text, MSG_DONTWAIT)) >= 0;)
      heard_.append(text, static_cast<std::size_t>(got)).append("\n");
    return heard_.size() > before;
  }

  Fd fd_;
  std::string heard_;
};

}  // namespace wanspool::whole
