#pragma once

#include <string>
#include <vector>

#include "bench/utilisation-program/figures.h"

// Who buys the tasks of a scene.
namespace wanspool::bench {

// Each caller creates a task, asks for it after these waits, the last again and again, until it has ended,
// and takes the next. What is refused is tried again.
struct Fixed {
  std::string name;
  int callers = 5;
  std::vector<milliseconds> waits;
};

// So many outstanding with polls of 5, 10 and 15 s; the vendor SDK's waits (contract §12) with as many
// callers as there are slots and with more.
std::vector<Fixed> fixed_ones(Scene const& scene);

Figures buy_fixed(Scene const& scene, Fixed const& fixed);

// The engine, with its store and its files, in a house of its own.
Figures buy_with_engine(Scene const& scene);

// 5,000 jobs are queued; 100 s later a manifest of three comes, and is watched for so many service times.
inline constexpr int kFairPatience = 40;
struct Fairness {
  double accepted = -1, ended = -1;  // seconds after it came: its first create, its last end; -1: not yet
};
Fairness be_fair(Scene const& scene);

}  // namespace wanspool::bench
