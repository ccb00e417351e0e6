#include "engine/picture.h"

#include <doctest/doctest.h>
#include <png.h>
#include <zlib.h>

#include <string>
#include <vector>

using namespace wanspool;

TEST_SUITE_BEGIN("engine");

namespace {

// A small real picture, written by libpng.
std::string png(unsigned width, unsigned height) {
  png_image image{};
  image.version = PNG_IMAGE_VERSION;
  image.width = width;
  image.height = height;
  image.format = PNG_FORMAT_RGB;
  std::vector<unsigned char> pixels(width * height * 3);
  for (std::size_t i = 0; i < pixels.size(); ++i) pixels[i] = static_cast<unsigned char>(i * 7);
  png_alloc_size_t size = 0;
  png_image_write_to_memory(&image, nullptr, &size, 0, pixels.data(), 0, nullptr);
  std::string bytes(size, '\0');
  REQUIRE(png_image_write_to_memory(&image, bytes.data(), &size, 0, pixels.data(), 0, nullptr) != 0);
  bytes.resize(size);
  return bytes;
}

std::string big_endian(std::uint32_t value) {
  std::string four;
  for (int shift = 24; shift >= 0; shift -= 8) four += static_cast<char>(value >> shift & 0xff);
  return four;
}

std::string chunk(std::string const& type, std::string const& data) {
  auto const summed = type + data;
  auto const crc = crc32(0, reinterpret_cast<Bytef const*>(summed.data()), static_cast<uInt>(summed.size()));
  return big_endian(static_cast<std::uint32_t>(data.size())) + summed +
         big_endian(static_cast<std::uint32_t>(crc));
}

std::string const kSignature = "\x89PNG\r\n\x1a\n";

std::string ihdr(std::uint32_t width, std::uint32_t height) {
  return chunk("IHDR", big_endian(width) + big_endian(height) + std::string{"\x08\x02\0\0\0", 5});
}

PictureCheck checked(std::string_view bytes, std::size_t piece = std::string_view::npos) {
  PictureCheck check;
  for (std::size_t at = 0; at < bytes.size(); at += std::min(piece, bytes.size() - at))
    if (!check.take(bytes.substr(at, piece))) break;
  return check;
}

std::string complaint_of(std::string_view bytes) {
  return checked(bytes).complaint();
}

bool contains(std::string const& text, std::string_view part) {
  return text.find(part) != text.npos;
}

}  // namespace

TEST_CASE("a whole picture is whole and tells its size") {
  auto const bytes = png(7, 5);
  auto const check = checked(bytes);
  CHECK(check.whole());
  CHECK(check.width() == 7);
  CHECK(check.height() == 5);
  CHECK(check.bytes() == static_cast<std::int64_t>(bytes.size()));
  CHECK(check.complaint().empty());
}

TEST_CASE("a picture that is cut at any byte is not whole and says where it was cut") {
  auto const bytes = png(7, 5);
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    auto const check = checked(std::string_view{bytes}.substr(0, size));
    CAPTURE(size);
    CHECK_FALSE(check.whole());
    CHECK(contains(check.complaint(), "cut after " + std::to_string(size) + " bytes"));
  }
}

TEST_CASE("any changed byte of a picture is found") {
  auto const bytes = png(7, 5);
  for (std::size_t at = 0; at < bytes.size(); ++at)
    for (int bit = 0; bit < 8; ++bit) {
      auto changed = bytes;
      changed[at] = static_cast<char>(changed[at] ^ 1 << bit);
      CAPTURE(at);
      CAPTURE(bit);
      CHECK_FALSE(checked(changed).whole());
      CHECK_FALSE(complaint_of(changed).empty());
    }
}

