#include "manifest/placeholders.h"

namespace wanspool::yaml {
namespace {

std::string_view without_blanks(std::string_view text) {
  auto const first = text.find_first_not_of(' ');
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(' ') - first + 1);
}

Piece placeholder(std::string_view inside) {
  Piece piece;
  piece.placeholder = true;
  auto const colon = inside.find(":-");
  piece.name = without_blanks(inside.substr(0, colon));
  if (colon != std::string_view::npos) piece.otherwise = inside.substr(colon + 2);
  return piece;
}

}  // namespace

Pieces pieces_of(std::string_view text) {
  Pieces result;
  auto const literal = [&](std::string_view piece) {
    if (!piece.empty()) result.pieces.push_back({piece});
  };
  while (!text.empty()) {
    auto const at = text.find("${");
    if (at == std::string_view::npos) {
      literal(text);
      break;
    }
    if (at > 0 && text[at - 1] == '$') {
      literal(text.substr(0, at - 1));
      literal(text.substr(at, 2));
      text.remove_prefix(at + 2);
      continue;
    }
    literal(text.substr(0, at));
    auto const end = text.find('}', at);
    if (end == std::string_view::npos) {
      result.wrong = "'${' is opened here and never closed; a literal '${' is written '$${'";
      break;
    }
    auto const inside = text.substr(at + 2, end - at - 2);
    if (inside.find("${") != std::string_view::npos) {
      result.wrong = "a placeholder cannot stand inside of another one; put what is inside into 'let'";
      break;
    }
    result.pieces.push_back(placeholder(inside));
    if (result.pieces.back().name.empty())
      result.wrong = "'${}' names nothing; a literal '${' is written '$${'";
    text.remove_prefix(end + 1);
  }
  return result;
}

}  // namespace wanspool::yaml
