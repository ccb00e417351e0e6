#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"

// The second seam: what the house asks of the network and what it hears back. The room net/ answers it with
// libcurl, tests answer it with a world of their own.
namespace wanspool {

struct Header {
  std::string name;
  std::string value;
};

enum class Method { Get, Post };

// Never: a paid request. It leaves on a connection of its own and at most once; nothing below the engine
// may send it again (libcurl does by itself when a reused connection dies before the first answer byte).
enum class Repeat { Allowed, Never };

// Endpoint: the address is the configured one and is trusted as it is.
// Foreign: the address came out of an answer or a manifest. Private, loopback and link-local networks are
// refused on the address connected to, and no redirect leads there.
enum class Origin { Endpoint, Foreign };

// Takes the body of a successful (2xx) reply piece by piece.
struct BodySink {
  virtual ~BodySink() = default;
  // Once, before the first byte: the status (200, 206 …) and the Content-Range header, "" where there is
  // none. false ends the transfer.
  virtual bool begin(int status, std::string_view content_range) {
    return static_cast<void>(status), static_cast<void>(content_range), true;
  }
  // false ends the transfer; `complaint` then says why.
  virtual bool take(std::string_view bytes) = 0;
  virtual std::string complaint() const = 0;
};

struct Request {
  std::uint64_t ticket = 0;  // the caller's; comes back in the reply
  Method method = Method::Get;
  std::string url;  // sent byte for byte
  std::vector<Header> headers;
  std::string body;  // for Post
  Repeat repeat = Repeat::Allowed;
  Origin origin = Origin::Endpoint;
  milliseconds timeout{60'000};        // connect to last byte
  std::size_t body_limit = 16u << 20;  // bytes of body, sink or not, after which the transfer is ended
  std::shared_ptr<BodySink> sink;      // else the body comes in the reply; bodies that are not 2xx always do
};

struct Reply {
  std::uint64_t ticket = 0;
  bool left = false;  // the request was about to be written to a connected server: it may have been read
  int status = 0;     // 0: no answer's head was read
  std::vector<Header> headers;  // names in lower case, of the last head read
  std::string body;
  std::string failure;     // "" if the answer was read to its end; else what went wrong, for a person
  bool timed_out = false;  // our patience ended it: the server may still be at it
  bool local =
      false;  // the failure is ours (the sink said no, a limit, a refused address), not the network's

  bool complete() const { return failure.empty() && status != 0; }
  // "" where there is none. `name` in lower case.
  std::string_view header(std::string_view name) const {
    for (auto const& each : headers)
      if (each.name == name) return each.value;
    return {};
  }
};

struct Http {
  virtual ~Http() = default;
  // Takes the request at once; its reply comes out of a later wait(), exactly one for each request.
  virtual void start(Request request) = 0;
  // The only place where time passes. Returns when a reply is there, when a descriptor of `wake` is readable,
  // or at `until`, whichever is first. Replies may be none.
  virtual std::vector<Reply> wait(Instant until, std::span<int const> wake) = 0;
  // After the machine slept: idle connections are closed, open transfers end as failures.
  virtual void drop_connections() = 0;
};

}  // namespace wanspool
