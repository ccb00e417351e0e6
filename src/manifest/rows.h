#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "manifest/complaints.h"
#include "manifest/manifest.h"
#include "manifest/table.h"

namespace wanspool::yaml {

// One row of a job's rows.
struct Row {
  Node const* map = nullptr;  // until the next one
  std::string part;           // of the job's name; "" where the row has none
  std::string file;           // as written; "" for rows in place
  std::string which;          // "products.csv:12", "the row at 14:9"
  int line = 0;
  std::string wrong;    // what is wrong with this row alone
  Place wrong_at = {};  // in the file
};

// What stands under `rows` and `key`: the rows of a file, or of a list in place.
class Rows {
 public:
  // Complains of what is wrong and has no rows then.
  Rows(View rows, std::optional<View> key, FindFile const& find, Complaints& complaints);

  std::vector<std::string> const& columns() const { return columns_; }
  bool is_open() const { return open_; }  // rows need not have all of these columns, and may have others
  bool is_data() const { return table_ != nullptr; }
  bool skips_bad() const { return skips_bad_; }
  std::optional<Row> next();
  // Where the value of this column stands in the last row: "products.csv:12:5", "the row's value at 14:25";
  // "" where it has none.
  std::string which(std::string_view column) const;
  // When next() has come to its end: the file, what its rows are separated by and named by, and how many.
  // Complains of what has ended it early.
  std::string found();

 private:
  void open_file(View where, std::string const& written, char separator, FindFile const& find);
  void open_list(View list);
  void read_settings(View map, FindFile const& find);
  void read_key(std::optional<View> key, View rows);
  void complain_of_key(View where);
  std::string part_of(Node const& map, std::string& wrong) const;

  Complaints& complaints_;
  std::unique_ptr<Table> table_;
  FoundFile found_;
  std::string file_;             // as written
  std::optional<View> file_at_;  // where it is named
  Table::Format format_ = Table::Format::Csv;
  char separator_ = 0;
  std::optional<View> list_;
  std::vector<std::string> columns_, key_;
  bool numbered_ = false, open_ = false, skips_bad_ = false;
  std::size_t next_ = 0;
  Node current_;
};

}  // namespace wanspool::yaml
