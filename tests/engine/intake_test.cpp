#include <doctest/doctest.h>

#include <cerrno>
#include <filesystem>
#include <fstream>

#include "engine/house.h"

using namespace wanspool;
using namespace wanspool::test;
namespace fs = std::filesystem;

TEST_SUITE_BEGIN("engine");

namespace {

// The disk has no room for these calls on paths that hold `part`.
auto full(std::string const& call, std::string const& part, int error = ENOSPC) {
  return [=](std::string const& asked, std::string const& path) {
    return asked == call && path.find(part) != std::string::npos ? error : 0;
  };
}

void turn_for(House& house, milliseconds length) {
  auto const end = house.world.now() + length;
  for (int i = 0; i < 5000 && house.world.now() < end; ++i) house.engine->turn(end);
}

}  // namespace

TEST_CASE("a manifest that becomes live in the turn in which answers come leaves the sums right") {
  World world{40};
  House house{world};
  house.open();
  house.drop("m.yaml", House::manifest_of(30));
  while (world.creates < 3) house.engine->turn(world.now() + seconds{1});
  for (int i = 0; i < 60; ++i) {
    house.drop("more-" + std::to_string(i) + ".yaml",
               House::manifest_of(1, "a kite of batch " + std::to_string(i)));
    house.engine->turn(world.now());
    world.pass(seconds{1});
    house.engine->turn(world.now());
  }
  CHECK(house.run());
  CHECK(house.engine->tally().tasks == house.store->tally().tasks);
  CHECK(house.engine->tally().spent == house.store->tally().spent);
  CHECK(house.engine->tally()[State::Done] == 90);
}

TEST_CASE("a wrong manifest stays wrong when its complaint finds no room at first") {
  World world{41};
  House house{world};
  house.open();
  house.drop("bad.yaml", House::manifest_of(2) + "  - { id: job-3 }\n");
  disk_fault = full("create", "/rejected/");
  turn_for(house, minutes{1});
  disk_fault = {};
  CHECK(house.run());
  CHECK(house.is_there("rejected/bad.yaml.error.txt"));
  CHECK(house.receipts.size() == 1);
  CHECK(world.creates == 0);
  CHECK(house.engine->tally().total() == 0);
}

TEST_CASE("a manifest's ending may be in large letters, and a file of another name is rejected") {
  World world{102};
  House house{world};
  house.open();
  house.drop("M.YAML", House::manifest_of(1));
  house.drop("notes.txt", "to buy: milk\n");
  CHECK(house.run());
  CHECK(house.is_there("accepted/M.YAML"));
  CHECK(house.text("rejected/notes.txt.error.txt").find("manifests end in .yaml") != std::string::npos);
  CHECK(world.creates == 1);
}

TEST_CASE("what is no manifest is rejected when there is room for its complaint") {
  World world{43};
  House house{world};
  house.open();
  house.drop("notes.txt", "hello");
  disk_fault = full("create", "/rejected/");
  turn_for(house, minutes{1});
  CHECK_FALSE(house.is_there("rejected/notes.txt"));
  disk_fault = {};
  CHECK(house.run());
  CHECK(house.is_there("rejected/notes.txt.error.txt"));
}

TEST_CASE("the jobs of a live manifest are made though its receipt finds no room at first") {
  World world{44};
  House house{world};
  house.open();
  house.drop("m.yaml", House::manifest_of(3));
  disk_fault = full("create", "/accepted/");
  turn_for(house, minutes{1});
  disk_fault = {};
  CHECK(house.run());
  CHECK(house.engine->tally()[State::Done] == 3);
  CHECK(house.is_there("accepted/m.yaml"));
  CHECK(house.receipts.size() == 1);
}

TEST_CASE("a receipt counts each picture once though the queue was full in the middle") {
  World world{45};
  House house{world};
  house.open();
  house.drop("m.yaml", House::manifest_of(7));
  house.full_call = "add_jobs";
  turn_for(house, minutes{1});
  house.full_call.clear();
  CHECK(house.run());
  CHECK(house.text("accepted/m.yaml.receipt.txt").find("pictures      7 at most") != std::string::npos);
}

TEST_CASE("a manifest that is too large is rejected and does not pass for a full disk") {
  World world{46};
  House house{world};
  house.open();
  house.drop("huge.yaml", "manifest: 1\n");
  fs::resize_file(house.root / "inbox/huge.yaml", 600u << 20);
  std::ofstream{house.root / "huge.yaml"} << "manifest: 1\n";
  fs::resize_file(house.root / "huge.yaml", 600u << 20);
  CHECK_FALSE(house.engine->take_copy(house.root / "huge.yaml"));
  CHECK(house.run(hours{1}));
  CHECK(house.is_there("rejected/huge.yaml"));
  CHECK(house.text("rejected/huge.yaml.error.txt").find("512 MiB") != std::string::npos);
  CHECK(house.engine->hindrance().kind == Hindrance::Kind::None);
}

