#include "engine/index.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <fstream>
#include <nlohmann/json.hpp>
#include <set>

#include "engine/house.h"

using namespace wanspool;
using namespace wanspool::test;
using What = World::What;
using nlohmann::ordered_json;

namespace fs = std::filesystem;

TEST_SUITE_BEGIN("engine");

namespace {

constexpr char kTwoAlike[] =
    "manifest: 1\ndefaults: { model: wan2.6-t2i }\njobs:\n"
    "  - { id: first, prompt: a kite }\n"
    "  - { id: second, prompt: a kite }\n";

std::string three_pictures(std::string const& head) {
  return "manifest: 1\n" + head +
         "defaults: { model: wan2.6-t2i, parameters: { n: 3 } }\n"
         "jobs: [{ id: set, prompt: a set of kites }]\n";
}

std::vector<ordered_json> lines_of(House const& house, std::string const& manifest) {
  std::vector<ordered_json> lines;
  if (!house.is_there("out/" + manifest + "/metadata.jsonl")) return lines;
  auto const text = house.text("out/" + manifest + "/metadata.jsonl");
  for (std::size_t at = 0; at < text.size();) {
    auto const end = text.find('\n', at);
    lines.push_back(ordered_json::parse(text.substr(at, end - at)));
    at = end == text.npos ? end : end + 1;
  }
  return lines;
}

std::set<std::string> names_in(std::vector<ordered_json> const& lines) {
  std::set<std::string> names;
  for (auto const& line : lines) names.insert(line["file_name"].get<std::string>());
  return names;
}

// They are appended as they come, and made anew in the order of the queue.
std::multiset<std::string> sorted_lines(std::string const& text) {
  std::multiset<std::string> lines;
  for (std::size_t at = 0, end = 0; at < text.size(); at = end + 1) {
    end = std::min(text.find('\n', at), text.size());
    lines.insert(text.substr(at, end - at) + (end < text.size() ? "\n" : ""));
  }
  return lines;
}

// Every picture below out/ has exactly one line, and the line tells of its bytes.
void check_told(House const& house, std::string const& manifest) {
  auto const lines = lines_of(house, manifest);
  std::set<std::string> there;
  for (auto const& each : house.pictures())
    if (each.starts_with(manifest + "/")) there.insert(each.substr(manifest.size() + 1));
  CHECK(names_in(lines) == there);
  CHECK(lines.size() == there.size());
  for (auto const& line : lines)
    CHECK(line["sha256"] ==
          sha256_hex(house.text("out/" + manifest + "/" + line["file_name"].get<std::string>())));
}

// Opens the house and runs it until it rests; false if it crashed on the way.
bool live(House& house, Steps& steps) {
  try {
    house.open();
    bool const rested = house.run();
    CHECK(rested);
    steps.crash_at = 0;
    return true;
  } catch (Crash const&) {
    house.close();
    return false;
  }
}

}  // namespace

TEST_CASE("a line tells all that a pipeline asks of a picture, with the same keys in the same order") {
  World world{1};
  House house{world};
  house.open();
  house.drop("m.yaml", House::manifest_of(1));
  CHECK(house.run());
  auto const lines = lines_of(house, "m");
  REQUIRE(lines.size() == 1);
  std::vector<std::string> keys;
  for (auto const& [key, value] : lines.front().items()) keys.push_back(key);
  CHECK(keys == std::vector<std::string>{"file_name", "job", "picture", "sha256", "width", "height", "prompt",
                                         "parameters", "inputs", "vars", "take", "task_id", "request_id",
                                         "times", "cost", "currency", "fingerprint", "manifest_sha256",
                                         "schema"});
  auto const& line = lines.front();
  CHECK(line["file_name"] == "job-1/image-1.png");
  CHECK(line["job"] == "m/job-1");
  CHECK(line["picture"] == 1);
  CHECK(line["prompt"] == "a kite number 1");
  CHECK(line["parameters"]["n"] == 1);
  CHECK(line["parameters"].contains("seed"));
  CHECK(line["cost"] == "0.20");
  CHECK(line["width"] == 16);
  CHECK(line["schema"] == 1);
  check_told(house, "m");
}

TEST_CASE("a copy for another job has a line of its own and costs nothing more") {
  World world{2};
  House house{world};
  house.open();
  house.drop("m.yaml", kTwoAlike);
  CHECK(house.run());
  auto const lines = lines_of(house, "m");
  REQUIRE(lines.size() == 2);
  CHECK(lines[0]["sha256"] == lines[1]["sha256"]);
  CHECK(std::set<std::string>{lines[0]["cost"], lines[1]["cost"]} == std::set<std::string>{"0.20", "0.00"});
  check_told(house, "m");
}

TEST_CASE("what a refill brought is told of with its own task and cost") {
  World world{3};
  world.pictures_short = 1;
  world.fault = [&](What what, int number, Instant) {
    if (what == What::Create) world.pictures_short = number == 1 ? 1 : 0;
    return World::Fault::None;
  };
  House house{world};
  house.open();
  house.drop("m.yaml", three_pictures("refill: true\n"));
  CHECK(house.run());
  auto const lines = lines_of(house, "m");
  REQUIRE(lines.size() == 3);
  std::set<std::string> tasks;
  for (auto const& line : lines) {
    tasks.insert(line["task_id"].get<std::string>());
    CHECK(line["cost"] == "0.20");
  }
  CHECK(tasks.size() == 2);
  check_told(house, "m");
}

