#include "manifest/parameters.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <vector>

#include "manifest/fields.h"
#include "manifest/jobs.h"
#include "manifest/nested.h"

namespace wanspool::yaml {
namespace {

struct Sides {
  std::int64_t width = 0, height = 0;
};

// W*H in digits without leading zeros, so that one size has one spelling.
std::optional<Sides> read_sides(std::string_view text, char between) {
  auto const middle = text.find(between);
  if (middle == std::string_view::npos) return {};
  auto const side = [](std::string_view digits, std::int64_t& out) {
    if (digits.empty() || digits.size() > 6 || digits[0] < '1' || digits[0] > '9') return false;
    return std::from_chars(digits.data(), digits.data() + digits.size(), out).ptr ==
           digits.data() + digits.size();
  };
  Sides sides;
  if (!side(text.substr(0, middle), sides.width) || !side(text.substr(middle + 1), sides.height)) return {};
  return sides;
}

std::string allowed_sizes(Parameter const& size) {
  std::string words, bounds;
  for (auto const& name : size.names) words += (words.empty() ? "" : ", ") + name;
  if (size.pixels_high > 0) bounds = fmt::format("W*H of {} to {} pixels", size.pixels_low, size.pixels_high);
  if (size.sides_high > 0)
    bounds += fmt::format("{} sides from {} to {}", bounds.empty() ? "W*H with" : ",", size.sides_low,
                          size.sides_high);
  if (bounds.empty()) return words;
  if (size.ratio > 0) bounds += fmt::format(" and a shape from 1:{} to {}:1", size.ratio, size.ratio);
  return words.empty() ? bounds : fmt::format("{}, or {}", words, bounds);
}

// Why these sides are out of bounds; "" if they are not.
std::string wrong_sides(Sides const& sides, Parameter const& size) {
  auto const pixels = sides.width * sides.height;
  auto const [narrow, wide] = std::minmax(sides.width, sides.height);
  if (size.pixels_high == 0 && size.sides_high == 0) return "is none of its sizes";
  if (size.pixels_high > 0 && (pixels < size.pixels_low || pixels > size.pixels_high))
    return fmt::format("has {} pixel{}", pixels, pixels == 1 ? "" : "s");
  if (size.sides_high > 0 && narrow < size.sides_low) return fmt::format("has a side of {}", narrow);
  if (size.sides_high > 0 && wide > size.sides_high) return fmt::format("has a side of {}", wide);
  return size.ratio > 0 && wide > narrow * size.ratio ? "is too long for its width" : "";
}

std::string wrong_size(std::string text, Parameter const& size) {
  std::erase(text, ' ');
  for (auto at = text.find("×"); at != text.npos; at = text.find("×")) text.replace(at, 2, "*");
  for (char const between : {'*', 'x', 'X'})
    if (auto const sides = read_sides(text, between))
      return fmt::format("; write {}*{}", sides->width, sides->height);
  auto upper = text;
  std::transform(upper.begin(), upper.end(), upper.begin(), [](char c) { return c == 'k' ? 'K' : c; });
  bool const named = std::find(size.names.begin(), size.names.end(), upper) != size.names.end();
  return named ? fmt::format("; write {}", upper) : "";
}

std::optional<Value> read_size(Parameter const& parameter, View value, std::string_view who,
                               Complaints& complaints) {
  auto const text = read_word(value, parameter.name, complaints);
  if (!text) return {};
  if (std::find(parameter.names.begin(), parameter.names.end(), *text) != parameter.names.end()) return *text;
  auto const refuse = [&](std::string const& why) {
    complaints.add(value,
                   fmt::format("size '{}' {}; {} takes {}", *text, why, who, allowed_sizes(parameter)));
    return std::optional<Value>{};
  };
  auto const sides = read_sides(*text, '*');
  if (!sides) {
    auto const help = wrong_size(*text, parameter);
    if (help.empty()) return refuse("is not W*H");
    complaints.add(value, fmt::format("size '{}' is not W*H{}", *text, help));
    return {};
  }
  auto const why = wrong_sides(*sides, parameter);
  return why.empty() ? std::optional<Value>{*text} : refuse(why);
}

std::optional<Value> read_long_text(Parameter const& parameter, View value, std::string_view who,
                                    Complaints& complaints) {
  auto const text = read_prose(value, parameter.name, complaints);
  if (!text) return {};
  auto const count = characters(*text);
  if (count <= static_cast<std::size_t>(parameter.characters)) return *text;
  complaints.add(value, fmt::format("{} has {} characters; {} reads {} and cuts the rest in silence",
                                    parameter.name, count, who, parameter.characters));
  return {};
}

// What chooses the other one: "enable_interleave: true", "with 1 to 9 pictures".
std::string choice_between(Mode const& mode, Mode const& other) {
  if (!other.when.empty()) return other.when + ": true";
  if (!mode.when.empty()) return mode.when + ": false";
  if (other.images_high == 0) return "without pictures";
  return fmt::format("with {} to {} pictures", other.images_low, other.images_high);
}

// "wan2.6-image", "wan2.6-image and 8 others"; "" where no model has it.
std::string owners_of(std::string const& parameter, Models const& models) {
  std::vector<std::string> names;
  for (auto const& [name, model] : models)
    if (std::any_of(model.modes.begin(), model.modes.end(),
                    [&](Mode const& mode) { return mode.parameter(parameter) != nullptr; }))
      names.insert(name == kUsualModel ? names.begin() : names.end(), name);
  if (names.size() < 2) return names.empty() ? "" : names.front();
  auto const others = names.size() - 1;
  return fmt::format("{} and {} other{}", names.front(), others, others == 1 ? "" : "s");
}

}  // namespace

std::string spoken(Model const& model, Mode const& mode) {
  return mode.name.empty() ? model.name : fmt::format("{} in {} mode", model.name, mode.name);
}

std::optional<Value> read_parameter(Parameter const& parameter, View value, std::string_view who,
                                    Complaints& complaints) {
  auto const what = fmt::format("{} of {}", parameter.name, who);
  switch (parameter.kind) {
    case Parameter::Kind::Boolean:
      return read_boolean(value, parameter.name, complaints);
    case Parameter::Kind::Integer:
      return read_integer(value, what, parameter.low, parameter.high, complaints);
    case Parameter::Kind::Text:
      return read_long_text(parameter, value, who, complaints);
    case Parameter::Kind::Size:
      return read_size(parameter, value, who, complaints);
    case Parameter::Kind::Boxes:
      return read_boxes(parameter, value, who, complaints);
    case Parameter::Kind::Palette:
      return read_palette(parameter, value, who, complaints);
  }
  return {};
}

bool is_parameter(Models const& models, std::string const& name) {
  for (auto const& [model_name, model] : models)
    for (auto const& mode : model.modes)
      if (mode.parameter(name) != nullptr) return true;
  return false;
}

std::string unknown_parameter(Model const& model, Mode const& mode, std::string const& name,
                              Models const& models) {
  auto const who = spoken(model, mode);
  for (auto const& other : model.modes)
    if (other.parameter(name) != nullptr)
      return fmt::format("{} has no effect in {} mode, it belongs to {} mode ({}); take it out", name,
                         mode.name, other.name, choice_between(mode, other));
  if (auto const owners = owners_of(name, models); !owners.empty())
    return fmt::format("{} has no parameter '{}', it belongs to {}; take it out", who, name, owners);
  std::vector<std::string> names;
  for (auto const& each : mode.parameters) names.push_back(each.name);
  return fmt::format("{} has no parameter '{}'{}", who, name, did_you_mean(name, names));
}

}  // namespace wanspool::yaml
