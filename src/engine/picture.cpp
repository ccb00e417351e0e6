#include "engine/picture.h"

#include <zlib.h>

#include <algorithm>

namespace wanspool {
namespace {

using namespace std::string_view_literals;

constexpr auto kSignature = "\x89PNG\r\n\x1a\n"sv;
constexpr std::uint32_t kLengthMost = 0x7fffffff;  // PNG specification, 5.3
constexpr std::uint32_t kIhdrLength = 13;
// Far more than any model draws (contract §2.2), and few enough that a product of sides fits everywhere.
constexpr std::uint32_t kSideMost = 65'535;

std::uint32_t number(std::string_view four) {
  std::uint32_t value = 0;
  for (char const c : four) value = value << 8 | static_cast<unsigned char>(c);
  return value;
}

unsigned long crc_of(unsigned long crc, std::string_view bytes) {
  return crc32_z(crc, reinterpret_cast<Bytef const*>(bytes.data()), bytes.size());
}

bool is_letter(char c) {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

bool begins(std::string_view bytes, std::string_view wanted) {
  auto const same = [](char a, char b) { return a == b || (is_letter(a) && (a | 0x20) == (b | 0x20)); };
  return bytes.size() >= wanted.size() && std::equal(wanted.begin(), wanted.end(), bytes.begin(), same);
}

// A person who sees what came instead knows whom to ask.
std::string name_of(std::string_view bytes) {
  if (begins(bytes, "\xff\xd8\xff")) return "a JPEG picture";
  if (begins(bytes, "GIF8")) return "a GIF picture";
  if (begins(bytes, "RIFF")) return "a WebP picture";
  if (begins(bytes, "BM")) return "a BMP picture";
  if (begins(bytes, "<!DOCTYP") || begins(bytes, "<html")) return "a web page";
  if (begins(bytes, "<?xml") || begins(bytes, "<Error")) return "an XML document";
  if (begins(bytes, "{")) return "a JSON document";
  static constexpr auto kDigits = "0123456789abcdef"sv;
  std::string hex = "the bytes";
  for (char const c : bytes) {
    auto const byte = static_cast<unsigned char>(c);
    hex += {' ', kDigits[byte >> 4], kDigits[byte & 15]};
  }
  return hex;
}

}  // namespace

// Small parts are collected until they are whole; of what was given at once nothing is copied.
std::string_view PictureCheck::gather(std::string_view& bytes, std::size_t wanted) {
  auto const count = std::min(bytes.size(), wanted - few_size_);
  seen_ += static_cast<std::int64_t>(count);
  auto const part = bytes.substr(0, count);
  bytes.remove_prefix(count);
  if (few_size_ == 0 && count == wanted) return part;
  std::copy(part.begin(), part.end(), few_.begin() + static_cast<std::ptrdiff_t>(few_size_));
  few_size_ += count;
  if (few_size_ < wanted) return {};
  few_size_ = 0;
  return {few_.data(), wanted};
}

bool PictureCheck::take(std::string_view bytes) {
  while (!bytes.empty()) {
    std::string_view part;
    switch (stage_) {
      case Stage::Signature:
        part = gather(bytes, kSignature.size());
        if (!part.empty() && !signature(part)) return false;
        break;
      case Stage::Head:
        part = gather(bytes, 8);
        if (!part.empty() && !head(part)) return false;
        break;
      case Stage::Data: {
        bool const is_ihdr = width_ == 0;
        part = is_ihdr ? gather(bytes, kIhdrLength) : bytes.substr(0, left_);
        if (!is_ihdr) {
          bytes.remove_prefix(part.size());
          seen_ += static_cast<std::int64_t>(part.size());
        }
        if (part.empty()) break;
        crc_ = crc_of(crc_, part);
        left_ -= static_cast<std::uint32_t>(part.size());
        if (is_ihdr && !ihdr(part)) return false;
        if (left_ == 0) stage_ = Stage::Sum;
        break;
      }
      case Stage::Sum:
        part = gather(bytes, 4);
        if (!part.empty() && !sum(part)) return false;
        break;
      case Stage::End:
        return wrong("not one PNG: something follows its end at byte " + std::to_string(seen_));
      case Stage::Wrong:
        return false;
    }
  }
  return stage_ != Stage::Wrong;
}

bool PictureCheck::signature(std::string_view eight) {
  if (eight != kSignature) return wrong("not a PNG: begins with " + name_of(eight));
  stage_ = Stage::Head;
  return true;
}

bool PictureCheck::head(std::string_view eight) {
  chunk_at_ = seen_ - 8;
  left_ = number(eight.substr(0, 4));
  auto const type = eight.substr(4);
  if (!std::all_of(type.begin(), type.end(), is_letter))
    return wrong("not a PNG: no chunk begins at byte " + std::to_string(chunk_at_));
  std::copy(type.begin(), type.end(), type_.begin());
  if ((type == "IHDR") != (width_ == 0))
    return wrong(width_ == 0 ? "not a PNG: IHDR does not come first" : chunk() + " is a second IHDR");
  if (left_ > kLengthMost || (type == "IHDR" && left_ != kIhdrLength) || (type == "IEND" && left_ != 0))
    return wrong(chunk() + " has a wrong length");
  if (type == "IEND" && !has_data_) return wrong("not a whole PNG: there is no IDAT before IEND");
  if (type == "IDAT") has_data_ = true;
  crc_ = crc_of(0, type);
  stage_ = left_ == 0 ? Stage::Sum : Stage::Data;
  return true;
}

bool PictureCheck::ihdr(std::string_view data) {
  auto const width = number(data.substr(0, 4)), height = number(data.substr(4, 4));
  if (width == 0 || height == 0 || width > kSideMost || height > kSideMost)
    return wrong("not a PNG that can be: its sides are " + std::to_string(width) + " and " +
                 std::to_string(height));
  width_ = static_cast<int>(width);
  height_ = static_cast<int>(height);
  return true;
}

bool PictureCheck::sum(std::string_view four) {
  if (number(four) != crc_) return wrong(chunk() + " has a wrong CRC");
  stage_ = std::string_view{type_.data(), type_.size()} == "IEND" ? Stage::End : Stage::Head;
  return true;
}

bool PictureCheck::wrong(std::string why) {
  stage_ = Stage::Wrong;
  why_ = std::move(why);
  return false;
}

std::string PictureCheck::chunk() const {
  return "chunk " + std::string{type_.data(), type_.size()} + " at byte " + std::to_string(chunk_at_);
}

std::string PictureCheck::complaint() const {
  auto const after = "cut after " + std::to_string(seen_) + " bytes";
  switch (stage_) {
    case Stage::End:
      return {};
    case Stage::Wrong:
      return why_;
    case Stage::Signature: {
      std::string_view const begun{few_.data(), few_size_};
      return kSignature.starts_with(begun) ? after : "not a PNG: begins with " + name_of(begun);
    }
    case Stage::Head:
      return after + ", where a chunk should begin";
    case Stage::Data:
    case Stage::Sum:
      return after + ", inside " + chunk();
  }
  return {};
}

}  // namespace wanspool
