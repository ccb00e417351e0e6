#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <queue>
#include <string>
#include <vector>

#include "base/fd.h"
#include "emulator/wire.h"

// Sockets: one thread, one port on loopback, epoll.
namespace wanspool::emulator {

struct Handler {
  virtual ~Handler() = default;
  virtual Answer answer(Asked const& asked) = 0;
  virtual Manner greet() = 0;  // for a connection that was just accepted
  virtual void shoot() = 0;    // kills the process under test
};

class Server {
 public:
  // Throws std::system_error if the port cannot be had.
  Server(int port, std::size_t body_limit);
  ~Server();

  int port() const { return port_; }
  // Serves until `stop_fd` is readable.
  void run(Handler& handler, int stop_fd);

 private:
  using SteadyTime = std::chrono::steady_clock::time_point;
  struct Connection;
  // A connection's serial says whether a timer still means the one that has the descriptor now.
  struct Timer {
    SteadyTime at;
    int fd;
    std::uint64_t serial;
    bool operator>(Timer const& other) const { return at > other.at; }
  };

  void accept_all(Handler& handler);
  void take(int fd, Handler& handler);
  void readable(Connection& connection, Handler& handler);
  void serve(Connection& connection, Handler& handler);
  void serve_all(Connection& connection, Handler& handler);
  void respond(Connection& connection, Handler& handler, Asked const& asked);
  void pump(Connection& connection, Handler& handler);
  bool write_some(Connection& connection);
  void finished(Connection& connection, Handler& handler);
  void run_timers(Handler& handler);
  int next_timeout() const;
  void set_timer(Connection& connection, SteadyTime at);
  void watch(Connection& connection, bool writing);
  void close(Connection& connection);
  void reset(Connection& connection);

  Fd listener_;
  Fd epoll_;
  int port_ = 0;
  std::size_t body_limit_;
  std::uint64_t serials_ = 0;
  std::vector<std::unique_ptr<Connection>> connections_;  // by descriptor
  std::vector<std::unique_ptr<Connection>> dead_;         // freed once nobody up the stack uses them
  std::priority_queue<Timer, std::vector<Timer>, std::greater<>> timers_;
};

}  // namespace wanspool::emulator
