#include "core/claims.h"

#include <algorithm>

namespace wanspool {
namespace {

constexpr auto kNone = static_cast<std::size_t>(-1);

// Kuhn's matching: a row takes a doubt, and whoever had it looks for another.
class Matching {
 public:
  Matching(Claims const& claims, std::size_t doubts) : claims_{claims}, row_of_(doubts, kNone) {}

  bool place(std::size_t row) {
    // Mostly one is free, and nobody has to move.
    for (auto const doubt : claims_.doubts_of(row)) {
      if (row_of_[doubt] != kNone) continue;
      row_of_[doubt] = row;
      return true;
    }
    tried_.assign(row_of_.size(), false);
    return find_place(row);
  }

 private:
  bool find_place(std::size_t row) {
    for (auto const doubt : claims_.doubts_of(row)) {
      if (tried_[doubt]) continue;
      tried_[doubt] = true;
      if (row_of_[doubt] != kNone && !find_place(row_of_[doubt])) continue;
      row_of_[doubt] = row;
      return true;
    }
    return false;
  }

  Claims const& claims_;
  Claims::Indices row_of_;  // of each doubt
  std::vector<bool> tried_;
};

}  // namespace

void Claims::add(std::size_t doubt, std::size_t row) {
  rows_of_[doubt].push_back(row);
  doubts_of_[row].push_back(doubt);
}

bool Claims::can_all_be_made(Indices const& rows) const {
  Matching matching{*this, rows_of_.size()};
  return std::all_of(rows.begin(), rows.end(), [&](std::size_t row) { return matching.place(row); });
}

void Claims::narrow(Indices rows) {
  auto const certain = [&](std::size_t row) { return doubts_of_[row].size() == 1; };
  std::vector<bool> binding(doubts_of_.size());
  for (auto const row : rows) binding[row] = true;
  while (!rows.empty()) {
    auto const row = rows.back();
    rows.pop_back();
    if (!binding[row] || !certain(row)) continue;
    keep_only(doubts_of_[row].front(), row, rows);
  }
}

void Claims::keep_only(std::size_t doubt, std::size_t row, Indices& changed) {
  for (auto const other : rows_of_[doubt]) {
    if (other == row) continue;
    std::erase(doubts_of_[other], doubt);
    changed.push_back(other);
  }
  rows_of_[doubt] = {row};
}

}  // namespace wanspool
