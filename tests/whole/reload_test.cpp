#include <doctest/doctest.h>
#include <signal.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <set>

#include "base/files.h"
#include "whole/books.h"
#include "whole/manager.h"

using namespace wanspool;
using namespace wanspool::whole;

namespace fs = std::filesystem;

TEST_SUITE_BEGIN("whole");

namespace {

void configure(House const& house, std::string const& more) {
  auto const file = house.spool.root / "config.yaml";
  std::ofstream{file.string() + ".new"} << kQuick << more;
  fs::rename(file.string() + ".new", file);
}

std::size_t times(std::string const& words, std::string const& text) {
  std::size_t count = 0;
  for (auto at = text.find(words); at != text.npos; at = text.find(words, at + 1)) ++count;
  return count;
}

bool there(fs::path const& path) {
  std::error_code ignored;
  return fs::exists(path, ignored);
}

}  // namespace

TEST_CASE("at SIGHUP a daemon goes on by its configuration as it is now, and tells the service manager") {
  Emulator const emulator;
  House house{emulator.endpoint(), std::string{kQuick} + "budget: { day: { pictures: 2 } }\n"};
  house.environment["TZ"] = zone_at_noon();
  Manager manager{house.folder() / "notify"};
  house.environment["NOTIFY_SOCKET"] = (house.folder() / "notify").string();
  auto daemon = house.start({"daemon"});
  manager.await("READY=1\n");
  house.hand_in("cats.yaml", manifest_of(5));
  manager.await(
      "STATUS=tasks done 2, running 0, waiting 3 | today 0.40 CNY and 2 of 2 pictures | waits: budget: "
      "today");
  manager.forget();
  configure(house, "ask_above: 100 CNY\nbudget: { day: { pictures: 9 } }\n");
  daemon.signal(SIGHUP);
  manager.await("RELOADING=1\nMONOTONIC_USEC=");
  manager.await("READY=1\n");
  // Read before anything else: what finds the socket full is not told again.
  manager.await("STATUS=tasks done 5, running 0, waiting 0 | today 1.00 CNY and 5 of 9 pictures\n");
  await(daemon, "the rest to be bought", [&] { return house.tally()[State::Done] == 5; });
  CHECK(daemon.err().find("the configuration was read anew: ask_above, budget as it says from now on") !=
        std::string::npos);
  daemon.signal(SIGTERM);
  CHECK(daemon.wait() == 0);
  check_books(house, emulator);
}

TEST_CASE("a wrong configuration changes nothing, and every mistake of it is told") {
  Emulator const emulator;
  House const house{emulator.endpoint()};
  auto daemon = house.daemon();
  configure(house, "ask_above: much\nbudget: { days: 5 }\ntimezone: Nowhere/Land\n");
  daemon.signal(SIGHUP);
  daemon.await_err("the old configuration goes on");
  for (auto const* const words : {"ask_above is a price", "did you mean 'day'", "timezone 'Nowhere/Land'"})
    CHECK(times(words, daemon.err()) == 1);
  house.hand_in("cats.yaml", manifest_of(2));
  await(daemon, "both to be done", [&] { return house.is_settled(2); });
}

TEST_CASE("what needs a restart is named in one line, and the rest holds") {
  Emulator const emulator;
  House const house{emulator.endpoint()};
  auto daemon = house.daemon();
  configure(house, "ask_above: 70 CNY\nregion: us-east-1\npaths: { out: elsewhere }\n");
  daemon.signal(SIGHUP);
  daemon.await_err("needs a restart");
  CHECK(
      times("the configuration says something else of region, paths; that needs a restart and stays as it is",
            daemon.err()) == 1);
  CHECK(times("the configuration was read anew: ask_above as it says", daemon.err()) == 1);
  house.hand_in("cats.yaml", manifest_of(2));
  await(daemon, "both to be done", [&] { return house.is_settled(2); });
  CHECK(there(house.spool.out / "cats/j1/image-1.png"));
}

TEST_CASE("whoever reloads again and again while the daemon works loses nothing and buys nothing twice") {
  Emulator const emulator{{"--service-time", "200ms"}};
  House const house{emulator.endpoint()};
  auto daemon = house.daemon();
  house.hand_in("cats.yaml", manifest_of(60));
  for (int i = 0; !house.is_settled(60); ++i) {
    REQUIRE(i < 2000);
    auto const slots = std::to_string(1 + i % 9);
    std::ofstream{house.spool.root / "config.yaml.new"}
        << "inbox: { settle: 50ms, rescan: 1s }\nqueries_per_second: 100\nask_above: 1000000 CNY\n"
        << "limits: { wan2.6-t2i: { creates_per_second: 4" << slots << ", slots: " << slots << " } }\n";
    fs::rename(house.spool.root / "config.yaml.new", house.spool.root / "config.yaml");
    auto const said = times("read anew", daemon.err());
    daemon.signal(SIGHUP);
    await(daemon, "a reload", [&] { return times("read anew", daemon.err()) > said; });
  }
  daemon.signal(SIGTERM);
  CHECK(daemon.wait() == 0);
  CHECK(house.tally()[State::Done] == 60);
  CHECK(emulator.created() == 60);
  check_books(house, emulator);
}

