#include <doctest/doctest.h>
#include <signal.h>

#include "base/files.h"
#include "whole/books.h"

using namespace wanspool;
using namespace wanspool::whole;

namespace fs = std::filesystem;

TEST_SUITE_BEGIN("whole");

namespace {

constexpr int kKilled = 128 + SIGKILL;

// A daemon whose pid the emulator's gun knows before the program begins.
Process victim(House const& house) {
  auto setup = house.setup({"daemon"});
  std::vector<std::string> const shell{"/bin/sh", "-c", "echo $$ > \"$0\" && exec \"$@\"",
                                       (house.folder() / "victim").string()};
  setup.arguments.insert(setup.arguments.begin(), shell.begin(), shell.end());
  return Process{setup};
}

bool has_spool(House const& house, Process const& daemon) {
  auto const lock = house.spool.state / "wanspool.lock";
  std::error_code ignored;
  return fs::exists(lock, ignored) && read_file(lock) == std::to_string(daemon.pid()) + "\n";
}

// As soon as it has the spool it is shot again, wherever its recovery stands.
void kill_in_recovery(House const& house) {
  auto daemon = victim(house);
  await("the daemon to have the spool", [&] { return has_spool(house, daemon); });
  daemon.signal(SIGKILL);
  REQUIRE(daemon.wait() == kKilled);
}

struct Deaths {
  int by_gun = 0, in_recovery = 0, held = 0;
};

// Starts daemons until one of them lives to see all jobs settled; every other one must have been shot.
Deaths work_under_fire(int jobs, int pictures, std::string const& service_time,
                       std::vector<std::string> const& rules) {
  House house{"http://127.0.0.1:9/api/v1"};
  std::vector<std::string> options{"--victim-pid-file", (house.folder() / "victim").string(),
                                   "--service-time", service_time};
  for (auto const& each : rules) options.insert(options.end(), {"--fault", each});
  Emulator const emulator{options};
  house.environment["DASHSCOPE_HTTP_BASE_URL"] = emulator.endpoint();
  fs::rename(house.write("cats.yaml", manifest_of(jobs, pictures)), house.spool.inbox / "cats.yaml");

  Deaths deaths;
  for (bool finished = false; !finished;) {
    auto daemon = victim(house);
    await("the daemon's end, or that of its work",
          [&] { return !daemon.is_running() || house.is_settled(jobs); });
    finished = daemon.is_running();
    if (finished) daemon.signal(SIGTERM);
    INFO("the daemon's log: ", daemon.err());
    REQUIRE(daemon.wait() == (finished ? 0 : kKilled));
    if (finished) break;
    if (++deaths.by_gun % 2 == 0) continue;
    kill_in_recovery(house);
    ++deaths.in_recovery;
  }
  // Two shots may have hit one daemon that had asked twice at once.
  CHECK(emulator.ledger()["shots"] >= deaths.by_gun);
  auto const tally = house.tally();
  deaths.held = static_cast<int>(tally[State::Held]);
  CHECK(tally[State::Done] + tally[State::Held] == jobs);
  // One create is in flight at a time, so that no death can leave more than one in doubt.
  CHECK(deaths.held <= deaths.by_gun + deaths.in_recovery);
  check_books(house, emulator);
  return deaths;
}

}  // namespace

TEST_CASE("killed around its creates the daemon buys nothing twice and holds what is in doubt") {
  auto const deaths = work_under_fire(
      12, 1, "2s",
      {"create:1:kill-before", "create:4-5:kill-before", "create:7:kill-after", "create:9:kill-after"});
  // Five shots; those that meet a daemon which is killed in its recovery count there.
  CHECK(deaths.by_gun >= 2);
  CHECK(deaths.held >= 2);
}

// Six queries leave at once; so the first and the seventh never meet the same daemon, and those after them
// may.
TEST_CASE("killed around its queries the daemon loses nothing") {
  auto const deaths =
      work_under_fire(6, 1, "60s", {"query:1:kill-before", "query:7:kill-after", "query:13-14:kill-before"});
  CHECK(deaths.by_gun >= 2);
}

// Twelve downloads leave at once.
TEST_CASE("killed around its downloads the daemon leaves no picture torn under its final name") {
  auto const deaths =
      work_under_fire(6, 2, "2s",
                      {"download:1:kill-before", "download:13:kill-after,slow=20000",
                       "download:15:slow=20000", "download:18-19:kill-before", "download:22:kill-after"});
  CHECK(deaths.by_gun >= 2);
}

TEST_CASE("a daemon that is killed while it takes manifests in takes each of them once") {
  Emulator const emulator;
  House const house{emulator.endpoint()};
  for (int i = 1; i <= 5; ++i) {
    auto const name = "m" + std::to_string(i);
    auto const text = "manifest: 1\njobs: [{ id: hat, model: wan2.6-t2i, prompt: hat of " + name + " }]\n";
    fs::rename(house.write(name + ".yaml", text), house.spool.inbox / (name + ".yaml"));
    auto daemon = house.start({"daemon"});
    auto const gone = [&] { return !fs::exists(house.spool.inbox / (name + ".yaml")); };
    await(daemon, "the manifest to be claimed", gone);
    daemon.signal(SIGKILL);
    REQUIRE(daemon.wait() == kKilled);
  }
  auto daemon = house.daemon();
  await(daemon, "all to be settled", [&] { return house.is_settled(5); });
  for (int i = 1; i <= 5; ++i) CHECK(fs::exists(house.spool.accepted / ("m" + std::to_string(i) + ".yaml")));
  CHECK(fs::is_empty(house.spool.claims));
  check_books(house, emulator);
}
