#include "manifest/syntax.h"

#include <fmt/format.h>

#include <string_view>

namespace wanspool::yaml {
namespace {

constexpr std::string_view kFullWidthColon = "\xEF\xBC\x9A";

struct Meaning {
  std::string_view parser;  // how its message begins
  std::string_view words;
};

constexpr Meaning kMeanings[] = {
    {"illegal map value", "a ':' stands where no key can be; put a text that holds ': ' into quotes"},
    {"illegal map key", "a '?' stands where no key can be; put the text into quotes"},
    {"illegal block entry", "a '-' stands where no list can be; check the indentation, or use quotes"},
    {"illegal flow end", "a ']' or '}' was never opened"},
    {"end of sequence flow not found", "a '[' is not closed, or something in it wants quotes"},
    {"end of map flow not found", "a '{' is not closed, or something in it wants quotes"},
    {"end of map not found", "this does not fit the map above it; check indentation, quotes and commas"},
    {"end of sequence not found", "this does not fit the list above it; check the indentation"},
    {"illegal EOF in scalar", "a quote is opened and never closed"},
    {"illegal document indicator", "a '---' or '...' stands inside a quoted text"},
    {"illegal tab", "a tab in the indentation; use spaces"},
    {"unknown token", "a text cannot begin with this character; put it into quotes"},
    {"invalid unicode", "this \\u… is half of a character; its other half must follow it at once"},
    {"unknown escape character",
     "this '\\' begins no escape that YAML knows; write '\\\\', or use single quotes"},
    {"the referenced anchor is not defined", "no anchor of this name stands before this alias"},
    {"unexpected character in block scalar", "after '|' or '>' the line must end"},
};

std::string words_for(std::string const& message) {
  for (auto const& each : kMeanings)
    if (message.starts_with(each.parser)) return std::string{each.words};
  return "this is not YAML: " + message;
}

bool is_word(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

// What a person reads as the reason, where the parser only saw its consequence.
std::string hint(Text const& text, std::size_t at, std::size_t last) {
  for (auto const place : {at, last}) {
    auto const line = text.line(place);
    if (auto found = full_width_hint(line); !found.empty()) return found;
  }
  auto const line = text.line(at);
  if (line.find("${") != std::string_view::npos) return "; a '${…}' must stand in quotes";
  auto const first = line.find_first_not_of(' ');
  if (first != std::string_view::npos && line[first] == '\t')
    return "; this line is indented with a tab, use spaces";
  return {};
}

}  // namespace

std::string full_width_hint(std::string_view line) {
  auto const first = line.find_first_not_of(" -\t{");
  if (first == std::string_view::npos) return {};
  auto end = first;
  while (end < line.size() && is_word(line[end])) ++end;
  if (end == first || !line.substr(end).starts_with(kFullWidthColon)) return {};
  return fmt::format("; the '：' after '{}' is a full-width one, write ': '",
                     line.substr(first, end - first));
}

void add_syntax_error(Complaints& complaints, std::size_t at, std::size_t last, std::string const& message) {
  complaints.add(at, words_for(message) + hint(complaints.text(), at, last));
}

std::string not_a_map(Text const& text, Node const& document) {
  return "a file like this is a map of keys, such as 'manifest: 1'" + full_width_hint(text.line(document.at));
}

}  // namespace wanspool::yaml
