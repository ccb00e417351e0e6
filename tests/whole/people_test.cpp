#include <doctest/doctest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/files.h"
#include "whole/books.h"

using namespace wanspool;
using namespace wanspool::whole;
namespace fs = std::filesystem;

TEST_SUITE_BEGIN("whole");

namespace {

constexpr uid_t kNobody = 65534;
constexpr char kTree[] = "manifest: 1\njobs:\n  - { id: tree, model: wan2.6-t2i, prompt: a tree }\n";

bool holds(std::string const& text, std::string const& part) {
  return text.find(part) != std::string::npos;
}

int mode_of(fs::path const& path) {
  struct stat info {};
  REQUIRE(::lstat(path.c_str(), &info) == 0);
  return static_cast<int>(info.st_mode & 07777);
}

gid_t group_of(fs::path const& path) {
  struct stat info {};
  REQUIRE(::lstat(path.c_str(), &info) == 0);
  return info.st_gid;
}

void hand_in_as(House const& house, uid_t user, std::string const& name, std::string const& text) {
  auto const beside = house.write(name, text);
  REQUIRE(::chown(beside.c_str(), user, static_cast<gid_t>(-1)) == 0);
  fs::rename(beside, house.spool.inbox / name);
}

}  // namespace

TEST_CASE("each person buys up to his own cap, others go on, and the ledger knows whose it was") {
  if (::geteuid() != 0) return;  // it takes two owners
  Emulator const emulator;
  House house{emulator.endpoint(), std::string{kQuick} + "budget: { submitter: { day: { pictures: 2 } } }\n"};
  house.environment["TZ"] = zone_at_noon();
  CHECK(house.run({"run"}).code == 0);
  hand_in_as(house, 0, "ours.yaml", manifest_of(4));
  hand_in_as(house, kNobody, "theirs.yaml", kTree);
  auto const said = house.run({"run"});
  INFO("standard error: ", said.err);
  CHECK(said.code == 6);
  CHECK(
      holds(said.err, "budget: today, submitter root: 2 of 2 pictures are spent or reserved; goes on at 20"));
  CHECK(emulator.created() == 3);

  auto const status = house.json({"status", "--json"});
  REQUIRE(status["stops"].size() == 1);
  CHECK(status["stops"][0]["submitter"] == "root");
  {
    auto const daemon = house.daemon();
    int capped = 0;
    for (auto const& line : lines_of(house.run({"why", "ours", "--json"}).out))
      capped += holds(line, R"("reason":"budget")") && holds(line, "submitter root");
    CHECK(capped == 2);
  }

  CHECK(house.run({"ledger", "--by", "submitter", "--csv"}).out ==
        "submitter,spent,reserved,uncertain,currency,pictures,tasks\r\n"
        "nobody,0.20,0.00,0.00,CNY,1,1\r\nroot,0.40,0.00,0.00,CNY,2,2\r\n");
  auto const json = lines_of(house.run({"ledger", "theirs", "--by", "submitter", "--json"}).out);
  REQUIRE(json.size() == 1);
  CHECK(holds(json[0], R"("submitter":"nobody")"));
  check_books(house, emulator);
}

TEST_CASE(
    "what is written for people has the mode and the group that the configuration says, and state has not") {
  Emulator const emulator;
  gid_t const group = ::geteuid() == 0 ? 12345 : ::getegid();
  House const house{emulator.endpoint(),
                    std::string{kQuick} + "files: { umask: 007, group: " + std::to_string(group) + " }\n"};
  auto daemon = house.daemon();
  house.hand_in("m.yaml", manifest_of(2));
  house.hand_in("bad.yaml", "manifest: 1\njobs: 5\n");
  await(daemon, "pictures and a complaint", [&] {
    return house.is_settled(2) && fs::exists(house.spool.rejected / "bad.yaml") &&
           fs::exists(house.spool.accepted / "m.yaml");
  });
  for (std::string const end : {"-wal", "-shm"}) {
    CHECK((mode_of(house.spool.database.string() + end) & 022) == 0);
    CHECK(group_of(house.spool.database.string() + end) == ::getegid());
  }
  // Whoever works renames what is being looked at.
  daemon.signal(SIGTERM);
  REQUIRE(daemon.wait() == 0);
  REQUIRE(fs::exists(house.spool.out / "m/j2/result.json"));
  for (auto const& tree : {house.spool.out, house.spool.old, house.spool.orphans})
    for (auto const& entry : fs::recursive_directory_iterator{tree}) {
      CAPTURE(entry.path().string());
      CHECK(mode_of(entry.path()) == (entry.is_directory() ? 02770 : 0660));
      CHECK(group_of(entry.path()) == group);
    }
  for (auto const& file :
       {house.spool.rejected / "bad.yaml.error.txt", house.spool.accepted / "m.yaml.receipt.txt"}) {
    CHECK(mode_of(file) == 0660);
    CHECK(group_of(file) == group);
  }
  for (auto const& entry : fs::recursive_directory_iterator{house.spool.state}) {
    CAPTURE(entry.path().string());
    CHECK((mode_of(entry.path()) & 022) == 0);
    CHECK(group_of(entry.path()) == ::getegid());
  }
}

TEST_CASE("what one person has dropped another one cannot cancel, and its owner can") {
  if (::geteuid() != 0) return;  // it takes two owners
  constexpr uid_t kOther = 65533;
  Emulator const emulator{{"--slots", "1", "--service-time", "20h", "--spread", "0"}};
  House const house{emulator.endpoint()};
  auto daemon = house.daemon();
  hand_in_as(house, kNobody, "theirs.yaml", kTree);
  await(daemon, "it to be drawn", [&] { return house.tally()[State::Running] == 1; });
  constexpr char kCancel[] = "command: cancel\njobs: [theirs]\n";
  hand_in_as(house, kOther, "stranger.yaml", kCancel);
  auto const refused = house.spool.rejected / "stranger.yaml.error.txt";
  await(daemon, "the stranger's wish to be refused", [&] { return fs::exists(refused); });
  auto const words = read_file(refused, 1 << 16);
  INFO(words);
  CHECK(holds(words, "'theirs' belongs to "));
  CHECK(house.json({"list", "theirs", "--json"})["state"] == "running");
  hand_in_as(house, kNobody, "owner.yaml", kCancel);
  auto const obeyed = house.spool.accepted / "owner.yaml.receipt.txt";
  await(daemon, "the owner's to be obeyed", [&] { return fs::exists(obeyed); });
  CHECK(holds(read_file(obeyed, 1 << 16), "1 is being drawn"));
}

TEST_CASE("a group that is not known ends a start with 78") {
  Emulator const emulator;
  House const house{emulator.endpoint(), std::string{kQuick} + "files: { group: no-such-studio }\n"};
  auto const said = house.run({"daemon"});
  CHECK(said.code == 78);
  CHECK(holds(said.err, "files: group 'no-such-studio' is not known to this system"));
}
