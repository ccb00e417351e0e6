#pragma once

#include <deque>
#include <optional>
#include <string>
#include <string_view>
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

 private:
  std::optional<TableRow> read();

  Lines& lines_;
  std::vector<std::string> columns_;
  std::deque<TableRow> ahead_;  // what was read to find the columns
};

// One line as a row; never throws for what it holds.
TableRow json_row(std::string_view line, int number);

}  // namespace wanspool::yaml
