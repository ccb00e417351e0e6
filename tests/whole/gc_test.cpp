#include <doctest/doctest.h>

#include "base/files.h"
#include "whole/books.h"

using namespace wanspool;
using namespace wanspool::whole;

namespace fs = std::filesystem;

TEST_SUITE_BEGIN("whole");

namespace {

std::string kites(std::string const& colour, int count) {
  auto text = std::string{"manifest: 1\njobs:\n"};
  for (int i = 1; i <= count; ++i)
    text += "  - { id: k" + std::to_string(i) + ", model: wan2.6-t2i, prompt: a " + colour + " kite " +
            std::to_string(i) + " }\n";
  return text;
}

std::size_t files_below(fs::path const& tree) {
  std::size_t files = 0;
  for (auto const& each : fs::recursive_directory_iterator{tree}) files += each.is_regular_file();
  return files;
}

}  // namespace

TEST_CASE("gc beside a daemon that replaces pictures takes old ones alone, and verify finds all right") {
  Emulator const emulator;
  House const house{emulator.endpoint()};
  auto daemon = house.daemon();
  auto const root = house.spool.root;
  auto const status = root / "out/kites/STATUS.txt";
  house.hand_in("kites.yaml", kites("red", 12));
  await(daemon, "the red ones", [&] { return house.tally()[State::Done] == 12; });
  std::int64_t bought = 12;
  bool has_removed = false;
  auto const collect = [&] {
    auto const said = house.run({"gc", "--old", "0d", "--yes"});
    CHECK(said.code == 0);
    has_removed = has_removed || said.out.find("removed") != said.out.npos;
  };
  for (auto const* const colour : {"green", "blue", "white"}) {
    house.hand_in("kites.yaml", kites(colour, 12));
    bought += 12;  // what is replaced was bought all the same
    // Again and again while pictures move to old/ under its hands.
    await(daemon, colour, [&] {
      collect();
      return house.tally()[State::Done] == bought;
    });
  }
  await(daemon, "the last word",
        [&] { return fs::exists(status) && read_file(status).starts_with("kites: all 12 jobs are done\n"); });
  collect();
  CHECK(has_removed);
  CHECK(files_below(root / "old") == 0);
  auto const verdict = house.run({"verify"});
  CAPTURE(verdict.out);
  CHECK(verdict.out.starts_with("verified 12 jobs, 12 pictures"));
  CHECK(verdict.code == 0);
}

TEST_SUITE_END();
