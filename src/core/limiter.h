#pragma once

#include <deque>

#include "base/time.h"

namespace wanspool {

// Of N requests in a window the next leaves no sooner than one window after the answer of the request N
// before it. That holds at the provider for any latency, where a token bucket does not.
class Limiter {
 public:
  // `most` requests per `window`; 0: no limit.
  Limiter(int most, milliseconds window) : most_{most}, window_{window} {}

  // From now on; what has left counts on.
  void narrow(int most) { most_ = most; }
  // The same, with another window. Of what has left before as much is remembered as the old limit asked for:
  // where the new one asks for more, as many as it allows count as just answered.
  void change(int most, milliseconds window, Instant now);

  // How many may leave at `now`.
  int allowance(Instant now);
  // When the next one may leave, if requests that are in flight do not end before; `now` if at once,
  // Instant::max() if only an answer can tell.
  Instant opens(Instant now);

  void began() { ++in_flight_; }
  void ended(Instant answered);
  // After a start: what was sent before, and an answer nobody remembers, counts as answered then.
  void recall(Instant answered);

 private:
  void forget(Instant now);

  int most_;
  milliseconds window_;
  int in_flight_ = 0;
  std::deque<Instant> answers_;  // of the last window, oldest first
};

}  // namespace wanspool
