#include "manifest/placeholders.h"

namespace wanspool::yaml {
namespace {

std::string_view without_blanks(std::string_view text) {
  auto const first = text.find_first_not_of(' ');
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(' ') - first + 1);
}

Piece placeholder(std::string_view inside, std::size_t at) {
  Piece piece;
  piece.placeholder = true;
  piece.at = at;
  auto const colon = inside.find(":-");
  piece.name = without_blanks(inside.substr(0, colon));
  if (colon != std::string_view::npos) piece.otherwise = inside.substr(colon + 2);
  if (inside.find("${") != std::string_view::npos)
    piece.wrong = "a placeholder cannot stand inside of another one; put what is inside into 'let'";
  else if (piece.name.empty())
    piece.wrong = "'${}' names nothing; a literal '${' is written '$${'";
  return piece;
}

}  // namespace

std::vector<Piece> pieces_of(std::string_view text) {
  std::vector<Piece> pieces;
  auto const literal = [&](std::size_t from, std::size_t to) {
    if (from == to) return;
    pieces.push_back({text.substr(from, to - from)});
    pieces.back().at = from;
  };
  for (std::size_t at = 0;;) {
    auto const next = text.find("${", at);
    if (next == std::string_view::npos) {
      literal(at, text.size());
      return pieces;
    }
    if (next > at && text[next - 1] == '$') {
      literal(at, next - 1);
      literal(next, next + 2);
      at = next + 2;
      continue;
    }
    literal(at, next);
    auto const end = text.find('}', next);
    if (end == std::string_view::npos) {
      pieces.push_back({{}, true});
      pieces.back().at = next;
      pieces.back().wrong = "'${' is opened here and never closed; a literal '${' is written '$${'";
      return pieces;
    }
    pieces.push_back(placeholder(text.substr(next + 2, end - next - 2), next));
    at = end + 1;
  }
}

}  // namespace wanspool::yaml
