#include <doctest/doctest.h>
#include <fmt/format.h>
#include <signal.h>

#include <random>
#include <set>

#include "base/files.h"
#include "whole/books.h"

// Two accounts with the real programs: an emulator each, which takes its own key alone and knows nothing of
// the other one's tasks and pictures.
using namespace wanspool;
using namespace wanspool::whole;

TEST_SUITE_BEGIN("whole");

namespace {

class TwoAccounts {
 public:
  explicit TwoAccounts(std::string const& service_time, std::string const& budget = "{}")
      : main{options("sk-main", service_time)},
        studio{options("sk-studio", service_time)},
        house{main.endpoint(), config(studio.endpoint(), budget)} {
    write_file_safely(house.spool.root / "main.key", "sk-main\n");
    write_file_safely(house.spool.root / "studio.key", "sk-studio\n");
    house.environment["TZ"] = zone_at_noon();
  }

  std::int64_t created() const { return main.created() + studio.created(); }
  // Neither was asked for anything that is the other's, and no body was bought twice by one of them.
  void check_apart() const {
    for (auto const* const each : {&main, &studio}) {
      auto const books = each->ledger();
      CHECK(books["creates"]["same_body_again"] == 0);
      for (auto const& [code, number] : books["creates"]["refused"].items()) CHECK_MESSAGE(number == 0, code);
    }
  }
  std::string bill_of(Emulator const& emulator) const { return emulator.ledger()["cost"]; }

  Emulator const main, studio;
  House house;

 private:
  static std::vector<std::string> options(std::string const& key, std::string const& service_time) {
    return {"--key",      key,       "--seed", std::to_string(key.size()), "--service-time",
            service_time, "--slots", "4",      "--picture-size",           "320x320"};
  }
  static std::string config(std::string const& endpoint, std::string const& budget) {
    return fmt::format(
        "inbox: {{ settle: 50ms, rescan: 1s }}\nqueries_per_second: 200\nlists_per_second: 50\n"
        "doubt: {{ list_delay: 300ms }}\napi_key_file: main.key\n"
        "limits:\n  wan2.6-t2i: {{ creates_per_second: 100, slots: 4 }}\n"
        "  wan2.6-image: {{ creates_per_second: 100, slots: 4 }}\n"
        "accounts:\n  studio: {{ endpoint: \"{}\", api_key_file: studio.key, queries_per_second: 200,\n"
        "    lists_per_second: 50, budget: {},\n"
        "    limits: {{ wan2.6-t2i: {{ creates_per_second: 100, slots: 4 }},\n"
        "      wan2.6-image: {{ creates_per_second: 100, slots: 4 }} }} }}\n",
        endpoint, budget);
  }
};

// Half of them bring one picture that all share, the others none.
std::string shots(int jobs, int first = 0) {
  auto text = fmt::format("manifest: 1\nname: shots-{}\njobs:\n", first);
  for (int i = first; i < first + jobs; ++i)
    text += i % 2 ? fmt::format("  - {{ id: p{0}, prompt: \"plain {0}\", model: wan2.6-t2i }}\n", i)
                  : fmt::format("  - {{ id: s{0}, prompt: \"shot {0}\", images: [ cat.png ] }}\n", i);
  return text;
}

std::map<std::string, std::string> spent_by_account(House const& house) {
  std::map<std::string, std::string> spent;
  for (auto const& line : lines_of(house.run({"ledger", "--by", "account", "--json"}).out)) {
    auto const row = nlohmann::json::parse(line);
    spent[row["account"]] = row["cost"]["spent"];
  }
  return spent;
}

}  // namespace

