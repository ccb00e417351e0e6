// libFuzzer's bytes as a file of rows, in both formats and with each separator.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

#include "manifest/table.h"
#include "manifest/text.h"
#include "memory_file.h"

namespace {

using namespace wanspool::yaml;

[[noreturn]] void broken(char const* what) {
  std::fprintf(stderr, "broken: %s\n", what);
  std::abort();
}

bool is_utf8(std::string_view text) {
  for (std::size_t at = 0; at < text.size();) {
    auto const length = sequence_length(text, at);
    if (length == 0) return false;
    at += length;
  }
  return true;
}

void check(Node const& node) {
  if (node.at != kNowhere) broken("a node that stands somewhere");
  if (!is_utf8(node.text)) broken("a value that is not UTF-8");
  if (node.kind == Node::Kind::Map && node.items.size() % 2 != 0) broken("a key without a value");
  for (auto const& each : node.items) check(each);
}

void check_row(Table const& table, TableRow const& row, int last, int lines) {
  if (row.line <= last) broken("lines do not rise");
  if (row.line > lines) broken("a line behind the end");
  if (row.map.kind != Node::Kind::Map) broken("a row that is no map");
  check(row.map);
  if (!row.wrong.empty() || table.separator() == 0) return;
  if (row.map.items.size() != 2 * table.columns().size()) broken("a good row that is ragged");
  for (std::size_t i = 0; i < table.columns().size(); ++i)
    if (row.map.items[2 * i].text != table.columns()[i]) broken("a cell in another's column");
}

int lines_of(std::string_view bytes) {
  return static_cast<int>(
      std::count_if(bytes.begin(), bytes.end(), [](char c) { return c == '\n' || c == '\r'; }) + 1);
}

void read(fuzz::MemoryFile const& file, std::string_view bytes, Table::Format format, char separator) {
  Table table{file.path(), format, separator};
  auto columns = table.columns();
  int last = 0;
  while (auto const row = table.next()) {
    check_row(table, *row, last, lines_of(bytes));
    last = row->line;
  }
  if (table.next()) broken("a row behind the end");
  if (table.trouble() && table.trouble()->text.empty()) broken("trouble without words");
  std::sort(columns.begin(), columns.end());
  if (std::adjacent_find(columns.begin(), columns.end()) != columns.end()) broken("a column twice");
  if (separator != 0) return;
  for (auto const& each : unique_columns(file.path(), format, separator))
    if (!std::binary_search(columns.begin(), columns.end(), each)) broken("a unique column of no table");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(unsigned char const* data, std::size_t size) {
  std::string_view const bytes{reinterpret_cast<char const*>(data), size};
  fuzz::MemoryFile const file{bytes};
  for (char const separator : {'\0', ',', ';', '\t'}) read(file, bytes, Table::Format::Csv, separator);
  read(file, bytes, Table::Format::Jsonl, 0);
  return 0;
}
