#include <doctest/doctest.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <fstream>

#include "base/files.h"
#include "whole/stage.h"

using namespace wanspool;
using namespace wanspool::whole;

namespace fs = std::filesystem;

TEST_SUITE_BEGIN("whole");

namespace {

constexpr uid_t kNobody = 65534;

std::string one_job(std::string const& name) {
  return "manifest: 1\nname: " + name + "\njobs: [{ id: j, model: wan2.6-t2i, prompt: a lamp for " + name +
         " }]\n";
}

// The receipt is written first.
bool is_accepted(House const& house, std::string const& name) {
  return fs::exists(house.spool.accepted / (name + ".receipt.txt")) &&
         fs::exists(house.spool.accepted / name);
}

// Whatever settled before this came has been looked at when this is taken.
void pass_by(House const& house, Process& daemon, std::string const& name) {
  house.hand_in(name + ".yaml", one_job(name));
  await(daemon, name + " to be taken", [&] { return is_accepted(house, name + ".yaml"); });
}

// Why it lies there, by `status --json`; "" where it does not.
std::string why_waits(House const& house, std::string const& name) {
  auto const status = house.json({"status", "--json"});
  for (auto const& each : status["inbox_entries"])
    if (each["name"] == name) return each["why"];
  return {};
}

// A spool that belongs to a user who is not root, whoever runs the tests, and a daemon of that user.
struct Other {
  explicit Other(House& its_house) : house{its_house} {
    if (::geteuid() != 0) return;
    ::chmod(house.folder().c_str(), 0755);
    give(house.spool.root);
    for (auto const& entry : fs::recursive_directory_iterator{house.spool.root}) give(entry.path());
  }
  Process daemon() const {
    auto setup = house.setup({"daemon"});
    if (::geteuid() == 0) {
      std::vector<std::string> const as{"/usr/bin/setpriv", "--reuid=65534", "--regid=65534",
                                        "--clear-groups"};
      setup.arguments.insert(setup.arguments.begin(), as.begin(), as.end());
    }
    Process process{setup};
    process.await_err("drop manifests into");
    return process;
  }

 private:
  static void give(fs::path const& path) { REQUIRE(::chown(path.c_str(), kNobody, kNobody) == 0); }
  House& house;
};

}  // namespace

TEST_CASE("a slow copy whose first lines parse is taken when it is whole, however long its pauses") {
  Emulator const emulator;
  House const house{emulator.endpoint()};
  auto daemon = house.daemon();
  auto const whole = manifest_of(3);
  auto const lines = lines_of(whole);
  std::ofstream copy{house.spool.inbox / "slow.yaml"};
  int pause = 0;
  for (auto const& line : lines) {
    copy << line << '\n' << std::flush;
    pass_by(house, daemon, "pause-" + std::to_string(++pause));
    CHECK(fs::exists(house.spool.inbox / "slow.yaml"));
  }
  CHECK(why_waits(house, "slow.yaml") == "still being written, or just come");
  copy.close();
  await(daemon, "the copy to be taken", [&] { return is_accepted(house, "slow.yaml"); });
  CHECK(read_file(house.spool.accepted / "slow.yaml") == whole);
  CHECK(read_file(house.spool.accepted / "slow.yaml.receipt.txt").find("jobs          3") !=
        std::string::npos);
}

TEST_CASE("a file that is created empty waits, says so, and is taken when it was written") {
  Emulator const emulator;
  House const house{emulator.endpoint()};
  auto daemon = house.daemon();
  std::ofstream{house.spool.inbox / "early.yaml"};
  std::ofstream{house.spool.inbox / "early.yaml.part"} << "x";
  pass_by(house, daemon, "later");
  CHECK(why_waits(house, "early.yaml").starts_with("empty"));  // after a minute it says for how long
  CHECK(why_waits(house, "early.yaml.part") == "ignored: temporary name");
  auto const said = house.run({"status"});
  CHECK(said.out.find("2 entries wait:") != std::string::npos);
  CHECK(said.out.find("early.yaml (empty") != std::string::npos);
  CHECK(said.out.find("early.yaml.part (ignored: temporary name)") != std::string::npos);
  CHECK(house.json({"status", "--json"})["inbox"] == 1);
  std::ofstream{house.spool.inbox / "early.yaml"} << one_job("early");
  await(daemon, "it to be taken", [&] { return is_accepted(house, "early.yaml"); });
  fs::remove(house.spool.inbox / "early.yaml.part");
  CHECK(house.run({"status"}).out.find("inbox") == std::string::npos);
}

TEST_CASE("an inbox that is removed and made anew is watched again, and the log says so") {
  Emulator const emulator;
  House const house{emulator.endpoint()};
  auto daemon = house.daemon();
  pass_by(house, daemon, "first");
  fs::remove_all(house.spool.inbox);
  daemon.await_err("cannot be looked through: No such file or directory");
  CHECK(house.run({"status"}).out.find("cannot be looked through") != std::string::npos);
  fs::create_directory(house.spool.inbox);
  daemon.await_err("is there again");
  pass_by(house, daemon, "second");
  fs::rename(house.spool.inbox, house.spool.root / "away");
  fs::create_directory(house.spool.inbox);
  pass_by(house, daemon, "third");
  CHECK(daemon.err().find("is another folder now, and is watched") != std::string::npos);
}

