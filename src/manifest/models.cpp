#include "manifest/models.h"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

#include "core/regions.h"
#include "manifest/durations.h"
#include "manifest/events.h"
#include "manifest/fields.h"
#include "manifest/manifest.h"
#include "manifest/parameters.h"

namespace wanspool {
namespace {

using namespace yaml;

constexpr std::int64_t kMost = 1'000'000'000'000;

Keys const kTable{"the table of models", {"models"}};
Keys const kModel{"a model",
                  {"path", "body", "prompt_characters", "without_images", "pictures", "modes", "limits",
                   "prices", "limits_by_region"}};
Keys const kPictures{"'pictures'", {"bytes", "sides", "ratio", "alpha"}};
Keys const kMode{"a mode", {"name", "when", "images", "count", "parameters"}};
Keys const kPrices{"'prices'", {"currency", "date", "per_picture"}};
Keys const kLimits{"'limits'", {"creates", "window", "slots", "creates_in_flight"}};
Keys const kBoolean{"a boolean parameter", {"kind", "default"}};
Keys const kInteger{"an integer parameter", {"kind", "range", "default"}};
Keys const kText{"a text parameter", {"kind", "characters", "default"}};
Keys const kSize{"a size parameter", {"kind", "pixels", "sides", "ratio", "names", "default"}};
Keys const kBoxes{"a parameter of boxes", {"kind", "range"}};
Keys const kPalette{"a parameter of colours", {"kind", "range"}};
Keys const kAnyParameter{"a parameter",
                         {"kind", "range", "characters", "pixels", "sides", "ratio", "names", "default"}};

struct Kind {
  std::string_view word;
  Parameter::Kind kind;
  Keys const& keys;
};
Kind const kKinds[]{
    {"boolean", Parameter::Kind::Boolean, kBoolean}, {"integer", Parameter::Kind::Integer, kInteger},
    {"text", Parameter::Kind::Text, kText},          {"size", Parameter::Kind::Size, kSize},
    {"boxes", Parameter::Kind::Boxes, kBoxes},       {"palette", Parameter::Kind::Palette, kPalette},
};

struct Range {
  std::int64_t low = 0, high = 0;
};

// "/services/aigc/…" and nothing that could lead to another host or to another kind of request.
bool is_path(std::string_view path) {
  constexpr std::string_view kPlain = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_/.";
  return path.starts_with('/') && path.find("//") == path.npos && path.find("..") == path.npos &&
         path.find_first_not_of(kPlain) == path.npos;
}

class TableReader {
 public:
  explicit TableReader(Complaints& complaints) : complaints_{complaints} {}

  Models table(View root) {
    auto const rows = member(Fields{root, kTable, complaints_}, "models", root);
    return rows ? read(*rows) : Models{};
  }

  Models read(View rows) {
    Models models;
    for (auto const& [key, value] : entries(rows, "models")) {
      auto model = read_model(value);
      model.name = key.text();
      models[model.name] = std::move(model);
    }
    return models;
  }

 private:
  // The value of a key that must be there.
  std::optional<View> member(Fields const& fields, std::string_view name, View map) {
    if (auto const* const found = fields.find(name)) return found->value;
    if (map.is(Node::Kind::Map)) complaints_.add(map, fmt::format("the key '{}' is missing here", name));
    return {};
  }

  // The pairs of a map whose keys are names.
  std::vector<Field> entries(std::optional<View> const& map, std::string_view what) {
    std::vector<Field> out;
    if (!map) return out;
    if (!map->is(Node::Kind::Map) || map->size() == 0)
      complaints_.add(*map, fmt::format("{} is a map by name, not {}", what, spoken(*map)));
    for (std::size_t i = 0; map->is(Node::Kind::Map) && i + 1 < map->size(); i += 2)
      out.push_back({(*map)[i], (*map)[i + 1]});
    return out;
  }

  std::string text(Fields const& fields, std::string_view name, View map) {
    auto const value = member(fields, name, map);
    if (!value) return {};
    if (value->is(Node::Kind::Scalar)) return value->text();
    complaints_.add(*value, fmt::format("{} wants a text, not {}", name, spoken(*value)));
    return {};
  }

  std::int64_t number(Fields const& fields, std::string_view name, View map, std::int64_t low) {
    auto const value = member(fields, name, map);
    return value ? read_integer(*value, name, low, kMost, complaints_).value_or(low) : low;
  }

  Range range(Fields const& fields, std::string_view name, View map) {
    auto const value = member(fields, name, map);
    if (!value) return {};
    if (!value->is(Node::Kind::List) || value->size() != 2) {
      complaints_.add(*value, fmt::format("{} wants two numbers, [lowest, highest]", name));
      return {};
    }
    auto const low = read_integer((*value)[0], name, 0, kMost, complaints_);
    auto const high = low ? read_integer((*value)[1], name, *low, kMost, complaints_) : low;
    return {low.value_or(0), high.value_or(0)};
  }

