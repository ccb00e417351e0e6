#pragma once

#include <zlib.h>

#include <cstdint>
#include <string>
#include <string_view>

// Small whole picture files, each made of its own format's bytes.
namespace wanspool::test {

inline std::string big(std::uint32_t value, int bytes = 4) {
  std::string text;
  for (int i = bytes - 1; i >= 0; --i) text += static_cast<char>(value >> (8 * i));
  return text;
}

inline std::string little(std::uint32_t value, int bytes = 4) {
  std::string text;
  for (int i = 0; i < bytes; ++i) text += static_cast<char>(value >> (8 * i));
  return text;
}

inline std::string png_chunk(std::string const& type, std::string const& data) {
  auto const all = type + data;
  auto const sum = crc32(0, reinterpret_cast<Bytef const*>(all.data()), static_cast<uInt>(all.size()));
  return big(static_cast<std::uint32_t>(data.size())) + all + big(static_cast<std::uint32_t>(sum));
}

// Eight bits a sample; `colour` 0 grey, 2 RGB, 3 palette, 4 grey and alpha, 6 RGB and alpha. `before`: chunks
// before its data.
inline std::string png(std::uint32_t width, std::uint32_t height, int colour = 2,
                       std::string const& before = {}, char shade = 0) {
  static constexpr int kSamples[] = {1, 0, 3, 1, 2, 0, 4};
  std::string const row = '\0' + std::string(width * static_cast<std::uint32_t>(kSamples[colour]), shade);
  std::string rows;
  for (std::uint32_t i = 0; i < height; ++i) rows += row;
  auto size = compressBound(rows.size());
  std::string packed(size, '\0');
  compress(reinterpret_cast<Bytef*>(packed.data()), &size, reinterpret_cast<Bytef const*>(rows.data()),
           rows.size());
  packed.resize(size);
  std::string const head =
      big(width) + big(height) + '\x08' + static_cast<char>(colour) + std::string(3, '\0');
  return "\x89PNG\r\n\x1a\n" + png_chunk("IHDR", head) + before + png_chunk("IDAT", packed) +
         png_chunk("IEND", "");
}

inline std::string jpeg_segment(unsigned char code, std::string const& data) {
  return std::string{'\xFF', static_cast<char>(code)} + big(static_cast<std::uint32_t>(data.size() + 2), 2) +
         data;
}

// `before`: segments before its frame; SOF2, as cameras and browsers write it.
inline std::string jpeg(std::uint32_t width, std::uint32_t height, std::string const& before = {},
                        std::string const& after = {}) {
  auto const frame = '\x08' + big(height, 2) + big(width, 2) + std::string("\x01\x01\x11\x00", 4);
  return "\xFF\xD8" + before + jpeg_segment(0xC2, frame) +
         jpeg_segment(0xDA, std::string("\x01\x01\x00\x00\x3F\x00", 6)) + std::string("\x12\xFF\x00\x34", 4) +
         "\xFF\xD9" + after;
}

// 24 bits a pixel; a negative height runs from the top.
inline std::string bmp(std::int32_t width, std::int32_t height) {
  auto const rows = static_cast<std::uint32_t>(height < 0 ? -height : height);
  auto const line = (static_cast<std::uint32_t>(width) * 24 + 31) / 32 * 4;
  auto const data = line * rows;
  return "BM" + little(54 + data) + little(0) + little(54) + little(40) +
         little(static_cast<std::uint32_t>(width)) + little(static_cast<std::uint32_t>(height)) +
         little(1, 2) + little(24, 2) + little(0) + little(data) + std::string(16, '\0') +
         std::string(data, '\x7f');
}

inline std::string webp(std::string const& chunk, std::string data) {
  if (data.size() % 2 != 0) data += '\0';
  auto const body = "WEBP" + chunk + little(static_cast<std::uint32_t>(data.size())) + data;
  return "RIFF" + little(static_cast<std::uint32_t>(body.size())) + body;
}

inline std::string webp_lossy(std::uint32_t width, std::uint32_t height) {
  return webp("VP8 ",
              std::string("\x30\x01\x00\x9d\x01\x2a", 6) + little(width, 2) + little(height, 2) + "datadata");
}

inline std::string webp_lossless(std::uint32_t width, std::uint32_t height, bool alpha = false) {
  return webp("VP8L",
              '\x2f' + little((width - 1) | (height - 1) << 14 | (alpha ? 1u << 28 : 0u)) + "datadata");
}

inline std::string webp_extended(std::uint32_t width, std::uint32_t height, bool alpha = false) {
  return webp("VP8X", std::string{static_cast<char>(alpha ? 0x10 : 0)} + std::string(3, '\0') +
                          little(width - 1, 3) + little(height - 1, 3));
}

}  // namespace wanspool::test
