#include <doctest/doctest.h>
#include <sqlite3.h>

#include "base/files.h"
#include "whole/books.h"

using namespace wanspool;
using namespace wanspool::whole;

namespace fs = std::filesystem;

TEST_SUITE_BEGIN("whole");

namespace {

constexpr char kWrong[] =
    "manifest: 1\n"
    "jobs:\n"
    "  - { id: hat, model: wan2.6-t2i, prompt: a hat }\n"
    "  - { id: cap, modl: wan2.6-t2i, prompt: a cap }\n";
constexpr char kNowhere[] = "https://nowhere.invalid/api/v1";

bool contains(std::string const& text, std::string const& words) {
  return text.find(words) != std::string::npos;
}

void set_version(fs::path const& database, int version) {
  sqlite3* db = nullptr;
  REQUIRE(sqlite3_open(database.c_str(), &db) == SQLITE_OK);
  auto const order = "PRAGMA user_version = " + std::to_string(version);
  CHECK(sqlite3_exec(db, order.c_str(), nullptr, nullptr, nullptr) == SQLITE_OK);
  sqlite3_close(db);
}

}  // namespace

TEST_CASE("submit refuses a wrong manifest with its place and hands nothing over") {
  Emulator const emulator;
  House const house{emulator.endpoint()};
  auto const file = house.write("hats.yaml", kWrong);
  auto const said = house.run({"submit", file});
  CHECK(said.code == 2);
  CHECK(contains(said.err, file + ":4:"));
  CHECK(contains(said.err, "error:"));
  CHECK(fs::is_empty(house.spool.inbox));
}

TEST_CASE("a wrong manifest in the inbox goes to rejected, with every complaint beside it") {
  Emulator const emulator;
  House const house{emulator.endpoint()};
  auto daemon = house.daemon();
  fs::rename(house.write("hats.yaml", kWrong), house.spool.inbox / "hats.yaml");
  await(daemon, "the manifest to be rejected",
        [&] { return fs::exists(house.spool.rejected / "hats.yaml"); });
  auto const complaint = read_file(house.spool.rejected / "hats.yaml.error.txt");
  CHECK(complaint.starts_with("hats.yaml:4:"));
  CHECK(contains(complaint, ": error: "));
  CHECK(contains(complaint, "did you mean 'model'?"));
  CHECK(house.tally().total() == 0);
  CHECK(emulator.created() == 0);
  CHECK_FALSE(fs::exists(house.spool.accepted / "hats.yaml"));

  fs::rename(house.write("hats.yaml", manifest_of(1)), house.spool.inbox / "hats.yaml");
  await(daemon, "the corrected one to be done", [&] { return house.is_settled(1); });
  CHECK_FALSE(fs::exists(house.spool.rejected / "hats.yaml.error.txt"));
}

TEST_CASE("run with a wrong manifest beside a right one buys the right one and ends with 1") {
  Emulator const emulator;
  House const house{emulator.endpoint()};
  auto const said =
      house.run({"run", house.write("hats.yaml", kWrong), house.write("cats.yaml", manifest_of(1))});
  CHECK(said.code == 1);
  CHECK(contains(said.err, "hats.yaml:4:"));
  CHECK(lines_of(said.out).size() == 1);
}

TEST_CASE("a mistyped key of the configuration stops every command before it does anything") {
  House const house{"http://127.0.0.1:9/api/v1", "# ours\nqueries_per_secnd: 3\n"};
  for (std::string const command : {"daemon", "run", "status", "list"}) {
    auto const said = house.run({command});
    CHECK(said.code == 78);
    CHECK(contains(said.err, "config.yaml:2:1: error:"));
    CHECK(contains(said.err, "did you mean 'queries_per_second'?"));
  }
}

TEST_CASE("without a key run takes the manifest, asks nobody and ends with 3") {
  House const house{kNowhere};
  auto const said = house.run({"run", house.write("cats.yaml", manifest_of(2))});
  CHECK(said.code == 3);
  CHECK(contains(said.err, "there is no API key"));
  CHECK_FALSE(contains(said.err, "cannot reach"));
  CHECK(house.tally()[State::Queued] == 2);
}

