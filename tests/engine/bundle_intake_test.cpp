#include <doctest/doctest.h>
#include <fmt/format.h>
#include <sys/stat.h>

#include <cerrno>
#include <fstream>

#include "engine/house.h"

using namespace wanspool;
using namespace wanspool::test;
namespace fs = std::filesystem;

TEST_SUITE_BEGIN("engine");

namespace {

// A folder in the inbox, put there by one rename.
void drop_folder(House& house, std::string const& name, std::string const& manifest) {
  auto const hidden = house.root / "inbox" / ("." + name);
  fs::create_directories(hidden);
  if (!manifest.empty()) std::ofstream{hidden / "manifest.yaml"} << manifest;
  std::ofstream{hidden / "notes.txt"} << "whatever lies beside it";
  fs::rename(hidden, house.root / "inbox" / name);
}

fs::path write(House& house, std::string const& name, std::string const& text) {
  std::ofstream{house.root / name} << text;
  return house.root / name;
}

bool holds(std::string const& text, std::string const& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("a dropped folder with a manifest is taken whole") {
  World world{60};
  House house{world};
  house.open();
  auto const manifest = "name: kites\n" + House::manifest_of(2);
  drop_folder(house, "Kites", manifest);
  CHECK(house.run());
  CHECK(house.pictures() == std::vector<std::string>{"kites/job-1/image-1.png", "kites/job-2/image-1.png"});
  CHECK(house.text("accepted/Kites/manifest.yaml") == manifest);
  CHECK(house.text("accepted/Kites/notes.txt") == "whatever lies beside it");
  CHECK(house.is_there("accepted/Kites.receipt.txt"));
  CHECK_FALSE(house.is_there("inbox/Kites"));
  CHECK(fs::is_empty(house.root / "state/claims"));
}

TEST_CASE("a folder dropped a second time buys nothing and takes the first one's place") {
  World world{61};
  House house{world};
  house.open();
  drop_folder(house, "kites", House::manifest_of(2));
  CHECK(house.run());
  fs::create_directory(house.root / "accepted/kites/shut");
  std::ofstream{house.root / "accepted/kites/shut/file"} << "x";
  fs::permissions(house.root / "accepted/kites/shut", fs::perms::owner_read);
  drop_folder(house, "kites", House::manifest_of(2));
  CHECK(house.run());
  CHECK(world.creates == 2);
  CHECK(house.receipts.size() == 2);
  CHECK_FALSE(house.is_there("accepted/kites/shut"));
}

TEST_CASE("a folder without a manifest is rejected and says what it lacks") {
  World world{62};
  House house{world};
  house.open();
  drop_folder(house, "pictures", "");
  CHECK(house.run());
  CHECK(holds(house.text("rejected/pictures.error.txt"), "holds no manifest.yaml"));
  CHECK(house.text("rejected/pictures/notes.txt") == "whatever lies beside it");
}

TEST_CASE("a wrong manifest in a folder is rejected with the whole folder, and corrected there again") {
  World world{63};
  House house{world};
  house.open();
  drop_folder(house, "kites", "manifest: 1\njobs: [ { id: a } ]\n");
  CHECK(house.run());
  CHECK(holds(house.text("rejected/kites.error.txt"), "kites/manifest.yaml:2:"));
  CHECK(house.is_there("rejected/kites/notes.txt"));
  drop_folder(house, "kites", House::manifest_of(1));
  CHECK(house.run());
  CHECK_FALSE(house.is_there("rejected/kites.error.txt"));
  CHECK_FALSE(house.is_there("rejected/kites"));
  CHECK(house.engine->tally()[State::Done] == 1);
}

TEST_CASE("a folder that is still being copied is not taken in the middle") {
  World world{64};
  House house{world};
  house.config.settle = seconds{2};
  house.open();
  drop_folder(house, "kites", House::manifest_of(1));
  for (int i = 0; i < 20; ++i) {
    std::ofstream{house.root / "inbox/kites" / fmt::format("row-{}.txt", i)} << i;
    auto const until = world.now() + milliseconds{1500};
    for (int turn = 0; turn < 100 && world.now() < until; ++turn) house.engine->turn(until);
    CHECK_FALSE(house.engine->idle());
  }
  CHECK(house.is_there("inbox/kites"));
  CHECK(house.run());
  CHECK(house.is_there("accepted/kites/row-19.txt"));
  CHECK(house.engine->tally()[State::Done] == 1);
}

TEST_CASE("a folder that cannot be moved is copied") {
  World world{65};
  House house{world};
  house.open();
  drop_folder(house, "kites", House::manifest_of(1));
  bool first = true;
  disk_fault = [&](std::string const& call, std::string const& path) {
    if (call != "rename" || !holds(path, "/claims/")) return 0;
    return std::exchange(first, false) ? EXDEV : 0;
  };
  CHECK(house.run());
  CHECK(house.is_there("accepted/kites/notes.txt"));
  CHECK_FALSE(house.is_there("inbox/kites"));
  CHECK(house.engine->tally()[State::Done] == 1);
}

TEST_CASE("half a copy of a folder that a crash left is cleared away") {
  World world{66};
  House house{world};
  house.open();
  house.close();
  fs::create_directories(house.root / "state/claims/00017899999999990001-kites.part/files");
  house.open();
  CHECK(fs::is_empty(house.root / "state/claims"));
  CHECK(house.run());
}

TEST_CASE("a link in the inbox is never followed") {
  World world{67};
  House house{world};
  house.open();
  write(house, "secret.yaml", House::manifest_of(1));
  fs::create_symlink(house.root / "secret.yaml", house.root / "inbox/m.yaml");
  fs::create_symlink(house.root / "secret.yaml", house.root / "inbox/n.yaml");
  disk_fault = [](std::string const& call, std::string const& path) {
    return call == "rename" && path.ends_with("-n.yaml") ? EXDEV : 0;
  };
  CHECK(house.run());
  CHECK(holds(house.text("rejected/m.yaml.error.txt"), "is not a plain file"));
  CHECK(world.creates == 0);
}

TEST_CASE("a selection that is handed over buys a part, and the whole later buys the rest") {
  World world{68};
  House house{world};
  house.open();
  auto const file = write(house, "kites.yaml", House::manifest_of(6));
  Handover handover;
  handover.selection.sample = 2;
  CHECK(house.engine->take_copy(file, handover));
  CHECK(house.run());
  CHECK(house.pictures() == std::vector<std::string>{"kites/job-1/image-1.png", "kites/job-4/image-1.png"});
  CHECK(house.engine->take_copy(file));
  CHECK(house.run());
  CHECK(house.pictures().size() == 6);
  CHECK(world.creates == 6);
  handover.selection = {{"kites/job-2"}};
  CHECK(house.engine->take_copy(file, handover));
  CHECK(house.run());
  CHECK(world.creates == 6);
  CHECK(house.store->tally()[State::Done] == 6);
}

TEST_CASE("a selection that fits nothing is rejected with the names that are meant") {
  World world{69};
  House house{world};
  house.open();
  Handover handover;
  handover.selection.only = {"kites/jab-2"};
  CHECK(house.engine->take_copy(write(house, "kites.yaml", House::manifest_of(2)), handover));
  CHECK(house.run());
  CHECK(holds(house.text("rejected/kites.yaml.error.txt"), "did you mean kites/job-"));
  CHECK(world.creates == 0);
}

TEST_CASE("a folder is handed over from anywhere, with what it names") {
  World world{70};
  House house{world};
  house.open();
  fs::create_directories(house.root / "mine/Kites");
  std::ofstream{house.root / "mine/Kites/manifest.yaml"} << House::manifest_of(2);
  std::ofstream{house.root / "mine/Kites/rows.csv"} << "sku\n";
  CHECK(house.engine->take_copy(house.root / "mine/Kites/"));
  CHECK(house.run());
  CHECK(house.is_there("accepted/Kites/rows.csv"));
  Handover handover;
  handover.files = {{"rows.csv", ""}};
  CHECK(house.engine->take_copy(house.root / "mine/Kites", handover));
  CHECK(house.run());
  CHECK(house.text("accepted/Kites/files/0001-rows.csv") == "sku\n");
  CHECK(world.creates == 2);
  CHECK(house.engine->tally()[State::Done] == 2);
}

TEST_CASE("what cannot be handed over is said, and nothing of it stays") {
  World world{71};
  House house{world};
  house.open();
  auto const file = write(house, "kites.yaml", House::manifest_of(1));
  Handover handover;
  handover.files = {{"nowhere.csv", ""}};
  CHECK_FALSE(house.engine->take_copy(file, handover));
  CHECK_FALSE(house.engine->take_copy(house.root / "accepted"));
  ::mkfifo((house.root / "fifo.yaml").c_str(), 0666);
  CHECK_FALSE(house.engine->take_copy(house.root / "fifo.yaml"));
  REQUIRE(house.receipts.size() == 3);
  CHECK(holds(house.receipts[0].complaints.front().text, "cannot read nowhere.csv"));
  CHECK(holds(house.receipts[1].complaints.front().text, "holds no manifest.yaml"));
  CHECK(fs::is_empty(house.root / "state/claims"));
  disk_fault = [](std::string const& call, std::string const& path) {
    return call == "create" && holds(path, "/claims/") ? ENOSPC : 0;
  };
  handover.files.clear();
  handover.selection.sample = 1;
  CHECK_THROWS_AS(house.engine->take_copy(file, handover), StoreFull);
  CHECK(fs::is_empty(house.root / "state/claims"));
}

TEST_CASE("what cannot be removed is moved aside, and nobody waits for it") {
  World world{72};
  House house{world};
  house.open();
  house.drop("kites.yaml", "manifest: 1\njobs: []\n");
  CHECK(house.run());
  CHECK(house.is_there("rejected/kites.yaml"));
  disk_fault = [](std::string const& call, std::string const& path) {
    return call == "remove" && path.ends_with("/rejected/kites.yaml") ? EPERM : 0;
  };
  house.drop("kites.yaml", House::manifest_of(1));
  CHECK(house.run());
  CHECK(house.is_there("accepted/kites.yaml"));
  CHECK(house.is_there("rejected/.kites.yaml.1"));
  CHECK(house.engine->tally()[State::Done] == 1);
}
