#include "app/name_list.h"

#include <fmt/format.h>
#include <sys/mman.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cerrno>
#include <filesystem>
#include <system_error>

#include "app/exit.h"
#include "base/fd.h"
#include "manifest/table.h"
#include "manifest/table_lines.h"

namespace wanspool::app {
namespace {

using yaml::Lines;
using yaml::Node;
using yaml::Table;

// The surest first: a line of metadata.jsonl has a job, its file_name leaves the manifest out, and its
// picture is a number.
constexpr std::array<std::string_view, 7> kTitles{"job",  "file_name", "filename", "file",
                                                  "path", "picture",   "name"};
constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

// The text under a path that no disk knows, for the reader of tables wants to open it.
class InMemory {
 public:
  explicit InMemory(std::string_view text) : file_{::memfd_create("names", MFD_CLOEXEC)} {
    if (!file_) fail();
    while (!text.empty()) {
      auto const count = ::write(file_.get(), text.data(), text.size());
      if (count < 0 && errno == EINTR) continue;
      if (count <= 0) fail();
      text.remove_prefix(static_cast<std::size_t>(count));
    }
  }
  std::filesystem::path path() const { return "/proc/self/fd/" + std::to_string(file_.get()); }

 private:
  [[noreturn]] static void fail() {
    throw std::system_error{errno, std::generic_category(), "cannot keep a list of names in memory"};
  }
  Fd file_;
};

// "File Name" is file_name.
std::string title_of(std::string_view text) {
  std::string title{text};
  for (char& letter : title)
    letter = letter == ' ' || letter == '-'
                 ? '_'
                 : static_cast<char>(std::tolower(static_cast<unsigned char>(letter)));
  return title;
}

// Its place among the titles; their number for any other.
std::size_t rank_of(std::string_view column) {
  auto const found = std::find(kTitles.begin(), kTitles.end(), title_of(column));
  return static_cast<std::size_t>(found - kTitles.begin());
}

bool is_title(std::string_view column) {
  return rank_of(column) < kTitles.size();
}

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kBlanks = " \t\r\n";
  auto const begin = text.find_first_not_of(kBlanks);
  if (begin == text.npos) return {};
  return text.substr(begin, text.find_last_not_of(kBlanks) - begin + 1);
}

bool is_comment(std::string_view line) {
  return line.starts_with('#');
}

// Of whichever system: LF, CR LF or CR.
std::string_view take_line(std::string_view& text) {
  auto const end = std::min(text.find_first_of("\r\n"), text.size());
  auto const line = text.substr(0, end);
  text.remove_prefix(std::min(text.size(), end + (text.substr(end, 2) == "\r\n" ? 2 : 1)));
  return line;
}

class NameList {
 public:
  NameList(std::string_view list, std::string const& called) : called_{called} {
    if (list.starts_with(kByteOrderMark)) list.remove_prefix(kByteOrderMark.size());
    // A table's header is its first line, so that comments above it are not for its reader.
    for (rest_ = list; !list.empty(); rest_ = list, ++above_)
      if (auto const line = trimmed(take_line(list)); !line.empty() && !is_comment(line)) break;
  }

  std::vector<std::string> read() && {
    if (rest_.empty()) return {};
    InMemory const file{rest_};
    bool const objects = trimmed(rest_).starts_with('{');
    Table rows{file.path(), objects ? Table::Format::Jsonl : Table::Format::Csv};
    auto const& columns = rows.columns();
    if (objects || std::any_of(columns.begin(), columns.end(), is_title))
      take_rows(rows);
    else
      take_lines(file);
    return std::move(names_);
  }

 private:
  [[noreturn]] void refuse(int line, std::string const& words) const {
    auto const place = line > 0 ? fmt::format(":{}", line + above_) : std::string{};
    throw Quit{kWrong, fmt::format("{}{}: {}; nothing was done", called_, place, words)};
  }
  void refuse_trouble(std::optional<yaml::TableTrouble> const& trouble) const {
    if (trouble) refuse(trouble->line, trouble->text);
  }

  void take_rows(Table& rows) {
    while (auto const row = rows.next()) {
      auto const& cells = row->map.items;
      if (cells.size() > 1 && rows.separator() != 0 && is_comment(trimmed(cells[1].text))) continue;
      if (!row->wrong.empty()) refuse(row->line, row->wrong);
      auto name = name_of(cells);
      if (name.empty()) refuse(row->line, "this row names no job; a column 'job' would");
      names_.push_back(std::move(name));
    }
    refuse_trouble(rows.trouble());
  }

  static std::string name_of(std::vector<Node> const& cells) {
    std::string_view name;
    auto best = kTitles.size();
    for (std::size_t i = 0; i + 1 < cells.size(); i += 2) {
      auto const rank = rank_of(cells[i].text);
      auto const text = trimmed(cells[i + 1].text);
      if (rank >= best || text.empty() || cells[i + 1].kind != Node::Kind::Scalar) continue;
      name = text;
      best = rank;
    }
    return std::string{name};
  }

  void take_lines(InMemory const& file) {
    Lines lines{file.path(), "save as UTF-8"};
    while (auto const line = lines.next())
      if (auto name = first_cell(trimmed(*line)); !name.empty() && !is_comment(name))
        names_.push_back(std::move(name));
    refuse_trouble(lines.trouble());
  }

  // A table without a header has the names in front.
  static std::string first_cell(std::string_view line) {
    if (!line.starts_with('"')) return std::string{trimmed(line.substr(0, line.find_first_of(",;\t")))};
    std::string cell;
    for (std::size_t at = 1; at < line.size(); ++at) {
      if (line[at] == '"' && line.substr(at + 1, 1) != "\"") break;
      at += line[at] == '"';
      cell += line[at];
    }
    return cell;
  }

  std::string const& called_;
  std::string_view rest_;
  int above_ = 0;  // lines that were passed over
  std::vector<std::string> names_;
};

}  // namespace

std::vector<std::string> names_in(std::string_view list, std::string const& called) {
  return NameList{list, called}.read();
}

}  // namespace wanspool::app
