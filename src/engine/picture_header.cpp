#include "engine/picture_header.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>
#include <vector>

namespace wanspool {
namespace {

using namespace std::string_view_literals;
using Format = PictureHeader::Format;

constexpr auto kCanBeSent = "JPEG, PNG, BMP and WEBP can be sent"sv;
constexpr std::uint32_t kMostInPng = 0x7fffffff;  // PNG specification, 5.3

unsigned byte(std::string_view bytes, std::size_t at) {
  return static_cast<unsigned char>(bytes[at]);
}

// Numbers of JPEG and PNG have their largest part first, those of BMP and WEBP their smallest.
std::uint32_t big(std::string_view bytes) {
  std::uint32_t value = 0;
  for (std::size_t i = 0; i < bytes.size(); ++i) value = value << 8 | byte(bytes, i);
  return value;
}

std::uint32_t little(std::string_view bytes) {
  std::uint32_t value = 0;
  for (auto i = bytes.size(); i > 0; --i) value = value << 8 | byte(bytes, i - 1);
  return value;
}

// A piece of the file at a time, so that walking through it in small steps costs nothing.
class Window {
 public:
  Window(std::int64_t size, ReadAt const& read) : size_{size}, read_{read}, piece_(kPiece) {}

  static constexpr std::size_t kPiece = 65'536;

  std::int64_t size() const { return size_; }
  // So many bytes from there, kPiece at most; fewer at the end of the file.
  std::string_view at(std::int64_t offset, std::size_t count) {
    if (offset < 0 || offset >= size_) return {};
    auto const left = static_cast<std::uint64_t>(size_ - offset);
    count = static_cast<std::size_t>(std::min<std::uint64_t>(count, left));
    bool const held = offset >= begin_ &&
                      offset + static_cast<std::int64_t>(count) <= begin_ + static_cast<std::int64_t>(held_);
    if (!held) {
      begin_ = offset;
      held_ = read_(offset, piece_.data(), piece_.size());
    }
    auto const from = static_cast<std::size_t>(offset - begin_);
    return {piece_.data() + from, std::min(count, held_ - from)};
  }

 private:
  std::int64_t size_;
  ReadAt const& read_;
  std::vector<char> piece_;
  std::int64_t begin_ = 0;
  std::size_t held_ = 0;
};

std::string_view name_of(Format format) {
  static constexpr std::array kNames{""sv, "JPEG"sv, "PNG"sv, "BMP"sv, "WEBP"sv};
  return kNames[static_cast<std::size_t>(format)];
}

// Reads one format, of which the first bytes have been seen.
class HeaderReader {
 public:
  HeaderReader(Window& file, Format format) : file_{file} { header_.format = format; }

  PictureHeader read() {
    switch (header_.format) {
      case Format::Jpeg:
        jpeg();
        break;
      case Format::Png:
        png();
        break;
      case Format::Bmp:
        bmp();
        break;
      case Format::Webp:
        webp();
        break;
      case Format::None:
        break;
    }
    return std::move(header_);
  }

 private:
  void cut() {
    header_.why_not = fmt::format("it is a {} that is cut short after {} bytes; copy it here again",
                                  name_of(header_.format), file_.size());
  }
  void broken(std::string_view why) {
    header_.why_not = fmt::format("it is no whole {}: {}; save it again", name_of(header_.format), why);
  }
  bool sides(std::int64_t width, std::int64_t height) {
    if (width < 1 || height < 1 || width > kMostInPng || height > kMostInPng) {
      broken(fmt::format("it says that it is {} x {} pixels", width, height));
      return false;
    }
    header_.width = static_cast<int>(width);
    header_.height = static_cast<int>(height);
    return true;
  }

