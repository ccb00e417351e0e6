#include "base/harmless.h"

#include <utf8proc.h>

#include <algorithm>

namespace wanspool {
namespace {

bool is_control(utf8proc_int32_t point) {
  return point < 0x20 || (point >= 0x7f && point < 0xa0) || point == 0x2028 || point == 0x2029;
}

// The marks, embeddings, overrides and isolates of Unicode's bidirectional algorithm, and the byte order
// mark.
bool is_unseen(utf8proc_int32_t point) {
  return point == 0x200e || point == 0x200f || point == 0x061c || (point >= 0x202a && point <= 0x202e) ||
         (point >= 0x2066 && point <= 0x2069) || point == 0xfeff;
}

bool is_plain(char letter) {
  return letter >= 0x20 && letter < 0x7f;
}

}  // namespace

std::string harmless(std::string_view text) {
  // Most text is.
  if (std::all_of(text.begin(), text.end(), is_plain)) return std::string{text};
  std::string line;
  bool gap = false;
  while (!text.empty()) {
    utf8proc_int32_t point = 0;
    auto const size = utf8proc_iterate(reinterpret_cast<utf8proc_uint8_t const*>(text.data()),
                                       static_cast<utf8proc_ssize_t>(text.size()), &point);
    auto const length = static_cast<std::size_t>(std::max<utf8proc_ssize_t>(size, 1));
    if (size <= 0)
      line += '?';
    else if (is_control(point))
      line += gap ? "" : " ";
    else if (!is_unseen(point))
      line += text.substr(0, length);
    gap = size > 0 && is_control(point);
    text.remove_prefix(length);
  }
  return line;
}

std::string harmless_lines(std::string_view text) {
  std::string lines;
  for (;;) {
    auto const end = text.find('\n');
    lines += harmless(text.substr(0, end));
    if (end == text.npos) return lines;
    lines += '\n';
    text.remove_prefix(end + 1);
  }
}

}  // namespace wanspool
