#include <doctest/doctest.h>

#include "base/files.h"
#include "store/store.h"
#include "whole/books.h"

using namespace wanspool;
using namespace wanspool::whole;

namespace fs = std::filesystem;

TEST_SUITE_BEGIN("whole");

namespace {

// Two at a time, one in the slot and one that waits for it, so that a backup finds some jobs bought and
// others not.
constexpr char kTwoAtOnce[] =
    "inbox: { settle: 50ms, rescan: 1s }\n"
    "queries_per_second: 200\n"
    "lists_per_second: 50\n"
    "doubt: { list_delay: 300ms }\n"
    "limits: { wan2.6-t2i: { creates_per_second: 100, slots: 1 } }\n";

void stop(Process& daemon) {
  daemon.signal(SIGTERM);
  INFO("the daemon's log: ", daemon.err());
  REQUIRE(daemon.wait() == 0);
}

fs::path back_up(House const& house) {
  auto const copy = house.folder() / "copy.db";
  auto const said = house.run({"backup", copy.string()});
  INFO("backup says: ", said.err);
  REQUIRE(said.code == 0);
  return copy;
}

// As `wanspool backup` says how.
void put_back(House const& house, fs::path const& copy) {
  fs::copy_file(copy, house.spool.database, fs::copy_options::overwrite_existing);
  for (std::string const end : {"-wal", "-shm"}) fs::remove(house.spool.database.string() + end);
}

std::string paused(House const& house) {
  return open_reader(house.spool.database)->fact("paused");
}

std::uintmax_t size_of(fs::path const& file) {
  std::error_code missing;
  auto const size = fs::file_size(file, missing);
  return missing ? 0 : size;
}

}  // namespace

TEST_CASE("a backup that is killed beside a daemon at work leaves no file or a whole one") {
  Emulator const emulator{{"--slots", "2"}};
  House const house{emulator.endpoint(), kTwoAtOnce};
  auto daemon = house.daemon();
  constexpr int kJobs = 10'000, kMoments = 24;
  house.hand_in("cats.yaml", manifest_of(kJobs));
  await(daemon, "the manifest to be taken", [&] { return house.tally().total() == kJobs; });
  auto const whole = fs::file_size(back_up(house));

  int killed = 0, half = 0;
  for (int moment = 0; moment < kMoments; ++moment) {
    auto const copy = house.folder() / ("copy-" + std::to_string(moment));
    auto const part = copy.string() + ".part";
    auto const enough = whole * static_cast<std::uintmax_t>(moment) / (kMoments - 2);
    auto backup = house.start({"backup", copy.string()});
    while (backup.is_running() && size_of(part) < enough && !fs::exists(copy)) continue;
    if (backup.is_running()) backup.signal(SIGKILL);
    killed += backup.wait() == kKilled;
    half += fs::exists(part);
    if (fs::exists(copy)) {
      CHECK(open_reader(copy)->audit().empty());
      CHECK(open_reader(copy)->tally().total() == kJobs);
      CHECK_FALSE(open_reader(copy)->fact("stamp").empty());
      continue;
    }
    // The next one is not in the way of what was left.
    CHECK(house.run({"backup", copy.string()}).code == 0);
    CHECK(open_reader(copy)->audit().empty());
    CHECK_FALSE(fs::exists(part));
  }
  MESSAGE(killed, " of ", kMoments, " backups were killed, ", half, " of them half way");
  CHECK(killed > 0);
  CHECK(half > 0);
  CHECK(daemon.is_running());
}

TEST_CASE("after a backup was put back what was finished since is known, what was under way is an orphan") {
  // The last two are there for longer: long enough for a stop.
  Emulator const emulator{
      {"--service-time", "40s", "--spread", "0", "--fault", "task:5-6:service-time=100s"}};
  House const house{emulator.endpoint(), kTwoAtOnce};
  auto first = house.daemon();
  house.hand_in("cats.yaml", manifest_of(6));
  await(first, "two to be at the provider", [&] { return house.at_provider() == 2; });
  auto const copy = back_up(house);
  auto const bought_then = emulator.created();
  await(first, "four to be done and the last at the provider", [&] {
    auto const tally = house.tally();
    return tally[State::Done] == 4 && tally[State::Submitted] + tally[State::Running] == 2;
  });
  stop(first);
  REQUIRE(emulator.created() == 6);
  CHECK(bought_then < 6);
  put_back(house, copy);
  // Its four pictures are nobody's yet, and nobody is told to delete them.
  auto const early = house.run({"verify"});
  CHECK(early.code == 6);
  CHECK(early.out.empty());
  CHECK(early.err.find("start the daemon first") != std::string::npos);

  auto second = house.daemon();
  await(second, "what was under way to be in orphans/",
        [&] { return pictures_in(house.spool.orphans).size() == 2 && house.tally()[State::Done] == 4 + 2; });
  INFO("the daemon's log: ", second.err());
  CHECK(second.err().find("found done in out/") != std::string::npos);
  CHECK(paused(house).find("wanspool resume") != std::string::npos);
  CHECK(house.run({"status"}).out.find("resume") != std::string::npos);
  CHECK(house.tally()[State::Queued] == 2);
  CHECK(emulator.created() == 6);

  // A person tells what the two are, by their pictures.
  for (std::string const number : {"5", "6"}) {
    auto const tasks = tasks_for(emulator, "a lamp on table " + number);
    REQUIRE(tasks.size() == 1);
    auto const said = house.run({"adopt", "cats/j" + number, tasks.front(), "--yes"});
    INFO("adopt says: ", said.err);
    CHECK(said.code == 0);
  }
  CHECK(house.run({"resume"}).code == 0);
  await(second, "all to be done", [&] { return house.is_settled(6); });
  CHECK(paused(house).empty());
  house.hand_in("later.yaml", manifest_of(1, 2));
  await(second, "pictures to be bought again", [&] { return house.is_settled(7); });
  CHECK(emulator.created() == 7);
  CHECK(pictures_in(house.spool.out).size() == 6 + 2);
  check_account(house);
  stop(second);
}

TEST_CASE("after a backup was put back a spool goes on by itself if nothing was under way") {
  Emulator const emulator;
  House const house{emulator.endpoint(), kTwoAtOnce};
  auto first = house.daemon();
  house.hand_in("cats.yaml", manifest_of(3));
  await(first, "something to be bought", [&] { return emulator.created() > 0; });
  auto const copy = back_up(house);
  await(first, "all to be done", [&] { return house.is_settled(3); });
  stop(first);
  put_back(house, copy);

  auto second = house.daemon();
  house.hand_in("later.yaml", manifest_of(1, 2));
  await(second, "all to be done, and what came later", [&] { return house.is_settled(4); });
  CHECK(second.err().find("nothing was bought since") != std::string::npos);
  CHECK(paused(house).empty());
  CHECK(emulator.created() == 4);
  check_account(house);
  stop(second);
  check_books(house, emulator);
}
