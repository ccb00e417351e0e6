#include <doctest/doctest.h>

#include "whole/books.h"
#include "whole/small_disk.h"

using namespace wanspool;
using namespace wanspool::whole;

namespace fs = std::filesystem;

TEST_SUITE_BEGIN("whole");

namespace {

// Three tasks are at the provider, two in the slots and one that waits for one; three more jobs would be
// bought when they are over.
constexpr char kThreeAtOnce[] =
    "inbox: { settle: 50ms, rescan: 1s }\n"
    "queries_per_second: 200\n"
    "limits: { wan2.6-t2i: { creates_per_second: 100, slots: 2 } }\n";

// The first three last until the disk is full, whoever stands still meanwhile.
std::vector<std::string> long_ones_first() {
  return {"--slots", "3", "--service-time", "20s", "--fault", "task:1-3:service-time=80s"};
}

std::int64_t ended_there(Emulator const& emulator) {
  auto const books = emulator.ledger();
  return books["tasks_by_status"].value("SUCCEEDED", std::int64_t{0});
}

bool says_full(std::string const& log) {
  return log.find("No space left") != log.npos || log.find("is full") != log.npos;
}

void check_whole_pictures(House const& house) {
  for (auto const& each : pictures_in(house.spool.out)) CHECK(is_whole_picture(each));
}

}  // namespace

TEST_CASE("with little room nothing is bought until there is more") {
  test::Place const place;
  SmallDisk const disk{place / "disk"};
  if (!disk.is_mounted()) {
    MESSAGE(kNoMount);
    return;
  }
  Emulator const emulator;
  House const house{emulator.endpoint(), kQuick, place / "disk/spool"};
  disk.fill(30 * kMebibyte);
  auto daemon = house.daemon();
  CHECK(house.run({"submit", house.write("cats.yaml", manifest_of(2))}).code == 0);
  daemon.await_err("no picture is bought until there is room: " + house.spool.root.string());
  CHECK(house.tally()[State::Queued] == 2);
  CHECK(emulator.created() == 0);
  disk.empty();
  await(daemon, "all to be done", [&] { return house.tally()[State::Done] == 2; });
  CHECK(daemon.err().find("there is room again") != std::string::npos);
  check_books(house, emulator);
}

TEST_CASE(
    "a disk that fills up while pictures are made tears nothing, and the work goes on when there is room") {
  test::Place const place;
  SmallDisk const disk{place / "disk"};
  if (!disk.is_mounted()) {
    MESSAGE(kNoMount);
    return;
  }
  Emulator const emulator{{"--service-time", "100s", "--spread", "0"}};
  House const house{emulator.endpoint(), kQuick, place / "disk/spool"};
  auto daemon = house.daemon();
  CHECK(house.run({"submit", house.write("cats.yaml", manifest_of(3, 2))}).code == 0);
  await(daemon, "all to be at the provider", [&] { return emulator.created() == 3; });
  await(daemon, "the daemon to say that the disk is full", [&] {
    disk.fill(80 * kMebibyte);  // again and again: the ballast gives some room back
    return says_full(daemon.err());
  });
  CHECK(daemon.is_running());
  CHECK(house.tally()[State::Done] < 3);
  check_whole_pictures(house);
  disk.empty();
  await(daemon, "all to be done", [&] { return house.tally()[State::Done] == 3; });
  CHECK(emulator.created() == 3);
  daemon.signal(SIGTERM);
  CHECK(daemon.wait() == 0);
  check_books(house, emulator);
}

TEST_CASE("a full disk below the queue alone stops creates at once, and nothing that was heard is lost") {
  test::Place const place;
  SmallDisk const disk{place / "disk"};
  if (!disk.is_mounted()) {
    MESSAGE(kNoMount);
    return;
  }
  Emulator const emulator{long_ones_first()};
  House const house{emulator.endpoint(), kThreeAtOnce, place / "disk/spool", place / "pictures/out"};
  auto daemon = house.daemon();
  house.hand_in("cats.yaml", manifest_of(6));
  await(daemon, "three to be at the provider", [&] { return house.at_provider() == 3; });
  await(daemon, "the daemon to say that the disk is full", [&] {
    disk.fill();  // again and again: the ballast gives some room back
    return says_full(daemon.err());
  });
  await(daemon, "all three to be over there", [&] { return ended_there(emulator) >= 3; });
  auto const before = emulator.requests();
  CHECK(daemon.is_running());
  CHECK(emulator.created() == 3);
  disk.empty();
  await(daemon, "all to be done", [&] { return house.tally()[State::Done] == 6; });
  CHECK(emulator.requests() > before);
  CHECK(emulator.created() == 6);
  check_account(house);
  daemon.signal(SIGTERM);
  CHECK(daemon.wait() == 0);
  check_books(house, emulator);
}

TEST_CASE("a full disk below the pictures alone tears none of them, and creates stop until there is room") {
  test::Place const place;
  SmallDisk const disk{place / "disk"};
  if (!disk.is_mounted()) {
    MESSAGE(kNoMount);
    return;
  }
  Emulator const emulator{long_ones_first()};
  House const house{emulator.endpoint(), kThreeAtOnce, {}, place / "disk/out"};
  auto daemon = house.daemon();
  house.hand_in("cats.yaml", manifest_of(6));
  await(daemon, "three to be at the provider", [&] { return house.at_provider() == 3; });
  disk.fill();
  await(daemon, "the pictures to find no room",
        [&] { return house.tally()[State::Downloading] == 3 && says_full(daemon.err()); });
  CHECK(daemon.is_running());
  CHECK(emulator.created() == 3);
  CHECK(house.tally()[State::Queued] == 3);
  check_whole_pictures(house);
  disk.empty();
  await(daemon, "all to be done", [&] { return house.tally()[State::Done] == 6; });
  CHECK(emulator.created() == 6);
  check_account(house);
  daemon.signal(SIGTERM);
  CHECK(daemon.wait() == 0);
  check_books(house, emulator);
}
