#include <doctest/doctest.h>
#include <sys/stat.h>

#include "base/files.h"
#include "engine/house.h"

// What whoever takes the files of a spool along does not learn.
TEST_SUITE_BEGIN("engine");

using namespace wanspool;
using namespace wanspool::test;

namespace {

// Every file below `folder`, whole, with its name.
std::vector<std::pair<std::string, std::string>> files_below(std::filesystem::path const& folder) {
  std::vector<std::pair<std::string, std::string>> files;
  for (auto const& entry : std::filesystem::recursive_directory_iterator{folder})
    if (entry.is_regular_file()) files.emplace_back(entry.path().string(), read_file(entry.path()));
  return files;
}

std::string files_with(std::filesystem::path const& folder, std::string const& words) {
  std::string names;
  for (auto const& [name, bytes] : files_below(folder))
    if (bytes.find(words) != bytes.npos) names += name + "\n";
  return names;
}

}  // namespace

TEST_CASE("a thief of the spool finds no key, and no address of a picture that is here") {
  World world{511};
  world.habits.own_pictures = true;
  House house{world};
  house.key = "sk-0123456789abcdef0123456789abcdef";
  house.open();
  house.drop("m.yaml", House::manifest_of(20));
  while (world.pictures < 5) house.engine->turn(world.now() + seconds{1});
  CHECK(files_with(house.root, "Signature=") != "");  // what is still to come has to be known
  CHECK(house.run());
  REQUIRE(house.engine->tally()[State::Done] == 20);
  house.engine->turn(world.now() + seconds{1});
  CHECK(world.authorization.find(house.key) != std::string::npos);
  CHECK(files_with(house.root, house.key) == "");
  CHECK(files_with(house.root, "Signature=") == "");  // while a daemon goes on, too
  house.close();
  CHECK(files_with(house.root, "Signature=") == "");
}

TEST_CASE("a copy of the queue tells no more than the queue") {
  World world{512};
  House house{world};
  house.key = "sk-0123456789abcdef0123456789abcdef";
  house.open();
  house.drop("m.yaml", House::manifest_of(5));
  CHECK(house.run());
  house.engine->turn(world.now() + seconds{1});
  auto const copy = house.root / "copy" / "queue.db";
  std::filesystem::create_directory(copy.parent_path());
  open_reader(house.root / "state" / "wanspool.db")->backup(copy, world.now());
  CHECK(files_with(copy.parent_path(), "Signature=") == "");
  CHECK(files_with(copy.parent_path(), house.key) == "");
}

TEST_CASE("with the service's umask nobody else reads what lies in a spool") {
  auto const before = ::umask(0027);
  World world{513};
  {
    House house{world};
    house.open();
    house.drop("m.yaml", House::manifest_of(2));
    CHECK(house.run());
    int looked_at = 0;
    for (auto const& entry : std::filesystem::recursive_directory_iterator{house.root}) {
      INFO(entry.path());
      struct stat its {};
      REQUIRE(::lstat(entry.path().c_str(), &its) == 0);
      CHECK((its.st_mode & 07) == 0);
      ++looked_at;
    }
    CHECK(looked_at > 10);
  }
  ::umask(before);
}
