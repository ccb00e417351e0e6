#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/http.h"
#include "net/net.h"

namespace wanspool::test {

// The room under test on a clock of its own.
class NetHouse {
 public:
  explicit NetHouse(NetSettings const& settings = plain());

  static NetSettings plain();
  Http& http() { return *http_; }
  Instant in(milliseconds length) const { return clock_.now() + length; }
  Instant now() const { return clock_.now(); }

  // The reply to this one request.
  Reply ask(Request request);
  // As many replies as are asked for.
  std::vector<Reply> collect(std::size_t count);

 private:
  BootClock clock_;
  std::unique_ptr<Http> http_;
};

// Tries with more and more time until one says that its time was enough: how long a machine stands still
// before a request is sent nobody knows. Fails the test if none ever is.
void with_time_enough(milliseconds first, std::function<bool(milliseconds)> const& was_enough);

Request get(std::string url);
Request post(std::string url, std::string body, Repeat repeat);

// Keeps what it is given.
struct Heap final : BodySink {
  std::string bytes;
  std::size_t most = std::string::npos;

  bool take(std::string_view more) override {
    bytes += more;
    return bytes.size() <= most;
  }
  std::string complaint() const override { return "the heap is full"; }
};

}  // namespace wanspool::test
