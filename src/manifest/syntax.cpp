#include "manifest/syntax.h"

#include <algorithm>
#include <string_view>

namespace wanspool::yaml {
namespace {

constexpr std::string_view kFullWidthColon = "\xEF\xBC\x9A";

struct Meaning {
  std::string_view parser;  // how its message begins
  std::string_view words;
};

constexpr Meaning kMeanings[] = {
    {"bad file", "lists and maps are nested more than 500 levels deep"},
    {"illegal map value", "a ':' stands where no key can be; put a text that holds ': ' into quotes"},
    {"illegal map key", "a '?' stands where no key can be; put the text into quotes"},
    {"illegal block entry", "a '-' stands where no list can be; check the indentation, or use quotes"},
    {"illegal flow end", "a ']' or '}' was never opened"},
    {"end of sequence flow not found", "a '[' is not closed, or something in it wants quotes"},
    {"end of map flow not found", "a '{' is not closed, or something in it wants quotes"},
    {"end of map not found", "this does not fit the map above it; check indentation, quotes and commas"},
    {"end of sequence not found", "this does not fit the list above it; check the indentation"},
    {"illegal EOF in scalar", "a quote before this is opened and never closed"},
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

// The quote of a text at `at`, past its end if it is closed.
std::size_t after_quoted(std::string_view source, std::size_t at) {
  char const quote = source[at];
  for (auto i = at + 1; i < source.size(); ++i) {
    if (quote == '"' && source[i] == '\\') {
      ++i;
    } else if (source[i] == quote) {
      if (quote == '"' || i + 1 == source.size() || source[i + 1] != quote) return i + 1;
      ++i;
    }
  }
  return kNowhere;
}

// The first quote at or after `from` that nothing closes.
std::size_t first_open_quote(std::string_view source, std::size_t from) {
  for (auto at = source.find_first_of("\"'", from); at != std::string_view::npos;) {
    auto const end = after_quoted(source, at);
    if (end == kNowhere) return at;
    at = source.find_first_of("\"'", end);
  }
  return kNowhere;
}

// What a person reads as the reason, where the parser only saw its consequence.
std::string hint(std::string_view line) {
  if (line.find("${") != std::string_view::npos) return "; a '${…}' must stand in quotes";
  auto const first = line.find_first_not_of(' ');
  if (first != std::string_view::npos && line[first] == '\t')
    return "; this line is indented with a tab, use spaces";
  return {};
}

std::size_t full_width_colon_in(std::string_view line) {
  auto const first = line.find_first_not_of(" -\t{");
  if (first == std::string_view::npos) return kNowhere;
  auto end = first;
  while (end < line.size() && is_word(line[end])) ++end;
  return end != first && line.substr(end).starts_with(kFullWidthColon) ? end : kNowhere;
}

}  // namespace

std::size_t scalar_begin(std::string_view source, std::size_t at) {
  constexpr std::string_view kBlank = " \t\r\n";
  at = std::min(at, source.size());
  while (at < source.size() && (source[at] == '&' || source[at] == '!')) {
    at = std::min(source.find_first_of(kBlank, at), source.size());
    at = std::min(source.find_first_not_of(kBlank, at), source.size());
  }
  return at;
}

std::string_view source_of_scalar(Text const& text, std::size_t at) {
  auto const source = text.bytes();
  at = scalar_begin(source, at);
  if (at == source.size()) return {};
  auto const end = source[at] == '"' || source[at] == '\'' ? after_quoted(source, at) : source.find('\n', at);
  return source.substr(at, std::min(end, source.size()) - at);
}

std::size_t open_quote(Text const& text, std::size_t at) {
  auto const source = text.bytes();
  at = scalar_begin(source, at);
  if (at == source.size() || (source[at] != '"' && source[at] != '\'')) return kNowhere;
  return after_quoted(source, at) == kNowhere ? at : kNowhere;
}

std::size_t full_width_colon(Text const& text, std::size_t first, std::size_t last) {
  for (auto at = std::min(first, last); at <= last; ++at) {
    auto const line = text.line(at);
    auto const start = static_cast<std::size_t>(line.data() - text.bytes().data());
    if (auto const found = full_width_colon_in(line); found != kNowhere) return start + found;
    at = start + line.size();
  }
  return kNowhere;
}

void add_syntax_error(Complaints& complaints, std::size_t at, std::size_t last, std::string const& message) {
  auto const& text = complaints.text();
  if (auto const colon = full_width_colon(text, last, at); colon != kNowhere)
    return complaints.add(colon, std::string{kFullWidth});
  // An open quote swallows the rest of the file, and what it has swallowed is missed only at its end.
  auto const end = text.bytes().find_last_not_of(" \t\r\n");
  auto const quote = at > end ? first_open_quote(text.bytes(), last) : kNowhere;
  if (quote != kNowhere) return complaints.add(quote, std::string{kOpenQuote});
  auto const words = words_for(message);
  bool const is_tab = words.find("a tab") != std::string::npos;
  complaints.add(at, is_tab ? words : words + hint(text.line(at)));
}

}  // namespace wanspool::yaml
