#pragma once

#include <deque>

#include "core/policy.h"

namespace wanspool {

// How long a lane's tasks have lately taken, and from it when to ask for the next ones: first near the low
// end, then often enough that a finished task is noticed within a twentieth of the usual time.
class ServiceTimes {
 public:
  void add(milliseconds length);
  // Before anything is known: soon, and then more rarely as the task grows old (learn() sees to that).
  Pace pace() const;
  // The median; 0 while nothing is known.
  milliseconds usual() const;

 private:
  std::deque<milliseconds> lately_;
};

}  // namespace wanspool
