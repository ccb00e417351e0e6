#include "manifest/table.h"

#include <algorithm>
#include <cctype>
#include <cstdint>
#include <functional>
#include <numeric>
#include <string_view>
#include <utility>

#include "manifest/table_csv.h"
#include "manifest/table_jsonl.h"
#include "manifest/table_lines.h"

namespace wanspool::yaml {

class Table::Impl {
 public:
  Impl(std::filesystem::path const& file, Format format, char separator)
      : lines_{file, format == Format::Csv ? "save as CSV UTF-8" : "save as UTF-8"} {
    if (lines_.trouble()) return;
    if (format == Format::Csv)
      csv_.emplace(lines_, separator);
    else
      json_.emplace(lines_);
  }

  char separator() const { return csv_ ? csv_->separator() : '\0'; }
  std::vector<std::string> const& columns() const {
    static std::vector<std::string> const none;
    return csv_ ? csv_->columns() : json_ ? json_->columns() : none;
  }
  std::optional<TableRow> next() { return csv_ ? csv_->next() : json_ ? json_->next() : std::nullopt; }
  Place place_of(std::string_view column) const {
    return csv_ ? csv_->place_of(column) : json_ ? json_->place_of(column) : Place{};
  }
  std::optional<TableTrouble> const& trouble() const { return lines_.trouble(); }

 private:
  Lines lines_;
  std::optional<CsvRows> csv_;
  std::optional<JsonRows> json_;
};

std::optional<Table::Format> Table::format_of(std::filesystem::path const& file) {
  auto ending = file.extension().string();
  std::transform(ending.begin(), ending.end(), ending.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  for (auto const csv : {".csv", ".tsv", ".txt"})
    if (ending == csv) return Format::Csv;
  for (auto const jsonl : {".jsonl", ".ndjson"})
    if (ending == jsonl) return Format::Jsonl;
  return {};
}

Table::Table(std::filesystem::path const& file, Format format, char separator)
    : impl_{std::make_unique<Impl>(file, format, separator)} {}
Table::~Table() = default;
Table::Table(Table&&) noexcept = default;
Table& Table::operator=(Table&&) noexcept = default;

char Table::separator() const {
  return impl_->separator();
}
std::vector<std::string> const& Table::columns() const {
  return impl_->columns();
}
std::optional<TableRow> Table::next() {
  return impl_->next();
}
Place Table::place_of(std::string_view column) const {
  return impl_->place_of(column);
}
std::optional<TableTrouble> const& Table::trouble() const {
  return impl_->trouble();
}

namespace {

constexpr std::size_t kMostValues = 1'000'000, kMostValuesInAll = 4'000'000;

// Eight bytes for each value of a column, as long as all of them differ.
class Column {
 public:
  bool unique() const { return unique_; }
  std::size_t size() const { return hashes_.size(); }

  void add(std::string_view value) {
    if (!unique_) return;
    if (is_blank(value) || hashes_.size() == kMostValues) return give_up();
    hashes_.push_back(std::hash<std::string_view>{}(value));
    if (hashes_.size() == next_check_) check();
  }

  // Looked for now and then, so that a column of few values is soon done with.
  void check() {
    std::sort(hashes_.begin(), hashes_.end());
    if (std::adjacent_find(hashes_.begin(), hashes_.end()) != hashes_.end()) return give_up();
    next_check_ *= 4;
  }

  void give_up() {
    unique_ = false;
    hashes_ = {};
  }

 private:
  std::vector<std::uint64_t> hashes_;
  std::size_t next_check_ = 16;
  bool unique_ = true;
};

class Columns {
 public:
  explicit Columns(std::vector<std::string> names) : names_{std::move(names)}, columns_(names_.size()) {}

  void take(TableRow const& row) {
    auto const& items = row.map.items;
    for (std::size_t i = 0; i < names_.size(); ++i) {
      if (!columns_[i].unique()) continue;
      auto const* const value = find(items, i);
      if (value != nullptr && value->kind == Node::Kind::Scalar)
        columns_[i].add(value->text);
      else
        columns_[i].give_up();
    }
    if (++rows_ % 1024 == 0) keep_bounds();
  }

  std::vector<std::string> unique() {
    std::vector<std::string> found;
    for (std::size_t i = 0; i < names_.size() && rows_ > 0; ++i) {
      columns_[i].check();
      if (columns_[i].unique()) found.push_back(names_[i]);
    }
    return found;
  }

 private:
  // Rows mostly have the order of the header.
  Node const* find(std::vector<Node> const& items, std::size_t column) const {
    auto const is = [&](std::size_t i) { return i + 1 < items.size() && items[i].text == names_[column]; };
    if (is(2 * column)) return &items[2 * column + 1];
    for (std::size_t i = 0; i < items.size(); i += 2)
      if (is(i)) return &items[i + 1];
    return nullptr;
  }

  // What names a row stands on the left, so the columns on the right go first.
  void keep_bounds() {
    auto total = std::accumulate(columns_.begin(), columns_.end(), std::size_t{0},
                                 [](std::size_t sum, Column const& each) { return sum + each.size(); });
    for (auto column = columns_.rbegin(); total > kMostValuesInAll && column != columns_.rend(); ++column) {
      total -= column->size();
      column->give_up();
    }
  }

  std::vector<std::string> names_;
  std::vector<Column> columns_;
  std::size_t rows_ = 0;
};

}  // namespace

std::vector<std::string> unique_columns(std::filesystem::path const& file, Table::Format format,
                                        char separator) {
  Table table{file, format, separator};
  Columns columns{table.columns()};
  while (auto const row = table.next())
    if (row->wrong.empty()) columns.take(*row);
  if (table.trouble()) return {};
  return columns.unique();
}

}  // namespace wanspool::yaml
