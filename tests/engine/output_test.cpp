#include "engine/output.h"

#include <doctest/doctest.h>

#include "engine/sinks.h"

using namespace wanspool;
using namespace wanspool::sinks;

TEST_SUITE_BEGIN("engine");

TEST_CASE("a picture that comes whole has its name, its sum and its size") {
  Place const place;
  auto const safe = place.fetch(place.bytes);
  CHECK(safe.picture.file == "image-1.png");
  CHECK(safe.picture.sha256 == sha256_hex(place.bytes));
  CHECK(safe.picture.width == 4);
  CHECK(safe.picture.height == 3);
  CHECK(safe.picture.bytes == static_cast<std::int64_t>(place.bytes.size()));
  CHECK(Place::names(place.root.path()) == "out/m/a/image-1.png");
  CHECK(place.text("out/m/a/image-1.png") == place.bytes);
}

TEST_CASE("a download that was interrupted within its first bytes starts over") {
  Place const place;
  for (std::size_t size = 1; size < 8; ++size) {
    place.interrupt(size);
    CHECK(place.sink().resume_from() == 0);
  }
}

TEST_CASE("a download that was interrupted at any later byte goes on where it ended") {
  Place const place;
  for (std::size_t size = 8; size < place.bytes.size(); ++size) {
    CAPTURE(size);
    place.interrupt(size);
    auto again = place.sink("https://h/a.png?Signature=another");
    REQUIRE(again.resume_from() == static_cast<std::int64_t>(size));
    REQUIRE(again.begin(206, "bytes " + std::to_string(size) + "-200/201"));
    REQUIRE(again.take(place.bytes.substr(size)));
    REQUIRE(again.whole());
    auto const safe = std::get<news::PictureSafe>(again.finish());
    CHECK(safe.picture.sha256 == sha256_hex(place.bytes));
    CHECK(safe.picture.bytes == static_cast<std::int64_t>(place.bytes.size()));
    CHECK(place.text("out/m/a/image-1.png") == place.bytes);
    CHECK(Place::names(place.job) == "image-1.png");
  }
}

TEST_CASE("a download may be interrupted again while it goes on") {
  Place const place;
  place.interrupt(20);
  {
    auto second = place.sink();
    REQUIRE(second.begin(206, "bytes 20-200/201"));
    REQUIRE(second.take(place.bytes.substr(20, 30)));
    second.let_go(Place::broken());
  }
  CHECK(place.sink().resume_from() == 50);
}

TEST_CASE("a part that a crash left is gone on with too") {
  Place const place;
  {
    auto stopped = place.sink();
    REQUIRE(stopped.take(place.bytes.substr(0, 40)));
  }
  CHECK(place.sink().resume_from() == 40);
}

TEST_CASE("a storage that sends all of it again is taken at its word") {
  Place const place;
  place.interrupt(40);
  auto again = place.sink();
  REQUIRE(again.resume_from() == 40);
  REQUIRE(again.begin(200, {}));
  CHECK(again.resume_from() == 0);
  REQUIRE(again.take(place.bytes));
  REQUIRE(again.whole());
  again.finish();
  CHECK(place.text("out/m/a/image-1.png") == place.bytes);
}

TEST_CASE("a sink that is told nothing of how its body begins takes it for all of it") {
  Place const place;
  place.interrupt(40);
  auto again = place.sink();
  REQUIRE(again.take(place.bytes));
  CHECK(again.whole());
}

TEST_CASE("another part than the one asked for is refused, and next time it starts over") {
  Place const place;
  for (auto const* range :
       {"bytes 39-200/201", "bytes 41-200/201", "bytes 0-200/201", "", "bytes */201", "bytes 40",
        "items 40-200/201", "bytes -40-200", "bytes 99999999999999999999-1/2"}) {
    CAPTURE(range);
    place.interrupt(40);
    auto again = place.sink();
    REQUIRE(again.resume_from() == 40);
    CHECK_FALSE(again.begin(206, range));
    CHECK(again.complaint().find("another part than the one from byte 40") != std::string::npos);
    again.let_go(Place::broken(true));
    CHECK_FALSE(place.has_part());
  }
}

