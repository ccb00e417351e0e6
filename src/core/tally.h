#pragma once

#include <array>
#include <cstdint>

#include "core/task.h"

namespace wanspool {

// What a progress line shows: how many tasks are in each state, the pictures that are safe, and the ledger.
struct Tally {
  std::array<std::int64_t, kStates> tasks{};
  std::int64_t pictures = 0;
  Money reserved, spent, uncertain;

  void add(Task const& task) { count(task, 1); }
  void remove(Task const& task) { count(task, -1); }
  std::int64_t operator[](State state) const { return tasks[static_cast<std::size_t>(state)]; }
  std::int64_t total() const {
    std::int64_t sum = 0;
    for (auto const each : tasks) sum += each;
    return sum;
  }

 private:
  void count(Task const& task, int sign) {
    tasks[static_cast<std::size_t>(task.state)] += sign;
    pictures += sign * task.pictures_safe();
    reserved += task.reserved * sign;
    spent += task.spent * sign;
    uncertain += task.uncertain * sign;
  }
};

}  // namespace wanspool