TEST_CASE("a picture that replaces another has the only line when the house is at rest") {
  World world{4};
  world.habits.own_pictures = true;
  House house{world};
  house.open();
  house.drop("m.yaml", House::manifest_of(3));
  CHECK(house.run());
  house.drop("redo.yaml", "command: redo\nid: r1\njobs: [m/job-2]\n");
  CHECK(house.run());
  check_told(house, "m");
  int second = 0;
  for (auto const& line : lines_of(house, "m")) second += line["take"] == 2;
  CHECK(second == 1);
}

TEST_CASE(
    "in a house that never rests a picture that replaces another has the only line a few minutes later") {
  World world{17};
  world.habits.own_pictures = true;
  world.service_least = world.service_most = seconds{60};
  House house{world};
  house.open();
  house.drop("m.yaml", "priority: high\n" + House::manifest_of(1));
  CHECK(house.run());
  house.drop("n.yaml", House::manifest_of(150, "a boat"));
  house.engine->turn(world.now());
  house.drop("redo.yaml", "command: redo\nid: r1\njobs: [m/job-1]\n");
  auto const end = world.now() + minutes{15};
  while (world.now() < end && lines_of(house, "m").size() < 2) house.engine->turn(end);
  REQUIRE(lines_of(house, "m").size() == 2);
  auto const until = world.now() + minutes{7};
  while (world.now() < until) house.engine->turn(until);
  CHECK(house.engine->tally()[State::Queued] > 0);
  auto const lines = lines_of(house, "m");
  REQUIRE(lines.size() == 1);
  CHECK(lines.front()["take"] == 2);
}

TEST_CASE("a file that is torn, short, long or gone is made anew at the start") {
  World world{5};
  House house{world};
  house.open();
  house.drop("m.yaml", House::manifest_of(3));
  CHECK(house.run());
  auto const file = house.root / "out/m/metadata.jsonl";
  auto const right = house.text("out/m/metadata.jsonl");
  auto const second = right.find('\n') + 1;
  auto moved = right;
  moved.replace(moved.find("job-1/image-1"), 13, "job-9/image-1");
  for (auto const& wrong : {right.substr(0, right.size() - 20), right.substr(0, right.size() - 1),
                            right.substr(second), right + right.substr(0, second),
                            right + "{\"file_name\":", moved, std::string{"\n"}, std::string{}}) {
    CAPTURE(wrong.size());
    house.close();
    std::ofstream{file, std::ios::binary | std::ios::trunc} << wrong;
    house.open();
    CHECK(house.run());
    CHECK(sorted_lines(house.text("out/m/metadata.jsonl")) == sorted_lines(right));
  }
  house.close();
  fs::remove(file);
  house.open();
  CHECK(house.run());
  CHECK(sorted_lines(house.text("out/m/metadata.jsonl")) == sorted_lines(right));
}

TEST_CASE("a file that says what the queue says is not written again") {
  World world{6};
  House house{world};
  house.open();
  house.drop("m.yaml", House::manifest_of(3));
  CHECK(house.run());
  house.close();
  int written = 0;
  disk_fault = [&](std::string const& call, std::string const& path) {
    written += (call == "create" || call == "append") && path.find("metadata.jsonl") != path.npos;
    return 0;
  };
  house.open();
  CHECK(house.run());
  CHECK(written == 0);
}

TEST_CASE("after a crash at every step the file tells of every picture once") {
  World first{7};
  House whole{first};
  Steps all;
  whole.steps = &all;
  whole.drop("m.yaml", kTwoAlike);
  REQUIRE(live(whole, all));
  whole.close();
  int crashes = 0;
  for (int step = 1; step < all.taken; ++step) {
    CAPTURE(step);
    World world{7};
    House house{world};
    Steps steps{0, step};
    house.steps = &steps;
    house.drop("m.yaml", kTwoAlike);
    if (!live(house, steps)) {
      ++crashes;
      steps = {};
      REQUIRE(live(house, steps));
    }
    // A doubt about the only order ends with another one.
    house.drop("later.yaml", House::manifest_of(1, "a later kite"));
    bool const rested = house.run();
    CHECK(rested);
    check_told(house, "m");
    check_told(house, "later");
  }
  CHECK(crashes > all.taken / 2);
}

TEST_CASE("a full disk loses no line and stops nothing else") {
  World world{8};
  House house{world};
  house.open();
  disk_fault = [](std::string const& call, std::string const& path) {
    return call == "write" && path.find("metadata.jsonl") != path.npos ? ENOSPC : 0;
  };
  house.drop("m.yaml", House::manifest_of(3));
  CHECK(house.run());
  CHECK(house.pictures().size() == 3);
  CHECK(house.engine->tally()[State::Done] == 3);
  disk_fault = {};
  house.close();
  house.open();
  CHECK(house.run());
  check_told(house, "m");
}

