#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <stdexcept>

#include "emulator/faults.h"

// The script file's JSON, brought down to the rules that flags write.
namespace wanspool::emulator {
namespace {

using nlohmann::json;

// {"on": "create", "when": "3-5", "do": ["lose-answer"], "status": 429, …}
std::string as_flag(json const& rule) {
  std::string actions;
  for (auto const& [key, value] : rule.items()) {
    if (key == "on" || key == "when" || key == "message") continue;
    if (key != "do") {
      actions += "," + key + "=" + (value.is_string() ? value.get<std::string>() : value.dump());
      continue;
    }
    if (value.is_string()) actions += "," + value.get<std::string>();
    if (value.is_array())
      for (auto const& each : value) actions += "," + each.get<std::string>();
  }
  auto const when = rule.contains("when") ? rule.at("when") : json("*");
  return fmt::format("{}:{}:{}", rule.at("on").get<std::string>(),
                     when.is_string() ? when.get<std::string>() : when.dump(), actions);
}

Rule rule_of(json const& value) {
  if (value.is_string()) return parse_rule(value.get<std::string>());
  if (!value.is_object() || !value.contains("on"))
    throw std::invalid_argument{"a rule is a string or an object with 'on', not " + value.dump()};
  auto rule = parse_rule(as_flag(value));
  if (value.contains("message")) rule.fault.message = value.at("message").get<std::string>();
  return rule;
}

}  // namespace

std::vector<Rule> parse_script(std::string_view text) {
  std::vector<Rule> rules;
  try {
    auto const begin = text.find_first_not_of(" \t\r\n");
    if (begin != std::string_view::npos && text[begin] == '[') {
      for (auto const& each : json::parse(text)) rules.push_back(rule_of(each));
      return rules;
    }
    while (!text.empty()) {
      auto const line = text.substr(0, text.find('\n'));
      text.remove_prefix(std::min(text.size(), line.size() + 1));
      if (line.find_first_not_of(" \t\r") == std::string_view::npos || line[0] == '#') continue;
      rules.push_back(rule_of(json::parse(line)));
    }
  } catch (json::exception const& error) {
    throw std::invalid_argument{std::string{"the script is not JSON as we need it: "} + error.what()};
  }
  return rules;
}

}  // namespace wanspool::emulator