TEST_CASE("no key and no signed address is ever in a log, whatever its form") {
  std::string const key = "sk-0123456789abcdef0123456789abcdef";
  Emulator const emulator{{"--fault",
                           "create:2:400,code=InvalidParameter,message=the key " + key +
                               " and https://h.example/b.png?Signature=s3cret were seen",
                           "--fault", "download:1:expired", "--fault", "query:1:500"}};
  House house{emulator.endpoint()};
  house.environment["DASHSCOPE_API_KEY"] = key;
  std::vector<std::string> arguments{"daemon", "-v"};
  std::string const journal =
      "export JOURNAL_STREAM=$(stat -L -c %d:%i /proc/self/fd/2) && exec \"$0\" \"$@\"";
  bool journaled = false;
  SUBCASE("as text") {}
  SUBCASE("as JSON") {
    arguments.insert(arguments.end(), {"--log-format", "json"});
  }
  SUBCASE("as lines for the journal") {
    journaled = true;
  }
  auto its = house.setup(arguments);
  if (journaled) its.arguments.insert(its.arguments.begin(), {"/bin/sh", "-c", journal});
  Process daemon{its};
  daemon.await_err("drop manifests into");
  house.hand_in("cats.yaml", manifest_of(4));
  house.hand_in("dogs.yaml",
                "manifest: 1\njobs: [{ id: a, model: wan2.6-image, prompt: a, images: "
                "['ftp://me:s3cret@h.example/a.png?Signature=s3cret'] }]\n");
  await(daemon, "all to be settled", [&] { return house.is_settled(4); });
  await(daemon, "the other one to be rejected", [&] { return there(house.spool.rejected / "dogs.yaml"); });
  daemon.signal(SIGTERM);
  CHECK(daemon.wait() == 0);
  auto const log = daemon.err();
  CHECK(log.find("is done") != std::string::npos);
  CHECK(log.find("failed: ") != std::string::npos);
  CHECK(log.find("rejected dogs.yaml") != std::string::npos);
  for (auto const* const secret : {key.c_str(), "Signature=", "OSSAccessKeyId", "Expires=", "s3cret"}) {
    CAPTURE(secret);
    CHECK(log.find(secret) == std::string::npos);
  }
}

TEST_CASE("the log's events are objects of JSON where the configuration says so") {
  Emulator const emulator{{"--fault", "create:2:400,code=InvalidParameter,message=no"}};
  House const house{emulator.endpoint(),
                    std::string{kQuick} + "log: { format: json }\nhooks: { manifest: [/nowhere/told] }\n"};
  auto daemon = house.daemon();
  house.hand_in("cats.yaml", manifest_of(3));
  house.hand_in("dogs.yaml", "manifest: 1\njobs: [{ id: a }]\n");
  await(daemon, "all to be settled", [&] { return house.is_settled(3); });
  await(daemon, "the other one to be rejected", [&] { return there(house.spool.rejected / "dogs.yaml"); });
  daemon.signal(SIGHUP);
  daemon.await_err("read anew");
  daemon.signal(SIGTERM);
  CHECK(daemon.wait() == 0);
  std::map<std::string, int> events;
  for (auto const& line : lines_of(daemon.err())) {
    auto const event = nlohmann::json::parse(line);
    CHECK(event["time"].get<std::string>().ends_with("Z"));
    auto const name = event.value("event", "");
    ++events[name];
    if (!name.starts_with("job-")) continue;
    CHECK(event["manifest"] == "cats");
    CHECK(event["job"].get<std::string>().starts_with("cats/j"));
    CHECK(event["model"] == "wan2.6-t2i");
    CHECK(event["account"] == "main");
    if (name != "job-failed") CHECK_FALSE(event["task_id"].get<std::string>().empty());
  }
  CHECK(events["start"] == 1);
  CHECK(events["hook-missing"] >= 1);
  CHECK(events["manifest-taken"] == 1);
  CHECK(events["manifest-rejected"] == 1);
  CHECK(events["job-began"] == 2);
  CHECK(events["job-done"] == 2);
  CHECK(events["job-failed"] == 1);
  CHECK(events["reload"] == 1);
  CHECK(events["stop"] == 1);
}

TEST_CASE(
    "a file of metrics is kept, whole at every moment, and one that cannot be written is told of once") {
  Emulator const emulator;
  House const house{emulator.endpoint(),
                    std::string{kQuick} + "metrics: { file: wanspool.prom, every: 1s }\n"};
  auto daemon = house.daemon();
  auto const file = house.spool.root / "wanspool.prom";
  auto const says = [&](std::string const& words) {
    if (!there(file)) return false;
    auto const text = read_file(file);
    CHECK(text.find("# TYPE wanspool_start_timestamp_seconds gauge\n") != std::string::npos);
    return text.find(words) != std::string::npos;
  };
  await(daemon, "the first metrics", [&] { return says("wanspool_tasks{state=\"done\"} 0\n"); });
  CHECK((fs::status(file).permissions() & fs::perms::others_read) != fs::perms::none);
  house.hand_in("cats.yaml", manifest_of(3));
  await(daemon, "three to be told of", [&] { return says("wanspool_tasks{state=\"done\"} 3\n"); });
  CHECK(says("wanspool_requests_total{request=\"create\",outcome=\"answered\"} 3\n"));
  CHECK(says("wanspool_manifests_total{outcome=\"accepted\"} 1\n"));
  CHECK(says("wanspool_lane_slots{account=\"main\",model=\"wan2.6-t2i\"} 50\n"));
  configure(house, "ask_above: 1000000 CNY\nmetrics: { file: nowhere/wanspool.prom, every: 1s }\n");
  daemon.signal(SIGHUP);
  daemon.await_err("no metrics are written");
  house.hand_in("hats.yaml", "manifest: 1\njobs: [{ id: hat, model: wan2.6-t2i, prompt: a hat }]\n");
  await(daemon, "work to go on", [&] { return house.tally()[State::Done] == 4; });
  fs::create_directory(house.spool.root / "nowhere");
  daemon.await_err("metrics are written again");
  CHECK(times("no metrics are written", daemon.err()) == 1);
  CHECK(there(house.spool.root / "nowhere/wanspool.prom"));
}

TEST_SUITE_END();
