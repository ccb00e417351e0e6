#include "emulator/picture.h"

#include <doctest/doctest.h>

#include "emulator/font.h"
#include "emulator/order.h"
#include "emulator/stage.h"

using namespace wanspool::emulator;

TEST_SUITE_BEGIN("emulator");

TEST_CASE("a drawn picture is a PNG of the asked size") {
  for (auto const size : {Size{1280, 1280}, Size{768, 1376}, Size{16, 16}, Size{1, 1}, Size{2048, 240}}) {
    auto const bytes = draw_png({"a lamp on a desk", "wan2.6-t2i  emulated", 42}, size);
    auto const decoded = decoded_size(bytes);
    CHECK(decoded.width == size.width);
    CHECK(decoded.height == size.height);
    CHECK(picture_measure(bytes)->width == size.width);
  }
}

TEST_CASE("words, hash and nothing else make a picture differ") {
  Size const size{320, 320};
  auto const one = draw_png({"a lamp", "", 1}, size);
  CHECK(one == draw_png({"a lamp", "", 1}, size));
  CHECK(one != draw_png({"a lamp", "", 2}, size));
  CHECK(one != draw_png({"a lump", "", 1}, size));
}

TEST_CASE("any words can be drawn") {
  std::string const words[] = {"", "   ", std::string(4000, 'w'), "三杯茶 \xff\xfe", "caf\xc3\xa9\n\ttea"};
  for (auto const& each : words)
    CHECK(decoded_size(draw_png({each, each.substr(0, 50), 3}, {640, 640})).width == 640);
}

TEST_CASE("a plain picture has the bytes it was told") {
  auto const bytes = plain_png({1280, 1280}, 2048);
  CHECK(bytes.size() == 2048);
  CHECK(decoded_size(bytes).height == 1280);
  CHECK(decoded_size(plain_png({64, 64}, 1)).width == 64);
}

TEST_CASE("lines break at spaces and no line is too long") {
  auto const lines = wrapped(U"a small lamp  on averyveryverylongdesk", 8);
  REQUIRE(lines.size() == 5);
  CHECK(lines[0] == U"a small");
  CHECK(lines[1] == U"lamp  on");
  CHECK(lines[2] == U"averyver");
  for (auto const& line : lines) CHECK(line.size() <= 8);
}

TEST_CASE("letters lose their accents, others become boxes") {
  CHECK(letters("caf\xc3\xa9") == U"cafe");
  CHECK(letters("三").size() == 1);
  CHECK(glyph(letters("三")[0])[3] == 0x1f);
}

TEST_CASE("a size keeps its ratio and comes in sixteens") {
  auto const wide = fitted({1600, 900}, 1280.0 * 1280.0);
  CHECK(wide.width == 1712);
  CHECK(wide.height == 960);
}
