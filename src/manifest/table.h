#pragma once

#include <cstddef>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "manifest/node.h"

// Tables that manifests take their rows from: CSV as shops write it, and JSONL (manifest.md, Values).
namespace wanspool::yaml {

// One row as a map node: each column's name and its value, in the order of the columns. A cell of a CSV is a
// plain scalar, so that it may be a number where one is wanted; it is spelled as in the file, blanks at its
// ends included. A JSONL value keeps its type: a text is no plain scalar, a number is one and is spelled as
// in the file, true, false and null are what they are in YAML, lists and objects are nodes. Every node's `at`
// is kNowhere.
struct TableRow {
  Node map;
  int line = 0;       // from 1, where the row begins
  std::string wrong;  // ragged, no object …: what is wrong with this row alone; then `map` may lack keys
  Place wrong_at = {};
};

// What is wrong with the file as a whole.
struct TableTrouble {
  int line = 0, column = 0;  // from 1; columns count characters; 0: the file as a whole, "it"
  std::string text;          // what is wrong; what would be right
};

// The rows of one file, in order, in memory that does not grow with their number.
class Table {
 public:
  enum class Format { Csv, Jsonl };
  // By its ending: .csv .tsv .txt, or .jsonl .ndjson; none for any other.
  static std::optional<Format> format_of(std::filesystem::path const& file);

  // `separator`: of a CSV, one of , ; and tab; 0 to take Excel's "sep=" line or whichever is most frequent in
  // the header outside quotes. Reads the header. A file that cannot be read is trouble().
  Table(std::filesystem::path const& file, Format format, char separator = 0);
  ~Table();
  Table(Table&&) noexcept;
  Table& operator=(Table&&) noexcept;

  char separator() const;  // 0 for JSONL
  // Of a CSV, its header, trimmed, without a byte order mark; of JSONL the keys of its first object.
  std::vector<std::string> const& columns() const;
  // None at the end or where trouble() is. Blank lines are passed over. Rows of up to 1 MiB; a longer one is
  // trouble.
  std::optional<TableRow> next();
  // Where in the file a column's value of the row begins that next() has last returned, with its quote; {}
  // where the row has none. For complaints: it goes through the row again.
  Place place_of(std::string_view column) const;
  // Not UTF-8 (with the remedy "save as CSV UTF-8"), an empty file, a header with an empty or doubled name, a
  // quote that is never closed, a file that cannot be read or is none (a device, a folder).
  std::optional<TableTrouble> const& trouble() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

// The columns in which no two rows have the same value and none is empty, for whoever has named no key.
// Bounded memory: a column of more than a million values is not one of them.
std::vector<std::string> unique_columns(std::filesystem::path const& file, Table::Format format,
                                        char separator);

}  // namespace wanspool::yaml
