#pragma once

#include <exception>
#include <memory>
#include <string>

#include "base/http.h"
#include "net/address.h"
#include "net/incoming_reply.h"
#include "net/net.h"

// One request on its way through libcurl: its options, its callbacks, and the words for its end.
namespace wanspool {

// A CURL, which is void to its users.
struct CloseEasy {
  void operator()(void* easy) const noexcept;
};
using Easy = std::unique_ptr<void, CloseEasy>;

struct FreeList {
  void operator()(void* list) const noexcept;
};

// Where certificates are looked for, as the curl tool does; "" leaves it to libcurl.
struct Trust {
  std::string bundle;
  std::string folder;
};
Trust trust_of_environment();

class Transfer {
 public:
  Transfer(Request request, NetSettings const& settings);
  // libcurl knows its address.
  Transfer(Transfer const&) = delete;
  Transfer& operator=(Transfer const&) = delete;

  // "" if it may be sent; else why not, and finish() is all that is left.
  std::string const& refusal() const { return refusal_; }

  // Takes a handle in its first state and sets it up. Throws if libcurl does not know an option.
  void prepare(Easy easy, Trust const& trust);
  void* handle() const { return easy_.get(); }
  Easy give_back();

  // Its reply, once: `code` is the CURLcode it ended with.
  Reply finish(int code);
  Reply finish_dropped();

  // What the sink threw, if it did.
  std::exception_ptr thrown() const { return thrown_; }

 private:
  friend struct Callbacks;

  enum class Whose { Ours, Network };
  Reply reply_with(std::string const& failure, Whose whose);
  std::string words_for(int code) const;
  void end_body() noexcept;
  // True if the house may not connect there; refusal_ then says why.
  bool refuse(std::string_view address, int port);
  bool guarded() const;

  void set_address();
  void set_headers();
  void set_method();
  void set_patience();
  void set_trust(Trust const& trust);
  void set_callbacks();

  Request const request_;
  NetSettings const& settings_;
  Target const target_;
  IncomingReply reply_so_far_;
  Easy easy_;
  std::unique_ptr<void, FreeList> headers_;
  std::exception_ptr thrown_;
  std::string refusal_;
  int departures_ = 0;  // times it was about to be written to a connected server
  bool stopped_second_ = false;
  char error_[256] = {};  // CURL_ERROR_SIZE
};

}  // namespace wanspool
