#include "engine/sweep.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <vector>

#include "base/disk.h"
#include "support/place.h"

using namespace wanspool;

namespace fs = std::filesystem;

TEST_SUITE_BEGIN("engine");

namespace {

bool everything(std::string const&, SeenFile const&) {
  return true;
}

Instant in_a_day() {
  return BootClock{}.now() + hours{24};
}

}  // namespace

TEST_CASE("a sweep sees every plain file by its path, and removes what it is told to") {
  test::Place const place;
  for (auto const* const name : {"old/cats/hero/f1/image-1.png", "old/cats/hero/f1/result.json", "old/x"})
    place.write(name, "12345");
  std::vector<std::string> seen;
  Sweep sweep{place / "old"};
  sweep.run([&](std::string const& below, SeenFile const& file) {
    seen.push_back(below);
    CHECK(file.bytes == 5);
    return below == "x";
  });
  std::sort(seen.begin(), seen.end());
  CHECK(seen == std::vector<std::string>{"cats/hero/f1/image-1.png", "cats/hero/f1/result.json", "x"});
  CHECK(sweep.swept().files == 1);
  CHECK(sweep.swept().bytes == 5);
  CHECK_FALSE(fs::exists(place / "old/x"));
  CHECK(fs::exists(place / "old/cats/hero/f1/image-1.png"));
  // A second one begins at the beginning.
  int again = 0;
  sweep.run([&](auto const&, auto const&) { return ++again < 0; });
  CHECK(again == 2);
}

TEST_CASE("a sweep follows no link, neither to a file nor to a folder") {
  test::Place const place;
  place.write("elsewhere/precious.png", "x");
  fs::create_directories(place / "old/cats");
  fs::create_directory_symlink(place / "elsewhere", place / "old/cats/way");
  fs::create_symlink(place / "elsewhere/precious.png", place / "old/cats/image-1.png");
  Sweep sweep{place / "old"};
  sweep.run(everything, in_a_day());
  CHECK(sweep.swept().files == 0);
  CHECK(fs::exists(place / "elsewhere/precious.png"));
  CHECK_FALSE(sweep.remove("cats/way/precious.png", 1));
  CHECK_FALSE(sweep.remove("../elsewhere/precious.png", 1));
  CHECK_FALSE(sweep.is_there("cats/way/precious.png", 1));
  CHECK(fs::exists(place / "elsewhere/precious.png"));
}

TEST_CASE("empty folders go where they have not changed lately, and the root stays") {
  test::Place const place;
  place.write("old/cats/hero/f1/image-1.png", "x");
  place.write("old/dogs/rex/f2/image-1.png", "x");
  auto const only_cats = [](std::string const& below, SeenFile const&) { return below.starts_with("cats/"); };
  Sweep{place / "old"}.run(only_cats, Instant{seconds{1}});
  CHECK(fs::exists(place / "old/cats/hero/f1"));
  CHECK_FALSE(fs::exists(place / "old/cats/hero/f1/image-1.png"));
  Sweep{place / "old"}.run(only_cats, in_a_day());
  CHECK_FALSE(fs::exists(place / "old/cats"));
  CHECK(fs::exists(place / "old/dogs/rex/f2/image-1.png"));
  Sweep{place / "old"}.run(everything, in_a_day());
  CHECK(fs::is_empty(place / "old"));
}

TEST_CASE("a file with a second name frees nothing, and the other name stays") {
  test::Place const place;
  place.write("out/image-1.png", "12345");
  fs::create_directories(place / "old");
  fs::create_hard_link(place / "out/image-1.png", place / "old/image-1.png");
  Sweep sweep{place / "old"};
  sweep.run(everything);
  CHECK(sweep.swept().files == 1);
  CHECK(sweep.swept().bytes == 0);
  CHECK(fs::exists(place / "out/image-1.png"));
}

TEST_CASE("what somebody has just found good, or holds, is not removed") {
  test::Place const place;
  place.write("files/a.png", "x");
  Sweep sweep{place / "files"};
  sweep.run([&](std::string const&, SeenFile const&) {
    // Between the look and the removal; the clock of a file system stands still for some milliseconds.
    auto const before = fs::last_write_time(place / "files/a.png");
    while (fs::last_write_time(place / "files/a.png") - before < milliseconds{2})
      REQUIRE(disk::refresh(place / "files/a.png"));
    return true;
  });
  CHECK(sweep.swept().files == 0);
  {
    Fd const held{::open((place / "files/a.png").c_str(), O_RDONLY | O_CLOEXEC)};
    REQUIRE(::flock(held.get(), LOCK_SH) == 0);
    sweep.run(everything);
    CHECK(sweep.swept().files == 0);
  }
  sweep.run(everything);
  CHECK(sweep.swept().files == 1);
  CHECK_FALSE(disk::refresh(place / "files/a.png"));
}

TEST_CASE("a single file goes only where it is as large as it was thought to be") {
  test::Place const place;
  place.write("out/cats/hero/image-1.png", "edited");
  Sweep sweep{place / "out"};
  CHECK_FALSE(sweep.remove("cats/hero/image-1.png", 5));
  CHECK(sweep.is_there("cats/hero/image-1.png", 6));
  CHECK(sweep.remove("cats/hero/image-1.png", 6));
  CHECK_FALSE(sweep.remove("cats/hero/image-1.png", 6));
  CHECK(sweep.swept().files == 1);
}

TEST_CASE("where there is no folder there is nothing to sweep") {
  test::Place const place;
  Sweep sweep{place / "old"};
  sweep.run(everything);
  CHECK(sweep.swept().files == 0);
  CHECK_FALSE(sweep.remove("x", 1));
}

TEST_SUITE_END();
