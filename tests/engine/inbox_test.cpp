#include "engine/inbox.h"

#include <doctest/doctest.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <memory>

using namespace wanspool;
namespace fs = std::filesystem;

TEST_SUITE_BEGIN("engine");

namespace {

// An inbox in a folder of its own; time passes only in later().
struct Place {
  Place() {
    auto pattern = (fs::temp_directory_path() / "wanspool-inbox-XXXXXX").string();
    root = ::mkdtemp(pattern.data());
    fs::create_directory(folder());
    inbox = std::make_unique<Inbox>(folder(), Inbox::Timing{seconds{2}, seconds{10}});
    settled();
  }
  ~Place() { fs::remove_all(root); }

  fs::path folder() const { return root / "inbox"; }
  std::vector<std::string> settled() { return inbox->settled(now); }
  std::vector<std::string> later(milliseconds length) {
    settled();
    now += length;
    return settled();
  }
  void write(std::string const& name, std::string const& text) { std::ofstream{folder() / name} << text; }

  fs::path root;
  std::unique_ptr<Inbox> inbox;
  Instant now{hours{1}};
};

using Names = std::vector<std::string>;

}  // namespace

TEST_CASE("a file settles when nothing has touched it for a while") {
  Place place;
  place.write("m.yaml", "x");
  CHECK(place.later(seconds{1}).empty());
  place.write("m.yaml", "xy");
  CHECK(place.later(seconds{1}).empty());
  CHECK(place.later(seconds{1}) == Names{"m.yaml"});
  place.inbox->leave("m.yaml");
  CHECK_FALSE(place.inbox->is_expecting());
  CHECK(place.later(hours{1}).empty());
  place.write("m.yaml", "xyz");
  CHECK(place.later(seconds{3}) == Names{"m.yaml"});
}

TEST_CASE("what the program hands over itself is taken at once, unless somebody writes at it") {
  Place place;
  place.write(".7-cancel-0123456789abcdef.yaml", "x");
  CHECK(place.settled().empty());
  fs::rename(place.folder() / ".7-cancel-0123456789abcdef.yaml",
             place.folder() / "cancel-0123456789abcdef.yaml");
  CHECK(place.settled() == Names{"cancel-0123456789abcdef.yaml"});
  place.inbox->leave("cancel-0123456789abcdef.yaml");
  for (auto const* name :
       {"cancel-0123456789abcde.yaml", "-0123456789abcdef.yaml", "cancel-0123456789abcdeF.yaml"})
    place.write(name, "x");
  CHECK(place.settled().empty());
  std::ofstream slow{place.folder() / "pause-0123456789abcdef.yaml"};
  slow << "command: " << std::flush;
  CHECK(place.settled().empty());
  slow.close();
  CHECK(place.settled() == Names{"pause-0123456789abcdef.yaml"});
}

TEST_CASE("a file that is written slowly settles only after it was closed") {
  Place place;
  std::ofstream slow{place.folder() / "m.yaml"};
  place.settled();
  slow << "manifest: 1\n" << std::flush;
  CHECK(place.later(minutes{1}).empty());
  slow << "jobs:\n" << std::flush;
  CHECK(place.later(minutes{1}).empty());
  CHECK(place.inbox->is_expecting());
  slow.close();
  CHECK(place.later(seconds{2}) == Names{"m.yaml"});
}

TEST_CASE("what appears without ever being opened settles too") {
  Place place;
  std::ofstream{place.root / "elsewhere.yaml"} << "x";
  fs::create_hard_link(place.root / "elsewhere.yaml", place.folder() / "linked.yaml");
  fs::create_symlink(place.root / "elsewhere.yaml", place.folder() / "pointer.yaml");
  fs::create_directory(place.folder() / "folder");
  fs::resize_file(place.folder() / "linked.yaml", 100);
  CHECK(place.later(seconds{3}).size() == 3);
}

TEST_CASE("empty, hidden and temporary files are not there for us") {
  Place place;
  for (auto const* const name : {".m.yaml", "m.yaml~", "m.yaml.part", "m.tmp"}) place.write(name, "x");
  place.write("empty.yaml", "");
  CHECK(place.later(seconds{3}).empty());
  CHECK_FALSE(place.inbox->is_expecting());
  fs::rename(place.folder() / ".m.yaml", place.folder() / "m.yaml");
  CHECK(place.later(seconds{3}) == Names{"m.yaml"});
}

TEST_CASE("an inbox that was moved away and made anew is watched again") {
  Place place;
  fs::rename(place.folder(), place.root / "old");
  CHECK(place.later(seconds{1}).empty());
  CHECK(place.later(minutes{1}).empty());
  fs::create_directory(place.folder());
  place.write("m.yaml", "x");
  place.now = place.inbox->next_look();
  CHECK(place.later(seconds{3}) == Names{"m.yaml"});
  place.inbox->leave("m.yaml");
  place.write("n.yaml", "x");
  CHECK(place.later(seconds{3}) == Names{"n.yaml"});
}

TEST_CASE("a folder settles when nothing below it has changed for a while") {
  Place place;
  fs::create_directories(place.folder() / "cats/deep/er");
  place.write("cats/manifest.yaml", "x");
  CHECK(place.later(seconds{1}).empty());
  place.write("cats/deep/er/rows.csv", "x");
  CHECK(place.later(seconds{1}).empty());
  place.write("cats/deep/er/rows.csv", "xy");
  CHECK(place.later(seconds{1}).empty());
  fs::remove(place.folder() / "cats/manifest.yaml");
  CHECK(place.later(seconds{1}).empty());
  CHECK(place.later(seconds{1}) == Names{"cats"});
}

TEST_CASE("a folder in which somebody still writes a file has not settled") {
  Place place;
  fs::create_directories(place.folder() / "cats/deep");
  std::ofstream slow{place.folder() / "cats/deep/rows.csv"};
  slow << "sku\n" << std::flush;
  CHECK(place.later(minutes{1}).empty());
  CHECK(place.inbox->is_expecting());
  slow.close();
  CHECK(place.later(seconds{2}) == Names{"cats"});
}

TEST_CASE("a folder that was left alone is named again when something below it changes") {
  Place place;
  fs::create_directories(place.folder() / "cats/deep");
  place.write("cats/manifest.yaml", "x");
  CHECK(place.later(seconds{2}) == Names{"cats"});
  auto const changed = place.inbox->changed_at("cats");
  place.inbox->leave("cats");
  CHECK(place.inbox->is_as_seen("cats"));
  CHECK(place.later(minutes{1}).empty());
  place.write("cats/deep/rows.csv", "x");
  CHECK_FALSE(place.inbox->is_as_seen("cats"));
  CHECK(place.inbox->is_expecting());
  CHECK(place.later(seconds{2}) == Names{"cats"});
  CHECK(place.inbox->changed_at("cats") > changed);
}

TEST_CASE("a link to a folder is not looked through") {
  Place place;
  fs::create_directories(place.root / "elsewhere");
  fs::create_directory_symlink(place.root / "elsewhere", place.folder() / "pointer");
  fs::create_directory_symlink("..", place.folder() / "round");
  place.settled();
  place.now += seconds{1};
  std::ofstream{place.root / "elsewhere/rows.csv"} << "x";
  place.settled();
  place.now += seconds{1};
  CHECK(place.settled().size() == 2);
}
