#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "manifest/table.h"
#include "manifest/table_lines.h"

namespace wanspool::yaml {

// The rows of a CSV, cut into cells by libcsv.
class CsvRows {
 public:
  // Reads the header; `separator` 0: finds it. `lines` must outlive it.
  CsvRows(Lines& lines, char separator);
  ~CsvRows();

  char separator() const { return separator_; }
  std::vector<std::string> const& columns() const { return columns_; }
  std::optional<TableRow> next();
  Place place_of(std::string_view column) const;

 private:
  struct Parser;

  std::optional<std::string_view> next_line();
  void find_separator();
  void read_header();
  bool read_row();
  void feed(std::string_view line);
  void break_off(std::string wrong, Place at);
  void finish_file();
  Place cell_place(std::size_t index) const;
  void judge();
  TableRow make_row();

  Lines& lines_;
  char separator_ = 0;
  std::vector<std::string> columns_;
  std::vector<Node> keys_;  // of the rows' maps
  std::unique_ptr<Parser> parser_;

  // What was read to find the separator, each line with its number.
  std::vector<std::pair<int, std::string>> ahead_;
  std::size_t next_ahead_ = 0;
  int line_ = 0;  // of what next_line() returned

  // The row that is being read.
  std::vector<std::string> cells_;
  std::size_t count_ = 0;  // cells, kept or not
  std::size_t bytes_ = 0;
  int begun_ = 0;  // line
  bool ended_ = false, blank_ = true;
  std::string_view row_;      // as it stands in the file
  std::string lines_of_row_;  // holds row_ where it has several
  std::string wrong_;
  Place wrong_at_;
};

}  // namespace wanspool::yaml
