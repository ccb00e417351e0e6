#include <doctest/doctest.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>

#include "base/files.h"
#include "whole/books.h"
#include "whole/manager.h"

using namespace wanspool;
using namespace wanspool::whole;

namespace fs = std::filesystem;

TEST_SUITE_BEGIN("whole");

namespace {

bool there(fs::path const& path) {
  std::error_code ignored;
  return fs::exists(path, ignored);
}

}  // namespace

TEST_CASE("the daemon takes manifests that are copied or renamed into the inbox") {
  Emulator const emulator;
  House const house{emulator.endpoint()};
  auto daemon = house.daemon();
  fs::copy_file(house.write("copied.yaml", manifest_of(2)), house.spool.inbox / "copied.yaml");
  fs::rename(
      house.write("renamed.yaml", "manifest: 1\njobs: [{ id: hat, model: wan2.6-t2i, prompt: a hat }]\n"),
      house.spool.inbox / "renamed.yaml");
  await(daemon, "both manifests to be finished", [&] { return house.is_settled(3); });
  for (std::string const name : {"copied.yaml", "renamed.yaml"}) {
    CHECK(there(house.spool.accepted / name));
    CHECK(there(house.spool.accepted / (name + ".receipt.txt")));
  }
  for (std::string const job : {"copied/j1", "copied/j2", "renamed/hat"}) {
    CHECK(is_whole_picture(house.spool.out / job / "image-1.png"));
    CHECK(there(house.spool.out / job / "result.json"));
  }
  CHECK(fs::is_empty(house.spool.inbox));
  CHECK(daemon.out().empty());
  daemon.signal(SIGTERM);
  CHECK(daemon.wait() == 0);
  check_books(house, emulator);
}

TEST_CASE("a manifest that is still being written is left alone until its writer has closed it") {
  Emulator const emulator;
  House const house{emulator.endpoint()};
  auto daemon = house.daemon();
  auto const text = manifest_of(2);
  {
    std::ofstream writer{house.spool.inbox / "slow.yaml"};
    writer << text.substr(0, text.size() / 2) << std::flush;
    // One that came after it is done before it: so long the half of it has lain there.
    fs::rename(
        house.write("quick.yaml", "manifest: 1\njobs: [{ id: hat, model: wan2.6-t2i, prompt: a hat }]\n"),
        house.spool.inbox / "quick.yaml");
    await(daemon, "the other manifest to be finished", [&] { return house.is_settled(1); });
    CHECK(there(house.spool.inbox / "slow.yaml"));
    writer << text.substr(text.size() / 2);
  }
  await(daemon, "the slow one to be finished", [&] { return house.is_settled(3); });
  CHECK(house.tally()[State::Done] == 3);
  CHECK_FALSE(there(house.spool.rejected / "slow.yaml"));
}

TEST_CASE("a stopped daemon's work goes on with the next one") {
  Emulator const emulator{{"--service-time", "40s"}};
  House const house{emulator.endpoint()};
  auto first = house.daemon();
  fs::rename(house.write("cats.yaml", manifest_of(4)), house.spool.inbox / "cats.yaml");
  await(first, "all to be at the provider", [&] { return emulator.created() == 4; });
  first.signal(SIGTERM);
  REQUIRE(first.wait() == 0);
  CHECK(house.tally()[State::Held] == 0);
  auto second = house.daemon();
  await(second, "all to be done", [&] { return house.tally()[State::Done] == 4; });
  CHECK(emulator.created() == 4);
  check_books(house, emulator);
}

TEST_CASE("a stop does not sit out an answer that is late, and the next start settles the doubt") {
  Emulator const emulator{{"--fault", "create:1:delay=10m"}};
  House const house{emulator.endpoint()};
  auto first = house.daemon();
  house.hand_in("cats.yaml", manifest_of(1));
  await(first, "its create to be at the provider", [&] { return emulator.created() == 1; });
  first.signal(SIGTERM);
  CHECK(first.wait() == 0);
  CHECK(house.tally()[State::Submitting] == 1);  // nobody has told it that it was accepted
  auto second = house.daemon();
  Later later{house};
  await(second, "the doubt to be settled", [&] {
    later.look();
    return later.is_settled(1);
  });
  second.signal(SIGTERM);
  CHECK(second.wait() == 0);
  CHECK(house.tally()[State::Done] == 1 + later.handed());
  CHECK(emulator.created() == 1 + later.handed());
  check_books(house, emulator);
}

