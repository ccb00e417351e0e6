#include "manifest/source.h"

#include <algorithm>
#include <charconv>
#include <cstdint>

namespace wanspool::yaml {
namespace {

constexpr std::string_view kKey = "x: ";
constexpr std::size_t kEscape = 6;          // \uXXXX
constexpr std::size_t kPair = 2 * kEscape;  // as written
constexpr std::size_t kCharacter = 4;       // as UTF-8

// The code unit of an escape at `offset`, 0 if there is none.
std::uint32_t code_unit(std::string_view text, std::size_t offset) {
  if (offset + kEscape > text.size() || text[offset] != '\\' || text[offset + 1] != 'u') return 0;
  std::uint32_t unit = 0;
  auto const* const end = text.data() + offset + kEscape;
  auto const result = std::from_chars(text.data() + offset + 2, end, unit, 16);
  return result.ptr == end && result.ec == std::errc{} ? unit : 0;
}

// The character of a surrogate pair at `offset`, 0 if there is none.
std::uint32_t paired(std::string_view text, std::size_t offset) {
  auto const high = code_unit(text, offset);
  if (high < 0xD800 || high > 0xDBFF) return 0;
  auto const low = code_unit(text, offset + kEscape);
  if (low < 0xDC00 || low > 0xDFFF) return 0;
  return 0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00);
}

// A backslash takes the character after it along, so that an escaped backslash before a 'u' is left alone.
std::vector<std::size_t> find_pairs(std::string_view text) {
  std::vector<std::size_t> pairs;
  for (auto at = text.find('\\'); at != std::string_view::npos; at = text.find('\\', at)) {
    bool const pair = paired(text, at) != 0;
    if (pair) pairs.push_back(at);
    at += pair ? kPair : 2;
  }
  return pairs;
}

// The '{' that opens the document, after blanks, comment lines and a '---' line.
std::size_t opening_brace(std::string_view text) {
  std::size_t at = 0;
  while (at < text.size()) {
    at = text.find_first_not_of(" \t\r\n", at);
    if (at == std::string_view::npos) return kNowhere;
    if (text[at] == '{') return at;
    auto const end = std::min(text.find('\n', at), text.size());
    auto const line = trimmed(text.substr(at, end - at));
    if (text[at] != '#' && line != "---") return kNowhere;
    at = end;
  }
  return kNowhere;
}

}  // namespace

Source::Source(Text const& text)
    : text_{text.bytes()}, pairs_{find_pairs(text_)}, wrap_{opening_brace(text_)} {}

std::size_t Source::offset(int position) const {
  auto at = static_cast<std::size_t>(std::max(position, 0));
  if (wrapped() && at > wrap_) at -= std::min(kKey.size(), at - wrap_);
  auto const shrunk = kPair - kCharacter;
  std::size_t before = 0, end = pairs_.size();
  while (before < end) {
    auto const middle = (before + end) / 2;
    if (pairs_[middle] - shrunk * middle < at) {
      before = middle + 1;
    } else {
      end = middle;
    }
  }
  return std::min(at + shrunk * before, text_.size());
}

void Source::give(std::string_view piece) {
  auto* const begin = const_cast<char*>(piece.data());  // a get area is never written to
  setg(begin, begin, begin + piece.size());
}

Source::int_type Source::underflow() {
  if (gptr() < egptr()) return traits_type::to_int_type(*gptr());
  if (next_ == wrap_ && !wrap_given_) {
    wrap_given_ = true;
    give(kKey);
  } else if (next_pair_ < pairs_.size() && next_ == pairs_[next_pair_]) {
    auto const c = paired(text_, next_);
    for (int i = 0; i < 4; ++i)
      character_[i] =
          static_cast<char>((i == 0 ? 0xF0 : 0x80) | ((c >> (18 - 6 * i)) & (i == 0 ? 0x07 : 0x3F)));
    give({character_, kCharacter});
    next_ += kPair;
    ++next_pair_;
  } else {
    auto end = text_.size();
    if (next_pair_ < pairs_.size()) end = pairs_[next_pair_];
    if (wrapped() && !wrap_given_) end = std::min(end, wrap_);
    if (next_ == end) return traits_type::eof();
    give(text_.substr(next_, end - next_));
    next_ = end;
  }
  return traits_type::to_int_type(*gptr());
}

}  // namespace wanspool::yaml
