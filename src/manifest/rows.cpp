#include "manifest/rows.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "manifest/fields.h"
#include "manifest/matrix.h"

namespace wanspool::yaml {
namespace {

bool contains(std::vector<std::string> const& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

std::string joined(std::vector<std::string> const& words) {
  std::string text;
  for (auto const& each : words) text += (text.empty() ? "" : ", ") + each;
  return text;
}

// The cell that names a row, as text.
std::string cell(Node const& map, std::string_view column) {
  auto const value = member(View{map}, column);
  return value && value->is(Node::Kind::Scalar) ? trimmed(value->text()) : std::string{};
}

std::string_view spelled(char separator) {
  switch (separator) {
    case '\t':
      return "tab";
    case ';':
      return "';'";
    default:
      return "','";
  }
}

// Columns of a list in place that have another value in each row.
std::vector<std::string> unique_in(View list, std::vector<std::string> const& columns) {
  std::vector<std::string> unique;
  for (auto const& column : columns) {
    std::set<std::string> seen;
    bool good = true;
    for (std::size_t i = 0; good && i < list.size(); ++i) {
      auto value = cell(list[i].node(), column);
      good = !value.empty() && seen.insert(std::move(value)).second;
    }
    if (good) unique.push_back(column);
  }
  return unique;
}

}  // namespace

Rows::Rows(View rows, std::optional<View> key, FindFile const& find, Complaints& complaints)
    : complaints_{complaints} {
  auto const before = complaints.count();
  if (rows.is(Node::Kind::List)) {
    open_list(rows);
  } else if (rows.is(Node::Kind::Map)) {
    read_settings(rows, find);
  } else if (auto const file = read_word(rows, "rows", complaints)) {
    open_file(rows, *file, 0, find);
  }
  if ((table_ || list_) && complaints.count() == before) read_key(key, rows);
  if (complaints.count() == before) return;
  table_.reset();
  list_.reset();
}

void Rows::read_settings(View map, FindFile const& find) {
  Fields const fields{map, keys_of(rows_keys()), complaints_};
  auto const* const file = fields.find("file");
  if (file == nullptr) {
    complaints_.add(map, "rows wants a 'file', or a list of rows in place");
    return;
  }
  char separator = 0;
  if (auto const* const given = fields.find("separator")) {
    auto const& word = given->value.text();
    separator = word == "tab" || word == "\\t" || word == "\t" ? '\t'
                : word == "," || word == ";"                   ? word[0]
                                                               : '\0';
    if (separator == 0)
      complaints_.add(given->value,
                      fmt::format("separator wants ',', ';' or tab, not {}", spoken(given->value)));
  }
  if (auto const* const bad = fields.find("bad")) {
    skips_bad_ = bad->value.text() == "skip";
    if (!skips_bad_ && bad->value.text() != "stop")
      complaints_.add(bad->value, fmt::format("bad wants skip or stop, not {}", spoken(bad->value)));
  }
  if (auto const name = read_word(file->value, "file", complaints_))
    open_file(file->value, *name, separator, find);
}

void Rows::open_file(View where, std::string const& written, char separator, FindFile const& find) {
  file_ = written;
  file_at_ = where;
  separator_ = separator;
  if (written.find('\\') != std::string::npos)
    return complaints_.add(where, "a path is written with '/', not with '\\'");
  auto const format = Table::format_of(written);
  if (!format)
    return complaints_.add(where,
                           fmt::format("'{}' is no table by its ending; .csv, .tsv and .jsonl are", written));
  if (!find) return complaints_.add(where, "files beside the manifest cannot be read here");
  found_ = find(written);
  if (!found_.why_not.empty())
    return complaints_.add(where, fmt::format("cannot read '{}': {}", written, found_.why_not));
  format_ = *format;
  table_ = std::make_unique<Table>(found_.path, format_, separator);
  columns_ = table_->columns();
  open_ = format_ == Table::Format::Jsonl;
}

void Rows::open_list(View list) {
  for (std::size_t i = 0; i < list.size(); ++i) {
    if (!list[i].is(Node::Kind::Map)) {
      complaints_.add(
          list[i], fmt::format("a row is a map of columns, such as {{ sku: 17 }}, not {}", spoken(list[i])));
      return;
    }
    for (std::size_t k = 0; k + 1 < list[i].size(); k += 2)
      if (!contains(columns_, list[i][k].text())) columns_.push_back(list[i][k].text());
  }
  if (list.size() == 0) return complaints_.add(list, "there are no rows in this list");
  list_ = list;
}

void Rows::read_key(std::optional<View> key, View rows) {
  if (table_ && table_->trouble()) return;
  auto const add = [&](View column) {
    auto const word = read_word(column, "key", complaints_);
    if (!word) return;
    if (*word == "row" && !contains(columns_, "row"))
      numbered_ = true;
    else if (!open_ && !contains(columns_, *word))
      complaints_.add(column, fmt::format("there is no column '{}'{}; there are {}", *word,
                                          did_you_mean(*word, columns_), joined(columns_)));
    else
      key_.push_back(*word);
  };
  if (key && key->is(Node::Kind::List))
    for (std::size_t i = 0; i < key->size(); ++i) add((*key)[i]);
  else if (key)
    add(*key);
  else if (contains(columns_, "id"))
    key_ = {"id"};
  else
    complain_of_key(rows);
}

void Rows::complain_of_key(View where) {
  auto const unique = list_ ? unique_in(*list_, columns_) : unique_columns(found_.path, format_, separator_);
  if (unique.empty())
    return complaints_.add(
        where, "what names a row? no column has another value in each row; write key: row for their numbers");
  auto const others =
      unique.size() > 1 ? fmt::format(" (these name each row: {})", joined(unique)) : std::string{};
  complaints_.add(where, fmt::format("what names a row? write key: {}{}", unique.front(), others));
}

std::string Rows::part_of(Node const& map, std::string& wrong) const {
  if (numbered_) return std::to_string(next_);
  std::string text;
  for (auto const& column : key_) {
    auto const value = cell(map, column);
    if (value.empty()) {
      wrong = fmt::format("its '{}', which names it, is empty", column);
      return {};
    }
    text += (text.empty() ? "" : "-") + value;
  }
  return text.empty() ? text : name_part(text, next_);
}

std::optional<Row> Rows::next() {
  Row row;
  if (list_) {
    if (next_ == list_->size()) return {};
    auto const view = (*list_)[next_++];
    row.map = &view.node();
    auto const place = complaints_.text().place(view.at());
    row.which = fmt::format("the row at {}:{}", place.line, place.column);
    row.line = place.line;
  } else {
    auto read = table_ ? table_->next() : std::nullopt;
    if (!read) return {};
    ++next_;
    current_ = std::move(read->map);
    row.map = &current_;
    row.line = read->line;
    row.file = file_;
    row.which = fmt::format("{}:{}", file_, read->line);
    row.wrong = std::move(read->wrong);
    row.wrong_at = read->wrong_at;
  }
  if (!row.wrong.empty()) return row;
  row.part = part_of(*row.map, row.wrong);
  if (table_ && !row.wrong.empty()) {
    auto const place = table_->place_of(*std::find_if(
        key_.begin(), key_.end(), [&](auto const& column) { return cell(*row.map, column).empty(); }));
    row.wrong_at = place == Place{} ? Place{row.line, 1} : place;
  }
  return row;
}

std::string Rows::which(std::string_view column) const {
  if (table_) {
    auto const place = table_->place_of(column);
    return place == Place{} ? "" : fmt::format("{}:{}:{}", file_, place.line, place.column);
  }
  auto const value = list_ && next_ > 0 ? member((*list_)[next_ - 1], column) : std::nullopt;
  if (!value) return {};
  auto const place = complaints_.text().place(value->at());
  return fmt::format("the row's value at {}:{}", place.line, place.column);
}

std::string Rows::found() {
  if (!table_) return {};
  if (auto const& trouble = table_->trouble(); trouble && trouble->line == 0)
    complaints_.add(*file_at_, fmt::format("cannot read '{}': {}", file_, trouble->text));
  else if (trouble)
    complaints_.add_row(file_, {trouble->line, trouble->column}, trouble->text);
  else if (next_ == 0)
    complaints_.add(*file_at_, fmt::format("'{}' has no row below its header", file_));
  auto const cells = format_ == Table::Format::Csv
                         ? fmt::format("separated by {}, ", spelled(table_->separator()))
                         : std::string{};
  return fmt::format("{}: {}columns {}; named by {}; {} {}", file_, cells, joined(columns_),
                     numbered_ ? "their number" : joined(key_), next_, next_ == 1 ? "row" : "rows");
}

}  // namespace wanspool::yaml
