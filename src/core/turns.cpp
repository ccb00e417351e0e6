#include "core/turns.h"

#include <algorithm>

namespace wanspool {

std::size_t Turns::next(std::span<Line const> lines) const {
  if (credit_ < kShare) return 0;
  auto const smallest = std::min_element(lines.begin(), lines.end(),
                                         [](Line const& a, Line const& b) { return a.left < b.left; });
  return static_cast<std::size_t>(smallest - lines.begin());
}

void Turns::took(bool ahead) {
  // Whoever is passed because it cannot be sent yet has lost nothing.
  credit_ = std::clamp(credit_ + 1 - (ahead ? kShare : 0), 0, kShare * kLoan);
}

}  // namespace wanspool