TEST_CASE("two accounts share a manifest, each with its own upload, and the ledger tells their bills apart") {
  TwoAccounts two{"12s"};
  two.house.write("cat.png", two.main.get("/__web/cat.png"));
  auto const said = two.house.run({"run", two.house.write("shots.yaml", shots(40)), "--yes"});
  INFO(said.err);
  REQUIRE(said.code == 0);
  CHECK(two.created() == 40);
  CHECK(two.main.created() >= 5);
  CHECK(two.studio.created() >= 5);
  // One that stood still may have been left those without a picture.
  std::int64_t uploads = 0;
  for (auto const* const each : {&two.main, &two.studio}) {
    std::int64_t const its = each->ledger()["uploads"];
    CHECK(its <= 1);
    uploads += its;
  }
  CHECK(uploads >= 1);
  two.check_apart();
  auto const spent = spent_by_account(two.house);
  CHECK(spent.at("main") == two.bill_of(two.main));
  CHECK(spent.at("studio") == two.bill_of(two.studio));
  auto const status = two.house.json({"status", "--json"});
  std::set<std::string> lanes;
  for (auto const& lane : status["lanes"])
    lanes.insert(lane["account"].get<std::string>() + " " + lane["model"].get<std::string>());
  CHECK(lanes.contains("main wan2.6-image"));
  CHECK(lanes.contains("studio wan2.6-image"));
}

TEST_CASE("killed at random again and again two accounts buy every job once, under one of them") {
  TwoAccounts two{"900ms"};
  constexpr int kJobs = 60, kParts = 3, kPart = kJobs / kParts;
  two.house.write("cat.png", two.main.get("/__web/cat.png"));
  std::mt19937 random{71};
  int deaths = 0;
  Later later{two.house};
  for (bool finished = false; !finished;) {
    // Another part after each death: two are certain, however far a daemon comes before it is shot.
    if (deaths < kParts) {
      auto const part = two.house.write("shots.yaml", shots(kPart, deaths * kPart));
      CHECK(two.house.run({"submit", part, "--yes"}).code == 0);
    }
    auto daemon = two.house.daemon();
    auto const done = two.house.tally()[State::Done] + static_cast<int>(random() % 12) + 1;
    await(daemon, "some more jobs, or all", [&] {
      if (deaths >= kParts - 1) later.look();
      return later.is_settled(kJobs) || two.house.tally()[State::Done] >= done;
    });
    finished = later.is_settled(kJobs);
    if (finished) check_account(two.house);
    daemon.signal(finished ? SIGTERM : SIGKILL);
    REQUIRE(daemon.wait() == (finished ? 0 : kKilled));
    deaths += !finished;
  }
  CHECK(deaths >= kParts - 1);
  CHECK(two.house.tally()[State::Done] == kJobs + later.handed());
  CHECK(two.created() == kJobs + later.handed());
  two.check_apart();
  auto const spent = spent_by_account(two.house);
  CHECK(spent.at("main") == two.bill_of(two.main));
  CHECK(spent.at("studio") == two.bill_of(two.studio));
  auto const verified = two.house.run({"verify"});
  INFO(verified.out, verified.err);
  CHECK(verified.code == 0);
}

TEST_CASE("a cap of one account is kept to the picture, and says so where both are reached") {
  TwoAccounts two{"50ms", "{ day: { pictures: 3 } }"};
  two.house.write("cat.png", two.main.get("/__web/cat.png"));
  auto const said = two.house.run({"run", two.house.write("shots.yaml", shots(20)), "--yes"});
  INFO(said.err);
  CHECK(said.code == 0);
  CHECK(two.studio.created() == 3);
  CHECK(two.main.created() == 17);
}

TEST_CASE("an account without a key is told of, and the other one does the work") {
  TwoAccounts two{"50ms"};
  std::filesystem::remove(two.house.spool.root / "studio.key");
  auto const said = two.house.run(
      {"run",
       two.house.write("m.yaml", "manifest: 1\njobs: [ { id: a, prompt: a cat, model: wan2.6-t2i } ]\n")});
  INFO(said.err);
  CHECK(said.code == 0);
  CHECK(two.studio.requests() == 0);
  CHECK(two.main.created() > 0);
  CHECK(said.err.find("studio") != std::string::npos);
}
