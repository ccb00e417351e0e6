#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>
#include <set>

#include "base/files.h"
#include "whole/books.h"

using namespace wanspool;
using namespace wanspool::whole;

TEST_SUITE_BEGIN("whole");

namespace {

namespace fs = std::filesystem;

std::string matrix_of(std::string const& dishes, int takes) {
  return "manifest: 1\ndefaults: { model: wan2.6-t2i }\njobs:\n  - id: menu\n    takes: " +
         std::to_string(takes) + "\n    matrix: { style: { wc: watercolor, ink: ink wash }, dish: [" +
         dishes + "] }\n    prompt: \"a bowl of ${dish}, ${style}\"\n";
}

// What one run of the manifest newly creates at the provider.
std::int64_t bought_by(House const& house, Emulator const& emulator, std::string const& manifest) {
  auto const before = emulator.created();
  auto const said = house.run({"run", manifest});
  INFO("standard error: ", said.err);
  CHECK(said.code == 0);
  return emulator.created() - before;
}

}  // namespace

TEST_CASE(
    "a changed axis buys only the new cells, raised takes only the difference, the same again nothing") {
  Emulator const emulator;
  House const house{emulator.endpoint()};
  auto const buy = [&](std::string const& text) {
    return bought_by(house, emulator, house.write("menu.yaml", text));
  };
  CHECK(buy(matrix_of("noodles, rice", 1)) == 4);
  CHECK(buy(matrix_of("noodles, rice", 1)) == 0);
  CHECK(buy(matrix_of("noodles, rice, soup", 1)) == 2);
  CHECK(buy(matrix_of("noodles, rice, soup", 3)) == 12);
  CHECK(buy(matrix_of("rice", 3)) == 0);
  CHECK(fs::exists(house.spool.out / "menu/menu/ink/soup/t3/image-1.png"));
  CHECK(house.run({"verify"}).code == 0);
}

TEST_CASE(
    "an Excel table with semicolons and a byte order mark, Chinese names and prompts, and places of their "
    "own") {
  Emulator const emulator;
  House const house{emulator.endpoint()};
  house.write("产品.csv", "\xEF\xBB\xBF编号;名称;颜色\r\n00471;花瓶;红色\r\n00472;\"水壶;大\";\r\n");
  auto const manifest =
      house.write("目录.yaml",
                  "manifest: 1\njobs:\n  - id: 大理石\n    model: wan2.6-t2i\n    rows: 产品.csv\n"
                  "    key: 编号\n    prompt: \"一个${颜色:-白色}的${名称}\"\n"
                  "    picture: \"陈列/${名称}\"\n");
  CHECK(bought_by(house, emulator, manifest) == 2);
  CHECK(tasks_for(emulator, "一个红色的花瓶").size() == 1);
  CHECK(tasks_for(emulator, "一个白色的水壶;大").size() == 1);
  CHECK(is_whole_picture(house.spool.out / "目录/陈列/花瓶.png"));
  CHECK(is_whole_picture(house.spool.out / "目录/陈列/水壶-大.png"));
  CHECK(fs::exists(house.spool.out / "目录/大理石/00471/result.json"));
  auto const lines = lines_of(read_file(house.spool.out / "目录/metadata.jsonl"));
  REQUIRE(lines.size() == 2);
  std::set<std::string> files;
  for (auto const& line : lines) {
    auto const object = nlohmann::json::parse(line);
    files.insert(object["file_name"]);
    CHECK(object["vars"]["编号"].is_string());
  }
  CHECK(files == std::set<std::string>{"陈列/花瓶.png", "陈列/水壶-大.png"});
  CHECK(bought_by(house, emulator, manifest) == 0);
  CHECK(house.run({"verify"}).code == 0);
}

TEST_CASE("a folder with a manifest and its rows is taken out of the inbox as one, by its name") {
  Emulator const emulator;
  House const house{emulator.endpoint()};
  auto const daemon = house.daemon();
  auto const hidden = house.spool.inbox / ".shop";
  fs::create_directories(hidden);
  write_file_safely(
      hidden / "manifest.yaml",
      "manifest: 1\njobs: [ { id: a, model: wan2.6-t2i, rows: p.csv, key: sku, prompt: \"${sku}\" } ]\n");
  write_file_safely(hidden / "p.csv", "sku\n1\n2\n");
  fs::rename(hidden, house.spool.inbox / "shop");
  await("both jobs of the folder are done", [&] { return house.is_settled(2); });
  CHECK(fs::exists(house.spool.out / "shop/a/2/image-1.png"));
  CHECK(fs::exists(house.spool.accepted / "shop/manifest.yaml"));
}

TEST_CASE(
    "what costs more than was said is rejected from the inbox with the line that helps, and taken with it") {
  Emulator const emulator;
  House const house{emulator.endpoint(), std::string{kQuick} + "ask_above: 1 CNY\n"};
  auto const daemon = house.daemon();
  house.hand_in("dear.yaml", manifest_of(6));
  auto const error = house.spool.rejected / "dear.yaml.error.txt";
  await("it is rejected", [&] { return fs::exists(error); });
  CHECK(emulator.created() == 0);
  auto const words = read_file(error);
  auto const at = words.find("budget: { cost: 1.20 CNY }");
  INFO(words);
  REQUIRE(at != std::string::npos);
  house.hand_in("dear.yaml", manifest_of(6) + "budget: { cost: 1.20 CNY }\n");
  await("its jobs are done", [&] { return house.is_settled(6); });
  CHECK(emulator.created() == 6);
}

TEST_CASE("every sample is printed as it is, runs, and buys nothing a second time") {
  Emulator const emulator{{"--picture-size", "320x320"}};
  House const house{emulator.endpoint()};
  fs::path const samples{WANSPOOL_SOURCE_DIR "/jobs"};
  fs::copy(samples, house.folder() / "jobs", fs::copy_options::recursive);
  std::vector<std::string> run{"run"};
  for (auto const& line : lines_of(house.run({"new"}).out)) {
    auto const kind = line.substr(0, line.find(' '));
    CAPTURE(kind);
    CHECK(house.run({"new", kind}).out == read_file(samples / (kind + ".yaml")));
    run.push_back((house.folder() / "jobs" / (kind + ".yaml")).string());
  }
  REQUIRE(run.size() >= 12);
  auto const said = house.run(run);
  INFO("standard error: ", said.err);
  CHECK(said.code == 0);
  auto const created = emulator.created();
  CHECK(created >= 20);
  // One path for each picture, and every one that was charged is there.
  CHECK(static_cast<std::int64_t>(lines_of(said.out).size()) == emulator.ledger()["charged_pictures"]);
  CHECK(house.run(run).code == 0);
  CHECK(emulator.created() == created);
  CHECK(house.run({"verify"}).code == 0);
}
