#include <doctest/doctest.h>

#include <cerrno>
#include <fstream>
#include <functional>

#include "engine/house.h"

// A claim can be interrupted at every step, however it is made: what was dropped is taken once, or rejected
// once, and nothing of it stays where it was.
using namespace wanspool;
using namespace wanspool::test;
namespace fs = std::filesystem;

TEST_SUITE_BEGIN("engine");

namespace {

bool holds(std::string const& text, std::string const& part) {
  return text.find(part) != std::string::npos;
}

int only_copies(std::string const& call, std::string const& path) {
  bool const claims = call == "rename" && holds(path, "/claims/");
  return claims && !fs::exists(path + ".part") ? EXDEV : 0;
}

struct Scene {
  std::function<void(House&)> drop;
  std::function<void(House&)> look;
  bool copied = false;
};

// false if it crashed on the way.
bool live(House& house, Steps& steps) {
  try {
    house.open();
    bool const rested = house.run();  // outside of CHECK, which would catch the crash
    CHECK(rested);
    steps.crash_at = 0;
    return true;
  } catch (Crash const&) {
    house.close();
    return false;
  }
}

// Returns how many steps a life without a crash takes.
int play(Scene const& scene, int crash_at, int& crashes) {
  World world{7};
  House house{world};
  Steps steps{0, crash_at};
  house.steps = &steps;
  scene.drop(house);
  if (scene.copied) disk_fault = only_copies;
  if (!live(house, steps)) {
    ++crashes;
    steps = {};
    REQUIRE(live(house, steps));
  }
  CHECK(fs::is_empty(house.root / "inbox"));
  CHECK(fs::is_empty(house.root / "state/claims"));
  CHECK(fs::is_empty(house.root / "state/spill"));
  for (auto const& [body, times] : world.accepted) CHECK(times == 1);
  scene.look(house);
  return steps.taken;
}

void survive(Scene const& scene) {
  int crashes = 0;
  auto const all = play(scene, 0, crashes);
  REQUIRE(all > 10);
  for (int step = 1; step < all; ++step) {
    CAPTURE(step);
    play(scene, step, crashes);
  }
  CHECK(crashes > all / 2);
}

void drop_folder(House& house) {
  fs::create_directories(house.root / "inbox/.cats");
  std::ofstream{house.root / "inbox/.cats/manifest.yaml"} << "manifest: 1\njobs: []\n";
  fs::rename(house.root / "inbox/.cats", house.root / "inbox/cats");
}

}  // namespace

TEST_CASE("a crash at every step of a rejection leaves the file once in rejected/, with the reason") {
  Scene scene;
  scene.drop = [](House& house) { house.drop("bad.yaml", "manifest: 1\njobs: []\n"); };
  scene.look = [](House& house) {
    CHECK(house.is_there("rejected/bad.yaml"));
    CHECK(house.is_there("rejected/bad.yaml.error.txt"));
    CHECK(house.engine->tally().total() == 0);
  };
  survive(scene);
  scene.copied = true;
  survive(scene);
}

TEST_CASE("a crash at every step of taking a folder, moved or copied, loses none of it") {
  Scene scene;
  scene.drop = drop_folder;
  scene.look = [](House& house) {
    CHECK(house.text("rejected/cats/manifest.yaml") == "manifest: 1\njobs: []\n");
    CHECK(house.is_there("rejected/cats.error.txt"));
  };
  survive(scene);
  scene.copied = true;
  survive(scene);
}

TEST_CASE("a crash at every step of a copy takes the manifest once") {
  Scene scene;
  scene.copied = true;
  scene.drop = [](House& house) { house.drop("a.yaml", "name: m\n" + House::manifest_of(1)); };
  scene.look = [](House& house) {
    CHECK(house.is_there("accepted/a.yaml"));
    CHECK(house.is_there("accepted/a.yaml.receipt.txt"));
    auto const later = house.engine->tally();
    CHECK(later.total() == 1);
  };
  survive(scene);
}

TEST_CASE("a crash at every step of a copied command without an id has it done once") {
  Scene scene;
  scene.copied = true;
  scene.drop = [](House& house) { house.drop("go.yaml", "command: resume\n"); };
  scene.look = [](House& house) {
    CHECK(house.is_there("accepted/go.yaml.receipt.txt"));
    CHECK_FALSE(house.is_there("rejected/go.yaml"));
  };
  survive(scene);
}

TEST_CASE("a crash at every step of taking several at once leaves each with its own answer") {
  Scene scene;
  scene.drop = [](House& house) {
    house.drop("a.yaml", "command: pause\n");  // nothing is bought, which would be many more steps
    house.drop("b.yaml", "manifest: 1\njobs: []\n");
    house.drop("c.yaml", House::manifest_of(1));
  };
  scene.look = [](House& house) {
    CHECK(house.is_there("accepted/a.yaml.receipt.txt"));
    CHECK(house.is_there("rejected/b.yaml"));
    CHECK(house.is_there("rejected/b.yaml.error.txt"));
    CHECK(house.is_there("accepted/c.yaml"));
    CHECK(house.is_there("accepted/c.yaml.receipt.txt"));
    CHECK(house.engine->tally().total() == 1);
  };
  survive(scene);
}
