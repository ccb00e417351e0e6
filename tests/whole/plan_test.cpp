#include <doctest/doctest.h>

#include "whole/books.h"

using namespace wanspool;
using namespace wanspool::whole;

namespace fs = std::filesystem;

TEST_SUITE_BEGIN("whole");

namespace {

constexpr char kNobody[] = "http://127.0.0.1:9/api/v1";

nlohmann::json plan(House const& house, std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), "plan");
  arguments.push_back("--json");
  return house.json(arguments);
}

std::string with_job(std::string const& manifest, std::string const& id, std::string const& prompt) {
  return manifest + "  - { id: " + id + ", model: wan2.6-t2i, prompt: " + prompt + " }\n";
}

}  // namespace

TEST_CASE("without a spool a plan is all new, and needs no key") {
  test::Place const place;
  House house{kNobody};
  house.environment["WANSPOOL_ROOT"] = "";
  house.environment["DASHSCOPE_API_KEY"] = "";
  auto setup = house.setup({"plan", house.write("cats.yaml", manifest_of(3, 2)), "--json"});
  setup.folder = place.path().string();
  auto const said = test::finish(setup);
  INFO("standard error: ", said.err);
  REQUIRE(said.code == 0);
  auto const planned = nlohmann::json::parse(said.out);
  CHECK(planned["schema"] == 1);
  CHECK(planned["new"]["jobs"] == 3);
  CHECK(planned["pictures_most"] == 6);
  CHECK(planned["pictures_least"] == 6);
  CHECK(planned["price_most"] == "1.20");
  CHECK(planned["currency"] == "CNY");
  CHECK(fs::is_empty(place.path()));
}

TEST_CASE("after a run all is the same, a changed prompt is one change, a job less one that is gone") {
  Emulator const emulator;
  House const house{emulator.endpoint()};
  auto const two = with_job("manifest: 1\njobs:\n", "a", "a cat"), three = with_job(two, "b", "a dog");
  REQUIRE(house.run({"run", house.write("pets.yaml", three)}).code == 0);
  auto const same = plan(house, {house.write("pets.yaml", three)});
  CHECK(same["same"]["jobs"] == 2);
  CHECK(same["same"]["states"]["done"] == 2);
  CHECK(same["pictures_most"] == 0);
  auto const changed = plan(house, {house.write("pets.yaml", with_job(two, "b", "a bird"))});
  CHECK(changed["changed"]["jobs"] == 1);
  CHECK(changed["same"]["jobs"] == 1);
  CHECK(changed["price_most"] == "0.20");
  auto const fewer = plan(house, {house.write("pets.yaml", two)});
  CHECK(fewer["gone"]["jobs"] == 1);
  CHECK(fewer["pictures_most"] == 0);
  auto const named = house.run({"plan", house.write("pets.yaml", two), "--diff"});
  CHECK(named.out.starts_with("- pets/b  1 picture\n"));
  CHECK(emulator.created() == 2);
}

TEST_CASE("a price above ask_above needs a yes, and nothing is bought without it") {
  Emulator const emulator;
  House const house{emulator.endpoint(), std::string{kQuick} + "ask_above: 0.50 CNY\n"};
  auto const manifest = house.write("cats.yaml", manifest_of(3));
  for (auto const* const command : {"submit", "run"}) {
    auto const refused = house.run({command, manifest});
    CHECK(refused.code == 6);
    CHECK(refused.err.find("budget: { cost: 0.60 CNY }") != std::string::npos);
    CHECK(refused.err.find("--yes") != std::string::npos);
  }
  CHECK(fs::is_empty(house.spool.inbox));
  CHECK(emulator.created() == 0);
  auto const agreed = house.run({"run", manifest, "--yes"});
  INFO("standard error: ", agreed.err);
  CHECK(agreed.code == 0);
  CHECK(emulator.created() == 3);
}

TEST_CASE("what a person has agreed to at submit is taken by the daemon") {
  Emulator const emulator;
  House const house{emulator.endpoint(), std::string{kQuick} + "ask_above: 0\n"};
  auto const daemon = house.daemon();
  auto const said = house.run({"submit", house.write("cats.yaml", manifest_of(2)), "--yes", "--wait"});
  INFO("standard error: ", said.err);
  CHECK(said.code == 0);
  CHECK(emulator.created() == 2);
}

TEST_CASE("a sample is bought first, and the whole buys only the rest") {
  Emulator const emulator;
  House const house{emulator.endpoint()};
  auto const manifest = house.write("cats.yaml", manifest_of(5));
  auto const planned = plan(house, {manifest, "--sample", "2"});
  CHECK(planned["new"]["jobs"] == 2);
  CHECK(planned["part_of"] == 5);
  auto const sample = house.run({"run", manifest, "--sample", "2"});
  INFO("standard error: ", sample.err);
  CHECK(sample.code == 0);
  CHECK(emulator.created() == 2);
  CHECK(plan(house, {manifest})["new"]["jobs"] == 3);
  CHECK(house.run({"run", manifest}).code == 0);
  CHECK(emulator.created() == 5);
}

TEST_SUITE_END();
