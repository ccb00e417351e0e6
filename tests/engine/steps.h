#pragma once

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

}  // namespace wanspool::test