  void png() {
    auto const first = file_.at(8, 25);
    if (first.size() < 25) return cut();
    if (big(first.substr(0, 4)) != 13 || first.substr(4, 4) != "IHDR")
      return broken("IHDR does not come first");
    auto const colour = byte(first, 17);
    if (!sides(big(first.substr(8, 4)), big(first.substr(12, 4)))) return;
    header_.alpha = colour == 4 || colour == 6;
    bool has_data = false;
    for (std::int64_t at = 33;;) {
      auto const head = file_.at(at, 8);
      if (head.size() < 8) return cut();
      std::int64_t const length = big(head.substr(0, 4));
      auto const type = head.substr(4);
      bool const letters = std::all_of(
          type.begin(), type.end(), [](char c) { return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z'); });
      if (!letters || length > kMostInPng) return broken(fmt::format("no chunk begins at byte {}", at));
      if (at + 12 + length > file_.size()) return cut();
      if (type == "IEND") return has_data ? void() : broken("there is nothing in it");
      has_data = has_data || type == "IDAT";
      header_.alpha = header_.alpha || (type == "tRNS" && !has_data);
      at += 12 + length;
    }
  }

  void jpeg() {
    for (std::int64_t at = 2;;) {
      auto const marker = file_.at(at, 2);
      if (marker.size() < 2) return cut();
      auto const code = byte(marker, 1);
      if (byte(marker, 0) != 0xFF || code == 0)
        return broken(fmt::format("no segment begins at byte {}", at));
      if (code == 0xFF) {  // padding
        ++at;
        continue;
      }
      if (code == 0xD9) return broken("there is nothing in it");
      if (code == 0xDA && header_.width == 0) return broken("its sides are missing");
      bool const alone = code == 0x01 || (code >= 0xD0 && code <= 0xD8);
      if (!alone && !segment(at, code)) return;
      at += alone ? 2 : 2 + std::int64_t{big(file_.at(at + 2, 2))};
      if (code == 0xDA) return look_for_end(at);
    }
  }

  bool segment(std::int64_t at, unsigned code) {
    auto const head = file_.at(at + 2, 7);
    if (head.size() < 2) return cut(), false;
    std::int64_t const length = big(head.substr(0, 2));
    if (at + 2 + length > file_.size()) return cut(), false;
    bool const frame = code >= 0xC0 && code <= 0xCF && code != 0xC4 && code != 0xC8 && code != 0xCC;
    if (length < (frame ? 8 : 2)) {
      broken(fmt::format("the segment at byte {} is too short", at));
      return false;
    }
    return !frame || sides(big(head.substr(5, 2)), big(head.substr(3, 2)));
  }

  // In the data of a picture no FF D9 can stand (ITU T.81, B.1.1.5), so that one without any is surely cut;
  // what cameras put behind a picture may be long.
  void look_for_end(std::int64_t from) {
    for (auto at = from;;) {
      auto const piece = file_.at(at, Window::kPiece);
      if (piece.find("\xFF\xD9"sv) != piece.npos) return;
      if (piece.size() < 2) return cut();
      at += static_cast<std::int64_t>(piece.size()) - 1;
    }
  }

  void bmp() {
    auto const head = file_.at(0, 34);
    if (head.size() < 26) return cut();
    bool const old = little(head.substr(14, 4)) == 12;
    if (!old && head.size() < 34) return cut();
    auto const width = old ? std::int64_t{little(head.substr(18, 2))} : whole(head.substr(18, 4));
    auto const height = old ? std::int64_t{little(head.substr(20, 2))} : whole(head.substr(22, 4));
    if (!sides(width, height < 0 ? -height : height)) return;
    auto const bits = little(head.substr(old ? 24 : 28, 2));
    auto const packing = old ? 0 : little(head.substr(30, 4));
    bool const plain = packing == 0 || packing == 3 || packing == 6;
    auto const from = std::int64_t{little(head.substr(10, 4))}, left = file_.size() - from;
    if (!plain) return std::int64_t{little(head.substr(2, 4))} > file_.size() ? cut() : void();
    if (bits == 0 || bits > 64) return broken(fmt::format("it says that a pixel has {} bits", bits));
    auto const line = (width * bits + 31) / 32 * 4;
    if (left < 0 || header_.height > left / line) cut();
  }
  static std::int64_t whole(std::string_view four) { return static_cast<std::int32_t>(little(four)); }

  void webp() {
    auto const head = file_.at(0, 30);
    if (head.size() < 30 || std::int64_t{little(head.substr(4, 4))} + 8 > file_.size()) return cut();
    auto const chunk = head.substr(12, 4), data = head.substr(20);
    if (chunk == "VP8X") {
      header_.alpha = (byte(data, 0) & 0x10) != 0;
      sides(std::int64_t{little(data.substr(4, 3))} + 1, std::int64_t{little(data.substr(7, 3))} + 1);
    } else if (chunk == "VP8L" && data[0] == '\x2f') {
      auto const bits = little(data.substr(1, 4));
      header_.alpha = (bits >> 28 & 1) != 0;
      sides(std::int64_t{bits & 0x3fff} + 1, std::int64_t{bits >> 14 & 0x3fff} + 1);
    } else if (chunk == "VP8 " && data.substr(3, 3) == "\x9d\x01\x2a"sv) {
      sides(little(data.substr(6, 2)) & 0x3fff, little(data.substr(8, 2)) & 0x3fff);
    } else {
      broken("no picture begins at byte 12");
    }
  }

  Window& file_;
  PictureHeader header_;
};

bool is_bmp(std::string_view bytes) {
  static constexpr std::array<std::uint32_t, 8> kHeaders{12, 16, 40, 52, 56, 64, 108, 124};
  if (!bytes.starts_with("BM") || bytes.size() < 18) return false;
  return std::find(kHeaders.begin(), kHeaders.end(), little(bytes.substr(14, 4))) != kHeaders.end();
}

Format format_of(std::string_view bytes) {
  if (bytes.starts_with("\xFF\xD8\xFF"sv)) return Format::Jpeg;
  if (bytes.starts_with("\x89PNG\r\n\x1a\n"sv)) return Format::Png;
  if (bytes.starts_with("RIFF") && bytes.size() >= 12 && bytes.substr(8, 4) == "WEBP") return Format::Webp;
  return is_bmp(bytes) ? Format::Bmp : Format::None;
}

// What people have instead, so that they know what to save anew.
std::string_view other_kind(std::string_view bytes) {
  auto const brand = bytes.size() >= 12 && bytes.substr(4, 4) == "ftyp" ? bytes.substr(8, 4) : ""sv;
  if (brand.starts_with("avi")) return "an AVIF picture";
  if (brand.starts_with("hei") || brand.starts_with("hev") || brand == "mif1" || brand == "msf1")
    return "a HEIC picture";
  if (!brand.empty()) return "a film";
  if (bytes.starts_with("GIF8")) return "a GIF picture";
  if (bytes.starts_with("II*\0"sv) || bytes.starts_with("MM\0*"sv))
    return "a TIFF picture, or one of a camera's own";
  if (bytes.starts_with("8BPS")) return "a Photoshop file";
  if (bytes.starts_with("\0\0\1\0"sv)) return "an icon";
  if (bytes.starts_with("%PDF")) return "a PDF document";
  if (bytes.starts_with("<svg")) return "an SVG drawing";
  if (bytes.starts_with("<?xml")) return "an XML document, perhaps an SVG drawing";
  if (bytes.starts_with("<!DOCTYPE") || bytes.starts_with("<!doctype") || bytes.starts_with("<html"))
    return "a web page";
  return {};
}

}  // namespace

char const* ending_of(Format format) {
  static constexpr std::array kEndings{"", "jpg", "png", "bmp", "webp"};
  return kEndings[static_cast<std::size_t>(format)];
}

PictureHeader read_picture_header(std::int64_t size, ReadAt const& read) {
  Window file{size, read};
  auto const first = file.at(0, 64);
  PictureHeader none;
  if (first.empty()) {
    none.why_not = "it is empty";
    return none;
  }
  auto const format = format_of(first);
  if (format != Format::None) return HeaderReader{file, format}.read();
  auto const kind = other_kind(first);
  none.why_not = kind.empty() ? fmt::format("it is no picture; {}", kCanBeSent)
                              : fmt::format("it is {}; {}", kind, kCanBeSent);
  return none;
}

}  // namespace wanspool
