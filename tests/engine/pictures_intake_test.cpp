#include <doctest/doctest.h>
#include <fmt/format.h>

#include <fstream>

#include "base/files.h"
#include "base/sha256.h"
#include "engine/bundle.h"
#include "engine/expand.h"
#include "engine/house.h"
#include "engine/local_pictures.h"
#include "manifest/reading.h"
#include "support/pictures.h"
#include "support/place.h"

using namespace wanspool;
using namespace wanspool::test;
namespace fs = std::filesystem;

// Local pictures on their way from a folder into files/ and the queue.

TEST_SUITE_BEGIN("engine");

namespace {

void write(fs::path const& path, std::string const& bytes) {
  fs::create_directories(path.parent_path());
  std::ofstream{path, std::ios::binary} << bytes;
}

bool holds(std::string const& text, std::string const& part) {
  return text.find(part) != std::string::npos;
}

std::string const kOne = "manifest: 1\njobs: [ { id: a, prompt: x, images: [ refs/a.png ] } ]\n";
std::string const kAll =
    "manifest: 1\njobs:\n  - id: p\n    matrix: { photo: { glob: \"refs/*.png\" } }\n    prompt: x\n"
    "    images: [ \"${photo}\" ]\n";

// A folder as it lies in the inbox, read as the daemon reads it.
struct Claim {
  Expansion read(std::string const& name = "cats") {
    return expand(place / name, name, place / "spill", place / "files", reading::models(), "loopback");
  }
  std::string complaints(std::string const& name = "cats") {
    std::string text;
    for (auto const& each : read(name).head.complaints) text += each.str() + "\n";
    return text;
  }
  // The pictures of each job, "" for one that has none.
  std::vector<std::string> rows() {
    std::vector<std::string> found;
    for (auto const& row : SpillReader{place / "spill"}.next(1000)) {
      auto const names = local_pictures_in(row.body);
      found.push_back(row.name + " " + (names.empty() ? "" : names.front()));
    }
    return found;
  }

  Place place;
  fs::path folder = place / "cats";
};

}  // namespace

TEST_CASE("pictures beside a manifest are taken in, and its rows name what was checked") {
  Claim claim;
  auto const bytes = png(300, 300);
  write(claim.folder / "manifest.yaml", kOne);
  write(claim.folder / "refs/a.png", bytes);
  CHECK(claim.complaints() == "");
  auto const name = sha256_hex(bytes) + ".png";
  CHECK(claim.rows() == std::vector<std::string>{"a " + name});
  CHECK(read_file(claim.place / "files" / name) == bytes);
}

TEST_CASE("a pattern finds the files of its own folder and follows no link out of it") {
  Claim claim;
  write(claim.folder / "manifest.yaml", kAll);
  write(claim.folder / "refs/b.png", png(300, 300));
  write(claim.folder / "more/c.png", png(300, 300, 0));
  write(claim.place / "secret.png", png(301, 300));
  fs::create_symlink("../../secret.png", claim.folder / "refs/out.png");
  fs::create_symlink("../more/c.png", claim.folder / "refs/in.png");
  fs::create_directory_symlink("../..", claim.folder / "refs/above");
  CHECK(claim.complaints() == "");
  auto const rows = claim.rows();
  REQUIRE(rows.size() == 2);
  CHECK(rows[0].starts_with("p/b "));
  CHECK(rows[1].starts_with("p/in "));
  write(claim.folder / "manifest.yaml",
        "manifest: 1\njobs: [ { id: p, prompt: x, matrix: { f: { glob: '../*.png' } } } ]\n");
  CHECK(holds(claim.complaints(), "cannot list '../*.png': its '..' leads out of the manifest's folder"));
  write(claim.folder / "manifest.yaml",
        "manifest: 1\njobs: [ { id: p, prompt: x, matrix: { f: { glob: '/etc/*' } } } ]\n");
  CHECK(holds(claim.complaints(), "cannot list '/etc/*': it is an absolute path"));
  write(claim.folder / "manifest.yaml",
        "manifest: 1\njobs: [ { id: p, prompt: x, matrix: { f: { glob: 'refs/above/*' } } } ]\n");
  CHECK(holds(claim.complaints(), "its links lead out of the manifest's folder"));
}

