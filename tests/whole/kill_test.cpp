#include <doctest/doctest.h>
#include <signal.h>

#include "base/files.h"
#include "whole/books.h"

using namespace wanspool;
using namespace wanspool::whole;

namespace fs = std::filesystem;

TEST_SUITE_BEGIN("whole");

namespace {

// As soon as it has the spool it is shot again, wherever its recovery stands.
void kill_in_recovery(House const& house) {
  auto daemon = house.victim();
  await("the daemon to have the spool", [&] { return house.is_kept_by(daemon); });
  daemon.signal(SIGKILL);
  REQUIRE(daemon.wait() == kKilled);
}

// Starts daemons until one of them lives to see all jobs done; every other one must have been shot. Returns
// how many were shot by the gun: one killed in its recovery is not counted.
int work_under_fire(int jobs, int pictures, std::string const& service_time,
                    std::vector<std::string> const& rules) {
  House house{"http://127.0.0.1:9/api/v1"};
  std::vector<std::string> options{"--victim-pid-file", house.victim_file().string(), "--service-time",
                                   service_time};
  for (auto const& each : rules) options.insert(options.end(), {"--fault", each});
  Emulator const emulator{options};
  house.environment["DASHSCOPE_HTTP_BASE_URL"] = emulator.endpoint();
  house.hand_in("cats.yaml", manifest_of(jobs, pictures));

  int shot = 0;
  Later later{house};
  for (bool finished = false; !finished;) {
    auto daemon = house.victim();
    await("the daemon's end, or that of its work", [&] {
      later.look();
      return !daemon.is_running() || later.is_settled(jobs);
    });
    finished = daemon.is_running();
    if (finished) check_account(house);
    if (finished) daemon.signal(SIGTERM);
    INFO("the daemon's log: ", daemon.err());
    REQUIRE(daemon.wait() == (finished ? 0 : kKilled));
    if (finished) break;
    // After every second one: a daemon in its recovery may take a shot that the next would have met, and two
    // shots are sure to come before it.
    if (++shot % 2 == 1) continue;
    kill_in_recovery(house);
  }
  // Two shots may have hit one daemon that had asked twice at once.
  CHECK(emulator.ledger()["shots"] >= shot);
  CHECK(house.tally()[State::Done] == jobs + later.handed());
  CHECK(emulator.created() == jobs + later.handed());
  check_books(house, emulator);
  return shot;
}

}  // namespace

TEST_CASE("killed around its creates the daemon buys nothing twice, and every doubt ends") {
  auto const shot = work_under_fire(
      12, 1, "2s",
      {"create:1:kill-before", "create:4-5:kill-before", "create:7:kill-after", "create:9:kill-after"});
  CHECK(shot >= 2);
}

// Six queries leave at once; so the first and the seventh never meet the same daemon, and those after them
// may.
TEST_CASE("killed around its queries the daemon loses nothing") {
  auto const shot =
      work_under_fire(6, 1, "60s", {"query:1:kill-before", "query:7:kill-after", "query:13-14:kill-before"});
  CHECK(shot >= 2);
}

// Twelve downloads leave at once.
TEST_CASE("killed around its downloads the daemon leaves no picture torn under its final name") {
  auto const shot =
      work_under_fire(6, 2, "2s",
                      {"download:1:kill-before", "download:13:kill-after,slow=20000",
                       "download:15:slow=20000", "download:18-19:kill-before", "download:22:kill-after"});
  CHECK(shot >= 2);
}

TEST_CASE("a daemon that is killed while it takes manifests in takes each of them once") {
  Emulator const emulator;
  House const house{emulator.endpoint()};
  for (int i = 1; i <= 5; ++i) {
    auto const name = "m" + std::to_string(i);
    auto const text = "manifest: 1\njobs: [{ id: hat, model: wan2.6-t2i, prompt: hat of " + name + " }]\n";
    house.hand_in(name + ".yaml", text);
    auto daemon = house.start({"daemon"});
    auto const gone = [&] { return !fs::exists(house.spool.inbox / (name + ".yaml")); };
    await(daemon, "the manifest to be claimed", gone);
    daemon.signal(SIGKILL);
    REQUIRE(daemon.wait() == kKilled);
  }
  auto daemon = house.daemon();
  Later later{house};
  await(daemon, "all to be settled", [&] {
    later.look();
    return later.is_settled(5);
  });
  CHECK(emulator.created() == 5 + later.handed());
  for (int i = 1; i <= 5; ++i) CHECK(fs::exists(house.spool.accepted / ("m" + std::to_string(i) + ".yaml")));
  CHECK(fs::is_empty(house.spool.claims));
  check_books(house, emulator);
}
