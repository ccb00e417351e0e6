#include "core/limiter.h"

#include <algorithm>
#include <limits>

namespace wanspool {
namespace {

// Our clock shows whole milliseconds: an answer that it stamps 10 may have come at 10.9.
constexpr milliseconds kTick{1};

}  // namespace

void Limiter::forget(Instant now) {
  // An answer from the future is a clock that was set back between two starts: it counts as of now.
  for (auto& each : answers_) each = std::min(each, now);
  while (!answers_.empty() && answers_.front() + window_ + kTick <= now) answers_.pop_front();
}

int Limiter::allowance(Instant now) {
  if (most_ == 0) return std::numeric_limits<int>::max();
  forget(now);
  return std::max(0, most_ - in_flight_ - static_cast<int>(answers_.size()));
}

Instant Limiter::opens(Instant now) {
  if (allowance(now) > 0) return now;
  // All answers but `most_ - 1 - in_flight_` have to grow old.
  auto const waits_for =
      answers_.size() + static_cast<std::size_t>(in_flight_) - static_cast<std::size_t>(most_);
  return waits_for < answers_.size() ? answers_[waits_for] + window_ + kTick : Instant::max();
}

void Limiter::change(int most, milliseconds window, Instant now) {
  bool const forgot = (most_ == 0 && most > 0) || window > window_;
  most_ = most;
  window_ = window;
  for (int i = 0; forgot && i < most; ++i) recall(now);
}

void Limiter::ended(Instant answered) {
  --in_flight_;
  recall(answered);
}

void Limiter::recall(Instant answered) {
  if (most_ == 0) return;
  answers_.insert(std::upper_bound(answers_.begin(), answers_.end(), answered), answered);
}

}  // namespace wanspool
