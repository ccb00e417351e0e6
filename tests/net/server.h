#pragma once

#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "base/fd.h"

// A server on loopback that does what its script says and remembers every request it has read whole.
namespace wanspool::test {

struct Seen {
  int connection = 0;  // counted from 1
  std::string method;
  std::string target;
  std::string head;
  std::string body;

  // "" where there is none. `name` in lower case.
  std::string header(std::string_view name) const;
};

enum class After { Keep, Close };

struct Said {
  std::string bytes;  // "" says nothing
  After after = After::Keep;
};

// "HTTP/1.1 200 OK" with a length and `extra` header lines.
std::string http(int status, std::string_view body, std::string_view extra = "");

class Server {
 public:
  using Script = std::function<Said(Seen const&)>;

  explicit Server(Script script);
  ~Server();
  Server(Server const&) = delete;
  Server& operator=(Server const&) = delete;

  int port() const { return port_; }
  std::string url(std::string_view path, std::string_view host = "127.0.0.1") const;
  std::vector<Seen> seen() const;
  int count(std::string_view method) const;

 private:
  struct Connection {
    Fd fd;
    int number = 0;
    std::string unread;
  };

  void run();
  void accept_one();
  // false: the connection is over.
  bool serve(Connection& connection);
  bool answer_all(Connection& connection);

  Script const script_;
  Fd listener_;
  Fd stop_;
  int port_ = 0;
  int accepted_ = 0;
  std::vector<Connection> connections_;
  mutable std::mutex mutex_;
  std::vector<Seen> seen_;  // under mutex_
  std::thread thread_;
};

}  // namespace wanspool::test
