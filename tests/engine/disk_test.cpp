#include <doctest/doctest.h>

#include <cerrno>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "engine/house.h"

using namespace wanspool;
using namespace wanspool::test;
namespace fs = std::filesystem;
using Fault = World::Fault;
using What = World::What;

TEST_SUITE_BEGIN("engine");

namespace {

// Three jobs are bought while something is wrong with the place of the first one's files; the others are
// done, and when it is right again so is the first, and nothing was paid twice.
template <typename Spoil, typename Repair>
void survive(unsigned seed, Spoil const& spoil, Repair const& repair) {
  World world{seed};
  House house{world};
  house.open();
  spoil(house.root / "out/m/job-1");
  house.drop("m.yaml", House::manifest_of(3));
  CHECK_FALSE(house.run(hours{2}));
  CHECK(house.engine->tally()[State::Done] == 2);
  CHECK(house.engine->tally()[State::Downloading] == 1);
  repair(house.root / "out/m/job-1");
  CHECK(house.run());
  CHECK(house.engine->tally()[State::Done] == 3);
  CHECK(house.text("out/m/job-1/image-1.png") == tiny_png());
  CHECK(nlohmann::json::parse(house.text("out/m/job-1/result.json"))["state"] == "done");
  CHECK(world.billed == 3);
}

}  // namespace

TEST_CASE("a folder where a picture should be keeps its job waiting and nothing else") {
  survive(
      60, [](fs::path const& job) { fs::create_directories(job / "image-1.png/x"); },
      [](fs::path const& job) { fs::remove_all(job / "image-1.png"); });
}

TEST_CASE("a folder where a result should be keeps its job waiting and nothing else") {
  survive(
      61, [](fs::path const& job) { fs::create_directories(job / "result.json/x"); },
      [](fs::path const& job) { fs::remove_all(job / "result.json"); });
}

TEST_CASE("a file where a job's folder should be keeps its job waiting and nothing else") {
  survive(
      62,
      [](fs::path const& job) {
        fs::create_directories(job.parent_path());
        std::ofstream{job} << "mine";
      },
      [](fs::path const& job) { fs::remove(job); });
}

TEST_CASE("a link that leads out of the tree is not followed and keeps its job waiting") {
  fs::path elsewhere;
  survive(
      63,
      [&](fs::path const& job) {
        elsewhere = job.parent_path().parent_path().parent_path() / "elsewhere";
        fs::create_directories(elsewhere);
        fs::create_directories(job.parent_path());
        fs::create_directory_symlink(elsewhere, job);
      },
      [&](fs::path const& job) {
        CHECK(fs::is_empty(elsewhere));
        fs::remove(job);
      });
}

TEST_CASE("a job that fails beside a link that leads out of the tree takes nothing down with it") {
  World world{64};
  world.fault = [](What what, int n, Instant) {
    return what == What::Create && n == 1 ? Fault::Refused : Fault::None;
  };
  House house{world};
  house.open();
  fs::create_directories(house.root / "out/m");
  fs::create_directory_symlink(house.root, house.root / "out/m/job-1");
  house.drop("m.yaml", House::manifest_of(2));
  CHECK(house.run());
  CHECK(house.engine->tally()[State::Failed] == 1);
  CHECK(house.engine->tally()[State::Done] == 1);
  CHECK_FALSE(house.is_there("result.json"));
}

TEST_CASE("an output folder that was taken away is made again and buying goes on") {
  World world{65};
  House house{world};
  house.open();
  house.drop("m.yaml", House::manifest_of(1));
  CHECK(house.run());
  fs::rename(house.root / "out", house.root / "kept");
  for (int i = 0; i < 10; ++i) house.engine->turn(world.now() + seconds{10});
  house.drop("n.yaml", House::manifest_of(2, "a boat"));
  CHECK(house.run());
  CHECK(house.pictures().size() == 2);
}

TEST_CASE(
    "while a paid picture finds no room nothing more is bought, whatever the file system says is free") {
  World world{66};
  House house{world};
  house.open();
  house.drop("m.yaml", House::manifest_of(200));
  disk_fault = [](std::string const& call, std::string const& path) {
    return call == "write" && path.find("/out/m/") != std::string::npos ? EDQUOT : 0;
  };
  CHECK_FALSE(house.run(hours{6}));
  CHECK(world.creates <= 10);
  CHECK(house.engine->hindrance().kind == Hindrance::Kind::Disk);
  CHECK(house.files_named(".part").empty());
  disk_fault = {};
  CHECK(house.run());
  CHECK(house.engine->tally()[State::Done] == 200);
  CHECK(world.billed == 200);
}

TEST_CASE("an output tree that nobody may write stops buying until it may be written") {
  World world{67};
  House house{world};
  house.open();
  house.drop("m.yaml", House::manifest_of(200));
  disk_fault = [](std::string const& call, std::string const& path) {
    return call != "sync" && path.find("/out/") != std::string::npos ? EROFS : 0;
  };
  CHECK_FALSE(house.run(hours{6}));
  CHECK(world.creates <= 10);
  CHECK(house.engine->hindrance().kind == Hindrance::Kind::Disk);
  disk_fault = {};
  CHECK(house.run());
  CHECK(house.engine->tally()[State::Done] == 200);
}

TEST_CASE("what cannot be fetched is not bought without end") {
  World world{68};
  auto const begin = world.now();
  world.fault = [&](What what, int, Instant now) {
    return what == What::Picture && now < begin + hours{12} ? Fault::Unreachable : Fault::None;
  };
  House house{world};
  house.open();
  house.drop("m.yaml", House::manifest_of(1000));
  CHECK_FALSE(house.run(hours{11}));
  CHECK(world.creates < 300);
  CHECK(house.engine->hindrance().kind == Hindrance::Kind::Fetching);
  CHECK(house.run());
  CHECK(house.engine->tally()[State::Done] == 1000);
}

TEST_CASE("a full disk under the first create of a spool sends nothing and loses nothing") {
  World world{69};
  House house{world};
  house.open();
  house.drop("m.yaml", House::manifest_of(2));
  house.full_call = "set_fact";
  CHECK_FALSE(house.run(minutes{1}));
  CHECK(world.creates == 0);
  house.full_call.clear();
  CHECK(house.run());
  CHECK(house.engine->tally()[State::Done] == 2);
}
