#include "manifest/table_csv.h"

#include <csv.h>
#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <map>
#include <new>
#include <string_view>

#include "manifest/text.h"

namespace wanspool::yaml {
namespace {

constexpr std::string_view kSeparators = ",;\t";
// More than any spreadsheet has.
constexpr std::size_t kMostColumns = 16384;

// Follows the quotes of a header to where its row ends, and counts what may separate its cells.
class HeaderScan {
 public:
  explicit HeaderScan(std::string_view candidates) : candidates_{candidates} {}

  // True at the end of the row.
  bool take(std::string_view line) {
    for (auto const c : line) {
      if (quoted_) {
        quoted_ = c != '"';
        opens_ = true;  // a doubled quote goes on
      } else if (c == '"' && opens_) {
        quoted_ = true;
      } else {
        auto const found = candidates_.find(c);
        opens_ = found != std::string_view::npos;
        if (opens_) ++counts_[found];
      }
    }
    return !quoted_;
  }

  char most_frequent() const {
    auto const most = std::max_element(counts_, counts_ + candidates_.size());
    return candidates_[static_cast<std::size_t>(most - counts_)];
  }

 private:
  std::string_view candidates_;
  int counts_[kSeparators.size()] = {};
  bool quoted_ = false, opens_ = true;
};

bool can_separate(char c) {
  return c == '\t' || (c > ' ' && c < 0x7F && !std::isalnum(static_cast<unsigned char>(c)) && c != '"');
}

// The separator of Excel's first line "sep=;", or 0 where it is no such line.
char excel_separator(std::string_view line) {
  while (!line.empty() && (line.back() == '\n' || line.back() == '\r')) line.remove_suffix(1);
  if (line.size() > 2 && line.front() == '"' && line.back() == '"') line = line.substr(1, line.size() - 2);
  if (line.size() != 5 ||
      (!line.starts_with("sep=") && !line.starts_with("Sep=") && !line.starts_with("SEP=")))
    return 0;
  return can_separate(line[4]) ? line[4] : '\0';
}

int never(unsigned char) {
  return 0;
}

}  // namespace

struct CsvRows::Parser {
  explicit Parser(char separator) {
    if (csv_init(&csv, CSV_STRICT | CSV_STRICT_FINI) != 0) throw std::bad_alloc{};
    csv_set_delim(&csv, static_cast<unsigned char>(separator));
    csv_set_space_func(&csv, never);  // blanks belong to their cell
  }
  Parser(Parser const&) = delete;
  Parser& operator=(Parser const&) = delete;
  ~Parser() { csv_free(&csv); }

  static void take_cell(void* text, std::size_t size, void* owner) noexcept {
    auto& rows = *static_cast<CsvRows*>(owner);
    rows.blank_ = rows.blank_ && is_blank({static_cast<char const*>(text), size});
    auto const most = rows.columns_.empty() ? kMostColumns : rows.columns_.size();
    if (rows.count_ < most) {
      if (rows.count_ == rows.cells_.size()) rows.cells_.emplace_back();
      rows.cells_[rows.count_].assign(static_cast<char const*>(text), size);
    }
    ++rows.count_;
  }
  static void end_row(int, void* owner) noexcept { static_cast<CsvRows*>(owner)->ended_ = true; }

