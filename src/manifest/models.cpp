#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

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
Keys const kModel{
    "a model",
    {"path", "prompt_characters", "without_images", "modes", "limits", "prices", "limits_by_region"}};
Keys const kMode{"a mode", {"name", "interleave", "images", "count", "parameters"}};
Keys const kPrices{"'prices'", {"currency", "date", "per_picture"}};
Keys const kLimits{"'limits'", {"creates", "window", "slots", "creates_in_flight"}};
Keys const kBoolean{"a boolean parameter", {"kind", "default"}};
Keys const kInteger{"an integer parameter", {"kind", "range", "default"}};
Keys const kText{"a text parameter", {"kind", "characters", "default"}};
Keys const kSize{"a size parameter", {"kind", "pixels", "ratio", "names", "default"}};
Keys const kAnyParameter{"a parameter",
                         {"kind", "range", "characters", "pixels", "ratio", "names", "default"}};

struct Range {
  std::int64_t low = 0, high = 0;
};

// Reads the table strictly: a key that is missing is as wrong as one that is not known.
class TableReader {
 public:
  explicit TableReader(Complaints& complaints) : complaints_{complaints} {}

  Models read(View root) {
    Models models;
    auto const table = member(Fields{root, kTable, complaints_}, "models", root);
    for (auto const& [key, value] : entries(table, "models")) {
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
    if (!model.path.empty() && !model.path.starts_with('/'))
      complaints_.add(fields.find("path")->value, "path begins with '/'");
    model.prompt_characters = static_cast<int>(number(fields, "prompt_characters", map, 1));
    model.without_images = text(fields, "without_images", map);
    if (auto const modes = member(fields, "modes", map)) read_modes(*modes, model);
    if (auto const limits = member(fields, "limits", map)) model.limits = read_limits(*limits, std::nullopt);
    if (auto const* const regions = fields.find("limits_by_region"))
      for (auto const& [region, limits] : entries(regions->value, "limits_by_region"))
        model.limits_by_region[region.text()] = read_limits(limits, model.limits);
    if (auto const prices = member(fields, "prices", map)) read_prices(*prices, model);
    return model;
  }

  void read_modes(View list, Model& model) {
    if (!list.is(Node::Kind::List) || list.size() == 0)
      complaints_.add(list, fmt::format("modes is a list of at least one, not {}", spoken(list)));
    for (std::size_t i = 0; list.is(Node::Kind::List) && i < list.size(); ++i)
      model.modes.push_back(read_mode(list[i]));
  }

  Mode read_mode(View map) {
    Fields const fields{map, kMode, complaints_};
    Mode mode;
    mode.name = text(fields, "name", map);
    if (auto const interleave = member(fields, "interleave", map))
      mode.interleave = read_boolean(*interleave, "interleave", complaints_).value_or(false);
    auto const images = range(fields, "images", map);
    mode.images_low = static_cast<int>(images.low);
    mode.images_high = static_cast<int>(images.high);
    mode.count = text(fields, "count", map);
    for (auto const& [name, value] : entries(member(fields, "parameters", map), "parameters"))
      mode.parameters.push_back(read_row(name.text(), value));
    check_count(fields, mode);
    return mode;
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
    if (*word == "boolean") {
      row.kind = Parameter::Kind::Boolean;
      Fields{map, kBoolean, complaints_};
    } else if (*word == "integer") {
      row.kind = Parameter::Kind::Integer;
      auto const [low, high] = range(Fields{map, kInteger, complaints_}, "range", map);
      row.low = low;
      row.high = high;
    } else if (*word == "text") {
      row.characters = number(Fields{map, kText, complaints_}, "characters", map, 1);
    } else if (*word == "size") {
      read_size_row(map, row);
    } else {
      complaints_.add(*kind, "kind is boolean, integer, text or size" +
                                 did_you_mean(*word, {"boolean", "integer", "text", "size"}));
      return row;
    }
    if (auto const* const fallback = any.find("default"))
      row.fallback = read_parameter(row, fallback->value, "its row", complaints_);
    return row;
  }

  void read_size_row(View map, Parameter& row) {
    Fields const fields{map, kSize, complaints_};
    row.kind = Parameter::Kind::Size;
    auto const [low, high] = range(fields, "pixels", map);
    row.pixels_low = low;
    row.pixels_high = high;
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
      auto const price = value.is(Node::Kind::Scalar) ? read_money(value.text()) : std::nullopt;
      if (!price)
        complaints_.add(value, fmt::format("a price is a number such as 0.20, not {}", spoken(value)));
      model.prices[region.text()] = price.value_or(Money{});
    }
  }

  Complaints& complaints_;
};

}  // namespace

Models read_models(std::string_view text, std::string const& file) {
  Text const source{text};
  Complaints complaints{source, file};
  auto const root = read_tree(source, complaints);
  Models models;
  if (complaints.count() == 0) models = TableReader{complaints}.read(View{root});
  auto const found = complaints.take();
  if (found.empty()) return models;
  std::string words;
  for (auto const& each : found) words += (words.empty() ? "" : "\n") + each.str();
  throw std::runtime_error{words};
}

}  // namespace wanspool