TEST_CASE("a manifest dropped alone says what brings its pictures along") {
  Claim claim;
  write(claim.place / "cats.yaml", kOne);
  CHECK(claim.complaints("cats.yaml") ==
        "cats.yaml:2:39: error: cannot take the picture 'refs/a.png': a manifest dropped alone brings no "
        "files; drop a "
        "folder with it and them, or use wanspool submit\n");
  write(claim.place / "cats.yaml", kAll);
  CHECK(holds(claim.complaints("cats.yaml"),
              "cannot list 'refs/*.png': a manifest dropped alone brings no files"));
}

TEST_CASE("a folder lacks what its pattern has not found yet, and a picture that is not there") {
  Claim claim;
  write(claim.folder / "manifest.yaml", kAll);
  CHECK(lacks_a_file(claim.folder, "cats", reading::models()));
  write(claim.folder / "refs/a.png", "not looked at");
  CHECK_FALSE(lacks_a_file(claim.folder, "cats", reading::models()));
  write(claim.folder / "manifest.yaml", kOne);
  CHECK_FALSE(lacks_a_file(claim.folder, "cats", reading::models()));
  fs::remove(claim.folder / "refs/a.png");
  CHECK(lacks_a_file(claim.folder, "cats", reading::models()));
}

TEST_CASE("a bundle's pattern means the files that it meant where the bundle was made") {
  Claim claim;
  write(claim.place / "mine/m.yaml", kAll);
  write(claim.place / "mine/refs/a.png", png(300, 300));
  write(claim.place / "mine/refs/b.png", png(300, 300, 0));
  Handover handover;
  handover.file = "m.yaml";
  handover.globs = {{"refs/*.png", {"refs/a.png", "refs/b.png"}}};
  write_bundle(claim.folder, claim.place / "mine/m.yaml", handover, {"refs/a.png", "refs/b.png"},
               files_below(claim.place / "mine"));
  write(claim.folder / "refs/c.png", png(300, 300));
  CHECK(claim.complaints() == "");
  CHECK(claim.rows().size() == 2);
  CHECK(open_bundle(claim.folder, "cats").handover.globs == handover.globs);
  fs::remove_all(claim.folder);
  handover.globs.clear();
  write_bundle(claim.folder, claim.place / "mine/m.yaml", handover, {}, {});
  CHECK(holds(claim.complaints(), "its files were not handed over with the manifest"));
}

TEST_CASE("of a part of the jobs only their own pictures need to be there") {
  Claim claim;
  write(claim.place / "mine/m.yaml", kAll);
  write(claim.place / "mine/refs/b.png", png(300, 300));
  Handover handover;
  handover.file = "m.yaml";
  handover.globs = {{"refs/*.png", {"refs/a.png", "refs/b.png", "refs/c.png"}}};
  handover.selection.only = {"m/p/b"};
  write_bundle(claim.folder, claim.place / "mine/m.yaml", handover, {"refs/b.png"},
               files_below(claim.place / "mine"));
  CHECK(claim.complaints() == "");
  REQUIRE(claim.rows().size() == 1);
  CHECK(claim.rows()[0].starts_with("p/b "));
  fs::remove_all(claim.folder);
  handover.selection.only = {"m/p/c"};
  write_bundle(claim.folder, claim.place / "mine/m.yaml", handover, {"refs/b.png"},
               files_below(claim.place / "mine"));
  CHECK(claim.complaints() ==
        "m.yaml:3:5: error: a picture of the job 'p/c' was not handed over with the manifest; hand it over "
        "anew\n");
}

