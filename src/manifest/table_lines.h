#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "base/fd.h"
#include "manifest/table.h"

namespace wanspool::yaml {

// A row, and a line of it, may have so many bytes.
inline constexpr std::size_t kMostRow = 1u << 20;

// The lines of a file, each whole, in memory of a few lines. A line ends with LF, CR LF or, as on old
// Macintoshes, CR.
class Lines {
 public:
  // Opens regular files only. `remedy`: what helps where the bytes are not UTF-8.
  Lines(std::filesystem::path const& path, std::string remedy);

  // With its end, until the next call; none at the end or where trouble() is.
  std::optional<std::string_view> next();
  int number() const { return number_; }  // of the line last returned, from 1

  std::optional<TableTrouble> const& trouble() const { return trouble_; }
  void fail(TableTrouble trouble) { trouble_ = std::move(trouble); }

 private:
  // The first place of `wanted` from begin_ on, or end_; looks at no byte twice.
  struct Mark {
    char wanted;
    std::size_t at = 0;
  };
  std::size_t seek(Mark& mark) const;
  std::size_t line_end();
  bool fill();
  void check_beginning();
  void check(std::string_view line);

  Fd file_;
  std::string remedy_;
  std::string buffer_;
  std::size_t begin_ = 0, end_ = 0;  // what is read and not handed over
  Mark lf_{'\n'}, cr_{'\r'};
  bool ended_ = false;
  int number_ = 0;
  std::optional<TableTrouble> trouble_;
};

// Of blanks and line ends alone.
bool is_blank(std::string_view text);

// "" or why this text cannot be a value: a control character other than tab and line ends.
std::string control_in(std::string_view text);

}  // namespace wanspool::yaml
