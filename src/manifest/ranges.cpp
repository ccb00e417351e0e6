#include "manifest/ranges.h"

#include <fmt/format.h>

#include <algorithm>

namespace wanspool {
namespace {

std::string from_to(std::int64_t low, std::int64_t high) {
  return low == high ? fmt::format("{}", low) : fmt::format("{} to {}", low, high);
}

std::string sizes(Parameter const& size) {
  std::string bounds;
  if (size.pixels_high > 0) bounds = fmt::format("W*H of {} to {} pixels", size.pixels_low, size.pixels_high);
  if (size.sides_high > 0)
    bounds += fmt::format("{} sides of {} to {}", bounds.empty() ? "W*H with" : " and", size.sides_low,
                          size.sides_high);
  if (!bounds.empty() && size.ratio > 0) bounds += fmt::format(", no longer than {}:1", size.ratio);
  std::string names;
  for (auto const& name : size.names) {
    bool const last = bounds.empty() && &name == &size.names.back();
    names += (names.empty() ? "" : last ? " or " : ", ") + name;
  }
  return names.empty() || bounds.empty() ? names + bounds : fmt::format("{}, or {}", names, bounds);
}

struct Words {
  std::string operator()(bool value) const { return value ? "true" : "false"; }
  std::string operator()(std::int64_t value) const { return fmt::format("{}", value); }
  std::string operator()(std::string const& value) const { return value; }
  std::string operator()(Nested const& value) const { return value.json; }
};

}  // namespace

std::string range_words(Parameter const& parameter) {
  switch (parameter.kind) {
    case Parameter::Kind::Boolean:
      return "true or false";
    case Parameter::Kind::Integer:
      return from_to(parameter.low, parameter.high);
    case Parameter::Kind::Text:
      return fmt::format("a text of at most {} characters", parameter.characters);
    case Parameter::Kind::Size:
      return sizes(parameter);
    case Parameter::Kind::Boxes:
      return fmt::format("for each picture a list of {} boxes [x1, y1, x2, y2]",
                         from_to(parameter.low, parameter.high));
    case Parameter::Kind::Palette:
      return fmt::format("{} colours, 100 % together", from_to(parameter.low, parameter.high));
  }
  return {};
}

std::string value_words(Value const& value) {
  return std::visit(Words{}, value);
}

}  // namespace wanspool
