#pragma once

#include <cstddef>
#include <vector>

// Which doubts may have made which rows, both by their index. Pure.
namespace wanspool {

class Claims {
 public:
  using Indices = std::vector<std::size_t>;

  Claims(std::size_t doubts, std::size_t rows) : rows_of_(doubts), doubts_of_(rows) {}

  void add(std::size_t doubt, std::size_t row);
  Indices const& rows_of(std::size_t doubt) const { return rows_of_[doubt]; }
  Indices const& doubts_of(std::size_t row) const { return doubts_of_[row]; }

  // Whether each of these rows can have a doubt of its own: a create makes one task at most, so a row left
  // over was made by somebody else.
  bool can_all_be_made(Indices const& rows) const;
  // Where each of these rows was made by one of the doubts: a row that only one of them can have made is its
  // own, its other rows are then those of others, and so on.
  void narrow(Indices rows);

 private:
  void keep_only(std::size_t doubt, std::size_t row, Indices& changed);

  std::vector<Indices> rows_of_, doubts_of_;
};

}  // namespace wanspool
