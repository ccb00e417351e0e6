#pragma once

#include <memory>
#include <string>

#include "base/http.h"

// The room of libcurl: the Http seam over one curl_multi, on the caller's thread.
namespace wanspool {

struct NetSettings {
  std::string user_agent;
  bool foreign_may_be_private = false;  // only where the endpoint itself is loopback (design §4)
  milliseconds stall{30'000};           // a transfer slower than 1 byte/s for so long is ended
  int connections_most = 256;
};

std::unique_ptr<Http> open_net(NetSettings const& settings, Clock const& clock);

}  // namespace wanspool
