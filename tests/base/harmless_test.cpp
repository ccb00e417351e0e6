#include "base/harmless.h"

#include <doctest/doctest.h>

#include <random>

using namespace wanspool;

TEST_SUITE_BEGIN("base");

namespace {

// What a terminal could obey, in any spelling it may come in: bytes of C0, and C1 as UTF-8 or on its own.
bool is_obeyed(std::string_view text) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    auto const byte = static_cast<unsigned char>(text[i]);
    if (byte < 0x20 || byte == 0x7f) return true;
    bool const continues = i > 0 && static_cast<unsigned char>(text[i - 1]) >= 0x80;
    if (byte >= 0x80 && byte < 0xa0 && !continues) return true;
    if (byte == 0xc2 && i + 1 < text.size() && static_cast<unsigned char>(text[i + 1]) < 0xa0) return true;
  }
  return false;
}

}  // namespace

TEST_CASE("what steers a terminal or forges a line is made harmless, and the words stay") {
  struct Row {
    std::string_view text, shown;
  };
  using namespace std::string_view_literals;
  for (auto const& [text, shown] : {
           Row{"cats.yaml", "cats.yaml"},
           Row{"Küche, 猫 und 👩‍🍳", "Küche, 猫 und 👩‍🍳"},
           Row{"\x1b[2J\x1b]0;owned\x07gone"sv, " [2J ]0;owned gone"},
           Row{"a\nerror: forged"sv, "a error: forged"},
           Row{"a\r\nb"sv, "a b"},
           Row{"a\0b"sv, "a b"},
           Row{"a\x7f\x08"
               "b"sv,
               "a b"},
           Row{"a\xc2\x9b"
               "31mb"sv,
               "a 31mb"},  // CSI in one character
           Row{"a\x9b"
               "31mb"sv,
               "a?31mb"},                              // and in one byte
           Row{"a\u2028b\u2029c", "a b c"},            // line and paragraph separators
           Row{"photo\u202egnp.exe", "photognp.exe"},  // turns what follows
           Row{"\u2066a\u2069\u200e\u061c", "a"},
           Row{"\xef\xbb\xbf"
               "a"sv,
               "a"},
           Row{"\xff\xfe\xc3"sv, "???"},
           Row{"\xed\xa0\x80"sv, "???"},  // half a surrogate pair
           Row{"\xc0\x8a"sv, "??"},       // a line's end, overlong
           Row{"", ""},
       }) {
    INFO(text);
    CHECK(harmless(text) == shown);
  }
  CHECK(harmless_lines("a\x1b[1m\nb\r\n\n") == "a [1m\nb \n\n");
}

TEST_CASE("whatever bytes come, nothing that a terminal obeys goes on") {
  std::mt19937 random{8};
  static constexpr std::string_view kPieces[] = {"\x1b", "\x9b",     "\xc2",     "\xc2\x9b", "\xe2\x80",
                                                 "\xae", "\n",       "\r",       "\x7f",     "a",
                                                 "[2J",  "\xf0\x9f", "\xed\xa0", "\x80",     " "};
  for (int round = 0; round < 20'000; ++round) {
    std::string text;
    for (int i = static_cast<int>(random() % 8); i >= 0; --i) text += kPieces[random() % std::size(kPieces)];
    auto const shown = harmless(text);
    REQUIRE_FALSE(is_obeyed(shown));
    REQUIRE(harmless(shown) == shown);
    REQUIRE_FALSE(is_obeyed(harmless_lines(text).substr(0, harmless_lines(text).find('\n'))));
  }
}
