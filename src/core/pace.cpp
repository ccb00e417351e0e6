#include "core/pace.h"

#include <algorithm>
#include <charconv>
#include <vector>

namespace wanspool {
namespace {

constexpr std::size_t kKept = 64, kFew = 4;
// Queries that the stretch between the quick and the slow is laid out with.
constexpr int kQueries = 8;
constexpr milliseconds kStepLeast{100}, kStepMost{5000}, kFirstLeast{50};

}  // namespace

void ServiceTimes::add(milliseconds length) {
  lately_.push_back(std::max(length, milliseconds{0}));
  if (lately_.size() > kKept) lately_.pop_front();
}

void ServiceTimes::add(ServiceTimes const& others) {
  lately_.insert(lately_.end(), others.lately_.begin(), others.lately_.end());
}

milliseconds ServiceTimes::at(double share) const {
  if (lately_.empty()) return milliseconds{0};
  std::vector<milliseconds> sorted{lately_.begin(), lately_.end()};
  auto const index = static_cast<std::ptrdiff_t>(share * static_cast<double>(sorted.size() - 1));
  std::nth_element(sorted.begin(), sorted.begin() + index, sorted.end());
  return sorted[static_cast<std::size_t>(index)];
}

Pace ServiceTimes::pace() const {
  if (lately_.empty()) return {};
  // Where all take the same the twentieth of that is near enough.
  auto const stretch = std::max((at(0.9) - at(0.1)) / kQueries, usual() / 40);
  auto const step = std::clamp(stretch, kStepLeast, kStepMost);
  // Few may all have been slow ones.
  auto const low = lately_.size() < kFew ? at(0) / 2 : at(0.1);
  return {std::max(low - step, kFirstLeast), step};
}

Pace ServiceTimes::watched_pace() const {
  if (lately_.empty()) return {};
  return {std::max(at(0.9) + usual() / 4, kFirstLeast), std::max(usual() / 4, kStepMost)};
}

std::string ServiceTimes::str() const {
  std::string text;
  for (auto const length : lately_) text += (text.empty() ? "" : " ") + std::to_string(length.count());
  return text;
}

ServiceTimes ServiceTimes::read(std::string_view text) {
  ServiceTimes times;
  auto const* at = text.data();
  auto const* const end = at + text.size();
  while (at < end) {
    std::int64_t length = 0;
    auto const [next, error] = std::from_chars(at, end, length);
    if (error == std::errc{}) times.add(milliseconds{length});
    at = next + 1;
  }
  return times;
}

}  // namespace wanspool