  Model read_model(View map) {
    Fields const fields{map, kModel, complaints_};
    Model model;
    model.path = text(fields, "path", map);
    if (!model.path.empty() && !is_path(model.path))
      complaints_.add(fields.find("path")->value,
                      "path is what follows the endpoint, such as /services/aigc/text2image/image-synthesis");
    model.body = read_body(fields, map);
    model.prompt_characters = static_cast<int>(number(fields, "prompt_characters", map, 1));
    if (fields.find("without_images") != nullptr) model.without_images = text(fields, "without_images", map);
    if (auto const modes = member(fields, "modes", map)) read_modes(*modes, model);
    read_pictures(fields, map, model);
    if (auto const limits = member(fields, "limits", map)) model.limits = read_limits(*limits, std::nullopt);
    if (auto const* const regions = fields.find("limits_by_region"))
      for (auto const& [region, limits] : entries(regions->value, "limits_by_region"))
        if (check_region(region)) model.limits_by_region[region.text()] = read_limits(limits, model.limits);
    if (auto const prices = member(fields, "prices", map)) read_prices(*prices, model);
    return model;
  }

  BodyShape read_body(Fields const& fields, View map) {
    auto const word = text(fields, "body", map);
    if (word != "messages" && word != "input" && !word.empty())
      complaints_.add(fields.find("body")->value,
                      "body is messages or input" + did_you_mean(word, {"messages", "input"}));
    return word == "input" ? BodyShape::Input : BodyShape::Messages;
  }

  // Told only where they matter: a mode takes pictures.
  void read_pictures(Fields const& fields, View map, Model& model) {
    auto const takes = [](Mode const& mode) { return mode.images_high > 0; };
    auto const needs = [](Mode const& mode) { return mode.images_low > 0; };
    if (model.without_images.empty() && std::any_of(model.modes.begin(), model.modes.end(), needs))
      model.without_images = "name one there";
    if (fields.find("pictures") == nullptr && std::none_of(model.modes.begin(), model.modes.end(), takes))
      return;
    auto const pictures = member(fields, "pictures", map);
    if (!pictures) return;
    Fields const limits{*pictures, kPictures, complaints_};
    auto& inputs = model.inputs;
    inputs.bytes = number(limits, "bytes", *pictures, 1);
    auto const sides = range(limits, "sides", *pictures);
    inputs.side_low = static_cast<int>(sides.low);
    inputs.side_high = static_cast<int>(sides.high);
    if (limits.find("ratio") != nullptr)
      inputs.ratio = static_cast<int>(number(limits, "ratio", *pictures, 1));
    if (auto const alpha = member(limits, "alpha", *pictures))
      inputs.alpha = read_boolean(*alpha, "alpha", complaints_).value_or(false);
  }

  bool check_region(View name) {
    if (find_region(name.text()) != nullptr || name.text() == "loopback") return true;
    std::vector<std::string> names{"loopback"};
    for (auto const& each : kRegions) names.emplace_back(each.name);
    complaints_.add(name,
                    fmt::format("region '{}' is unknown{}", name.text(), did_you_mean(name.text(), names)));
    return false;
  }

  void read_modes(View list, Model& model) {
    if (!list.is(Node::Kind::List) || list.size() == 0)
      complaints_.add(list, fmt::format("modes is a list of at least one, not {}", spoken(list)));
    for (std::size_t i = 0; list.is(Node::Kind::List) && i < list.size(); ++i) {
      model.modes.push_back(read_mode(list[i]));
      if (list.size() > 1 && model.modes.back().name.empty() && list[i].is(Node::Kind::Map))
        complaints_.add(list[i], "where there are several modes each wants a name");
    }
  }

  Mode read_mode(View map) {
    Fields const fields{map, kMode, complaints_};
    Mode mode;
    if (fields.find("name") != nullptr) mode.name = text(fields, "name", map);
    if (fields.find("when") != nullptr) mode.when = text(fields, "when", map);
    auto const images = range(fields, "images", map);
    mode.images_low = static_cast<int>(images.low);
    mode.images_high = static_cast<int>(images.high);
    mode.count = text(fields, "count", map);
    for (auto const& [name, value] : entries(member(fields, "parameters", map), "parameters"))
      mode.parameters.push_back(read_row(name.text(), value));
    check_count(fields, mode);
    check_switch(fields, mode);
    return mode;
  }

  void check_switch(Fields const& fields, Mode const& mode) {
    if (mode.when.empty()) return;
    auto const* const parameter = mode.parameter(mode.when);
    if (parameter != nullptr && parameter->fallback == Value{true}) return;
    complaints_.add(fields.find("when")->value,
                    "when names a boolean parameter of this mode whose default is true");
  }