TEST_CASE("a file of files/ is nobody's picture by its name") {
  Claim claim;
  auto const name = std::string(64, 'a') + ".png";
  write(claim.place / "files" / name, png(300, 300));
  write(claim.place / "mine/m.yaml", "manifest: 1\njobs: [ { id: a, prompt: x, images: [ 'file:" + name +
                                         "' ] }, { id: b, prompt: x, images: [ " + name + " ] } ]\n");
  Handover handover;
  handover.file = "m.yaml";
  handover.selection.only = {"m/a", "m/b"};
  write_bundle(claim.folder, claim.place / "mine/m.yaml", handover, {}, {});
  CHECK(holds(claim.complaints(), "was not handed over"));
}

TEST_CASE("why a file could not come along is said in its row's stead") {
  Claim claim;
  std::string table = "id,photo\n";
  for (int i = 0; i < 20; ++i) table += fmt::format("{},{}.png\n", i, i == 3 ? "gone" : "a");
  write(claim.place / "mine/rows.csv", table);
  write(claim.place / "mine/a.png", png(300, 300));
  write(claim.place / "mine/m.yaml",
        "manifest: 1\njobs: [ { id: p, prompt: x, rows: { file: rows.csv, bad: skip }, images: [ '${photo}' "
        "] } ]\n");
  Handover handover;
  handover.file = "m.yaml";
  handover.without = {{"gone.png", "there is no such file"}};
  write_bundle(claim.folder, claim.place / "mine/m.yaml", handover, {"rows.csv", "a.png"},
               files_below(claim.place / "mine"));
  auto const read = claim.read();
  CHECK(read.head.ok());
  REQUIRE(read.head.bad_rows.size() == 1);
  CHECK(read.head.bad_rows[0].text == "cannot take the picture 'gone.png': there is no such file");
}

TEST_CASE("a letter's patterns and reasons are checked like the rest of it") {
  Claim claim;
  write(claim.folder / "manifest.yaml", kOne);
  auto const with = [&](std::string const& more) -> std::string {
    write(claim.folder / "bundle.json", R"({"schema":1,"file":"c.yaml",)" + more + "}");
    try {
      open_bundle(claim.folder, "cats");
      return {};
    } catch (std::runtime_error const& error) {
      return error.what();
    }
  };
  CHECK(with(R"("globs":{"*":["a","b"]},"without":{"a":"why"})") == "");
  CHECK(holds(with(R"("globs":[])"), "no map"));
  CHECK(holds(with(R"("globs":{"*":"a"})"), "no list of files for \"*\""));
  CHECK(holds(with(R"("globs":{"*":["a",1]})"), "no file's name"));
  CHECK(holds(with(R"("globs":{"*":["a\nb"]})"), "no file's name"));
  CHECK(holds(with(R"("without":{"a":""})"), "why it lacks \"a\""));
  CHECK(holds(with(R"("without":7)"), "no map"));
}

TEST_CASE("a picture that is swapped for a link after it was found is read as it was") {
  Claim claim;
  auto const bytes = png(300, 300);
  write(claim.folder / "manifest.yaml", kOne);
  write(claim.folder / "refs/a.png", bytes);
  write(claim.place / "secret.png", png(301, 300));
  auto const found = files_of(open_bundle(claim.folder, "cats"), claim.folder)("refs/a.png");
  fs::remove(claim.folder / "refs/a.png");
  fs::create_symlink("../../secret.png", claim.folder / "refs/a.png");
  LocalPictures pictures{claim.place / "files"};
  CHECK(pictures.look(found).name == sha256_hex(bytes) + ".png");
  CHECK(holds(claim.complaints(),
              "cannot take the picture 'refs/a.png': its links lead out of the manifest's folder"));
}

TEST_CASE("a folder in the inbox waits a minute for its pictures, and is rejected without them") {
  World world{160};
  House house{world};
  house.open();
  write(house.root / "aside/manifest.yaml", kOne);
  fs::rename(house.root / "aside", house.root / "inbox/cats");
  CHECK(house.run(seconds{40}) == false);
  CHECK(house.is_there("inbox/cats"));
  CHECK(house.run());
  CHECK(holds(house.text("rejected/cats.error.txt"),
              "cannot take the picture 'refs/a.png': it is not in the manifest's folder; put it there"));
  CHECK(world.creates == 0);
}