TEST_CASE("pieces of every size lead to the same verdict and the same words") {
  auto const good = png(9, 4);
  auto spoiled = good;
  spoiled[good.size() / 2] ^= 1;
  for (auto const& bytes :
       {good, spoiled, good.substr(0, 40), good + "x", std::string{"<html><body>"}, std::string{"<h"}}) {
    auto const once = checked(bytes);
    for (std::size_t piece = 1; piece < bytes.size(); ++piece) {
      auto const check = checked(bytes, piece);
      CAPTURE(piece);
      CHECK(check.whole() == once.whole());
      CHECK(check.complaint() == once.complaint());
      CHECK(check.width() == once.width());
    }
  }
}

TEST_CASE("nothing may follow a picture's end, and once wrong it stays wrong") {
  auto const bytes = png(3, 3);
  PictureCheck check;
  CHECK(check.take(bytes));
  CHECK(check.take(""));
  CHECK(check.whole());
  CHECK_FALSE(check.take("x"));
  CHECK_FALSE(check.whole());
  CHECK(contains(check.complaint(), "follows its end at byte " + std::to_string(bytes.size())));
  CHECK_FALSE(check.take(bytes));
}

TEST_CASE("what is no PNG is named, and refused with its first bytes") {
  CHECK(contains(complaint_of("\xff\xd8\xff\xe0____JFIF"), "a JPEG picture"));
  CHECK(contains(complaint_of("RIFF\x10\0\0\0WEBPVP8 "), "a WebP picture"));
  CHECK(contains(complaint_of("GIF89a__"), "a GIF picture"));
  CHECK(contains(complaint_of("<!doctype html><title>502"), "a web page"));
  CHECK(contains(complaint_of("<html>\r\n<head>"), "a web page"));
  CHECK(contains(complaint_of("<?xml version=\"1.0\"?><Error>"), "an XML document"));
  CHECK(contains(complaint_of("{\"code\":\"InternalError\"}"), "a JSON document"));
  CHECK(contains(complaint_of("plain words"), "the bytes 70 6c 61 69 6e 20 77 6f"));
  PictureCheck check;
  CHECK_FALSE(check.take("not a picture"));
}

TEST_CASE("a wrong CRC is found where its chunk ends, and the chunk is named") {
  auto bytes = kSignature + ihdr(2, 2) + chunk("IDAT", "data");
  bytes.back() ^= 1;
  PictureCheck check;
  CHECK_FALSE(check.take(bytes));
  CHECK(check.complaint() == "chunk IDAT at byte 33 has a wrong CRC");
}

TEST_CASE("chunks must come in an order that makes a picture") {
  auto const data = chunk("IDAT", "data"), end = chunk("IEND", "");
  CHECK(checked(kSignature + ihdr(2, 2) + chunk("tEXt", "k") + data + data + end).whole());
  CHECK(contains(complaint_of(kSignature + data + end), "IHDR does not come first"));
  CHECK(contains(complaint_of(kSignature + ihdr(2, 2) + end), "no IDAT"));
  CHECK(contains(complaint_of(kSignature + ihdr(2, 2) + ihdr(2, 2)), "second IHDR"));
  CHECK(contains(complaint_of(kSignature + ihdr(2, 2) + data + chunk("IEND", "x")), "wrong length"));
  CHECK(contains(complaint_of(kSignature + chunk("IHDR", "short")), "wrong length"));
  CHECK(
      contains(complaint_of(kSignature + ihdr(2, 2) + std::string{"\0\0\0\1ID T_", 10}), "no chunk begins"));
  CHECK(contains(complaint_of(kSignature + ihdr(2, 2) + "\xff\xff\xff\xffIDAT"), "wrong length"));
}

TEST_CASE("sides that no picture has are refused") {
  CHECK(contains(complaint_of(kSignature + ihdr(0, 5)), "sides are 0 and 5"));
  CHECK(contains(complaint_of(kSignature + ihdr(5, 70'000)), "sides are 5 and 70000"));
  CHECK(checked(kSignature + ihdr(4096, 4096)).width() == 4096);
}
