#pragma once

#include "sim/schedule.h"

namespace wanspool::sim {

// What happens to each request, by the schedule's shares and outages.
class Weather {
 public:
  explicit Weather(Schedule const& schedule)
      : schedule_{schedule}, dice_{schedule.seed ^ 0x6a09e667f3bcc909u} {}

  // `since`: the beginning of the world.
  test::World::Fault fault(test::World::What what, milliseconds since);
  void calm() { calm_ = true; }
  // Creates whose answer said nothing.
  int doubts() const { return doubts_; }

 private:
  Schedule const& schedule_;
  Dice dice_;
  bool calm_ = false;
  int doubts_ = 0, bad_pictures_ = 0, unknowns_ = 0;
};

}  // namespace wanspool::sim
