#pragma once

#include <cstdint>
#include <string>

#include "sim/schedule.h"

namespace wanspool::sim {

struct Sums {
  std::int64_t seeds = 0, failures = 0;
  std::int64_t turns = 0, steps = 0, creates = 0, tasks = 0, doubts = 0;
  std::int64_t crashes = 0, power_cuts = 0, in_recovery = 0, taken_back = 0;
  std::int64_t done = 0, failed = 0, held = 0, adopted = 0, pictures = 0;
  std::int64_t errands = 0, in_errand = 0, paused = 0, canceled = 0;

  Sums& operator+=(Sums const& other);
  std::string words() const;
};

struct Outcome {
  std::string broken;       // "" if all is well; else the invariant and what was seen
  std::uint64_t trace = 0;  // a sum over all that happened: the same for the same seed
  Sums sums;
};

// The whole house under this schedule. `tell`: all that happens goes to standard error.
Outcome simulate(Schedule const& schedule, bool tell);

}  // namespace wanspool::sim
