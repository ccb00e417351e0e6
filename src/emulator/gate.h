#pragma once

#include <deque>
#include <map>
#include <string>

#include "base/time.h"

namespace wanspool::emulator {

// Admits `limit` calls of a name in any window of one second, as the provider counts them.
class Gate {
 public:
  explicit Gate(int limit) : limit_{limit} {}

  bool admit(std::string const& name, Instant now) {
    if (limit_ == 0) return true;
    auto& times = times_[name];
    while (!times.empty() && now - times.front() >= seconds{1}) times.pop_front();
    if (times.size() >= static_cast<std::size_t>(limit_)) return false;
    times.push_back(now);
    return true;
  }

 private:
  int limit_;
  std::map<std::string, std::deque<Instant>> times_;
};

}  // namespace wanspool::emulator
