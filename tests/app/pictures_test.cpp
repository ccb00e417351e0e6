#include <doctest/doctest.h>
#include <sys/stat.h>

#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

#include "app/exit.h"
#include "app/shell.h"
#include "base/files.h"
#include "engine/bundle.h"
#include "engine/expand.h"
#include "engine/local_pictures.h"
#include "manifest/reading.h"
#include "support/pictures.h"

using namespace wanspool;
using namespace wanspool::app;
using namespace wanspool::test;
namespace fs = std::filesystem;

// Manifests with local pictures on the command line.

TEST_SUITE_BEGIN("app");

namespace {

bool holds(std::string const& text, std::string const& part) {
  return text.find(part) != std::string::npos;
}

std::vector<std::string> files_in(fs::path const& folder) {
  std::vector<std::string> names;
  if (fs::exists(folder))
    for (auto const& each : fs::directory_iterator{folder}) names.push_back(each.path().filename().string());
  std::sort(names.begin(), names.end());
  return names;
}

// Made with a spool that no daemon has.
struct Desk {
  Desk() { Spool::at(place / "spool").make(); }
  // What the daemon would read of the bundle that lies in the inbox.
  Expansion taken(std::string const& name) const {
    return expand(place / "spool/inbox" / name, name, place / "spill", place / "taken", reading::models(),
                  "loopback");
  }
  Place place;
};

constexpr char kEach[] =
    "manifest: 1\njobs:\n  - id: p\n    prompt: x\n    matrix: { photo: { glob: \"../mine/*.png\" } }\n"
    "    images: [ \"${photo}\" ]\n";

}  // namespace

TEST_CASE("check and plan read pictures where they are and copy nothing") {
  Desk desk;
  desk.place.write("mine/a.png", png(300, 300));
  desk.place.write("work/cats.yaml", kEach);
  for (auto const* const command : {"check", "plan"}) {
    auto const said = wanspool_says(desk.place, {command, "work/cats.yaml"});
    CHECK(said.code == 0);
    CHECK(holds(said.out, "1 job"));
  }
  CHECK(files_in(desk.place / "spool/files").empty());
  CHECK(files_in(desk.place / "spool/inbox").empty());
  desk.place.write("mine/a.png", png(30, 300));
  auto const wrong = wanspool_says(desk.place, {"check", "work/cats.yaml"});
  CHECK(wrong.code == kWrong);
  CHECK(holds(wrong.err,
              "work/cats.yaml:6:15: error: the picture '../mine/a.png' is 30 x 300 pixels; wan2.6-image "
              "takes sides of "
              "240 to 8000 (with photo=../mine/a.png)"));
}

TEST_CASE("submit takes pictures along from wherever they are") {
  Desk desk;
  auto const away = desk.place.write("far/b.png", png(300, 300, 0)).string();
  desk.place.write("mine/a.png", png(300, 300));
  desk.place.write(
      "work/cats.yaml",
      "manifest: 1\njobs:\n  - { id: a, prompt: x, images: [ ../mine/a.png, '" + away + "' ] }\n");
  auto const said = wanspool_says(desk.place, {"submit", "work/cats.yaml"});
  CHECK(said.code == 0);
  auto const inbox = desk.place / "spool/inbox";
  CHECK(files_in(inbox / "cats/files") == std::vector<std::string>{"0001-a.png", "0002-b.png"});
  auto const taken = desk.taken("cats");
  for (auto const& each : taken.head.complaints) CHECK(each.str() == "");
  CHECK(taken.head.jobs == 1);
  CHECK(files_in(desk.place / "taken").size() == 2);
}

TEST_CASE("what submit has found for a pattern is what the daemon takes") {
  Desk desk;
  desk.place.write("mine/a.png", png(300, 300));
  desk.place.write("mine/b.png", png(300, 300, 0));
  desk.place.write("work/cats.yaml", kEach);
  CHECK(wanspool_says(desk.place, {"submit", "work/cats.yaml"}).code == 0);
  desk.place.write("mine/c.png", png(300, 300));
  auto const taken = desk.taken("cats");
  CHECK(taken.head.ok());
  CHECK(taken.head.jobs == 2);
}

