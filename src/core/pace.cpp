#include "core/pace.h"

#include <algorithm>
#include <vector>

namespace wanspool {
namespace {

constexpr std::size_t kKept = 64;

milliseconds quantile(std::deque<milliseconds> const& lengths, double share) {
  std::vector<milliseconds> sorted{lengths.begin(), lengths.end()};
  auto const at = static_cast<std::ptrdiff_t>(share * static_cast<double>(sorted.size() - 1));
  std::nth_element(sorted.begin(), sorted.begin() + at, sorted.end());
  return sorted[static_cast<std::size_t>(at)];
}

}  // namespace

void ServiceTimes::add(milliseconds length) {
  lately_.push_back(std::max(length, milliseconds{0}));
  if (lately_.size() > kKept) lately_.pop_front();
}

Pace ServiceTimes::pace() const {
  if (lately_.empty()) return {milliseconds{1000}, milliseconds{1000}};
  auto const step = std::clamp(usual() / 20, milliseconds{100}, milliseconds{5000});
  return {std::max(quantile(lately_, 0.1) - step, milliseconds{50}), step};
}

milliseconds ServiceTimes::usual() const {
  return lately_.empty() ? milliseconds{0} : quantile(lately_, 0.5);
}

}  // namespace wanspool