TEST_CASE("a disk that fills while a manifest is read delays it and does not reject it") {
  World world{47};
  House house{world};
  house.open();
  house.drop("m.yaml", House::manifest_of(3));
  disk_fault = full("write", "/spill/");
  turn_for(house, minutes{1});
  CHECK(house.engine->hindrance().kind == Hindrance::Kind::Disk);
  CHECK(house.receipts.empty());
  disk_fault = {};
  CHECK(house.run());
  CHECK(house.engine->tally()[State::Done] == 3);
}

TEST_CASE("a manifest that has to be copied is taken when there is room for the copy") {
  World world{48};
  House house{world};
  house.open();
  house.drop("m.yaml", House::manifest_of(2));
  disk_fault = [](std::string const& call, std::string const& path) {
    if (path.find("/claims/") == std::string::npos) return 0;
    if (call == "rename" && path.find(".part") == std::string::npos) return EXDEV;
    return call == "create" ? ENOSPC : 0;
  };
  turn_for(house, seconds{9});
  // A rename from the copy's own .part is within one file system.
  bool first = true;
  disk_fault = [&](std::string const& call, std::string const& path) {
    if (call != "rename" || path.find("/claims/") == std::string::npos) return 0;
    return std::exchange(first, false) ? EXDEV : 0;
  };
  CHECK(house.run());
  CHECK(house.engine->tally()[State::Done] == 2);
  CHECK_FALSE(house.is_there("inbox/m.yaml"));
}

TEST_CASE("folders that stand where a manifest is to be put away make room") {
  World world{49};
  House house{world};
  house.open();
  fs::create_directories(house.root / "rejected/m.yaml/inside");
  fs::create_directories(house.root / "rejected/bad.yaml/inside");
  fs::create_directories(house.root / "accepted/m.yaml/inside");
  house.drop("m.yaml", House::manifest_of(1));
  house.drop("bad.yaml", "manifest: 1\n");
  CHECK(house.run());
  CHECK(fs::is_regular_file(house.root / "accepted/m.yaml"));
  CHECK(fs::is_regular_file(house.root / "rejected/bad.yaml"));
  CHECK(house.engine->tally()[State::Done] == 1);
}

TEST_CASE("folders that stand where a receipt or a complaint belongs make room") {
  World world{53};
  House house{world};
  house.open();
  fs::create_directories(house.root / "accepted/m.yaml.receipt.txt/inside");
  fs::create_directories(house.root / "accepted/m.yaml.receipt.txt.part/inside");
  fs::create_directories(house.root / "rejected/bad.yaml.error.txt/inside");
  house.drop("m.yaml", House::manifest_of(1));
  house.drop("bad.yaml", "manifest: 1\n");
  CHECK(house.run());
  CHECK(fs::is_regular_file(house.root / "accepted/m.yaml.receipt.txt"));
  CHECK(fs::is_regular_file(house.root / "rejected/bad.yaml.error.txt"));
  CHECK(house.engine->tally()[State::Done] == 1);
}

TEST_CASE("a folder that cannot be written delays putting away, and pictures are made all the same") {
  World world{50};
  House house{world};
  house.open();
  house.drop("m.yaml", House::manifest_of(2));
  disk_fault = full("create", "/accepted/", EACCES);
  turn_for(house, minutes{10});
  CHECK(house.engine->tally()[State::Done] == 2);
  CHECK_FALSE(house.is_there("accepted/m.yaml"));
  disk_fault = {};
  CHECK(house.run());
  CHECK(house.is_there("accepted/m.yaml"));
}

TEST_CASE("a touched inbox does not make the wheel spin while the queue is full") {
  World world{51};
  House house{world};
  house.open();
  house.drop("m.yaml", House::manifest_of(20));
  while (world.creates < 3) house.engine->turn(world.now() + seconds{1});
  house.store_is_full = true;
  turn_for(house, minutes{1});
  house.drop("other.yaml", House::manifest_of(1, "a boat"));
  auto const before = world.now();
  for (int i = 0; i < 200; ++i) house.engine->turn(world.now() + seconds{10});
  CHECK(world.now() - before > minutes{5});
  house.store_is_full = false;
  CHECK(house.run());
  CHECK(house.engine->tally()[State::Done] == 21);
}

TEST_CASE("what a crash left of a manifest that was being read is cleared away") {
  World world{52};
  House house{world};
  house.open();
  house.close();
  std::ofstream{house.root / "state/spill/0000000000000000-m.yaml"} << "half";
  house.open();
  CHECK_FALSE(house.is_there("state/spill/0000000000000000-m.yaml"));
}