TEST_CASE("of a part of the jobs only their own pictures are handed over") {
  Desk desk;
  for (int i = 0; i < 9; ++i)
    desk.place.write("mine/" + std::to_string(i) + ".png", png(300, 300, 2, {}, static_cast<char>(i)));
  desk.place.write("work/cats.yaml", kEach);
  CHECK(wanspool_says(desk.place, {"submit", "work/cats.yaml", "--sample", "3"}).code == 0);
  CHECK(files_in(desk.place / "spool/inbox/cats/files").size() == 3);
  auto const taken = desk.taken("cats");
  for (auto const& each : taken.head.complaints) CHECK(each.str() == "");
  CHECK(taken.head.jobs == 3);
  CHECK(taken.partial);
  CHECK(files_in(desk.place / "taken").size() == 3);
}

TEST_CASE("a row whose picture is missing is left out, here and where it is handed over") {
  Desk desk;
  std::string table = "id,photo\n";
  for (int i = 0; i < 20; ++i) table += std::to_string(i) + (i == 5 ? ",gone.png\n" : ",a.png\n");
  desk.place.write("work/rows.csv", table);
  desk.place.write("work/a.png", png(300, 300));
  desk.place.write(
      "work/cats.yaml",
      "manifest: 1\njobs: [ { id: p, prompt: '${id}', rows: { file: rows.csv, bad: skip }, images: [ "
      "'${photo}' ] } ]\n");
  auto const said = wanspool_says(desk.place, {"submit", "work/cats.yaml"});
  CHECK(said.code == 0);
  CHECK(holds(said.err,
              "rows.csv:7: warning: 5: cannot take the picture 'gone.png': there is no such file; left out"));
  auto const taken = desk.taken("cats");
  CHECK(taken.head.ok());
  CHECK(taken.head.jobs == 19);
  CHECK(taken.head.bad_rows.size() == 1);
}

TEST_CASE("a wrong picture is told by run as by check, and nothing is bought") {
  Desk desk;
  desk.place.write("work/a.gif", "GIF89a");
  desk.place.write("work/b.png", png(300, 300, 6));
  desk.place.write("work/cats.yaml",
                   "manifest: 1\njobs:\n  - { id: a, prompt: x, images: [ a.gif, b.png, c.png ] }\n");
  auto const said = wanspool_says(desk.place, {"run", "work/cats.yaml"});
  CHECK(said.code == kFailed);
  CHECK(holds(said.err, "cannot take the picture 'a.gif': it is a GIF picture"));
  CHECK(holds(said.err, "convert b.png -background white -alpha remove -alpha off b-flat.png"));
  CHECK(holds(said.err, "cannot take the picture 'c.png': there is no such file"));
  CHECK_FALSE(holds(said.err, "dropped alone"));
  desk.place.write("work/dogs.yaml", "manifest: 1\njobs:\n  - { id: a, prompt: x, images: [ c.png ] }\n");
  CHECK(holds(wanspool_says(desk.place, {"run", "work/dogs.yaml"}).err, "'c.png': there is no such file"));
  desk.place.write("work/cows.yaml",
                   "manifest: 1\njobs:\n  - { id: a, prompt: x, matrix: { c: { glob: 'no/*' } } }\n");
  CHECK(holds(wanspool_says(desk.place, {"run", "work/cows.yaml"}).err,
              "cannot list 'no/*': there is no such folder"));
}

TEST_CASE("what is handed over to another user's daemon is its group's to move, and nobody else's to see") {
  Desk desk;
  auto const inbox = desk.place / "spool/inbox";
  ::chmod(inbox.c_str(), 02770);
  desk.place.write("mine/a.png", png(300, 300));
  desk.place.write("work/cats.yaml", kEach);
  CHECK(wanspool_says(desk.place, {"submit", "work/cats.yaml"}).code == 0);
  auto const mode = [](fs::path const& path) {
    struct stat info {};
    ::stat(path.c_str(), &info);
    return info.st_mode & 07777;
  };
  CHECK(mode(inbox / "cats") == 02770);
  CHECK(mode(inbox / "cats/files") == 02770);
  CHECK(mode(inbox / "cats/files/0001-a.png") == 0640);
  CHECK(mode(inbox / "cats/manifest.yaml") == 0640);
}