TEST_CASE("a second daemon is refused, and the one that has the spool is named") {
  Emulator const emulator;
  House const house{emulator.endpoint()};
  auto const first = house.daemon();
  auto const second = house.run({"daemon"});
  CHECK(second.code == 75);
  CHECK(second.err.find("pid " + std::to_string(first.pid())) != std::string::npos);
}

TEST_CASE("run beside a daemon hands its file over, watches and prints the pictures") {
  Emulator const emulator;
  House const house{emulator.endpoint()};
  auto daemon = house.daemon();
  auto const said = house.run({"run", house.write("cats.yaml", manifest_of(3))});
  INFO("standard error: ", said.err);
  CHECK(said.code == 0);
  CHECK(lines_of(said.out).size() == 3);
  for (auto const& each : lines_of(said.out)) CHECK(is_whole_picture(each));
  CHECK(said.err.find("pid " + std::to_string(daemon.pid())) != std::string::npos);
  CHECK(daemon.is_running());
  check_account(house);
  check_books(house, emulator);
}

TEST_CASE("submit --wait ends when the daemon has made the pictures, and prints them") {
  Emulator const emulator;
  House const house{emulator.endpoint()};
  auto daemon = house.daemon();
  auto const said = house.run({"submit", house.write("cats.yaml", manifest_of(2)), "--wait"});
  INFO("standard error: ", said.err);
  CHECK(said.code == 0);
  CHECK(lines_of(said.out).size() == 2);
}

TEST_CASE("the service manager is told of readiness, standing, life and the end") {
  Emulator const emulator;
  House house{emulator.endpoint()};
  Manager manager{house.folder() / "notify"};
  house.environment["NOTIFY_SOCKET"] = (house.folder() / "notify").string();
  // In so long it is told of life three times; what finds its socket full is not told again.
  house.environment["WATCHDOG_USEC"] = "1500000";
  auto daemon = house.start({"daemon"});
  manager.await("READY=1\n");
  manager.await("WATCHDOG=1\n");
  manager.forget();
  manager.await("WATCHDOG=1\n");  // also while there is nothing to do
  fs::rename(house.write("cats.yaml", manifest_of(2)), house.spool.inbox / "cats.yaml");
  manager.await("STATUS=tasks done 2,");
  daemon.signal(SIGTERM);
  manager.await("STOPPING=1\n");
  CHECK(daemon.wait() == 0);
}

TEST_CASE("a wheel that stands still does not feed the watchdog, though its threads live") {
  Emulator const emulator;
  House house{emulator.endpoint(),
              std::string{kQuick} +
                  "hooks: { job: [/bin/sh, -c, 'echo $$ >>../hook; exec sleep 600'], time_limit: 2s }\n"};
  Manager manager{house.folder() / "notify"};
  house.environment["NOTIFY_SOCKET"] = (house.folder() / "notify").string();
  house.environment["WATCHDOG_USEC"] = "300000";
  auto daemon = house.start({"daemon"});
  house.hand_in("cats.yaml", manifest_of(1));
  pid_t hook = 0;
  await(daemon, "a hook", [&] { return std::ifstream{house.folder() / "hook"} >> hook && hook > 0; });
  manager.await("WATCHDOG=1\n");
  // The wheel reads its configuration itself; out of a fifo it gets nothing until somebody writes.
  auto const config = house.spool.root / "config.yaml";
  fs::remove(config);
  REQUIRE(::mkfifo(config.c_str(), 0600) == 0);
  daemon.signal(SIGHUP);
  Fd writer;  // there may be one as soon as there is a reader
  await(daemon, "the wheel to read", [&] {
    writer = Fd{::open(config.c_str(), O_WRONLY | O_NONBLOCK | O_CLOEXEC)};
    return static_cast<bool>(writer);
  });
  manager.await_silence(std::chrono::seconds{1});  // three times what a service manager would wait
  await(daemon, "the hook to be ended by its thread", [&] { return ::kill(hook, 0) != 0; });
  manager.forget();
  std::string_view const text = kQuick;
  REQUIRE(::write(writer.get(), text.data(), text.size()) == static_cast<ssize_t>(text.size()));
  writer.reset();
  manager.await("READY=1\n");
  manager.await("WATCHDOG=1\n");
  daemon.signal(SIGTERM);
  CHECK(daemon.wait() == 0);
}
