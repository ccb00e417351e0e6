#include "app/exposition.h"

#include <fmt/format.h>

#include <cmath>

namespace wanspool::app {
namespace {

std::string escaped(std::string_view text, bool in_quotes) {
  std::string out;
  for (char const each : text) {
    if (each == '\n') {
      out += "\\n";
      continue;
    }
    if (each == '\\' || (in_quotes && each == '"')) out += '\\';
    out += each;
  }
  return out;
}

// Whole numbers as such: fifteen digits of them are exact.
std::string number(double value) {
  return value == std::floor(value) && std::fabs(value) < 1e15 ? fmt::format("{:.0f}", value)
                                                               : fmt::format("{}", value);
}

}  // namespace

void Exposition::family(std::string_view name, Type type, std::string_view help) {
  name_ = name;
  families_[name_].head = fmt::format("# HELP {0} {1}\n# TYPE {0} {2}\n", name, escaped(help, false),
                                      type == Type::Counter ? "counter" : "gauge");
}

void Exposition::sample(double value, Labels const& labels) {
  std::string list;
  for (auto const& [name, text] : labels)
    list += fmt::format("{}{}=\"{}\"", list.empty() ? "" : ",", name, escaped(text, true));
  families_.at(name_).samples +=
      fmt::format("{}{} {}\n", name_, list.empty() ? "" : "{" + list + "}", number(value));
}

std::string Exposition::text() const {
  std::string text;
  for (auto const& [name, family] : families_)
    if (!family.samples.empty()) text += family.head + family.samples;
  return text;
}

}  // namespace wanspool::app
