#include <doctest/doctest.h>

#include <map>

#include "base/files.h"
#include "whole/stage.h"

using namespace wanspool;
using namespace wanspool::whole;

namespace fs = std::filesystem;

TEST_SUITE_BEGIN("whole");

namespace {

// Every file of a spool with its bytes; without SQLite's index of its log, in which readers leave marks.
std::map<std::string, std::string> contents_of(fs::path const& root) {
  std::map<std::string, std::string> files;
  for (auto const& each : fs::recursive_directory_iterator{root})
    if (each.is_regular_file() && !each.path().native().ends_with("-shm"))
      files[each.path().string()] = read_file(each.path());
  return files;
}

std::map<std::string, nlohmann::json> checks_of(std::string const& out) {
  std::map<std::string, nlohmann::json> checks;
  for (auto const& line : lines_of(out)) {
    auto check = nlohmann::json::parse(line);
    checks[check["check"].get<std::string>()] = check;
  }
  return checks;
}

}  // namespace

TEST_CASE("doctor looks beside a daemon and without one, asks the provider for nothing and changes nothing") {
  Emulator const emulator;
  House house{emulator.endpoint()};
  house.environment["DASHSCOPE_API_KEY"] = "sk-the-secret-of-this-test";
  auto const root = house.spool.root;
  auto daemon = house.daemon();
  house.hand_in("cats.yaml", manifest_of(3));
  await(daemon, "its pictures", [&] { return house.tally()[State::Done] == 3; });

  auto const beside = house.run({"doctor", "--json"});
  CHECK(beside.code == 0);
  auto checks = checks_of(beside.out);
  CHECK(checks["daemon"]["found"].get<std::string>().starts_with(
      "at work, pid " + std::to_string(daemon.pid()) + ", version "));
  for (auto const* const each : {"daemon", "endpoint", "key", "queue", "account", "results"})
    CHECK(checks[each]["level"] == "ok");

  daemon.signal(SIGTERM);
  CHECK(daemon.wait() == 0);
  auto const before = contents_of(root);
  auto const requests = emulator.requests();
  auto const alone = house.run({"doctor"});
  INFO(alone.out);
  CHECK(alone.code == 0);
  CHECK(alone.out.find("warning  daemon         nobody works on this spool\n         wanspool daemon, or") !=
        alone.out.npos);
  CHECK((contents_of(root) == before));
  CHECK(emulator.requests() == requests);
  CHECK((beside.out + beside.err + alone.out + alone.err).find("sk-the") == std::string::npos);

  house.environment["DASHSCOPE_HTTP_BASE_URL"] =
      "http://127.0.0.1:" + std::to_string(closed_port()) + "/api/v1";
  write_file_safely(root / "config.yaml", "limits: { wan2.6-imge: { slots: 3 } }\n");
  auto const wrong = house.run({"doctor"});
  CHECK(wrong.code == 78);
  CHECK(wrong.out.find("did you mean 'wan2.6-image'?") != wrong.out.npos);
}

TEST_SUITE_END();