TEST_CASE("a part that the storage does not know is discarded, one that it does not give now is kept") {
  Place const place;
  for (int const status : {403, 404, 429, 500, 503, 302}) {
    place.interrupt(40);
    place.sink().let_go(Place::answered(status));
    CHECK(place.sink().resume_from() == 40);
  }
  place.interrupt(40);
  place.sink().let_go(Place::answered(416));
  CHECK_FALSE(place.has_part());
}

TEST_CASE("what cannot become a picture is not kept, however it ended") {
  Place const place;
  for (auto const& reply : {Place::broken(), Place::broken(true), Place::answered(200)}) {
    auto spoiled = place.bytes;
    spoiled[20] ^= 1;
    auto it = place.sink();
    CHECK_FALSE(it.take(spoiled));
    it.let_go(reply);
    CHECK_FALSE(place.has_part());
  }
  auto cut = place.sink();
  REQUIRE(cut.take(place.bytes.substr(0, 40)));
  cut.let_go(Place::answered(200));  // the storage said that this is all
  CHECK_FALSE(place.has_part());
  place.sink().let_go(Place::broken());
  CHECK_FALSE(place.has_part());  // nothing had come
}

TEST_CASE("a part whose bytes begin no picture, or are a whole one, starts over") {
  Place const place;
  place.interrupt(40);
  auto const part = place.job / Place::names(place.job);
  for (auto const& bytes : {std::string{"<html>"}, std::string(40, '\0'), place.bytes, place.bytes + "x",
                            std::string{}, place.bytes.substr(0, 30) + std::string(40, '\0')}) {
    std::ofstream{part, std::ios::binary | std::ios::trunc} << bytes;
    auto it = place.sink();
    CHECK(it.resume_from() == 0);
    CHECK(fs::file_size(part) == 0);
  }
}

TEST_CASE("the part of another picture of the same name is no beginning of this one") {
  Place const place;
  place.interrupt(40);
  CHECK(place.sink("https://h/b.png?Signature=1").resume_from() == 0);
  CHECK(place.sink("https://h/a.png", 2).resume_from() == 0);
  CHECK(place.sink("https://h/a.png").resume_from() == 40);
}

TEST_CASE("a part that cannot be gone on with because of the disk says so") {
  Place const place;
  place.interrupt(40);
  {
    Fault const fault{"append", ".part", EACCES};
    CHECK_THROWS_AS(place.sink(), std::system_error);
  }
  auto again = place.sink();
  Fault const fault{"create", ".part", ENOSPC};
  CHECK_FALSE(again.begin(200, {}));
  REQUIRE(again.disk_trouble());
  CHECK(again.disk_trouble()->code == kDiskFull);
  CHECK(again.complaint() == again.disk_trouble()->message);
}

TEST_CASE("a picture on a full disk is discarded, one on a broken disk ends the program") {
  Place const place;
  auto full = place.sink();
  {
    Fault const fault{"write", ".part", ENOSPC};
    CHECK_FALSE(full.take(place.bytes));
  }
  full.let_go(Place::broken(true));
  CHECK_FALSE(place.has_part());
  auto broken = place.sink();
  Fault const fault{"write", ".part", EIO};
  CHECK_THROWS_AS(broken.take(place.bytes), std::system_error);
}

TEST_CASE("a picture that is here already goes through a sink like one that comes") {
  Place const place;
  place.fetch(place.bytes);
  Place const other;
  auto sink = other.sink("file:image-1.png");
  REQUIRE(copy_picture(place.job / "image-1.png", sink));
  CHECK(std::get<news::PictureSafe>(sink.finish()).picture.sha256 == sha256_hex(place.bytes));
  CHECK(other.text("out/m/a/image-1.png") == place.bytes);
}

TEST_CASE("a copy of what is gone, is no picture or finds no room fails") {
  Place const place;
  auto gone = place.sink();
  CHECK_FALSE(copy_picture(place.root / "nothing.png", gone));
  place.put("page.html", "<html>");
  auto page = place.sink();
  CHECK_FALSE(copy_picture(place.job / "page.html", page));
  place.put("half.png", place.bytes.substr(0, 50));
  auto half = place.sink();
  CHECK_FALSE(copy_picture(place.job / "half.png", half));
  CHECK(half.complaint().find("cut after 50 bytes") != std::string::npos);
  place.put("whole.png", place.bytes);
  auto full = place.sink();
  Fault const fault{"write", ".part", ENOSPC};
  CHECK_FALSE(copy_picture(place.job / "whole.png", full));
  CHECK(full.disk_trouble());
}
