#include "engine/inbox.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/un.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <memory>
#include <thread>

using namespace wanspool;
namespace fs = std::filesystem;

TEST_SUITE_BEGIN("engine");

namespace {

// An inbox in a folder of its own; time passes only in later().
struct Place {
  explicit Place(bool listens = true) {
    auto pattern = (fs::temp_directory_path() / "wanspool-inbox-XXXXXX").string();
    root = ::mkdtemp(pattern.data());
    fs::create_directory(folder());
    inbox = std::make_unique<Inbox>(folder(), Inbox::Timing{seconds{2}, seconds{10}, listens});
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
  for (auto const* const name : {".m.yaml", "m.yaml~", "m.yaml.part", "m.tmp", ".m.yaml.swp", "#m.yaml#",
                                 ".#m.yaml", "m.yaml.crdownload", "~$m.yaml", "m.yaml.filepart", "M.TMP"})
    place.write(name, "x");
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

TEST_CASE("an inbox that another folder was put in the place of is watched") {
  Place place;
  fs::create_directory(place.root / "fresh");
  std::ofstream{place.root / "fresh/m.yaml"} << "x";
  fs::rename(place.root / "fresh", place.folder());  // over the empty one
  place.now = place.inbox->next_look();
  CHECK(place.later(seconds{3}) == Names{"m.yaml"});
  place.inbox->take("m.yaml");
  place.write("n.yaml", "x");
  CHECK(place.later(seconds{3}) == Names{"m.yaml", "n.yaml"});  // the first was not really taken
}

TEST_CASE("a link that leads to another inbox is noticed at the next rescan") {
  Place place;
  fs::create_directory(place.root / "other");
  fs::rename(place.folder(), place.root / "first");
  fs::create_directory_symlink(place.root / "first", place.folder());
  place.settled();
  std::ofstream{place.root / "other/m.yaml"} << "x";
  fs::remove(place.folder());
  fs::create_directory_symlink(place.root / "other", place.folder());
  place.now += seconds{10};
  CHECK(place.later(seconds{3}) == Names{"m.yaml"});
  place.inbox->leave("m.yaml");
  place.write("n.yaml", "x");
  CHECK(place.later(seconds{3}) == Names{"n.yaml"});  // rung, not rescanned
}

TEST_CASE("an inbox that cannot be looked through says so, and no longer when it is there again") {
  Place place;
  CHECK(place.inbox->trouble().empty());
  fs::remove(place.folder());
  place.settled();
  CHECK(place.inbox->trouble() == "No such file or directory");
  auto const changes = place.inbox->changes();
  fs::create_directory(place.folder());
  place.now = place.inbox->next_look();
  place.settled();
  CHECK(place.inbox->trouble().empty());
  CHECK(place.inbox->changes() > changes);
}

TEST_CASE("without inotify the rescan alone finds what settles") {
  Place place{false};
  CHECK(place.inbox->wake_fd() == -1);
  place.write("m.yaml", "x");
  CHECK(place.later(seconds{9}).empty());
  place.now = place.inbox->next_look();
  place.settled();
  place.write("m.yaml", "xy");
  CHECK(place.later(seconds{2}).empty());
  CHECK(place.later(seconds{2}) == Names{"m.yaml"});
}

TEST_CASE("without inotify a file that somebody has open for writing waits") {
  Place place{false};
  std::ofstream slow{place.folder() / "m.yaml"};
  slow << "manifest: 1\n" << std::flush;
  place.now += seconds{10};
  for (int i = 0; i < 10; ++i) CHECK(place.later(seconds{5}).empty());
  slow.close();
  place.now += seconds{10};
  CHECK(place.later(seconds{2}) == Names{"m.yaml"});
}

TEST_CASE("what came while the kernel's queue of events ran over is found at once") {
  Place place;
  place.write("a.yaml", "x");
  place.write("b.yaml", "x");
  // Equal events in a row count as one: they alternate, more often than the queue is long.
  std::ifstream limit{"/proc/sys/fs/inotify/max_queued_events"};
  int most = 0;
  limit >> most;
  REQUIRE(most > 0);
  auto const a = place.folder() / "a.yaml", b = place.folder() / "b.yaml";
  for (int i = 0; i < most / 2 + 10; ++i) {
    ::chmod(a.c_str(), 0600);
    ::chmod(b.c_str(), 0600);
  }
  place.write("c.yaml", "x");  // its own events are lost
  auto const before = place.now;
  CHECK(place.later(seconds{2}) == Names{"a.yaml", "b.yaml", "c.yaml"});
  CHECK(place.now - before < seconds{10});
}

TEST_CASE("an overflow forgets who was writing, and lets those files settle anew") {
  Place place;
  std::ofstream slow{place.folder() / "m.yaml"};
  slow << "x" << std::flush;
  CHECK(place.later(minutes{1}).empty());
  place.write("a.yaml", "x");
  place.write("b.yaml", "x");
  int most = 0;
  std::ifstream{"/proc/sys/fs/inotify/max_queued_events"} >> most;
  auto const a = place.folder() / "a.yaml", b = place.folder() / "b.yaml";
  for (int i = 0; i < most / 2 + 10; ++i) {
    ::chmod(a.c_str(), 0600);
    ::chmod(b.c_str(), 0600);
  }
  slow.close();  // not heard of
  place.settled();
  CHECK(place.inbox->changed_at("m.yaml") == place.now);
  auto const settled = place.later(seconds{2});
  CHECK(settled.size() == 3);
}

TEST_CASE("a file that was created empty and is written later settles when it was written") {
  Place place;
  place.write("m.yaml", "");
  CHECK(place.later(minutes{5}).empty());
  place.write("m.yaml", "x");
  CHECK(place.later(seconds{1}).empty());
  CHECK(place.later(seconds{1}) == Names{"m.yaml"});
}

TEST_CASE("a file that is renamed over another one settles anew") {
  Place place;
  place.write("m.yaml", "x");
  place.later(seconds{1});
  place.write(".m", "y");
  fs::rename(place.folder() / ".m", place.folder() / "m.yaml");
  CHECK(place.later(seconds{1}).empty());
  CHECK(place.later(seconds{1}) == Names{"m.yaml"});
}

TEST_CASE("a name that was taken is another file when it comes again, however alike") {
  Place place;
  place.write("m.yaml", "x");
  CHECK(place.later(seconds{2}) == Names{"m.yaml"});
  fs::rename(place.folder() / "m.yaml", place.root / "claimed");
  place.inbox->take("m.yaml");
  place.write("m.yaml", "x");
  CHECK(place.later(seconds{1}).empty());
  CHECK(place.later(seconds{1}) == Names{"m.yaml"});
}

TEST_CASE("a file that vanishes while it is looked at is not named") {
  Place place;
  place.write("m.yaml", "x");
  place.write("n.yaml", "x");
  place.settled();
  place.now += seconds{2};
  CHECK(place.inbox->settled(place.now, 1) == Names{"m.yaml"});
  fs::remove(place.folder() / "m.yaml");
  CHECK(place.settled() == Names{"n.yaml"});
}

TEST_CASE("a fifo, a socket and a device are named without anybody waiting for them") {
  Place place;
  REQUIRE(::mkfifo((place.folder() / "fifo.yaml").c_str(), 0600) == 0);
  Fd const socket{::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)};
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  auto const path = (place.folder() / "s.yaml").string();
  REQUIRE(path.size() < sizeof address.sun_path);
  path.copy(address.sun_path, path.size());
  REQUIRE(::bind(socket.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
  // Root alone may make a device, and not everywhere.
  bool const device = ::mknod((place.folder() / "device.yaml").c_str(), S_IFCHR | 0600, makedev(1, 3)) == 0;
  CHECK(place.later(seconds{3}).size() == (device ? 3 : 2));
}

TEST_CASE("many are named a few at a time, by age, and looked through once") {
  Place place;
  for (int i = 0; i < 500; ++i) place.write("m" + std::to_string(i) + ".yaml", "x");
  place.settled();
  place.now += seconds{2};
  auto const scans = place.inbox->scans();
  int named = 0;
  for (;;) {
    auto const some = place.inbox->settled(place.now, 64);
    if (some.empty()) break;
    CHECK(some.size() <= 64);
    for (auto const& name : some) {
      fs::rename(place.folder() / name, place.root / name);
      place.inbox->take(name);
    }
    named += static_cast<int>(some.size());
  }
  CHECK(named == 500);
  CHECK(place.inbox->scans() <= scans + 2);
}

TEST_CASE("a folder that is touched all the time is not looked through at each touch") {
  Place place;
  for (int i = 0; i < 1000; ++i) place.write("m" + std::to_string(i) + ".yaml", "x");
  place.settled();
  auto const scans = place.inbox->scans();
  for (int i = 0; i < 105; ++i) {
    place.write("more.yaml", std::to_string(i));
    place.now += milliseconds{1};
    place.settled();
  }
  CHECK(place.inbox->scans() - scans <= 6);
  CHECK(place.inbox->next_look() <= place.now + milliseconds{21});
}

TEST_CASE("whoever opens a file for writing while it is looked at does not end the program") {
  Place place;
  place.write("m.yaml", "x");
  auto const path = place.folder() / "m.yaml";
  std::atomic<bool> stop = false;
  std::atomic<int> opened = 0;
  std::thread writer{[&] {
    while (!stop) {
      Fd const fd{::open(path.c_str(), O_WRONLY | O_CLOEXEC)};
      opened += bool{fd};
    }
  }};
  int free = 0, busy = 0;
  for (int i = 0; i < 200'000 && (i < 20'000 || free < 100 || busy < 100 || opened < 1000); ++i)
    somebody_writes(path).value_or(true) ? ++busy : ++free;
  stop = true;
  writer.join();
  CHECK(free + busy >= 20'000);
}

TEST_CASE("what was left tells why until it changes") {
  Place place;
  place.write("m.yaml", "x");
  CHECK(place.later(seconds{2}) == Names{"m.yaml"});
  place.inbox->leave("m.yaml", "not readable: Permission denied");
  REQUIRE(place.inbox->left().size() == 1);
  CHECK(place.inbox->left().front().why == "not readable: Permission denied");
  ::chmod((place.folder() / "m.yaml").c_str(), 0600);
  place.settled();
  CHECK(place.inbox->left().empty());
  CHECK(place.later(seconds{2}) == Names{"m.yaml"});
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
