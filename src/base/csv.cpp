#include "base/csv.h"

namespace wanspool {

std::string csv_cell(std::string_view text) {
  if (text.find_first_of(",;\"\r\n\t") == text.npos) return std::string{text};
  std::string quoted = "\"";
  for (char const letter : text) {
    if (letter == '"') quoted += '"';
    quoted += letter;
  }
  return quoted + "\"";
}

std::string csv_text(std::string_view text) {
  bool const is_formula = text.find_first_of("=+-@\t\r\n") == 0;
  return csv_cell((is_formula ? "'" : "") + std::string{text});
}

}  // namespace wanspool