  csv_parser csv{};
};

CsvRows::CsvRows(Lines& lines, char separator) : lines_{lines}, separator_{separator} {
  find_separator();
  parser_ = std::make_unique<Parser>(separator_);
  if (!lines_.trouble()) read_header();
}

CsvRows::~CsvRows() = default;

void CsvRows::find_separator() {
  auto line = lines_.next();
  if (line) {
    auto const excel = excel_separator(*line);
    if (separator_ == 0) separator_ = excel;
    if (excel != 0) line = lines_.next();
  }
  HeaderScan scan{separator_ == 0 ? kSeparators : std::string_view{&separator_, 1}};
  for (std::size_t size = 0; line && size <= kMostRow; line = lines_.next()) {
    if (size == 0 && is_blank(*line)) continue;
    ahead_.emplace_back(lines_.number(), std::string{*line});
    size += line->size();
    if (scan.take(*line)) break;
  }
  if (separator_ == 0) separator_ = scan.most_frequent();
}

void CsvRows::read_header() {
  if (!read_row()) {
    if (!lines_.trouble()) lines_.fail({0, 0, "it is empty; its first line names the columns"});
    return;
  }
  auto const refuse = [this](std::string text, Place at) {
    lines_.fail({at.line, at.column, std::move(text)});
  };
  if (!wrong_.empty()) return refuse("the header: " + wrong_, wrong_at_);
  if (count_ > kMostColumns)
    return refuse(fmt::format("the header has more than {} columns", kMostColumns), {begun_, 1});
  std::map<std::string, std::size_t> numbers;
  for (std::size_t i = 0; i < count_; ++i) {
    auto name = trimmed(cells_[i]);
    if (name.empty())
      return refuse(fmt::format("column {} has no name in the header; give it one", i + 1), cell_place(i));
    if (auto const control = control_in(name); !control.empty())
      return refuse(fmt::format("column {}: {}", i + 1, control), cell_place(i));
    auto const [first, is_new] = numbers.emplace(name, i + 1);
    if (!is_new)
      return refuse(
          fmt::format("columns {} and {} are both named '{}'; rename one", first->second, i + 1, name),
          cell_place(i));
    columns_.push_back(std::move(name));
  }
  for (auto const& name : columns_) {
    Node key;
    key.kind = Node::Kind::Scalar;
    key.at = kNowhere;
    key.text = name;
    keys_.push_back(std::move(key));
  }
}

std::optional<TableRow> CsvRows::next() {
  if (lines_.trouble() || !read_row()) return {};
  return make_row();
}

std::optional<std::string_view> CsvRows::next_line() {
  if (next_ahead_ < ahead_.size()) {
    line_ = ahead_[next_ahead_].first;
    return ahead_[next_ahead_++].second;
  }
  auto const line = lines_.next();
  line_ = lines_.number();
  return line;
}

// The next row that is not of blanks only; false at the end or in trouble.
bool CsvRows::read_row() {
  for (;;) {
    count_ = bytes_ = 0;
    ended_ = false;
    blank_ = true;
    wrong_.clear();
    begun_ = 0;
    while (!ended_) {
      if (begun_ != 0 && lines_of_row_.empty()) lines_of_row_ = row_;  // the next line takes its place
      auto const line = next_line();
      if (!line) {
        if (begun_ != 0 && !lines_.trouble()) finish_file();
        if (!ended_) return false;
        break;
      }
      if (begun_ == 0 && is_blank(*line)) continue;
      if (begun_ == 0) {
        begun_ = line_;
        row_ = *line;
        lines_of_row_.clear();
      } else {
        row_ = lines_of_row_ += *line;
      }
      feed(*line);
      if (lines_.trouble()) return false;
    }
    if (!wrong_.empty() || !blank_) return true;
  }
}

void CsvRows::feed(std::string_view line) {
  auto const whole = line;
  bytes_ += line.size();
  if (bytes_ > kMostRow) {
    auto const at = cell_place(count_);
    return lines_.fail(
        {at.line, at.column, "a row is longer than 1 MiB; is a quote opened here and never closed?"});
  }
  auto& csv = parser_->csv;
  while (!line.empty()) {
    auto const taken = csv_parse(&csv, line.data(), line.size(), Parser::take_cell, Parser::end_row, this);
    if (taken == line.size()) return;
    if (csv_error(&csv) != CSV_EPARSE) throw std::bad_alloc{};
    line.remove_prefix(taken);
    if (csv.quoted != 0)
      return break_off(
          "text follows the quote that ends a cell; within a cell in quotes a quote is written twice",
          {line_, static_cast<int>(characters(whole.substr(0, whole.size() - line.size()))) + 1});
    // A quote inside a cell without quotes stands for itself, as spreadsheets have it: 5" x 7".
    csv_set_opts(&csv, 0);
    csv_parse(&csv, line.data(), 1, Parser::take_cell, Parser::end_row, this);
    csv_set_opts(&csv, CSV_STRICT | CSV_STRICT_FINI);
    line.remove_prefix(1);
  }
}

// Gives the row up at the end of its line.
void CsvRows::break_off(std::string wrong, Place at) {
  wrong_ = std::move(wrong);
  wrong_at_ = at;
  parser_ = std::make_unique<Parser>(separator_);
  ended_ = true;
}

void CsvRows::finish_file() {
  if (csv_fini(&parser_->csv, Parser::take_cell, Parser::end_row, this) == 0) return;
  auto const at = cell_place(count_);
  lines_.fail({at.line, at.column, "a quote is opened in this row and never closed"});
}

// Where the cell of this number (from 0) begins.
Place CsvRows::cell_place(std::size_t index) const {
  Place place{begun_, 1};
  std::size_t at = 0, line_begin = 0;
  bool quoted = false, opens = true;
  for (; index > 0 && at < row_.size(); ++at) {
    auto const c = row_[at];
    if (quoted) {
      quoted = c != '"';
      opens = true;  // a doubled quote goes on
    } else if (c == '"' && opens) {
      quoted = true;
    } else {
      opens = c == separator_;
      index -= opens;
    }
    if (c != '\n' && (c != '\r' || row_.substr(at + 1).starts_with('\n'))) continue;
    ++place.line;
    line_begin = at + 1;
  }
  place.column += static_cast<int>(characters(row_.substr(line_begin, at - line_begin)));
  return place;
}

Place CsvRows::place_of(std::string_view column) const {
  auto const found = std::find(columns_.begin(), columns_.end(), column);
  auto const index = static_cast<std::size_t>(found - columns_.begin());
  return index < std::min(columns_.size(), count_) ? cell_place(index) : Place{};
}

void CsvRows::judge() {
  if (!wrong_.empty()) return;
  if (count_ != columns_.size()) {
    wrong_ =
        fmt::format("this row has {} cell{}, the header has {}; a cell with a separator in it wants quotes",
                    count_, count_ == 1 ? "" : "s", columns_.size());
    wrong_at_ = count_ > columns_.size() ? cell_place(columns_.size()) : Place{begun_, 1};
    return;
  }
  for (std::size_t i = 0; i < count_; ++i) {
    auto const control = control_in(cells_[i]);
    if (control.empty()) continue;
    wrong_ = fmt::format("in column '{}': {}", columns_[i], control);
    wrong_at_ = cell_place(i);
    return;
  }
}

TableRow CsvRows::make_row() {
  TableRow row;
  row.line = begun_;
  judge();
  row.wrong = wrong_;
  row.wrong_at = wrong_at_;
  row.map.kind = Node::Kind::Map;
  row.map.at = kNowhere;
  auto const count = std::min(count_, columns_.size());
  row.map.items.reserve(2 * count);
  for (std::size_t i = 0; i < count; ++i) {
    row.map.items.push_back(keys_[i]);
    auto& value = row.map.items.emplace_back();
    value.kind = Node::Kind::Scalar;
    value.plain = true;
    value.at = kNowhere;
    value.text = std::move(cells_[i]);
  }
  return row;
}

}  // namespace wanspool::yaml
