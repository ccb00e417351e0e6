#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace wanspool::yaml {

inline constexpr std::size_t kNowhere = static_cast<std::size_t>(-1);

struct Place {
  int line = 0, column = 0;  // from 1; columns count characters

  bool operator==(Place const&) const = default;
};

// The bytes of a file, which must outlive it, and where in them a person finds what stands at an offset.
// Offsets count bytes after a byte order mark.
class Text {
 public:
  explicit Text(std::string_view bytes);

  std::string_view bytes() const { return bytes_; }
  Place place(std::size_t offset) const;
  // The line that holds `offset`, without its end.
  std::string_view line(std::size_t offset) const;

  // Why no parser should see these bytes: not UTF-8, control characters, too long.
  struct Flaw {
    std::size_t at;
    std::string text;
  };
  std::optional<Flaw> flaw() const;

 private:
  std::string_view bytes_;
  // Places are mostly asked for in ascending order; without this a long file would be counted anew each time.
  mutable std::size_t known_ = 0;
  mutable Place known_place_{1, 1};
};

// Code points of UTF-8.
std::size_t characters(std::string_view text);

// Where the character of this number (from 0) begins once trimmed() has been here, in the untrimmed text.
std::size_t offset_of_character(std::string_view text, std::size_t number);

// A byte sequence of UTF-8 at `offset`: its length, or 0 if it is none (RFC 3629).
std::size_t sequence_length(std::string_view text, std::size_t offset);

// Trimmed of blanks and line ends on both sides, its lines ended by LF.
std::string trimmed(std::string_view text);

}  // namespace wanspool::yaml
