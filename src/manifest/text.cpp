#include "manifest/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

namespace wanspool::yaml {
namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

unsigned char byte(std::string_view text, std::size_t offset) {
  return offset < text.size() ? static_cast<unsigned char>(text[offset]) : 0;
}

bool is_tail(unsigned char c) {
  return (c & 0xC0) == 0x80;
}

bool is_ascii_letter(unsigned char c) {
  return (c | 0x20) >= 'a' && (c | 0x20) <= 'z';
}

// A lone high byte beside ASCII letters is an accent of Western Europe far more often than anything else.
std::string not_utf8(std::string_view text, std::size_t at) {
  auto const c = byte(text, at);
  if (text.starts_with("\xFF\xFE") || text.starts_with("\xFE\xFF"))
    return "this file is UTF-16; save it as UTF-8";
  bool const alone = byte(text, at + 1) < 0x80 && (at == 0 || byte(text, at - 1) < 0x80);
  bool const in_word = is_ascii_letter(byte(text, at + 1)) || (at > 0 && is_ascii_letter(byte(text, at - 1)));
  if (c >= 0xC0 && alone && in_word)
    return fmt::format("byte 0x{:02X} is not UTF-8; as Latin-1 it would be '{}{}': save the file as UTF-8", c,
                       '\xC3', static_cast<char>(c - 0x40));
  return fmt::format("byte 0x{:02X} is not UTF-8; save the file as UTF-8", c);
}

}  // namespace

std::size_t sequence_length(std::string_view text, std::size_t offset) {
  auto const c = byte(text, offset);
  auto const next = byte(text, offset + 1);
  if (c < 0x80) return 1;
  if (c < 0xC2 || c > 0xF4 || !is_tail(next)) return 0;
  if (c < 0xE0) return 2;
  if ((c == 0xE0 && next < 0xA0) || (c == 0xED && next > 0x9F)) return 0;
  if (!is_tail(byte(text, offset + 2))) return 0;
  if (c < 0xF0) return 3;
  if ((c == 0xF0 && next < 0x90) || (c == 0xF4 && next > 0x8F)) return 0;
  return is_tail(byte(text, offset + 3)) ? 4 : 0;
}

std::size_t characters(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(
      text.begin(), text.end(), [](char c) { return !is_tail(static_cast<unsigned char>(c)); }));
}

std::string trimmed(std::string_view text) {
  constexpr std::string_view kBlank = " \t\r\n";
  auto const first = text.find_first_not_of(kBlank);
  if (first == std::string_view::npos) return {};
  text = text.substr(first, text.find_last_not_of(kBlank) - first + 1);
  if (text.find('\r') == std::string_view::npos) return std::string{text};
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\r') {
      out += text[i];
    } else if (byte(text, i + 1) != '\n') {
      out += '\n';
    }
  }
  return out;
}

std::size_t offset_of_character(std::string_view text, std::size_t number) {
  auto at = std::min(text.find_first_not_of(" \t\r\n"), text.size());
  for (std::size_t count = 0; at < text.size(); at += std::max<std::size_t>(1, sequence_length(text, at))) {
    bool const is_end = text[at] == '\r' && byte(text, at + 1) == '\n';
    if (!is_end && count++ == number) break;
  }
  return at;
}

Text::Text(std::string_view bytes) : bytes_{bytes} {
  if (bytes_.starts_with(kByteOrderMark)) bytes_.remove_prefix(kByteOrderMark.size());
}

Place Text::place(std::size_t offset) const {
  offset = std::min(offset, bytes_.size());
  auto const from = std::min(offset, known_), to = std::max(offset, known_);
  auto const between = bytes_.substr(from, to - from);
  auto const lines = static_cast<int>(std::count(between.begin(), between.end(), '\n'));
  Place found{offset < known_ ? known_place_.line - lines : known_place_.line + lines, 0};
  if (offset >= known_ && lines == 0) {
    found.column = known_place_.column + static_cast<int>(characters(between));
  } else {
    auto const end = offset == 0 ? std::string_view::npos : bytes_.rfind('\n', offset - 1);
    auto const start = end == std::string_view::npos ? 0 : end + 1;
    found.column = 1 + static_cast<int>(characters(bytes_.substr(start, offset - start)));
  }
  known_ = offset;
  known_place_ = found;
  return found;
}

std::string_view Text::line(std::size_t offset) const {
  offset = std::min(offset, bytes_.size());
  auto const before = offset == 0 ? std::string_view::npos : bytes_.rfind('\n', offset - 1);
  auto const start = before == std::string_view::npos ? 0 : before + 1;
  auto const end = bytes_.find('\n', offset);
  return bytes_.substr(start, (end == std::string_view::npos ? bytes_.size() : end) - start);
}

std::optional<Text::Flaw> Text::flaw() const {
  // The parser's positions are of type int.
  if (bytes_.size() > std::numeric_limits<int>::max() / 2)
    return Flaw{0, "this file is larger than 1 GiB; split it"};
  for (std::size_t i = 0; i < bytes_.size();) {
    auto const c = byte(bytes_, i);
    if ((c < 0x20 && c != '\t' && c != '\n' && c != '\r') || c == 0x7F)
      return Flaw{i,
                  fmt::format("the control character U+{:04X} cannot stand in a text file; take it out", c)};
    auto const length = sequence_length(bytes_, i);
    if (length == 0) return Flaw{i, not_utf8(bytes_, i)};
    i += length;
  }
  return {};
}

}  // namespace wanspool::yaml
