#pragma once

#include <deque>
#include <string>
#include <string_view>

#include "core/policy.h"

namespace wanspool {

// How long tasks of one model and mode have lately been worked on, and from it when to ask for the next ones:
// first near the low end, then so densely that a task costs a handful of queries, more rarely in the tail.
class ServiceTimes {
 public:
  void add(milliseconds length);
  void add(ServiceTimes const& others);
  // Before anything is known: soon, and then more rarely as the task grows old (learn() sees to that).
  Pace pace() const;
  // What the list watches is asked for by itself only if the list should be behind.
  Pace watched_pace() const;
  // The median; 0 while nothing is known.
  milliseconds usual() const { return at(0.5); }
  // The length below which this share of them lies, 0 to 1; 0 while nothing is known.
  milliseconds at(double share) const;
  bool is_known() const { return !lately_.empty(); }
  std::size_t samples() const { return lately_.size(); }

  // Whole milliseconds with spaces between them, oldest first; and back, what is no number left out.
  std::string str() const;
  static ServiceTimes read(std::string_view text);

  bool operator==(ServiceTimes const&) const = default;

 private:
  std::deque<milliseconds> lately_;
};

}  // namespace wanspool