TEST_CASE("the name of a file in the inbox forges no line of what run says") {
  House const house{kNowhere};
  house.hand_in("a\nrejected b.yaml", "no manifest");
  auto const said = house.run({"run"});
  INFO("standard error: ", said.err);
  CHECK(contains(said.err, "rejected a?rejected b.yaml\n"));
}

TEST_CASE("beside a daemon without a key run and wait end with 3 and say what is missing") {
  House const house{kNowhere};
  auto const daemon = house.daemon();
  auto const said = house.run({"run", house.write("cats.yaml", manifest_of(2))});
  INFO("standard error: ", said.err);
  CHECK(said.code == 3);
  CHECK(contains(said.err, "account main: stopped: NoKey: there is no API key"));
  auto const waited = house.run({"wait", "cats"});
  CHECK(waited.code == 3);
  CHECK(contains(waited.err, "there is no API key"));
  CHECK(house.tally()[State::Queued] == 2);
}

TEST_CASE("a key that the service refuses ends run with 3, and with the right one nothing is lost") {
  Emulator const emulator{{"--key", "sk-right"}};
  House house{emulator.endpoint()};
  house.environment["DASHSCOPE_API_KEY"] = "sk-wrong";
  auto const refused = house.run({"run", house.write("cats.yaml", manifest_of(3))});
  INFO("standard error: ", refused.err);
  CHECK(refused.code == 3);
  CHECK(contains(refused.err, "InvalidApiKey"));
  CHECK_FALSE(contains(refused.err, "sk-wrong"));
  CHECK(house.tally()[State::Queued] == 3);
  CHECK(emulator.created() == 0);

  house.environment["DASHSCOPE_API_KEY"] = "sk-right";
  auto const taken = house.run({"run"});
  CHECK(taken.code == 0);
  CHECK(lines_of(taken.out).size() == 3);
  check_books(house, emulator);
}

TEST_CASE("a daemon with a refused key goes on when the file holds the right one") {
  Emulator const emulator{{"--key", "sk-right"}};
  House const house{emulator.endpoint(), std::string{kQuick} + "api_key_file: key\n"};
  std::ofstream{house.spool.root / "key"} << "sk-wrong\n";
  auto daemon = house.daemon();
  fs::rename(house.write("cats.yaml", manifest_of(2)), house.spool.inbox / "cats.yaml");
  daemon.await_err("InvalidApiKey");
  // It may have asked about its key before it took the manifest.
  await(daemon, "the jobs to be known", [&] { return house.tally().total() == 2; });
  auto const tally = house.tally();
  CHECK(tally[State::Queued] + tally[State::Submitting] == 2);
  std::ofstream{house.spool.root / "key"} << "sk-right\n";
  await(daemon, "all to be done", [&] { return house.tally()[State::Done] == 2; });
  CHECK_FALSE(contains(daemon.err(), "sk-"));
  check_books(house, emulator);
}

TEST_CASE("a spool that an emulator has filled is refused to the service") {
  Emulator const emulator;
  House house{emulator.endpoint()};
  auto const manifest = house.write("cats.yaml", manifest_of(1));
  REQUIRE(house.run({"run", manifest}).code == 0);
  house.environment["DASHSCOPE_HTTP_BASE_URL"] = kNowhere;
  house.environment["DASHSCOPE_API_KEY"] = "sk-any";
  for (std::string const command : {"run", "daemon"}) {
    auto const said = house.run({command});
    CHECK(said.code == 78);
    CHECK(contains(said.err, "--root"));
    CHECK_FALSE(contains(said.err, "sk-any"));
  }
}

TEST_CASE("a database of a newer program is left alone") {
  Emulator const emulator;
  House const house{emulator.endpoint()};
  REQUIRE(house.run({"run"}).code == 0);
  set_version(house.spool.database, 99);
  for (std::string const command : {"run", "daemon", "status", "list"}) {
    auto const said = house.run({command});
    CHECK(said.code == 78);
    CHECK(contains(said.err, "version 99"));
  }
}
