#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>
#include <string>
#include <valijson/adapters/nlohmann_json_adapter.hpp>
#include <valijson/schema.hpp>
#include <valijson/schema_parser.hpp>
#include <valijson/validator.hpp>
#include <vector>

#include "manifest/events.h"
#include "manifest/fields.h"
#include "manifest/keys.h"
#include "manifest/reading.h"

// The tables of keys and models, the schema that is made from them, the reader and the samples: each pair of
// them agrees.

TEST_SUITE_BEGIN("manifest");

namespace {

using namespace wanspool;
using namespace wanspool::yaml;
using nlohmann::json;
namespace fs = std::filesystem;

std::string contents(fs::path const& path) {
  std::ifstream file{path, std::ios::binary};
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

json const& schema() {
  static auto const parsed = json::parse(manifest_schema(reading::models()));
  return parsed;
}

// "" or what valijson has against it.
std::string refusal(json const& manifest) {
  struct Compiled : valijson::Schema {
    Compiled() {
      valijson::SchemaParser{}.populateSchema(valijson::adapters::NlohmannJsonAdapter{schema()}, *this);
    }
  };
  static Compiled const compiled;
  valijson::ValidationResults results;
  valijson::Validator validator;
  if (validator.validate(compiled, valijson::adapters::NlohmannJsonAdapter{manifest}, &results)) return {};
  std::string text;
  for (valijson::ValidationResults::Error error; results.popError(error);) {
    for (auto const& step : error.context) text += step;
    text += ": " + error.description + "\n";
  }
  return text.empty() ? "refused" : text;
}

// YAML 1.2's core schema.
json to_json(View value) {
  if (value.is(Node::Kind::Null)) return nullptr;
  if (value.is(Node::Kind::List)) {
    auto list = json::array();
    for (std::size_t i = 0; i < value.size(); ++i) list.push_back(to_json(value[i]));
    return list;
  }
  if (value.is(Node::Kind::Map)) {
    auto map = json::object();
    for (std::size_t i = 0; i + 1 < value.size(); i += 2) map[value[i].text()] = to_json(value[i + 1]);
    return map;
  }
  if (auto const number = plain_integer(value)) return *number;
  if (auto const flag = plain_boolean(value)) return *flag;
  auto const& text = value.text();
  if (value.node().plain && text.find_first_not_of("0123456789.+-eE") == std::string::npos)
    if (auto number = json::parse(text, nullptr, false); number.is_number()) return number;
  return text;
}

json from_yaml(std::string_view yaml) {
  Text const text{yaml};
  Complaints complaints{text, "yaml"};
  auto const tree = read_tree(text, complaints);
  CHECK(complaints.count() == 0);
  return to_json(View{tree});
}

json example_of(KeyRow const& row) {
  return from_yaml("value: " + std::string{row.example})["value"];
}

json fine() {
  return json::parse(R"({"manifest": 1, "jobs": [{"id": "a", "model": "wan2.6-t2i", "prompt": "x"}]})");
}

// Every map of keys that a manifest has: its table, its properties in the schema, and a manifest, fine but
// for it, in which one key of it has this value.
struct Home {
  KeyTable const& table;
  json const& properties;
  json (*with)(std::string const& key, json value);
};

std::vector<Home> homes() {
  auto const& all = schema().at("definitions");
  auto const of = [&](char const* name) -> json const& { return all.at(name).at("properties"); };
  return {
      {manifest_keys(), schema().at("properties"),
       [](std::string const& key, json value) {
         auto manifest = fine();
         manifest[key] = std::move(value);
         return manifest;
       }},
      {job_keys(), of("job"),
       [](std::string const& key, json value) {
         auto manifest = fine();
         auto& job = manifest["jobs"][0];
         if (key == "request") job = {{"id", "a"}};
         job[key] = std::move(value);
         return manifest;
       }},
      {default_keys(), of("defaults"),
       [](std::string const& key, json value) {
         auto manifest = fine();
         manifest["jobs"][0].erase(key);
         manifest["defaults"][key] = std::move(value);
         return manifest;
       }},
      {override_keys(), of("override"),
       [](std::string const& key, json value) {
         auto manifest = fine();
         manifest["overrides"]["a*"][key] = std::move(value);
         return manifest;
       }},
      {budget_keys(), of("budget"),
       [](std::string const& key, json value) {
         auto manifest = fine();
         manifest["budget"][key] = std::move(value);
         return manifest;
       }},
      {rows_keys(), of("rowsFile"),
       [](std::string const& key, json value) {
         auto manifest = fine();
         auto& rows = manifest["jobs"][0]["rows"];
         rows["file"] = "rows.csv";
         rows[key] = std::move(value);
         return manifest;
       }},
  };
}

// A value that no key of this shape takes.
json wrong_for(Shape shape) {
  switch (shape) {
    case Shape::Version:
      return 2;
    case Shape::Name:
    case Shape::Text:
    case Shape::Prompt:
    case Shape::Parameters:
    case Shape::Matrix:
    case Shape::Fragments:
    case Shape::Defaults:
    case Shape::Overrides:
      return {"a", "list"};
    case Shape::Word:
      return "none-of-these";
    case Shape::Boolean:
      return "perhaps";
    case Shape::Count:
      return -1;
    case Shape::Deadline:
      return "soon";
    case Shape::Share:
      return "two percent";
    case Shape::Money:
      return 40;
    case Shape::Budget:
      return 200;
    case Shape::Jobs:
      return {{"a", "map"}};
    case Shape::Images:
      return "https://example.com/mug.png";
    case Shape::Model:
      return "wan0.1-nothing";
    case Shape::Request:
      return "a text";
    case Shape::Rows:
    case Shape::Columns:
      return json::array({json::array()});
  }
  return {};
}

struct AsJson {
  json operator()(Nested const& value) const { return json::parse(value.json); }
  json operator()(auto const& value) const { return value; }
};

std::string complaints(json const& manifest) {
  return reading::manifest(manifest.dump()).complaints();
}

}  // namespace

TEST_CASE("the schema that is handed out is the one that the tables make") {
  auto const kept = contents(fs::path{WANSPOOL_SOURCE_DIR} / "schema/manifest.schema.json");
  bool const same = kept == manifest_schema(reading::models());
  CHECK_MESSAGE(same, "run: wanspool schema > schema/manifest.schema.json");
}

TEST_CASE("a good manifest is good for the schema too") {
  CHECK(refusal(fine()) == "");
  CHECK(complaints(fine()) == "");
}

TEST_CASE("every key has a description, an example that its schema takes, and its default") {
  for (auto const& home : homes())
    for (auto const& row : home.table.rows) {
      CAPTURE(row.name);
      auto const& property = home.properties.at(std::string{row.name});
      CHECK(property.at("description") == std::string{row.says});
      CHECK(property.at("examples").at(0) == example_of(row));
      CHECK(property.contains("default") == !row.usually.empty());
      CHECK(refusal(home.with(std::string{row.name}, example_of(row))) == "");
    }
}

TEST_CASE("a value of a wrong shape is refused by the schema and by the reader, whatever the key") {
  for (auto const& home : homes())
    for (auto const& row : home.table.rows) {
      CAPTURE(row.name);
      CAPTURE(home.table.where);
      auto const manifest = home.with(std::string{row.name}, wrong_for(row.shape));
      CHECK(refusal(manifest) != "");
      CHECK(complaints(manifest) != "");
    }
}

TEST_CASE("the schema and the reader know the same keys everywhere") {
  std::set<std::string> names{"promt", "n", "size", "glob", "", "$schema"};
  for (auto const& home : homes())
    for (auto const& row : home.table.rows) names.emplace(row.name);
  for (auto const& home : homes())
    for (auto const& name : names) {
      CAPTURE(name);
      CAPTURE(home.table.where);
      bool const known = home.properties.contains(name);
      auto const manifest = home.with(name, "x");
      auto const has_no = complaints(manifest).find("has no key '" + name + "'") != std::string::npos;
      if (known) CHECK_FALSE(has_no);
      if (!known) CHECK(refusal(manifest) != "");
      if (!known) CHECK(complaints(manifest) != "");
    }
}

TEST_CASE("a missing key that is required is refused by both") {
  for (
      auto const* const text :
      {R"({"jobs": [{"id": "a", "model": "wan2.6-t2i", "prompt": "x"}]})", R"({"manifest": 1})",
       R"({"manifest": 1, "jobs": [{"model": "wan2.6-t2i", "prompt": "x"}]})",
       R"({"manifest": 1, "jobs": [{"id": "a", "model": "wan2.6-t2i", "prompt": "x", "rows": {"bad": "skip"}}]})"}) {
    CAPTURE(text);
    CHECK(refusal(json::parse(text)) != "");
    CHECK(reading::manifest(text).complaints() != "");
  }
}

TEST_CASE("every sample is good for the schema and for the reader's keys") {
  std::size_t count = 0;
  for (auto const& entry : fs::directory_iterator{fs::path{WANSPOOL_SOURCE_DIR} / "jobs"}) {
    if (entry.path().extension() != ".yaml") continue;
    CAPTURE(entry.path());
    ++count;
    CHECK(refusal(from_yaml(contents(entry.path()))) == "");
    CHECK(reading::manifest(contents(entry.path())).complaints().find("has no key") == std::string::npos);
  }
  CHECK(count >= 5);
}

TEST_CASE("what is wrong inside a value is refused by both") {
  struct Wrong {
    char const* job;  // keys of the job 'a'
  };
  for (auto const& [job] : std::vector<Wrong>{
           {R"("prompt": "")"},
           {R"("prompt": {"path": "p.txt"})"},
           {R"("prompt": {"file": "p.txt", "more": 1})"},
           {R"("prompt": "x", "images": {"a": "https://example.com/a.png"})"},
           {R"("prompt": "x", "images": [["a"]])"},
           {R"("prompt": "x", "model": "")"},
           {R"("prompt": "x", "parameters": {"nn": 1})"},
           {R"("prompt": "x", "parameters": {"n": 0})"},
           {R"("prompt": "x", "parameters": {"n": 13})"},
           {R"("prompt": "x", "parameters": {"n": "2"})"},
           {R"("prompt": "x", "parameters": {"n": 1.5})"},
           {R"("prompt": "x", "parameters": {"n": true})"},
           {R"("prompt": "x", "parameters": {"size": "3K"})"},
           {R"("prompt": "x", "parameters": {"size": "1280x1280"})"},
           {R"("prompt": "x", "parameters": {"size": 1280})"},
           {R"("prompt": "x", "parameters": {"watermark": "yes"})"},
           {R"("prompt": "x", "parameters": {"watermark": 1})"},
           {R"("prompt": "x", "parameters": {"seed": -1})"},
           {R"("prompt": "x", "parameters": {"seed": 2147483648})"},
           {R"("prompt": "x", "parameters": {"max_images": 6, "enable_interleave": true})"},
           {R"("prompt": "x", "parameters": {"bbox_list": [[[1, 2, 3]]]})"},
           {R"("prompt": "x", "parameters": {"color_palette": [{"hex": "#000000", "ratio": "100%"}]})"},
           {R"("prompt": "x", "takes": 0)"},
           {R"("prompt": "x", "takes": "many")"},
           {R"("prompt": "x", "rows": [])"},
           {R"("prompt": "x", "rows": ["a"])"},
           {R"("prompt": "x", "rows": {"file": "a.csv", "bad": "ignore"})"},
           {R"("prompt": "x", "rows": {"file": "a.csv", "separator": "space"})"},
           {R"("prompt": "x", "matrix": {})"},
           {R"("prompt": "x", "matrix": {"a": []})"},
           {R"("prompt": "x", "matrix": {"a": 7})"},
           {R"("prompt": "x", "matrix": {"a": {"glob": ""}})"},
           {R"("prompt": "x", "matrix": {"a": {"glob": ["*.png"]}})"},
           {R"("prompt": "x", "matrix": {"a": [1], "exclude": {"a": 1}})"},
           {R"("prompt": "x", "matrix": {"a": [1], "include": [2]})"},
           {R"("request": {"input": {}})"},
           {R"("request": {"model": "wan2.6-t2i"})"},
           {R"("prompt": "x", "request": {"model": "wan2.6-t2i", "input": {}})"},
       }) {
    CAPTURE(job);
    auto const text = std::string{R"({"manifest": 1, "jobs": [{"id": "a", )"} + job + "}]}";
    CHECK(refusal(json::parse(text)) != "");
    CHECK(reading::manifest(text).complaints() != "");
  }
}

TEST_CASE("what is wrong above the jobs is refused by both") {
  for (auto const* const key :
       {R"("name": "")", R"("priority": "urgent")", R"("deadline": "10 hours")",
        R"("deadline": "2026-12-01T08:00")", R"("deadline": 10)", R"("budget": {"pictures": "many"})",
        R"("budget": {"cost": "40"})", R"("budget": {"cost": "40 USD"})", R"("budget": {"cost": "-1 CNY"})",
        R"("max_failures": -1)", R"("max_failures": "101%")", R"("max_failures": "2.5%")",
        R"("refill": "true")", R"("let": {"a": ["x"]})", R"("defaults": {"id": "a"})",
        R"("defaults": {"request": {}})", R"("defaults": {"parameters": {"x": 1}})",
        R"("overrides": {"a": {"id": "b"}})", R"("overrides": {"a": ["x"]})"}) {
    CAPTURE(key);
    auto const text =
        std::string{R"({"manifest": 1, "jobs": [{"id": "a", "model": "wan2.6-t2i", "prompt": "x"}], )"} +
        key + "}";
    CHECK(refusal(json::parse(text)) != "");
    CHECK(reading::manifest(text).complaints() != "");
  }
}

TEST_CASE("a placeholder stands wherever a job has a number, a truth or a choice") {
  auto manifest = fine();
  auto& job = manifest["jobs"][0];
  job["model"] = job["takes"] = job["images"] = "${x}";
  for (auto const* const name : {"n", "seed", "size", "watermark", "prompt_extend", "negative_prompt"})
    job["parameters"][name] = "${x:-1}";
  CHECK(refusal(manifest) == "");
  job["parameters"]["n"] = "a ${x}";
  CHECK(refusal(manifest) != "");
}

TEST_CASE("null takes a default away, and nothing else") {
  auto manifest = fine();
  auto& job = manifest["jobs"][0];
  for (auto const& row : default_keys().rows) job[std::string{row.name}] = nullptr;
  CHECK(refusal(manifest) == "");
  job["parameters"] = {{"seed", nullptr}};
  CHECK(refusal(manifest) == "");
  job["id"] = nullptr;
  CHECK(refusal(manifest) != "");
  manifest = fine();
  manifest["priority"] = nullptr;
  CHECK(refusal(manifest) != "");
}

TEST_CASE("every parameter of every model is in the schema, with its default") {
  auto const& properties = schema().at("definitions").at("parameters").at("properties");
  for (auto const& [name, model] : reading::models())
    for (auto const& mode : model.modes)
      for (auto const& parameter : mode.parameters) {
        CAPTURE(parameter.name);
        auto const& property = properties.at(parameter.name);
        CHECK(property.at("description").get<std::string>().find(name) != std::string::npos);
        auto manifest = fine();
        auto& value = manifest["jobs"][0]["parameters"][parameter.name];
        if (parameter.fallback) value = std::visit(AsJson{}, *parameter.fallback);
        CHECK(refusal(manifest) == "");
        value = property.at("examples").at(0);
        CHECK(refusal(manifest) == "");
      }
}

TEST_SUITE_END();
