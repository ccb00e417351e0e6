#include "engine/leftovers.h"

#include <doctest/doctest.h>

#include <fstream>

#include "engine/house.h"

using namespace wanspool;
using namespace wanspool::test;

namespace fs = std::filesystem;

TEST_SUITE_BEGIN("engine");

TEST_CASE("half-written files of an earlier life go, those that are gone on with and all others stay") {
  World world{1};
  House const house{world};
  auto const out = house.root / "out";
  for (auto const* job : {"m/dead", "m/busy"}) {
    fs::create_directories(out / job);
    for (auto const* name : {"image-1.png.0a1b2c3d.part", "result.json.part", "image-1.png"})
      std::ofstream{out / job / name} << "x";
  }
  auto const now = fs::file_time_type::clock::now();
  remove_leftovers(out, now - hours{1}, {});
  CHECK(house.files_named(".part").size() == 4);
  remove_leftovers(out, now + hours{1}, {out / "m/busy"});
  CHECK(house.files_named(".part") ==
        std::vector<std::string>{"m/busy/image-1.png.0a1b2c3d.part", "m/busy/result.json.part"});
  CHECK(house.pictures().size() == 2);
}

TEST_CASE("of half-written files in a folder that jobs share those stay whose picture is gone on with") {
  World world{1};
  House const house{world};
  auto const shared = house.root / "out/m/marble";
  fs::create_directories(shared);
  for (auto const* name : {"vase-1.png.0a1b2c3d.part", "vase-2.png.0a1b2c3d.part"})
    std::ofstream{shared / name} << "x";
  remove_leftovers(house.root / "out", fs::file_time_type::clock::now() + hours{1}, {shared / "vase-1.png"});
  CHECK(house.files_named(".part") == std::vector<std::string>{"m/marble/vase-1.png.0a1b2c3d.part"});
}
