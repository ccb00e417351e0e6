#include "base/nearest.h"

#include <algorithm>
#include <numeric>
#include <vector>

namespace wanspool {
namespace {

// Optimal string alignment: of two letters that have changed places no third edit is made.
std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1), above, before_above;
  std::iota(row.begin(), row.end(), 0u);
  for (std::size_t i = 1; i <= a.size(); ++i) {
    before_above = std::move(above);
    above = row;
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      auto const replaced = above[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      row[j] = std::min({above[j] + 1, row[j - 1] + 1, replaced});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
        row[j] = std::min(row[j], before_above[j - 2] + 1);
    }
  }
  return row.back();
}

}  // namespace

std::string nearest(std::string_view word, std::span<std::string const> names) {
  auto best = std::max<std::size_t>(1, word.size() / 3) + 1;
  std::string found;
  for (auto const& name : names) {
    auto const edits = distance(word, name);
    // Where every letter is another one nothing is alike: 'e' is no slip for 'd'.
    if (edits >= best || edits >= std::max(word.size(), name.size())) continue;
    best = edits;
    found = name;
  }
  return found;
}

}  // namespace wanspool