  // What is bought must be known before it is sent.
  void check_count(Fields const& fields, Mode const& mode) {
    auto const* const count = mode.parameter(mode.count);
    if (mode.count.empty() ||
        (count != nullptr && count->kind == Parameter::Kind::Integer && count->fallback))
      return;
    complaints_.add(fields.find("count")->value,
                    "count names an integer parameter of this mode that has a default");
  }

  Parameter read_row(std::string const& name, View map) {
    Fields const any{map, kAnyParameter, complaints_};
    Parameter row;
    row.name = name;
    auto const kind = member(any, "kind", map);
    auto const word = kind ? read_word(*kind, "kind", complaints_) : std::nullopt;
    if (!word) return row;
    auto const known = std::find_if(std::begin(kKinds), std::end(kKinds),
                                    [&](Kind const& each) { return each.word == *word; });
    if (known == std::end(kKinds)) {
      std::vector<std::string> words;
      for (auto const& each : kKinds) words.emplace_back(each.word);
      complaints_.add(*kind,
                      "kind is boolean, integer, text, size, boxes or palette" + did_you_mean(*word, words));
      return row;
    }
    row.kind = known->kind;
    read_bounds({map, known->keys, complaints_}, map, row);
    auto const* const fallback = known->keys.known.back() == "default" ? any.find("default") : nullptr;
    if (fallback != nullptr) row.fallback = read_parameter(row, fallback->value, "its row", complaints_);
    return row;
  }

  void read_bounds(Fields const& fields, View map, Parameter& row) {
    if (row.kind == Parameter::Kind::Size) return read_sizes(fields, map, row);
    if (row.kind == Parameter::Kind::Boolean) return;
    if (row.kind == Parameter::Kind::Text) {
      row.characters = number(fields, "characters", map, 1);
      return;
    }
    auto const [low, high] = range(fields, "range", map);
    row.low = low;
    row.high = high;
  }

  // W*H within bounds, or one of a few names; with both a name may stand for what is beyond the bounds.
  void read_sizes(Fields const& fields, View map, Parameter& row) {
    bool const named = fields.find("names") != nullptr, by_side = fields.find("sides") != nullptr;
    bool const by_pixels = fields.find("pixels") != nullptr || (!named && !by_side);
    auto const pixels = by_pixels ? range(fields, "pixels", map) : Range{};
    auto const sides = by_side ? range(fields, "sides", map) : Range{};
    row.pixels_low = pixels.low;
    row.pixels_high = pixels.high;
    row.sides_low = sides.low;
    row.sides_high = sides.high;
    if (by_pixels || fields.find("ratio") != nullptr)
      row.ratio = static_cast<int>(number(fields, "ratio", map, 1));
    auto const* const names = fields.find("names");
    if (names == nullptr) return;
    if (!names->value.is(Node::Kind::List)) complaints_.add(names->value, "names is a list");
    for (std::size_t i = 0; names->value.is(Node::Kind::List) && i < names->value.size(); ++i)
      if (auto name = read_word(names->value[i], "a name", complaints_))
        row.names.push_back(std::move(*name));
  }

  // Without a `base` every key must be there.
  Limits read_limits(View map, std::optional<Limits> const& base) {
    Fields const fields{map, kLimits, complaints_};
    auto limits = base.value_or(Limits{});
    auto const set = [&](int& target, std::string_view name) {
      if (!base || fields.find(name) != nullptr) target = static_cast<int>(number(fields, name, map, 0));
    };
    set(limits.creates, "creates");
    set(limits.slots, "slots");
    set(limits.creates_in_flight, "creates_in_flight");
    if (base && fields.find("window") == nullptr) return limits;
    if (auto const window = member(fields, "window", map))
      limits.window = read_duration(*window, "window", complaints_).value_or(limits.window);
    return limits;
  }

  void read_prices(View map, Model& model) {
    Fields const fields{map, kPrices, complaints_};
    model.currency = text(fields, "currency", map);
    model.price_date = text(fields, "date", map);
    for (auto const& [region, value] : entries(member(fields, "per_picture", map), "per_picture")) {
      if (!check_region(region)) continue;
      auto const price = value.is(Node::Kind::Scalar) ? read_money(value.text()) : std::nullopt;
      if (!price)
        complaints_.add(value, fmt::format("a price is a number such as 0.20, not {}", spoken(value)));
      model.prices[region.text()] = price.value_or(Money{});
    }
  }

  Complaints& complaints_;
};

}  // namespace

Models yaml::read_rows_of_models(View map, Complaints& complaints) {
  return TableReader{complaints}.read(map);
}

Models read_models(std::string_view text, std::string const& file) {
  Text const source{text};
  Complaints complaints{source, file};
  auto const root = read_tree(source, complaints);
  Models models;
  if (complaints.count() == 0) models = TableReader{complaints}.table(View{root});
  auto const found = complaints.take();
  if (found.empty()) return models;
  std::string words;
  for (auto const& each : found) words += (words.empty() ? "" : "\n") + each.str();
  throw std::runtime_error{words};
}

}  // namespace wanspool
