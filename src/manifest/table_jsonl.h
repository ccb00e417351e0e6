#pragma once

#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "manifest/table.h"
#include "manifest/table_lines.h"

namespace wanspool::yaml {

// The rows of a JSONL file: one JSON object a line.
class JsonRows {
 public:
  // Reads on to the first object. `lines` must outlive it.
  explicit JsonRows(Lines& lines);

  std::vector<std::string> const& columns() const { return columns_; }
  std::optional<TableRow> next();
  Place place_of(std::string_view column) const;

 private:
  std::optional<TableRow> read();

  Lines& lines_;
  std::vector<std::string> columns_;
  // What was read to find the columns, each row with its line.
  std::deque<std::pair<TableRow, std::string>> ahead_;
  int number_ = 0;  // of the line that was last read or returned
  std::string_view line_;
  std::string kept_;  // holds line_ where it was read ahead
};

// One line as a row; never throws for what it holds.
TableRow json_row(std::string_view line, int number);

}  // namespace wanspool::yaml
