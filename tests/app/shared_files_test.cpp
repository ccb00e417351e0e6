#include "app/shared_files.h"

#include <doctest/doctest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>

#include "app/exit.h"
#include "support/place.h"

using namespace wanspool;
using namespace wanspool::app;
namespace fs = std::filesystem;

TEST_SUITE_BEGIN("app");

namespace {

struct stat look(fs::path const& path) {
  struct stat info {};
  REQUIRE(::lstat(path.c_str(), &info) == 0);
  return info;
}

std::string refusal(Spool const& spool, std::string const& group) {
  try {
    make_shared(spool, {{}, group});
  } catch (Quit const& quit) {
    CHECK(quit.exit_code == kMisconfigured);
    return quit.what();
  }
  return "";
}

}  // namespace

TEST_CASE("root is in every group, and everybody else in his own ones") {
  CHECK(is_member({0, 0, {}}, 1234));
  CHECK(is_member({7, 1234, {}}, 1234));
  CHECK(is_member({7, 8, {9, 1234}}, 1234));
  CHECK_FALSE(is_member({7, 8, {9}}, 1234));
}

TEST_CASE("what a spool shares belongs to the group and hands it on, links and state left alone") {
  test::Place const place;
  auto const spool = Spool::at(place / "spool");
  spool.make();
  fs::create_directories(spool.out / "m/a");
  std::ofstream{spool.out / "m/a/image-1.png"} << "x";
  fs::create_symlink("/etc/hostname", spool.out / "link");
  std::ofstream{spool.accepted / "dropped.yaml"} << "x";
  // Root alone can give it to another one than its own.
  gid_t const group = ::geteuid() == 0 ? 12345 : ::getegid();
  auto const before = look("/etc/hostname").st_gid;
  CHECK(refusal(spool, std::to_string(group)).empty());
  for (auto const& folder : {spool.out, spool.out / "m", spool.out / "m/a", spool.old, spool.orphans,
                             spool.accepted, spool.rejected}) {
    CHECK(look(folder).st_gid == group);
    CHECK((look(folder).st_mode & S_ISGID) != 0);
  }
  CHECK(look(spool.out / "m/a/image-1.png").st_gid == group);
  CHECK(look("/etc/hostname").st_gid == before);
  CHECK((look(spool.state).st_mode & S_ISGID) == 0);
  CHECK(look(spool.accepted / "dropped.yaml").st_gid == ::getegid());
  fs::create_directory(spool.out / "m/b");
  CHECK(look(spool.out / "m/b").st_gid == group);
  CHECK((look(spool.out / "m/b").st_mode & S_ISGID) != 0);
  CHECK(refusal(spool, std::to_string(group)).empty());
}

TEST_CASE("a group that the system does not know is named, and nothing is made") {
  test::Place const place;
  auto const spool = Spool::at(place / "spool");
  CHECK(refusal(spool, "no-such-studio").find("group 'no-such-studio' is not known") != std::string::npos);
  CHECK_FALSE(fs::exists(spool.root));
}
