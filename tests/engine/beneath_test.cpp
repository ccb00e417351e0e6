#include "engine/beneath.h"

#include <doctest/doctest.h>
#include <sys/stat.h>

#include <cerrno>

#include "base/files.h"
#include "support/place.h"

using namespace wanspool;
using namespace wanspool::test;
namespace fs = std::filesystem;

TEST_SUITE_BEGIN("engine");

namespace {

// What is open, or why it is not: by both ways, which must agree.
struct Beneath {
  Beneath() {
    place.write("secret", "secret");
    place.write("inside/a/b/file", "file");
    place.write("inside/other", "other");
    link("a/b/../b/./file", "straight");
    link("../../other", "a/b/up");
    link("a", "folder");
    link("up-again", "chain");
    link("folder/b/up", "up-again");
    link("../secret", "out");
    link("a/b/../../../secret", "far-out");
    link(place / "inside/other", "absolute");
    link("ring", "ring");
    link("nothing", "dangling");
  }
  void link(fs::path const& target, std::string const& name) const {
    fs::create_symlink(target, place / ("inside/" + name));
  }
  std::string at(std::string const& path) const {
    auto const folder = open_folder(place / "inside");
    auto const first = said(open_beneath(folder, path)), second = said(walk_beneath(folder, path));
    CHECK(first == second);
    return second;
  }
  static std::string said(Fd const& fd) {
    if (!fd)
      return errno == EXDEV ? "leads out" : errno == ELOOP ? "ring" : errno == ENOENT ? "none" : "wrong";
    struct stat info {};
    ::fstat(fd.get(), &info);
    return S_ISREG(info.st_mode) ? read_file(path_of(fd)) : S_ISDIR(info.st_mode) ? "folder" : "special";
  }

  Place place;
};

}  // namespace

TEST_CASE("what lies beneath a folder is opened, its links within it followed") {
  Beneath const beneath;
  CHECK(beneath.at("other") == "other");
  CHECK(beneath.at("./a//b/file") == "file");
  CHECK(beneath.at("straight") == "file");
  CHECK(beneath.at("a/b/up") == "other");
  CHECK(beneath.at("folder/b/file") == "file");
  CHECK(beneath.at("chain") == "other");
  CHECK(beneath.at("folder") == "folder");
  CHECK(beneath.at(".") == "folder");
}

TEST_CASE("nothing leads out of a folder") {
  Beneath const beneath;
  for (auto const* const path : {"../secret", "a/../../secret", "out", "far-out", "absolute", "..", "/"})
    CHECK(beneath.at(path) == "leads out");
  CHECK(beneath.at("ring") == "ring");
}

TEST_CASE("what is not there, no folder or a fifo is told apart and never waited for") {
  Beneath const beneath;
  CHECK(beneath.at("nothing") == "none");
  CHECK(beneath.at("dangling") == "none");
  for (auto const* const path : {"other/file", "other/", "other/.", "other/..", "a/b/up/"})
    CHECK(beneath.at(path) == "wrong");
  CHECK(beneath.at("") == "none");
  ::mkfifo((beneath.place / "inside/fifo").c_str(), 0666);
  CHECK(beneath.at("fifo") == "special");
}

TEST_CASE("a folder is opened itself, not where a link leads") {
  Beneath const beneath;
  CHECK_FALSE(open_folder(beneath.place / "inside/folder"));
  CHECK_FALSE(open_folder(beneath.place / "inside/other"));
  CHECK_FALSE(open_folder(beneath.place / "inside/nothing"));
}

TEST_SUITE_END();