TEST_CASE("lines are as many and as right with four workers") {
  World world{9};
  world.patience = milliseconds{5};
  House house{world};
  house.workers = 4;
  house.open();
  house.drop("a.yaml", House::manifest_of(30));
  house.drop("b.yaml", House::manifest_of(30, "a boat"));
  CHECK(house.run());
  check_told(house, "a");
  check_told(house, "b");
}

TEST_CASE("the cost of an answer is laid to its pictures without a rest") {
  JobRow row;
  row.manifest = "m";
  row.job = "a";
  row.task.name = "m/a";
  row.task.spent = Money{100'000};
  row.task.pictures.resize(3);
  Money sum;
  for (int i = 0; i < 3; ++i) {
    auto& picture = row.task.pictures[static_cast<std::size_t>(i)];
    picture.number = i + 1;
    picture.file = "x";
  }
  for (auto const& picture : row.task.pictures) {
    auto const line = ordered_json::parse(metadata_line(row, row.task, picture, "", "CNY"));
    sum += read_money(line["cost"].get<std::string>()).value();
  }
  CHECK(sum == row.task.spent);
}

TEST_CASE("a body in either shape gives its prompt and its inputs, and no bytes of a picture") {
  JobRow row;
  row.manifest = "m";
  row.job = "a";
  row.task.name = "m/a";
  Picture picture;
  auto const of = [&](std::string const& body) {
    return ordered_json::parse(metadata_line(row, row.task, picture, body, "CNY"));
  };
  auto const message =
      of(R"({"input":{"messages":[{"role":"user","content":[{"text":"put it"},{"image":"https://h/a.png"},)"
         R"({"image":"data:image/png;base64,AAAA"}]}]},"parameters":{"n":1}})");
  CHECK(message["prompt"] == "put it");
  REQUIRE(message["inputs"].size() == 2);
  CHECK(message["inputs"][0]["url"] == "https://h/a.png");
  CHECK(message["inputs"][1]["url"] == "data:image/png;base64");
  CHECK(message["inputs"][0]["sha256"].is_null());
  auto const flat = of(R"({"input":{"prompt":"a cat","images":["https://h/b.png"]}})");
  CHECK(flat["prompt"] == "a cat");
  CHECK(flat["inputs"][0]["url"] == "https://h/b.png");
  CHECK(of("no json")["prompt"] == "");
}

TEST_CASE("a table cell is quoted where it has to be, and its lines end as RFC 4180 has it") {
  JobRow row;
  row.manifest = "m";
  row.job = "a";
  row.vars = R"({"style":"ink, \"wash\""})";
  row.task.name = "m/a";
  auto const line = metadata_line(row, row.task, {}, R"({"input":{"prompt":"one\ntwo"}})", "CNY");
  auto const csv = csv_line(line);
  CHECK(csv.ends_with("\r\n"));
  CHECK(csv.find("\"one\ntwo\"") != csv.npos);
  CHECK(csv.find(R"("{""style"":""ink, \""wash\""""}")") != csv.npos);
  CHECK(csv_head().starts_with("file_name,job,picture,sha256,"));
  CHECK(csv_head().ends_with(",schema\r\n"));
}

TEST_CASE("a retired job's pictures are not current, nor are those of a copy on its way") {
  CurrentJob job;
  job.row.manifest = "m";
  job.row.job = "a";
  job.row.task.name = "m/a";
  job.row.task.state = State::Done;
  job.row.task.pictures.resize(1);
  job.row.task.pictures[0].file = "image-1.png";
  auto const count = [&] {
    int pictures = 0;
    each_current(job, [&](Task const&, Picture const&) { ++pictures; });
    return pictures;
  };
  CHECK(count() == 1);
  job.row.retired = true;
  CHECK(count() == 0);
  job.row.retired = false;
  job.row.task.state = State::Downloading;
  CHECK(count() == 0);
}

TEST_CASE("the sum of lines knows neither order nor what a body says, but names, bytes and vars") {
  JobRow row;
  row.manifest = "m";
  row.job = "a";
  row.vars = R"({"prompt":1,"cost":"x","fingerprint":2})";
  row.task.name = "m/a";
  Picture one, two;
  one.number = 1;
  two.number = 2;
  auto const line = [&](Picture const& picture, std::string const& body) {
    return metadata_line(row, row.task, picture, body, "CNY");
  };
  auto const sum = [](std::vector<std::string> const& lines) {
    LineSum all;
    for (auto const& each : lines) all.add(each);
    return all;
  };
  auto const body = R"({"input":{"prompt":"say \",\"vars\":{ and ,\"cost\":"},"parameters":{"n":2}})";
  auto const usual = sum({line(one, ""), line(two, "")});
  CHECK(usual == sum({line(two, body), line(one, body)}));
  auto other = two;
  other.sha256 = "f00d";
  CHECK_FALSE(usual == sum({line(one, ""), line(other, "")}));
  row.vars = R"({"prompt":2,"cost":"x","fingerprint":2})";
  CHECK_FALSE(usual == sum({line(one, ""), line(two, "")}));
}
