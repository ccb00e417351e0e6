#include "app/inbox_look.h"

#include <doctest/doctest.h>

#include "engine/inbox_report.h"
#include "support/place.h"

using namespace wanspool;
using namespace wanspool::app;
namespace fs = std::filesystem;

TEST_SUITE_BEGIN("app");

namespace {

std::string why(InboxLook const& look, std::string const& name) {
  for (auto const& each : look.entries)
    if (each.name == name) return each.why;
  return "it is not told of";
}

}  // namespace

TEST_CASE("a status says of everything in the inbox why it lies there") {
  test::Place const place;
  auto const spool = Spool::at(place.path());
  spool.make();
  for (std::string const name : {"m.yaml", ".hidden", "m.yaml~", "stays.yaml", "\xff.yaml"})
    place.write("inbox/" + name, "x");
  place.write("inbox/empty.yaml", "");
  place.write("inbox/old.yaml", "");
  fs::last_write_time(spool.inbox / "old.yaml", fs::file_time_type::clock::now() - hours{3});
  fs::create_directory(spool.inbox / "folder");
  write_report(spool.report, text_of(InboxReport{
                                 {},
                                 {{"stays.yaml", "taken, and cannot be removed from here: Permission denied"},
                                  {"\xff.yaml", "is not a plain file"},
                                  {"gone.yaml", "is not a plain file"}}}));
  auto const look = look_into_inbox(spool, true);
  CHECK(look.entries.size() == 8);
  CHECK(look.waiting == 6);
  CHECK(look.trouble.empty());
  CHECK(why(look, "m.yaml") == "still being written, or just come");
  CHECK(why(look, "folder") == "still being written, or just come");
  CHECK(why(look, ".hidden") == "ignored: hidden name");
  CHECK(why(look, "m.yaml~") == "ignored: temporary name");
  CHECK(why(look, "empty.yaml") == "empty");
  CHECK(why(look, "old.yaml") == "empty for 3 h 0 min");
  CHECK(why(look, "stays.yaml") == "taken, and cannot be removed from here: Permission denied");
  CHECK(why(look, "\xff.yaml") == "is not a plain file");
  auto const lines = words_of_inbox(look);
  REQUIRE(lines.size() == 9);
  CHECK(lines[0].name == "inbox");
  CHECK(lines[0].text == "8 entries wait:");
  // What nobody knows any more who has stopped.
  CHECK(why(look_into_inbox(spool, false), "stays.yaml") == "nobody has the spool now");
}

TEST_CASE("an inbox with nothing in it is not told of, and one that is not there is") {
  test::Place const place;
  auto const spool = Spool::at(place.path());
  spool.make();
  CHECK(words_of_inbox(look_into_inbox(spool, true)).empty());
  fs::remove(spool.inbox);
  auto const lines = words_of_inbox(look_into_inbox(spool, true));
  REQUIRE(lines.size() == 1);
  CHECK(lines[0].text == "cannot be looked through: No such file or directory");
}

TEST_CASE("a status tells of the first of very many entries") {
  test::Place const place;
  auto const spool = Spool::at(place.path());
  spool.make();
  for (int i = 0; i < 50; ++i) place.write("inbox/m" + std::to_string(i) + ".yaml", "x");
  auto const lines = words_of_inbox(look_into_inbox(spool, true));
  CHECK(lines.size() == 22);
  CHECK(lines.front().text == "50 entries wait:");
  CHECK(lines.back().text == "and more: wanspool status --json");
}