TEST_CASE("a file that the daemon may not read waits and says why, and is taken when it may") {
  Emulator const emulator;
  House house{emulator.endpoint()};
  Other const other{house};
  auto daemon = other.daemon();
  auto const shut = house.spool.inbox / "shut.yaml";
  std::ofstream{house.spool.inbox / ".shut"} << one_job("shut");
  ::chmod((house.spool.inbox / ".shut").c_str(), 0);
  fs::rename(house.spool.inbox / ".shut", shut);
  daemon.await_err("shut.yaml in the inbox is not readable");
  await("the reason to be told",
        [&] { return why_waits(house, "shut.yaml") == "not readable: Permission denied"; });
  CHECK(fs::exists(shut));
  ::chmod(shut.c_str(), 0644);
  await(daemon, "it to be taken", [&] { return is_accepted(house, "shut.yaml"); });
}

TEST_CASE("what the daemon cannot remove is taken, bought once, and says why it lies there") {
  if (::geteuid() != 0) return;  // it takes two users
  Emulator const emulator;
  House house{emulator.endpoint()};
  Other const other{house};
  REQUIRE(::chown(house.spool.inbox.c_str(), 0, 0) == 0);
  REQUIRE(::chmod(house.spool.inbox.c_str(), 01777) == 0);  // as in /tmp: each removes his own
  auto const stays = house.spool.inbox / "stays.yaml";
  {
    auto daemon = other.daemon();
    std::ofstream{house.spool.inbox / ".stays"} << one_job("stays");
    fs::rename(house.spool.inbox / ".stays", stays);
    await(daemon, "it to be taken", [&] { return is_accepted(house, "stays.yaml"); });
    await(daemon, "it to be done", [&] { return house.is_settled(1); });
    CHECK(fs::exists(stays));
    CHECK(why_waits(house, "stays.yaml").starts_with("taken, and cannot be removed from here"));
  }
  fs::remove(house.spool.accepted / "stays.yaml.receipt.txt");
  auto daemon = other.daemon();
  await(daemon, "it to be taken", [&] { return is_accepted(house, "stays.yaml"); });
  CHECK(emulator.created() == 1);
  CHECK(house.is_settled(1));
}

TEST_CASE("what is no file is rejected with the reason, and nobody waits for it") {
  Emulator const emulator;
  House const house{emulator.endpoint()};
  auto daemon = house.daemon();
  REQUIRE(::mkfifo((house.spool.inbox / "fifo.yaml").c_str(), 0600) == 0);
  fs::create_symlink("/etc/passwd", house.spool.inbox / "link.yaml");
  fs::create_directory(house.spool.inbox / "folder");
  bool const device = ::mknod((house.spool.inbox / "null.yaml").c_str(), S_IFCHR | 0600, makedev(1, 3)) == 0;
  pass_by(house, daemon, "after");
  for (std::string const name : {"fifo.yaml", "link.yaml", "folder", device ? "null.yaml" : "fifo.yaml"}) {
    auto const reason = house.spool.rejected / (name + ".error.txt");
    await(daemon, name + " to be rejected", [&] { return fs::exists(reason); });
    CHECK_FALSE(fs::exists(fs::symlink_status(house.spool.inbox / name)));
  }
  CHECK(read_file(house.spool.rejected / "link.yaml.error.txt").find("passwd") == std::string::npos);
}

TEST_CASE("manifests that come with more events than the kernel keeps are each taken once") {
  int kept = 0;
  std::ifstream{"/proc/sys/fs/inotify/max_queued_events"} >> kept;
  REQUIRE(kept > 0);
  Emulator const emulator;
  House const house{emulator.endpoint()};
  auto daemon = house.start({"daemon", "--verbose"});
  daemon.await_err("drop manifests into");
  daemon.signal(SIGSTOP);
  fs::path const outside = house.write("m0.yaml", one_job("m0")), inside = house.spool.inbox / "m0.yaml";
  for (int i = 0; i < kept; ++i) {  // two events each
    fs::rename(outside, inside);
    fs::rename(inside, outside);
  }
  fs::rename(outside, inside);
  for (auto const* const name : {"m1", "m2"}) house.hand_in(name + std::string{".yaml"}, one_job(name));
  daemon.signal(SIGCONT);
  daemon.await_err("more came into the inbox at once than the kernel tells of");
  await(daemon, "all to be done", [&] { return house.is_settled(3); });
  for (auto const* const name : {"m0.yaml", "m1.yaml", "m2.yaml"}) CHECK(is_accepted(house, name));
  CHECK(emulator.created() == 3);
}

TEST_CASE("hundreds of files that come while a daemon starts are each taken or rejected once") {
  Emulator const emulator;
  House const house{emulator.endpoint()};
  constexpr int kFiles = 400;
  auto const drop = [&](int number) {
    auto const name = "m" + std::to_string(number);
    house.hand_in(name + ".yaml", number % 20 == 0 ? "manifest: 1\njobs: []\n" : one_job(name));
  };
  for (int i = 0; i < kFiles / 2; ++i) drop(i);
  auto daemon = house.daemon();
  for (int i = kFiles / 2; i < kFiles; ++i) drop(i);
  auto const count = [](fs::path const& folder, std::string const& ending) {
    int number = 0;
    for (auto const& entry : fs::directory_iterator{folder})
      number += entry.path().string().ends_with(ending);
    return number;
  };
  await(daemon, "all to be put away", [&] {
    return count(house.spool.accepted, ".yaml") + count(house.spool.rejected, ".yaml") == kFiles;
  });
  CHECK(count(house.spool.accepted, ".receipt.txt") == kFiles - kFiles / 20);
  CHECK(count(house.spool.rejected, ".error.txt") == kFiles / 20);
  CHECK(fs::is_empty(house.spool.inbox));
  CHECK(fs::is_empty(house.spool.claims));
  await(daemon, "all to be done", [&] { return house.is_settled(kFiles - kFiles / 20); });
  CHECK(emulator.created() == kFiles - kFiles / 20);
}
