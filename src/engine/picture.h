#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace wanspool {

// Whether bytes that arrive in pieces of any size are one whole PNG (contract §6), as far as its structure
// and checksums tell: the pixels are not unpacked. The same bytes get the same verdict however they were cut.
class PictureCheck {
 public:
  // false as soon as the bytes so far cannot be the beginning of a PNG; then nothing more is looked at.
  bool take(std::string_view bytes);

  // From the signature to IEND, IHDR first and sane, every length and CRC right, IDAT there, nothing after.
  bool whole() const { return stage_ == Stage::End; }

  // The bytes so far cannot be the beginning of one.
  bool hopeless() const { return stage_ == Stage::Wrong; }

  int width() const { return width_; }  // 0 before IHDR was read
  int height() const { return height_; }
  std::int64_t bytes() const { return seen_; }

  // Why this is not a whole PNG, for a person; "" if it is one.
  std::string complaint() const;

 private:
  enum class Stage { Signature, Head, Data, Sum, End, Wrong };

  std::string_view gather(std::string_view& bytes, std::size_t wanted);
  bool signature(std::string_view eight);
  bool head(std::string_view eight);
  bool ihdr(std::string_view data);
  bool sum(std::string_view four);
  bool wrong(std::string why);
  std::string chunk() const;

  Stage stage_ = Stage::Signature;
  std::array<char, 16> few_{};  // what has come of the next small part
  std::size_t few_size_ = 0;
  std::int64_t seen_ = 0;  // bytes looked at
  std::int64_t chunk_at_ = 0;
  std::uint32_t left_ = 0;  // bytes of the chunk's data still to come
  unsigned long crc_ = 0;
  std::array<char, 4> type_{};
  bool has_data_ = false;
  int width_ = 0, height_ = 0;
  std::string why_;
};

}  // namespace wanspool
