#pragma once

#include <string>
#include <vector>

#include "engine/world.h"

// What a row of the table is measured in: an account, and what its tasks take.
namespace wanspool::bench {

struct Scene {
  milliseconds service{60'000};  // the median; log-normal
  int slots = 5;
  bool refuses = false;  // else the account queues
  int tasks = 300;
  unsigned seed = 1;
  int creates = 5, queries = 20, lists = 20;  // a second, for the account and for the house
  int creates_in_flight = 1;                  // of the house

  std::string words() const;
};

// With limits that an account of so many slots needs.
Scene scene_of(milliseconds service, int slots, bool refuses, int tasks, unsigned seed);

// How long each task takes, in the order of their acceptance: the same whoever buys them.
std::vector<milliseconds> services_of(Scene const& scene);

void set_up(test::World& world, Scene const& scene);

}  // namespace wanspool::bench
