#include "provider/words.h"

#include <utf8proc.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <cstdio>
#include <optional>

namespace wanspool::provider {
namespace {

constexpr std::size_t kWordsMost = 600;
constexpr std::size_t kBeginningMost = 60;
constexpr std::string_view kEnds = " \t\r\n\"'`<>";

// Cuts all that follows `mark` up to one of `ends`, wherever it stands.
void hide_after(std::string& text, std::string_view mark, std::string_view ends) {
  for (auto at = text.find(mark); at != text.npos; at = text.find(mark, at)) {
    at += mark.size();
    auto const end = std::min(text.find_first_of(ends, at), text.size());
    if (end > at) text.replace(at, end - at, "…");
  }
}

// A signature is in an address's query, a password before its '@'.
void hide_queries(std::string& text) {
  for (auto at = text.find("://"); at != text.npos; at = text.find("://", at)) {
    at += 3;
    auto const end = [&] { return std::min(text.find_first_of(kEnds, at), text.size()); };
    auto const path = std::min(text.find_first_of("/?#", at), end());
    if (auto const name = text.rfind('@', path); name != text.npos && name >= at && name < path)
      text.replace(at, name - at, "…");
    if (auto const query = text.find('?', at); query < end()) text.replace(query, end() - query, "?…");
  }
}

bool is_of_key(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) || c == '-' || c == '_' || c == '.';
}

// The forms of contract §1.2: long enough to be a key, and not the end of a word as in "task-".
void hide_keys(std::string& text) {
  static constexpr std::size_t kShortest = 16;
  for (std::string_view const mark : {"sk-", "st-"})
    for (auto at = text.find(mark); at != text.npos; at = text.find(mark, at + 1)) {
      if (at > 0 && is_of_key(text[at - 1])) continue;
      auto const begin = text.begin() + static_cast<std::ptrdiff_t>(at + mark.size());
      auto const end = std::find_if_not(begin, text.end(), is_of_key);
      if (static_cast<std::size_t>(end - begin) >= kShortest) text.replace(begin, end, "…");
    }
}

// One line of UTF-8: these words are stored, shown on terminals and written as JSON, which takes nothing
// else.
std::string line_of(std::string_view text) {
  std::string line;
  while (!text.empty()) {
    utf8proc_int32_t point = 0;
    auto const size = utf8proc_iterate(reinterpret_cast<utf8proc_uint8_t const*>(text.data()),
                                       static_cast<utf8proc_ssize_t>(text.size()), &point);
    bool const is_control = point < 0x20 || (point >= 0x7f && point < 0xa0);
    auto const length = static_cast<std::size_t>(std::max<utf8proc_ssize_t>(size, 1));
    if (size <= 0)
      line += '?';
    else if (is_control)
      line += ' ';
    else
      line += text.substr(0, length);
    text.remove_prefix(length);
  }
  return line;
}

void clip(std::string& text) {
  if (text.size() <= kWordsMost) return;
  auto size = kWordsMost;
  // Never in the middle of a character.
  while (size > 0 && (static_cast<unsigned char>(text[size]) & 0xc0) == 0x80) --size;
  text.resize(size);
  text += "…";
}

bool is_printable(char c) {
  return c >= 0x20 && c < 0x7f;
}

// "Wed, 05 Aug 2026 09:38:24 GMT" (RFC 9110 §5.6.7; the obsolete forms are not read).
std::optional<std::chrono::sys_seconds> http_date(std::string_view text) {
  static constexpr std::array<std::string_view, 12> kMonths{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                            "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  int day = 0, year = 0, hour = 0, minute = 0, second = 0;
  std::array<char, 4> month{};
  if (std::sscanf(std::string{text}.c_str(), "%*3c, %2d %3s %4d %2d:%2d:%2d GMT", &day, month.data(), &year,
                  &hour, &minute, &second) != 6)
    return std::nullopt;
  auto const found = std::find(kMonths.begin(), kMonths.end(), std::string_view{month.data()});
  if (found == kMonths.end()) return std::nullopt;
  std::chrono::year_month_day const date{
      std::chrono::year{year}, std::chrono::month(static_cast<unsigned>(found - kMonths.begin()) + 1),
      std::chrono::day(static_cast<unsigned>(day))};
  if (!date.ok()) return std::nullopt;
  return std::chrono::sys_days{date} + hours{hour} + minutes{minute} + seconds{second};
}

}  // namespace

std::string plain(std::string_view text) {
  // What is far beyond the end of what will be shown need not be gone through.
  auto line = line_of(text.substr(0, kWordsMost * 100));
  hide_after(line, "base64,", kEnds);
  hide_queries(line);
  for (auto const mark : {"Signature=", "OSSAccessKeyId=", "security-token="})
    hide_after(line, mark, "& \"'");
  hide_after(line, "Bearer ", kEnds);
  hide_keys(line);
  clip(line);
  return line;
}

std::string beginning(std::string_view body) {
  if (body.empty()) return "nothing";
  std::string shown;
  for (char const c : body.substr(0, kBeginningMost)) shown += is_printable(c) ? c : ' ';
  return "'" + plain(shown) + (body.size() > kBeginningMost ? "…'" : "'");
}

std::string request_id(Reply const& reply) {
  std::string id;
  for (char const c : reply.header("x-request-id").substr(0, 200))
    if (is_printable(c)) id += c;
  return id;
}

milliseconds retry_after(Reply const& reply) {
  auto const text = reply.header("retry-after");
  std::int64_t count = 0;
  auto const [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
  if (error == std::errc{} && end == text.data() + text.size())
    return seconds{std::clamp<std::int64_t>(count, 0, 10L * 366 * 24 * 3600)};
  auto const until = http_date(text), since = http_date(reply.header("date"));
  if (!until || !since) return milliseconds{0};
  return std::max(milliseconds{0}, milliseconds{*until - *since});
}

}  // namespace wanspool::provider
