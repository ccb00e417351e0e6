#pragma once

#include "bench/utilisation-program/scene.h"

namespace wanspool::bench {

// Numbers alone: they cross from one process to another in shared memory.
struct Figures {
  bool finished = false;
  int tasks = 0;          // accepted
  double steady = 0;      // share of the slots' time that was used while there was work
  double makespan = 0;    // beside that of whoever notices every end at once and keeps the limit of creates
  double polls = 0;       // single queries a task
  double lists = 0;       // a second
  double queries = 0;     // a second
  double lag = 0;         // seconds from a task's end to its being noticed: the median
  double lag_p95 = 0;     // and what 95 of 100 do not exceed
  int refused_slots = 0;  // creates
  int refused_rate = 0;
  double took = 0;  // real seconds
};

Figures figures_of(test::World const& world, Scene const& scene);

}  // namespace wanspool::bench
