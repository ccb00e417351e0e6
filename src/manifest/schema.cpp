#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "core/model.h"
#include "manifest/events.h"
#include "manifest/fields.h"
#include "manifest/jobs.h"
#include "manifest/keys.h"
#include "manifest/manifest.h"
#include "manifest/parameters.h"
#include "manifest/ranges.h"

// What the tables of keys and models say, as draft-07 has it. Ranges that depend on a job's model and mode
// are the widest here: the reader knows the job, an editor knows the key.
namespace wanspool {
namespace {

using namespace yaml;
using Json = nlohmann::ordered_json;
using Alternatives = std::vector<Json>;

constexpr auto kAbout =
    "A manifest of wanspool: which pictures are wanted. In texts ${name} stands for a fragment, an axis or a "
    "column, and $${ for a literal ${.";

Json to_json(View value) {
  switch (value.node().kind) {
    case Node::Kind::Null:
      return nullptr;
    case Node::Kind::Scalar:
      break;
    case Node::Kind::List: {
      auto list = Json::array();
      for (std::size_t i = 0; i < value.size(); ++i) list.push_back(to_json(value[i]));
      return list;
    }
    case Node::Kind::Map: {
      auto map = Json::object();
      for (std::size_t i = 0; i + 1 < value.size(); i += 2) map[value[i].text()] = to_json(value[i + 1]);
      return map;
    }
  }
  if (auto const number = plain_integer(value)) return *number;
  if (auto const flag = plain_boolean(value)) return *flag;
  return value.text();
}

// An example or a default out of a table, as a value.
Json value_of(std::string_view flow) {
  auto const line = fmt::format("value: {}", flow);
  Text const text{line};
  Complaints complaints{text, "the table of keys"};
  auto const tree = read_tree(text, complaints);
  auto const value = member(View{tree}, "value");
  return value ? to_json(*value) : Json{};
}

Json refer(std::string_view name) {
  return {{"$ref", fmt::format("#/definitions/{}", name)}};
}

Json typed(std::string_view type) {
  return {{"type", type}};
}

Json matching(std::string_view pattern) {
  return {{"type", "string"}, {"pattern", pattern}};
}

Json list_of(Json items) {
  return {{"type", "array"}, {"minItems", 1}, {"items", std::move(items)}};
}

Json map_of(Json values) {
  return {{"type", "object"}, {"additionalProperties", std::move(values)}};
}

Json any_of(Alternatives alternatives) {
  if (alternatives.size() == 1) return std::move(alternatives.front());
  return {{"anyOf", std::move(alternatives)}};
}

// YAML has no quotes where a text happens to be a number: what is read as a text is taken as any scalar.
Json scalar() {
  return {{"type", {"string", "number", "boolean"}}};
}

Json word() {
  auto some = scalar();
  some["minLength"] = 1;
  return some;
}

// One axis: values in a list, or under labels, or the files that fit a pattern.
Json axis() {
  Json const value{{"type", {"string", "number", "boolean", "object"}}};
  auto labels = map_of(value);
  labels["minProperties"] = 1;
  labels["not"] = {{"required", {"glob"}}, {"maxProperties", 1}};
  Json files{
      {"type", "object"},
      {"additionalProperties", false},
      {"required", {"glob"}},
      {"properties",
       {{"glob",
         {{"description", "The files that fit, relative to the manifest: '*' within a folder, '**' across."},
          {"type", "string"},
          {"minLength", 1},
          {"examples", {"refs/*.png"}}}}}}};
  return any_of({list_of(value), std::move(files), std::move(labels)});
}

Json matrix() {
  auto const combination = [](std::string_view says, Json map) {
    map["minProperties"] = 1;
    return Json{{"description", says}, {"type", "array"}, {"items", std::move(map)}};
  };
  auto map = map_of(axis());
  map["minProperties"] = 1;
  map["properties"] = {
      {"include", combination("Complete combinations that are wanted besides.", typed("object"))},
      {"exclude",
       combination("Combinations that are not wanted: every one that has these values.", map_of(scalar()))}};
  return map;
}

Json request(Json const& models) {
  return {{"type", "object"},
          {"required", {"model", "input"}},
          {"properties", {{"model", models}, {"input", typed("object")}, {"parameters", typed("object")}}}};
}

// Every mode of every model that has a parameter of one name.
struct Use {
  Model const& model;
  Mode const& mode;
  Parameter const& parameter;
};
struct Uses {
  std::string name;
  std::vector<Use> all;
};

std::vector<Uses> uses_of(Models const& models) {
  std::vector<Uses> found;
  auto const add = [&](Model const& model) {
    for (auto const& mode : model.modes)
      for (auto const& parameter : mode.parameters) {
        auto const known = std::find_if(found.begin(), found.end(),
                                        [&](Uses const& each) { return each.name == parameter.name; });
        auto& uses = known == found.end() ? found.emplace_back(Uses{parameter.name, {}}) : *known;
        uses.all.push_back({model, mode, parameter});
      }
  };
  // The first one's default is the one that editors show.
  auto const usual = models.find(kUsualModel);
  if (usual != models.end()) add(usual->second);
  for (auto const& [name, model] : models)
    if (name != kUsualModel) add(model);
  return found;
}

Json json_of(Value const& value) {
  if (auto const* const nested = std::get_if<Nested>(&value)) return Json::parse(nested->json);
  if (auto const* const flag = std::get_if<bool>(&value)) return *flag;
  if (auto const* const number = std::get_if<std::int64_t>(&value)) return *number;
  return std::get<std::string>(value);
}

std::string usual_of(Parameter const& parameter) {
  if (!parameter.fallback) return "";
  return fmt::format(", {} unless said", value_words(*parameter.fallback));
}

// "1 to 4, 1 unless said (wan2.6-image in edit mode, wan2.6-t2i); …"
std::string ranges_of(std::vector<Use> const& uses) {
  std::vector<std::pair<std::string, std::string>> ranges;
  for (auto const& [model, mode, parameter] : uses) {
    auto words = range_words(parameter) + usual_of(parameter);
    auto const known =
        std::find_if(ranges.begin(), ranges.end(), [&](auto const& each) { return each.first == words; });
    if (known == ranges.end())
      ranges.emplace_back(std::move(words), spoken(model, mode));
    else
      known->second += ", " + spoken(model, mode);
  }
  std::string text;
  for (auto const& [words, who] : ranges)
    text += fmt::format("{}{} ({})", text.empty() ? "" : "; ", words, who);
  return text + ".";
}

// What chooses a mode is told by what it chooses.
bool chooses_a_mode(Uses const& uses) {
  return std::any_of(uses.all.begin(), uses.all.end(),
                     [&](Use const& use) { return use.mode.when == uses.name; });
}

std::string modes_of(Uses const& uses) {
  std::string text;
  for (auto const& [model, mode, parameter] : uses.all)
    text += fmt::format("{}{}: {}", text.empty() ? "" : "; ", mode.when == uses.name, spoken(model, mode));
  return text + ".";
}

Json or_placeholder(Json shape) {
  return any_of({std::move(shape), refer("placeholder")});
}

Json boxes(std::int64_t low, std::int64_t high) {
  auto box = list_of(or_placeholder({{"type", "integer"}, {"minimum", 0}}));
  box["minItems"] = box["maxItems"] = 4;
  auto one = list_of(or_placeholder(std::move(box)));
  one["minItems"] = low;
  one["maxItems"] = high;
  return list_of(or_placeholder(std::move(one)));
}

Json palette(std::int64_t low, std::int64_t high) {
  Json const colour{{"type", "object"},
                    {"additionalProperties", false},
                    {"required", {"hex", "ratio"}},
                    {"properties",
                     {{"hex", or_placeholder(matching("^#[0-9A-Fa-f]{6}$"))},
                      {"ratio", or_placeholder(matching("^[0-9]{1,3}(\\.[0-9]{1,2})?%$"))}}}};
  auto out = list_of(or_placeholder(colour));
  out["minItems"] = low;
  out["maxItems"] = high;
  return out;
}

// The widest of the rows that are of one kind.
Alternatives widest(Parameter::Kind kind, std::vector<Use> const& uses) {
  std::optional<std::int64_t> low, high;
  std::int64_t characters = 0;
  std::set<std::string> names;
  for (auto const& [model, mode, parameter] : uses) {
    if (parameter.kind != kind) continue;
    low = std::min(low.value_or(parameter.low), parameter.low);
    high = std::max(high.value_or(parameter.high), parameter.high);
    characters = std::max(characters, parameter.characters);
    names.insert(parameter.names.begin(), parameter.names.end());
  }
  if (!low) return {};
  switch (kind) {
    case Parameter::Kind::Boolean:
      return {typed("boolean")};
    case Parameter::Kind::Integer:
      return {{{"type", "integer"}, {"minimum", *low}, {"maximum", *high}}};
    case Parameter::Kind::Text:
      return {{{"type", {"string", "number", "boolean"}}, {"maxLength", characters}}};
    case Parameter::Kind::Boxes:
      return {boxes(*low, *high)};
    case Parameter::Kind::Palette:
      return {palette(*low, *high)};
    case Parameter::Kind::Size:
      break;
  }
  Alternatives sizes;
  if (!names.empty()) sizes.push_back({{"enum", names}});
  sizes.push_back(matching("^[1-9][0-9]{0,5}\\*[1-9][0-9]{0,5}$"));
  return sizes;
}

Json example_of(Use const& use) {
  auto const& parameter = use.parameter;
  if (parameter.fallback) return json_of(*parameter.fallback);
  if (parameter.kind == Parameter::Kind::Integer) return std::min<std::int64_t>(parameter.high, 41);
  if (parameter.kind == Parameter::Kind::Boxes) return Json::parse("[[[10, 20, 300, 400]]]");
  if (parameter.kind == Parameter::Kind::Palette)
    return Json::parse(R"([{"hex": "#C2D1E6", "ratio": "50%"}, {"hex": "#25408F", "ratio": "30.5%"},)"
                       R"({"hex": "#F2A33A", "ratio": "19.5%"}])");
  if (parameter.kind == Parameter::Kind::Size) return Json("1280*1280");
  return parameter.kind == Parameter::Kind::Boolean ? Json(true) : Json("text, signature, frame");
}

class Schema {
 public:
  explicit Schema(Models const& models) : models_{models} {}

  Json make() const {
    Json schema{{"$schema", "http://json-schema.org/draft-07/schema#"},
                {"title", "wanspool manifest, version 1"},
                {"description", kAbout}};
    schema.update(map(manifest_keys()));
    schema["definitions"] = {
        {"job", titled("a job", map(job_keys()))},
        {"defaults", titled("defaults", map(default_keys()))},
        {"override", titled("an override", map(override_keys()))},
        {"budget", titled("a budget", map(budget_keys()))},
        {"rowsFile", titled("rows out of a file", map(rows_keys()))},
        {"matrix", titled("a matrix", matrix())},
        {"parameters", titled("parameters of the models", parameters())},
        {"placeholder",
         {{"title", "a placeholder"},
          {"description", "Stands for a value of a row, an axis or a fragment, whose type it keeps."},
          {"type", "string"},
          {"pattern", "^\\$\\{.+\\}$"}}}};
    auto& alone = schema["definitions"]["job"]["dependencies"]["request"]["not"]["anyOf"];
    for (auto const* const key : {"prompt", "images", "model", "parameters"})
      alone.push_back({{"required", {key}}});
    return schema;
  }

 private:
  static Json titled(std::string_view title, Json body) {
    Json out{{"title", title}};
    out.update(body);
    return out;
  }

  // A map of the keys of one table.
  Json map(KeyTable const& table) const {
    Json properties = Json::object(), required = Json::array();
    for (auto const& row : table.rows) {
      properties[std::string{row.name}] = property(row, is_default(row.name) && &table != &manifest_keys());
      if (row.required) required.push_back(row.name);
    }
    Json out{{"type", "object"}, {"additionalProperties", false}};
    if (!required.empty()) out["required"] = std::move(required);
    out["properties"] = std::move(properties);
    return out;
  }

  static bool is_default(std::string_view name) {
    auto const& rows = default_keys().rows;
    return std::any_of(rows.begin(), rows.end(), [&](KeyRow const& each) { return each.name == name; });
  }

  // `nullable`: null takes a default away.
  Json property(KeyRow const& row, bool nullable) const {
    Json out{{"description", row.says}};
    auto alternatives = shapes(row);
    if (nullable) alternatives.push_back(typed("null"));
    auto shape = any_of(std::move(alternatives));
    // Draft-07 reads nothing that stands beside a $ref.
    if (shape.contains("$ref"))
      out["allOf"] = Json::array({std::move(shape)});
    else
      out.update(shape);
    if (!row.usually.empty()) out["default"] = value_of(row.usually);
    out["examples"] = Json::array({value_of(row.example)});
    return out;
  }

  Alternatives shapes(KeyRow const& row) const {
    switch (row.shape) {
      case Shape::Version:
        return {{{"const", 1}}};
      case Shape::Name:
      case Shape::Text:
        return {word()};
      case Shape::Prompt:
        return {word(), prompt_file()};
      case Shape::Word:
        return {{{"enum", row.words}}};
      case Shape::Boolean:
        return {typed("boolean")};
      case Shape::Count:
        return count(row);
      case Shape::Deadline:
        return {matching("^[1-9][0-9]{0,6}[mhd]$"),
                matching("^[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ][0-9]{2}:[0-9]{2}(:[0-9]{2})? ?"
                         "([Zz]|[+-][0-9]{2}(:?[0-9]{2})?)$")};
      case Shape::Share:
        return {{{"type", "integer"}, {"minimum", 0}}, matching("^(100|[0-9]{1,2})%$")};
      case Shape::Money:
        return {matching(fmt::format("^[0-9]{{1,13}}(\\.[0-9]{{1,6}})?[ \\t]+{}$", currency()))};
      case Shape::Budget:
        return {refer("budget")};
      case Shape::Fragments:
        return {map_of(scalar()), typed("null")};
      case Shape::Defaults:
        return {refer("defaults"), typed("null")};
      case Shape::Jobs:
        return {list_of(refer("job"))};
      case Shape::Overrides:
        return {map_of(refer("override")), typed("null")};
      case Shape::Images:
        return {{{"type", "array"}, {"items", typed("string")}}, refer("placeholder")};
      case Shape::Model:
        return {names_of_models(), refer("placeholder")};
      case Shape::Parameters:
        return {refer("parameters")};
      case Shape::Request:
        return {request(any_of({names_of_models(), refer("placeholder")}))};
      case Shape::Rows:
        return {word(), refer("rowsFile"), list_of(typed("object"))};
      case Shape::Columns:
        return {word(), list_of(word())};
      case Shape::Matrix:
        return {refer("matrix")};
    }
    return {};
  }

  static Json prompt_file() {
    return {{"type", "object"},
            {"additionalProperties", false},
            {"required", {"file"}},
            {"properties",
             {{"file",
               {{"description", "A text file, relative to the manifest."},
                {"type", "string"},
                {"minLength", 1},
                {"examples", {"prompts/recipe.txt"}}}}}}};
  }

  // Variables belong to jobs, so a budget is always a number.
  static Alternatives count(KeyRow const& row) {
    Alternatives out{{{"type", "integer"}, {"minimum", 1}}};
    if (is_default(row.name)) out.push_back(refer("placeholder"));
    return out;
  }

  std::string currency() const { return models_.empty() ? "[A-Z]{3}" : models_.begin()->second.currency; }

  Json names_of_models() const {
    Json names = Json::array();
    for (auto const& [name, model] : models_) names.push_back(name);
    return {{"enum", std::move(names)}};
  }

  Json parameters() const {
    Json properties = Json::object();
    for (auto const& uses : uses_of(models_)) properties[uses.name] = parameter(uses);
    return {{"type", "object"}, {"additionalProperties", false}, {"properties", std::move(properties)}};
  }

  static Json parameter(Uses const& uses) {
    Alternatives kinds;
    for (auto const kind : {Parameter::Kind::Integer, Parameter::Kind::Boolean, Parameter::Kind::Size,
                            Parameter::Kind::Text, Parameter::Kind::Boxes, Parameter::Kind::Palette})
      for (auto& each : widest(kind, uses.all)) kinds.push_back(std::move(each));
    kinds.push_back(refer("placeholder"));
    kinds.push_back(typed("null"));
    Json out{{"description", chooses_a_mode(uses) ? modes_of(uses) : ranges_of(uses.all)}};
    out.update(any_of(std::move(kinds)));
    auto const& first = uses.all.front();
    if (first.parameter.fallback) out["default"] = json_of(*first.parameter.fallback);
    out["examples"] = Json::array({example_of(first)});
    return out;
  }

  Models const& models_;
};

}  // namespace

std::string manifest_schema(Models const& models) {
  return Schema{models}.make().dump(2) + "\n";
}

}  // namespace wanspool
