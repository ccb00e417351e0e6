#include "manifest/nested.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <nlohmann/json.hpp>

#include "manifest/fields.h"

namespace wanspool::yaml {
namespace {

using nlohmann::json;

constexpr std::int64_t kFarthest = 1'000'000;
constexpr int kWhole = 100'00;  // hundredths of a per cent

Keys const kColour{"a colour", {"hex", "ratio"}};

std::optional<json> read_box(View box, std::string_view name, Complaints& complaints) {
  if (!box.is(Node::Kind::List) || box.size() != 4) {
    complaints.add(box, fmt::format("a box of {} is four whole numbers, [x1, y1, x2, y2]", name));
    return {};
  }
  std::int64_t at[4] = {};
  for (std::size_t i = 0; i < 4; ++i) {
    auto const number = read_integer(box[i], fmt::format("a box of {}", name), 0, kFarthest, complaints);
    if (!number) return {};
    at[i] = *number;
  }
  if (at[0] < at[2] && at[1] < at[3]) return json{at[0], at[1], at[2], at[3]};
  complaints.add(box, fmt::format("a box of {} goes from its upper left to its lower right corner: x1 is "
                                  "less than x2, and y1 less than y2",
                                  name));
  return {};
}

std::optional<json> read_boxes_of_one(Parameter const& parameter, View boxes, Complaints& complaints) {
  auto const& name = parameter.name;
  if (!boxes.is(Node::Kind::List)) {
    complaints.add(boxes, fmt::format("{} is a list for each picture, of boxes such as [[10, 20, 300, 400]], "
                                      "not {}",
                                      name, spoken(boxes)));
    return {};
  }
  auto const count = static_cast<std::int64_t>(boxes.size());
  if (count < parameter.low || count > parameter.high) {
    complaints.add(boxes, fmt::format("{} takes {} to {} boxes for each picture, here are {}", name,
                                      parameter.low, parameter.high, count));
    return {};
  }
  auto list = json::array();
  for (std::size_t i = 0; i < boxes.size(); ++i) {
    auto box = read_box(boxes[i], name, complaints);
    if (!box) return {};
    list.push_back(std::move(*box));
  }
  return list;
}

bool is_hex(std::string const& text) {
  return text.size() == 7 && text[0] == '#' && std::all_of(text.begin() + 1, text.end(), [](char c) {
           return std::isxdigit(static_cast<unsigned char>(c)) != 0;
         });
}

// "#C2D1E6", in capitals, so that one colour has one spelling.
std::optional<std::string> read_hex(View value, Complaints& complaints) {
  if (value.is(Node::Kind::Null)) {
    complaints.add(value,
                   "hex is empty; YAML takes what follows a # for a comment, so write \"#C2D1E6\" in "
                   "quotes");
    return {};
  }
  auto hex = read_word(value, "hex", complaints);
  if (!hex) return {};
  if (!is_hex(*hex)) {
    complaints.add(value, fmt::format("hex is a colour such as \"#C2D1E6\", not '{}'", shortened(*hex)));
    return {};
  }
  for (auto& each : *hex) each = static_cast<char>(std::toupper(static_cast<unsigned char>(each)));
  return hex;
}

// Hundredths of a per cent of "23.51%", "23.5%" or "23%"; -1 for anything else.
int hundredths(std::string_view text) {
  if (!text.ends_with('%')) return -1;
  text.remove_suffix(1);
  auto const dot = std::min(text.find('.'), text.size());
  auto const whole = text.substr(0, dot), part = text.substr(std::min(dot + 1, text.size()));
  auto const is_number = [](std::string_view digits) {
    return digits.find_first_not_of("0123456789") == digits.npos;
  };
  bool const dotted = dot < text.size();
  if (whole.empty() || whole.size() > 3 || part.size() > 2 || (dotted && part.empty()) || !is_number(whole) ||
      !is_number(part))
    return -1;
  int number = 0;
  for (char const c : whole) number = number * 10 + (c - '0');
  for (std::size_t i = 0; i < 2; ++i) number = number * 10 + (i < part.size() ? part[i] - '0' : 0);
  return number;
}

std::optional<int> read_share(View value, Complaints& complaints) {
  auto const text = read_word(value, "ratio", complaints);
  if (!text) return {};
  auto const share = hundredths(*text);
  if (share > 0 && share <= kWhole) return share;
  complaints.add(value, fmt::format("ratio is a colour's share such as 23.51%, not '{}'", shortened(*text)));
  return {};
}

std::string spoken_share(int share) {
  return fmt::format("{}.{:02}%", share / 100, share % 100);
}

// Adds to `sum`.
std::optional<json> read_colour(View map, int& sum, Complaints& complaints) {
  auto const before = complaints.count();
  Fields const fields{map, kColour, complaints};
  for (auto const& name : kColour.known)
    if (map.is(Node::Kind::Map) && fields.find(name) == nullptr)
      complaints.add(map, fmt::format("a colour wants hex and ratio, here is no {}", name));
  if (complaints.count() != before) return {};
  auto const hex = read_hex(fields.find("hex")->value, complaints);
  auto const share = read_share(fields.find("ratio")->value, complaints);
  if (!hex || !share) return {};
  sum += *share;
  // Two digits after the point, as the contract's example has it.
  return json{{"hex", *hex}, {"ratio", spoken_share(*share)}};
}

}  // namespace

std::optional<Value> read_boxes(Parameter const& parameter, View value, std::string_view,
                                Complaints& complaints) {
  if (!value.is(Node::Kind::List)) {
    complaints.add(value, fmt::format("{} is a list with one list of boxes for each picture, such as "
                                      "[[[10, 20, 300, 400]]], not {}",
                                      parameter.name, spoken(value)));
    return {};
  }
  auto all = json::array();
  for (std::size_t i = 0; i < value.size(); ++i) {
    auto boxes = read_boxes_of_one(parameter, value[i], complaints);
    if (!boxes) return {};
    all.push_back(std::move(*boxes));
  }
  return Value{Nested{all.dump()}};
}

std::optional<Value> read_palette(Parameter const& parameter, View value, std::string_view who,
                                  Complaints& complaints) {
  auto const count = static_cast<std::int64_t>(value.size());
  if (!value.is(Node::Kind::List) || count < parameter.low || count > parameter.high) {
    complaints.add(value,
                   fmt::format("{} of {} is a list of {} to {} colours such as {{ hex: \"#C2D1E6\", "
                               "ratio: 23.51% }}, not {}",
                               parameter.name, who, parameter.low, parameter.high,
                               value.is(Node::Kind::List) ? fmt::format("of {}", count) : spoken(value)));
    return {};
  }
  auto list = json::array();
  int sum = 0;
  for (std::size_t i = 0; i < value.size(); ++i) {
    auto colour = read_colour(value[i], sum, complaints);
    if (colour) list.push_back(std::move(*colour));
  }
  if (list.size() != value.size()) return {};
  if (sum == kWhole) return Value{Nested{list.dump()}};
  complaints.add(value, fmt::format("the ratios of {} are 100% together, here they are {}", parameter.name,
                                    spoken_share(sum)));
  return {};
}

void check_boxes(Parameter const& parameter, View value, std::size_t images, Complaints& complaints) {
  if (parameter.kind != Parameter::Kind::Boxes || value.size() == images) return;
  complaints.add(value, fmt::format("{} has a list for each picture, [] for one without boxes: here are {} "
                                    "for {} picture{}",
                                    parameter.name, value.size(), images, images == 1 ? "" : "s"));
}

}  // namespace wanspool::yaml
