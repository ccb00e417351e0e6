#include <malloc.h>

#include <algorithm>
#include <filesystem>
#include <random>
#include <string>

#include "base/files.h"
#include "manifest/config.h"
#include "manifest/reading.h"

using namespace wanspool;

TEST_SUITE_BEGIN("manifest");

namespace {

constexpr auto kSamples = WANSPOOL_SOURCE_DIR "/jobs";

std::vector<std::string> samples() {
  std::vector<std::filesystem::path> paths;
  for (auto const& entry : std::filesystem::directory_iterator{kSamples})
    if (entry.path().extension() == ".yaml") paths.push_back(entry.path());
  std::sort(paths.begin(), paths.end());
  std::vector<std::string> texts;
  for (auto const& path : paths) texts.push_back(read_file(path));
  texts.push_back(
      R"({"manifest": 1, "jobs": [{"id": "a \ud83d\ude00", "model": "wan2.6-t2i", "prompt": "\u00e9"}]})");
  texts.push_back(
      "manifest: 1\njobs:\n  - &a { id: a, model: wan2.6-t2i, prompt: &p 'x' }\n  - { id: b, prompt: *p }\n");
  return texts;
}

using Random = std::mt19937;

std::size_t below(Random& random, std::size_t end) {
  return end == 0 ? 0 : random() % end;
}

void flip(std::string& text, Random& random) {
  if (!text.empty()) text[below(random, text.size())] = static_cast<char>(random() % 256);
}

// One of the characters that mean something to YAML.
void insert_mark(std::string& text, Random& random) {
  constexpr std::string_view kMarks = "{}[]:,#&*!|>'\"%@`-?~\\\t\n $<\x04";
  text.insert(below(random, text.size() + 1), 1, kMarks[below(random, kMarks.size())]);
}

void drop_line(std::string& text, Random& random) {
  auto const at = below(random, text.size());
  auto const start = text.rfind('\n', at) == std::string::npos ? 0 : text.rfind('\n', at) + 1;
  auto const end = text.find('\n', at);
  text.erase(start, end == std::string::npos ? std::string::npos : end - start + 1);
}

void copy_piece(std::string& text, Random& random) {
  auto const piece = text.substr(below(random, text.size()), below(random, 40));
  text.insert(below(random, text.size() + 1), piece);
}

std::string mutated(std::string text, Random& random) {
  for (auto times = 1 + random() % 3; times > 0; --times) switch (random() % 6) {
      case 0:
        flip(text, random);
        break;
      case 1:
        drop_line(text, random);
        break;
      case 2:
        text.resize(below(random, text.size() + 1));
        break;
      case 3:
        copy_piece(text, random);
        break;
      default:
        insert_mark(text, random);
    }
  return text;
}

// Every complaint names a place that is in the text.
void check_places(std::vector<Complaint> const& complaints, std::string const& text) {
  auto const lines = 1 + std::count(text.begin(), text.end(), '\n');
  for (auto const& each : complaints) {
    CHECK(!each.text.empty());
    CHECK((each.line == 0) == (each.column == 0));
    CHECK(each.line <= lines);
    CHECK(static_cast<std::size_t>(each.column) <= text.size() + 1);
  }
}

}  // namespace

TEST_CASE("a manifest with anything wrong in it is read or complained of, and breaks nothing") {
  auto const texts = samples();
  Random random{20260806};
  int good = 0;
  for (int i = 0; i < 5000; ++i) {
    auto const text = mutated(texts[below(random, texts.size())], random);
    INFO(text);
    auto const read = reading::manifest(text, "m.yaml", files_below(kSamples));
    check_places(read.head.complaints, text);
    if (!read.head.ok()) continue;
    ++good;
    CHECK(read.head.jobs == read.jobs.size());
    CHECK(!read.jobs.empty());
    CHECK(!read.head.name.empty());
    for (auto const& job : read.jobs) CHECK(job.pictures >= 1);
  }
  CHECK(good > 100);
  CHECK(good < 4900);
}

TEST_CASE("a configuration with anything wrong in it breaks nothing") {
  std::string const text =
      "endpoint: https://a.example/api/v1\nlimits:\n  wan2.6-image: { slots: 5 }\ninbox: { settle: 2s }\n";
  Random random{7};
  for (int i = 0; i < 1000; ++i) {
    auto const wrong = mutated(text, random);
    INFO(wrong);
    check_places(read_config(wrong, "config.yaml", reading::models()).complaints, wrong);
  }
}

TEST_CASE("a command with anything wrong in it is carried out whole or not at all") {
  std::string const texts[] = {"command: redo\nid: a-1\njobs: [cats/tabby, Dogs/Rex]\n",
                               "command: adopt\njobs:\n  - cats/tabby\ntask_id: 0a9d4e77-51c3\n",
                               R"({"id": "b", "command": "resume"})"};
  Random random{11};
  int good = 0;
  for (int i = 0; i < 3000; ++i) {
    auto const wrong = mutated(texts[below(random, std::size(texts))], random);
    INFO(wrong);
    auto const [command, complaints] = read_command(wrong, "c.yaml");
    check_places(complaints, wrong);
    if (!complaints.empty()) continue;
    ++good;
    CHECK(is_command(wrong));
    bool const adopts = command.verb == Command::Verb::Adopt;
    CHECK(command.jobs.empty() == (!adopts && command.verb != Command::Verb::Redo));
    CHECK(command.task_id.empty() == !adopts);
  }
  CHECK(good > 100);
  CHECK(good < 2900);
}

// What is on the heap is asked of the allocator; a sanitizer's own allocator answers 0.
TEST_CASE("a hundred thousand jobs cost no memory but what tells their ids apart") {
  auto const used = [] {
    auto const info = mallinfo2();
    return info.uordblks + info.hblkhd;
  };
  auto const measure = [&](std::string const& text) {
    auto const before = used();
    std::size_t peak = before, jobs = 0;
    auto const head = read_manifest({text, "m.yaml"}, reading::models(), [&](ManifestJob const&) {
      if (++jobs % 1000 == 0) peak = std::max(peak, used());
    });
    CHECK(head.ok());
    CHECK(head.jobs == 100'000);
    CHECK(jobs == 100'000);
    return peak - before;
  };
  std::string yaml = "manifest: 1\ndefaults: { model: wan2.6-t2i }\njobs:\n";
  std::string json = R"({"manifest": 1, "jobs": [)";
  for (int i = 0; i < 100'000; ++i) {
    auto const number = std::to_string(i);
    yaml += "- { id: a" + number + ", prompt: House " + number + " }\n";
    json += (i == 0 ? "" : ", ") + (R"({"id": "a)" + number) + R"(", "prompt": "x \ud83d\ude00"})";
  }
  json += R"(], "defaults": {"model": "wan2.6-t2i"}})";
  constexpr std::size_t kMost = 16u << 20;
  CHECK(measure(yaml) < kMost);
  CHECK(measure(json) < kMost);
}
