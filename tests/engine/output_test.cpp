#include "engine/output.h"

#include <doctest/doctest.h>

#include "engine/paths.h"
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

TEST_CASE("a copy of another picture than the one that was bought is refused, and replaces nothing") {
  Place const place;
  place.fetch(place.bytes);
  place.put("other.png", png("another job's"));
  Picture wanted;
  wanted.number = 1;
  wanted.url = "https://h/a.png";
  wanted.file = "image-1.png";
  wanted.sha256 = sha256_hex(place.bytes);
  {
    PictureSink sink{place.job, place.old, wanted};
    CHECK_FALSE(copy_picture(place.job / "other.png", sink));
    CHECK(sink.complaint() == "it is another picture than the one that was bought");
    sink.discard();
  }
  CHECK(Place::names(place.root.path()) == "out/m/a/image-1.png out/m/a/other.png");
  CHECK(place.text("out/m/a/image-1.png") == place.bytes);
  PictureSink sink{place.job, place.old, wanted};
  REQUIRE(copy_picture(place.job / "image-1.png", sink));
  CHECK(std::get<news::PictureSafe>(sink.finish()).picture.sha256 == wanted.sha256);
}

TEST_CASE("only that picture is taken away which is still the one that was meant") {
  Place const place;
  place.fetch(place.bytes);
  auto const picture = place.job / "image-1.png";
  take_away(picture, sha256_hex("another"));
  take_away(picture, "");
  CHECK(fs::exists(picture));
  take_away(picture, sha256_hex(place.bytes));
  CHECK_FALSE(fs::exists(picture));
  take_away(picture, sha256_hex(place.bytes));
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

TEST_CASE("a picture is called by its number in the job's folder, or by its place below the manifest's") {
  Task task;
  task.name = "cats/catalog/00471";
  CHECK(PicturePaths{task}.file(1) == "image-1.png");
  task.place = "marble/vase";
  CHECK(PicturePaths{task}.file(1) == "../../marble/vase.png");
  task.wanted = 3;
  CHECK(PicturePaths{task}.file(1) == "../../marble/vase-1.png");
  CHECK(below_out(task.name, PicturePaths{task}.file(3)) == "cats/marble/vase-3.png");
  task.place = "catalog/00471/front";
  CHECK(PicturePaths{task}.file(2) == "front-2.png");
}

TEST_CASE("whether a place gets numbers is decided by the job, not by what a refill still lacks") {
  Task refill;
  refill.name = "cats/a";
  refill.place = "b";
  refill.parent = 1;
  // Two of three came, and the refill asks for the third.
  refill.first = 3;
  refill.wanted = 1;
  CHECK(PicturePaths{refill}.file(3) == "../b-3.png");
  // None of three came.
  refill.first = 1;
  refill.wanted = 3;
  CHECK(PicturePaths{refill}.file(1) == "../b-1.png");
  // The only one did not come.
  refill.wanted = 1;
  CHECK(PicturePaths{refill}.file(1) == "../b.png");
  // More came than was asked for.
  CHECK(PicturePaths{refill}.file(2) == "../b-2.png");
}

TEST_CASE("a copy's name follows its own job's place, the purchase's own stays where it was put") {
  JobRow row;
  row.manifest = "cats";
  row.job = "twin";
  row.place = "shelf/twin";
  Task task;
  task.name = "cats/hero";
  Picture picture;
  picture.number = 1;
  picture.file = "image-1.png";
  CHECK(file_of(row, task, picture) == "../shelf/twin.png");
  row.job = "hero";
  CHECK(file_of(row, task, picture) == "image-1.png");
}

TEST_CASE("a picture with a place lies there, and its beginnings beside it") {
  Place const place;
  Picture wanted;
  wanted.number = 1;
  wanted.url = "https://h/a.png";
  wanted.file = "../marble/vase.png";
  {
    PictureSink cut{place.job, place.old, wanted};
    REQUIRE(cut.take(place.bytes.substr(0, 40)));
    cut.let_go(Place::broken());
  }
  CHECK(Place::names(place.root / "out" / "m").starts_with("marble/vase.png."));
  PictureSink sink{place.job, place.old, wanted};
  CHECK(sink.resume_from() == 40);
  REQUIRE(sink.begin(200, {}));
  REQUIRE(sink.take(place.bytes));
  auto const safe = std::get<news::PictureSafe>(sink.finish());
  CHECK(safe.picture.file == "../marble/vase.png");
  CHECK(Place::names(place.root.path()) == "out/m/marble/vase.png");
}

TEST_CASE("what lies in the way of a placed picture and is none of its job's waits under its sum") {
  Place const place;
  Picture wanted;
  wanted.number = 1;
  wanted.url = "https://h/a.png";
  wanted.file = "../vase.png";
  auto const displaced = place.root / "old" / "m" / ".displaced";
  auto const other = png("another job's");
  fs::create_directories(place.root / "out" / "m");
  std::ofstream{place.root / "out" / "m" / "vase.png", std::ios::binary} << other;
  PictureSink sink{place.job, place.old, wanted, displaced};
  REQUIRE(sink.take(place.bytes));
  sink.finish();
  CHECK(place.text("out/m/vase.png") == place.bytes);
  CHECK(read_file(displaced / (sha256_hex(other) + ".png")) == other);
}

TEST_CASE("a picture that an older story names by a place is kept, and stays: it may be another's by now") {
  Place const place;
  auto const near = png("in the job's folder"), far = png("on a shelf");
  fs::create_directories(place.root / "out/m/shelf");
  std::ofstream{place.root / "out/m/shelf/1.png", std::ios::binary} << far;
  place.put("front.png", near);
  place.put("result.json", R"({"fingerprint":"aaaaaaaaaaaaaaaa","pictures":[{"file":"front.png","sha256":")" +
                               sha256_hex(near) + R"("},{"file":"../shelf/1.png","sha256":")" +
                               sha256_hex(far) + R"("}]})");
  place.tell("bbbbbbbbbbbbbbbb", {"back.png"});
  CHECK(place.text("out/m/shelf/1.png") == far);
  CHECK(place.text("old/m/a/aaaaaaaaaaaa/1.png") == far);
  CHECK(place.text("out/m/a/front.png") == near);
  CHECK(place.text("old/m/a/aaaaaaaaaaaa/front.png") == near);
}

TEST_CASE("links of a document follow its pictures") {
  CHECK(with_links("a ![image 1](image-1.png) b ![image 2](image-2.png)", {"image-1.png", "image-2.png"},
                   {"../x-1.png", "../x-2.png"}) == "a ![image 1](../x-1.png) b ![image 2](../x-2.png)");
  CHECK(with_links("image-1.png", {"image-1.png"}, {"x"}) == "image-1.png");
}

TEST_CASE("a picture's path stays below its manifest, whatever its name says and links do") {
  Place const place;
  auto const spool = Spool::at(place.root.path());
  spool.make();
  CHECK(spool.picture_path("m/a/b", "../../x/y.png") == spool.out / "m/x/y.png");
  CHECK_THROWS_AS(spool.picture_path("m/a", "../../x.png"), std::system_error);
  CHECK_THROWS_AS(spool.picture_path("m/a", "../../../x.png"), std::system_error);
  CHECK_THROWS_AS(spool.picture_path("m/a", "/etc/x.png"), std::system_error);
  fs::create_directories(spool.out / "m");
  fs::create_directory_symlink(place.root / "old", spool.out / "m" / "x");
  CHECK_THROWS_AS(spool.picture_path("m/a", "../x/y.png"), std::system_error);
}
