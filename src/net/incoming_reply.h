#pragma once

#include <string_view>

#include "base/http.h"

namespace wanspool {

// One answer as it comes in: its last head, and its body or what the sink said to it. Knows nothing of
// libcurl.
class IncomingReply {
 public:
  explicit IncomingReply(Request const& request) : request_{request} { reply_.ticket = request.ticket; }

  // Both: false ends the transfer, complaint() says why. May throw what the sink throws.
  bool take_head_line(std::string_view line);
  bool take_body(std::string_view bytes);
  // The answer was read to its end: a sink hears of a success that had no body too.
  bool end();

  std::string const& complaint() const { return complaint_; }
  Reply& reply() { return reply_; }

 private:
  bool for_sink() const;
  bool begin_sink();
  bool feed_sink(std::string_view bytes);
  bool unwanted();

  Request const& request_;
  Reply reply_;
  std::string complaint_;
  bool in_head_ = false;
  bool sink_begun_ = false;
  int head_status_ = 0;
  std::size_t head_bytes_ = 0;
  std::size_t body_bytes_ = 0;
};

}  // namespace wanspool
