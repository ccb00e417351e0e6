#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>

namespace wanspool {

// What a picture file says of itself, told by its bytes and never by its name. Nothing is unpacked, and no
// number in it is believed further than the file is long.
struct PictureHeader {
  enum class Format { None, Jpeg, Png, Bmp, Webp };
  Format format = Format::None;
  int width = 0, height = 0;
  bool alpha = false;        // it has an alpha channel, or a PNG a colour that is transparent
  std::string why_not = {};  // in words for a person why it is no picture that can be sent; "" if it is one
};

// Puts bytes from `at` on to `to`, `most` at most, and says how many; fewer only at the end of the file.
using ReadAt = std::function<std::size_t(std::int64_t at, char* to, std::size_t most)>;

// Of a file of `size` bytes. That it is cut short is told only where that is certain.
PictureHeader read_picture_header(std::int64_t size, ReadAt const& read);

// "png", "jpg", "bmp", "webp"; "" of None.
char const* ending_of(PictureHeader::Format format);

}  // namespace wanspool
