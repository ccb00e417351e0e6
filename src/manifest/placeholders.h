#pragma once

#include <cstddef>
#include <optional>
#include <string_view>
#include <vector>

namespace wanspool::yaml {

// One piece of a text: a literal, or a placeholder ${name} or ${name:-otherwise}. Views of the text.
struct Piece {
  std::string_view text;  // of a literal as it will stand there, '$${' as '${'
  bool placeholder = false;
  std::string_view name = {};  // trimmed
  std::optional<std::string_view> otherwise = {};
  std::size_t at = 0;           // offset in the text: of a placeholder its '$'
  std::string_view wrong = {};  // why this can be no placeholder; "" if it can
};

// Whether there is anything to take apart: a '${', escaped or not.
inline bool has_placeholder(std::string_view text) {
  return text.find("${") != std::string_view::npos;
}

std::vector<Piece> pieces_of(std::string_view text);

}  // namespace wanspool::yaml
