#pragma once

#include <deque>
#include <map>
#include <string>

#include "base/time.h"

namespace wanspool::emulator {

// Admits `limit` calls of a name in any window of one second, as the provider counts them; 0: all.
class Gate {
 public:
  bool admit(std::string const& name, int limit, Instant now) {
    if (limit == 0) return true;
    auto& times = times_[name];
    while (!times.empty() && now - times.front() >= seconds{1}) times.pop_front();
    if (times.size() >= static_cast<std::size_t>(limit)) return false;
    times.push_back(now);
    return true;
  }

 private:
  std::map<std::string, std::deque<Instant>> times_;
};

}  // namespace wanspool::emulator
