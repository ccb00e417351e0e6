#include <doctest/doctest.h>

#include <algorithm>
#include <clocale>
#include <fstream>
#include <locale>
#include <nlohmann/json.hpp>
#include <random>
#include <string>
#include <vector>

#include "../base/folder.h"
#include "base/schema.h"
#include "engine/expand.h"

using namespace wanspool;

TEST_SUITE_BEGIN("engine");

namespace {

using json = nlohmann::ordered_json;

Models const& models() {
  static auto const table = read_models(schema_file("models.yaml"), "models.yaml");
  return table;
}

// Manifests of every kind, by a seed: JSON is YAML, and its keys can be put into any order.
class Writer {
 public:
  explicit Writer(unsigned seed) : chance_{seed} {}

  json manifest() {
    json all{{"manifest", 1}, {"let", {{"house", "soft light, ${manifest}"}, {"light", "from the left"}}}};
    all["defaults"] = {{"model", "wan2.6-t2i"}, {"parameters", {{"n", 1 + pick(3)}, {"size", "1440*1440"}}}};
    auto jobs = json::array();
    for (int i = 0; i < 4; ++i) jobs.push_back(job(i));
    all["jobs"] = std::move(jobs);
    all["overrides"] = {{"job0", {{"parameters", {{"seed", 7}}}}}, {"job*/*", {{"prompt", "other ${job}"}}}};
    return all;
  }

 private:
  int pick(int most) { return static_cast<int>(chance_() % static_cast<unsigned>(most)); }

  json job(int number) {
    json one{{"id", "job" + std::to_string(number)}, {"prompt", "a cup, ${house}, ${light}"}};
    if (pick(2) == 0) one["parameters"] = {{"watermark", pick(2) == 0}, {"negative_prompt", "text ä 菜"}};
    if (pick(2) == 0) one["takes"] = 1 + pick(3);
    // Axes are ordered by how they are written: their keys stay where they are.
    if (pick(2) == 0) one["matrix"] = {{"style", {{"wc", "watercolor"}, {"ink", "ink wash"}}}};
    if (pick(2) == 0) {
      one["rows"] = "rows.csv";
      one["key"] = "sku";
    }
    if (pick(3) == 0) one["picture"] = "shelf/${job}";
    return one;
  }

  std::mt19937 chance_;
};

void shuffle_keys(json& value, std::mt19937& chance, bool is_matrix = false) {
  if (value.is_array())
    for (auto& each : value) shuffle_keys(each, chance);
  if (!value.is_object()) return;
  std::vector<std::string> keys;
  for (auto const& [key, inner] : value.items()) keys.push_back(key);
  if (!is_matrix) std::shuffle(keys.begin(), keys.end(), chance);
  auto shuffled = json::object();
  for (auto const& key : keys) {
    shuffled[key] = value[key];
    // Where two overrides match, the last one written counts; where axes stand, their order is that of names.
    if (key != "overrides") shuffle_keys(shuffled[key], chance, is_matrix || key == "matrix");
  }
  value = std::move(shuffled);
}

std::string expansion(std::string const& text, std::filesystem::path const& folder,
                      std::string const& region) {
  std::string all;
  auto const head =
      read_rows({text, "m.yaml", {}, files_below(folder)}, models(), region, {}, [&](NewJob const& job) {
        all += job.name + " " + job.fingerprint + " " + job.base + " " + job.body + " " + job.place + " " +
               job.vars + " " + std::to_string(job.wanted) + "\n";
      });
  for (auto const& each : head.complaints) all += each.str() + "\n";
  CHECK(head.ok());
  return all;
}

struct Rows {
  Rows() { std::ofstream{folder / "rows.csv"} << "sku,name\n00471,Vase\n1.5,Jug\n1e3,Cup\n"; }
  Folder folder;
};

struct Dotless final : std::numpunct<char> {
  char do_decimal_point() const override { return ','; }
  char do_thousands_sep() const override { return '.'; }
  std::string do_grouping() const override { return "\3"; }
};

}  // namespace

TEST_CASE("jobs and fingerprints do not depend on the order of keys") {
  Rows const rows;
  for (unsigned seed = 1; seed <= 60; ++seed) {
    CAPTURE(seed);
    auto manifest = Writer{seed}.manifest();
    auto const before = expansion(manifest.dump(), rows.folder.path(), "loopback");
    std::mt19937 chance{seed};
    shuffle_keys(manifest, chance);
    CHECK(expansion(manifest.dump(2), rows.folder.path(), "loopback") == before);
  }
}

TEST_CASE("jobs and fingerprints do not depend on the locale") {
  Rows const rows;
  auto const text = Writer{7}.manifest().dump();
  auto const before = expansion(text, rows.folder.path(), "loopback");
  auto const old = std::locale::global(std::locale{std::locale{}, new Dotless});
  auto const after = expansion(text, rows.folder.path(), "loopback");
  std::locale::global(old);
  CHECK(after == before);
}

TEST_CASE("jobs and fingerprints do not depend on where the manifest lies, nor on the region") {
  Rows const here, there;
  for (unsigned seed = 61; seed <= 70; ++seed) {
    auto const text = Writer{seed}.manifest().dump();
    CHECK(expansion(text, here.folder.path(), "loopback") ==
          expansion(text, there.folder.path(), "cn-beijing"));
  }
}

TEST_CASE("the same manifest in YAML's block style and in JSON asks for the same") {
  Rows const rows;
  auto const yaml = std::string{R"(manifest: 1
jobs:
  - id: a
    prompt: |
      Two lines
      of text
    model: wan2.6-t2i
    parameters:
      n: 2
      watermark: true
)"};
  auto const same = std::string{
      R"({"manifest": 1, "jobs": [{"parameters": {"watermark": true, "n": 2}, "model": "wan2.6-t2i",)"
      R"( "prompt": "Two lines\r\nof text  ", "id": "a"}]})"};
  CHECK(expansion(yaml, rows.folder.path(), "loopback") == expansion(same, rows.folder.path(), "loopback"));
}
