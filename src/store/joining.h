#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <map>
#include <string>

namespace wanspool {

// A task that an arriving drop has brought and that may be an equal purchase's double.
struct FreshTask {
  FreshTask(std::string const& fingerprint, std::int64_t id) : task{id} {
    fingerprint.copy(prefix.data(), prefix.size());
  }
  std::array<char, 16> prefix{};  // of its fingerprint, as in the table of fingerprints
  std::int64_t task;
};

// What arriving drops have still to join. A deque, for a vector of a million would be copied as it grows.
struct Joining {
  std::deque<FreshTask> tasks;
  bool sorted = false;
};

}  // namespace wanspool
