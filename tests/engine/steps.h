#pragma once

#include <functional>
#include <string>

// Counts every commit, request and file operation of the simulated house and can stop the program at one of
// them, as a power cut would: by an exception that nothing in the house catches.
namespace wanspool::test {

struct Crash {};

struct Steps {
  int taken = 0;
  int crash_at = 0;  // 0: never
  void take() {
    if (++taken == crash_at) throw Crash{};
  }
};

// The one that the simulated disk counts into; nullptr: the disk is as usual.
extern Steps* current_steps;

// What the disk answers to a call ("create", "write", "sync", "rename", "make", "remove") on this path, as an
// errno; 0, and where the function is empty: it does as it is told.
extern std::function<int(std::string const& call, std::string const& path)> disk_fault;

}  // namespace wanspool::test
