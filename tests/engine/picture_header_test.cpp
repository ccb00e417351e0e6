#include "engine/picture_header.h"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <random>

#include "support/pictures.h"

using namespace wanspool;
using namespace wanspool::test;
using Format = PictureHeader::Format;

TEST_SUITE_BEGIN("engine");

namespace {

PictureHeader header(std::string const& bytes) {
  return read_picture_header(static_cast<std::int64_t>(bytes.size()),
                             [&](std::int64_t at, char* to, std::size_t most) {
                               auto const from = std::min(static_cast<std::size_t>(at), bytes.size());
                               auto const count = std::min(most, bytes.size() - from);
                               std::memcpy(to, bytes.data() + from, count);
                               return count;
                             });
}

// "png 300 x 200", or why not.
std::string told(std::string const& bytes) {
  auto const read = header(bytes);
  if (!read.why_not.empty()) return read.why_not;
  return fmt::format("{} {} x {}{}", ending_of(read.format), read.width, read.height,
                     read.alpha ? " alpha" : "");
}

std::string cut(std::string const& bytes, std::size_t by = 1) {
  return told(bytes.substr(0, bytes.size() - by));
}

}  // namespace

TEST_CASE("a picture's format and sides are told by its bytes") {
  CHECK(told(png(300, 200)) == "png 300 x 200");
  CHECK(told(jpeg(1920, 1080)) == "jpg 1920 x 1080");
  CHECK(told(bmp(301, 7)) == "bmp 301 x 7");
  CHECK(told(bmp(301, -7)) == "bmp 301 x 7");
  CHECK(told(webp_lossy(640, 480)) == "webp 640 x 480");
  CHECK(told(webp_lossless(16384, 1)) == "webp 16384 x 1");
  CHECK(told(webp_extended(70'000, 3)) == "webp 70000 x 3");
}

TEST_CASE("an alpha channel is told, and a colour that is transparent") {
  CHECK(told(png(8, 8, 6)) == "png 8 x 8 alpha");
  CHECK(told(png(8, 8, 4)) == "png 8 x 8 alpha");
  CHECK(told(png(8, 8, 0)) == "png 8 x 8");
  CHECK(told(png(8, 8, 3, png_chunk("PLTE", "\x01\x02\x03") + png_chunk("tRNS", "\x01"))) ==
        "png 8 x 8 alpha");
  CHECK(told(png(8, 8, 3, png_chunk("PLTE", "\x01\x02\x03"))) == "png 8 x 8");
  CHECK(told(webp_lossless(8, 8, true)) == "webp 8 x 8 alpha");
  CHECK(told(webp_extended(8, 8, true)) == "webp 8 x 8 alpha");
}

TEST_CASE("what stands before a picture's sides may be long") {
  std::string const much(65'000, 'x');
  std::string segments;
  for (int i = 0; i < 20; ++i) segments += jpeg_segment(0xE2, much);
  CHECK(told(jpeg(400, 300, segments)) == "jpg 400 x 300");
  CHECK(told(png(40, 30, 2, png_chunk("iCCP", std::string(300'000, 'x')))) == "png 40 x 30");
}

TEST_CASE("a small picture in front of a JPEG is not taken for it") {
  CHECK(told(jpeg(400, 300, jpeg_segment(0xE1, jpeg(16, 12)))) == "jpg 400 x 300");
}

TEST_CASE("a picture that is surely cut short is told so") {
  CHECK(cut(png(30, 20)) == "it is a PNG that is cut short after 79 bytes; copy it here again");
  for (std::size_t by = 1; by < png(30, 20).size() - 8; ++by)
    CHECK(cut(png(30, 20), by).find("cut short") != std::string::npos);
  CHECK(cut(bmp(30, 20)).find("BMP that is cut short") != std::string::npos);
  CHECK(cut(webp_lossy(30, 20)).find("WEBP that is cut short") != std::string::npos);
  for (std::size_t by = 2; by < jpeg(30, 20).size() - 3; ++by)
    CHECK(cut(jpeg(30, 20), by).find("JPEG that is cut short") != std::string::npos);
}

TEST_CASE("a JPEG whose thumbnail is whole may be cut all the same") {
  CHECK(cut(jpeg(400, 300, jpeg_segment(0xE1, jpeg(16, 12))), 2).find("cut short") != std::string::npos);
}

TEST_CASE("what cameras put behind a picture does not cut it") {
  CHECK(told(jpeg(400, 300, "", std::string(300'000, '\0'))) == "jpg 400 x 300");
  CHECK(told(png(40, 30) + "trailer") == "png 40 x 30");
  CHECK(told(bmp(40, 30) + "trailer") == "bmp 40 x 30");
}

TEST_CASE("what is no picture is called by its name where it has one") {
  CHECK(told("") == "it is empty");
  CHECK(told("GIF89a……") == "it is a GIF picture; JPEG, PNG, BMP and WEBP can be sent");
  CHECK(told("\0\0\0\x18"
             "ftypheic") == "it is empty");
  CHECK(told(std::string("\0\0\0\x18", 4) + "ftypheic____") ==
        "it is a HEIC picture; JPEG, PNG, BMP and WEBP can be sent");
  CHECK(told("<svg xmlns='x'/>") == "it is an SVG drawing; JPEG, PNG, BMP and WEBP can be sent");
  CHECK(told("BMWs are cars, and this is a text about them") ==
        "it is no picture; JPEG, PNG, BMP and WEBP can be sent");
  CHECK(told("\xFF") == "it is no picture; JPEG, PNG, BMP and WEBP can be sent");
}

TEST_CASE("impossible sides make no picture") {
  auto const zero = png(1, 1).replace(16, 4, big(0));
  CHECK(told(zero) == "it is no whole PNG: it says that it is 0 x 1 pixels; save it again");
  CHECK(told(png(1, 1).replace(16, 4, big(0xFFFFFFFF))).find("4294967295 x 1") != std::string::npos);
  CHECK(told(jpeg(5, 0)).find("5 x 0") != std::string::npos);
  CHECK(told(bmp(4, 4).replace(22, 4, little(0x80000000))).find("cut short") == std::string::npos);
  CHECK(told(webp_lossy(0, 4)).find("0 x 4") != std::string::npos);
}

TEST_CASE("numbers that claim more than the file holds are not believed") {
  auto hostile = png(4, 4);
  hostile.replace(33, 4, big(0x7fffffff));
  CHECK(told(hostile).find("cut short") != std::string::npos);
  hostile.replace(33, 4, big(0xffffffff));
  CHECK(told(hostile) == "it is no whole PNG: no chunk begins at byte 33; save it again");
  CHECK(told(bmp(4, 4).replace(18, 4, little(0x7fffffff)).replace(22, 4, little(0x7fffffff)))
            .find("cut short") != std::string::npos);
  CHECK(told(bmp(4, 4).replace(10, 4, little(0xffffffff))).find("cut short") != std::string::npos);
  CHECK(told(bmp(4, 4).replace(28, 2, little(0xffff, 2))).find("65535 bits") != std::string::npos);
  CHECK(told("\xFF\xD8" + std::string(200'000, '\xFF')).find("cut short") != std::string::npos);
  CHECK(told("\xFF\xD8" + jpeg_segment(0xC0, "\x08")).find("too short") != std::string::npos);
}

TEST_CASE("whatever is wrong with its bytes, a picture is judged without harm") {
  std::mt19937 random{7};
  for (auto const& whole :
       {png(30, 20), jpeg(30, 20), bmp(30, 20), webp_lossy(30, 20), webp_extended(30, 20)})
    for (int round = 0; round < 2000; ++round) {
      auto bytes = whole;
      for (int i = 0; i < 3; ++i) bytes[random() % bytes.size()] = static_cast<char>(random());
      bytes.resize(random() % 3 == 0 ? random() % bytes.size() : bytes.size());
      auto const read = header(bytes);
      bool const judged =
          read.why_not.empty() ? read.width > 0 && read.height > 0 : read.why_not.size() < 200;
      CHECK(judged);
    }
}
