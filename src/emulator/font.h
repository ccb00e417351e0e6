#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

// Letters of 5 by 7 dots.
namespace wanspool::emulator {

// Seven rows, bit 4 is the leftmost dot. Code points outside ASCII give a filled box.
using Glyph = std::array<std::uint8_t, 7>;
Glyph const& glyph(char32_t letter);
int drop(char32_t letter);  // by how many rows it stands lower than the others

// UTF-8 in, code points out; Latin letters lose their accents, bad bytes become boxes.
std::u32string letters(std::string_view text);

// Breaks at spaces so that no line has more than `width` letters; longer words are cut.
std::vector<std::u32string> wrapped(std::u32string_view text, std::size_t width);

}  // namespace wanspool::emulator
