#include "manifest/fields.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "base/nearest.h"
#include "manifest/syntax.h"

namespace wanspool::yaml {
namespace {

constexpr std::string_view kBlank = " \t\r\n";

bool is_blank(char c) {
  return kBlank.find(c) != std::string_view::npos;
}

// Where a '${' of the value stands in the source, as far as one can tell.
std::size_t placeholder_place(View value, Text const& text) {
  auto const source = text.bytes();
  for (auto at = source.find("${", value.at()); at != std::string_view::npos; at = source.find("${", at + 2))
    if (at == 0 || source[at - 1] != '$') return at;
  return value.at();
}

// An escape such as \a brings what no file may hold itself.
bool is_clean(View value, std::string_view what, std::string_view text, Complaints& complaints) {
  auto const is_control = [](unsigned char c) {
    return (c < 0x20 && c != '\t' && c != '\n' && c != '\r') || c == 0x7F;
  };
  auto const found = std::find_if(text.begin(), text.end(), is_control);
  if (found == text.end()) return true;
  complaints.add(value, fmt::format("{} holds the control character U+{:04X}; take it out", what,
                                    static_cast<unsigned>(static_cast<unsigned char>(*found))));
  return false;
}

}  // namespace

std::string shortened(std::string const& text) {
  constexpr std::size_t kMost = 40;
  std::size_t end = 0;
  for (std::size_t count = 0; end < text.size() && count < kMost; ++count)
    end += std::max<std::size_t>(1, sequence_length(text, end));
  auto out = text.substr(0, end);
  std::replace(out.begin(), out.end(), '\n', ' ');
  return end < text.size() ? out + "…" : out;
}

Keys keys_of(KeyTable const& table) {
  Keys keys{table.where, {}, {}};
  for (auto const& row : table.rows) keys.known.emplace_back(row.name);
  return keys;
}

std::optional<View> member(View map, std::string_view name) {
  for (std::size_t i = 0; map.is(Node::Kind::Map) && i + 1 < map.size(); i += 2)
    if (map[i].text() == name) return map[i + 1];
  return {};
}

std::string did_you_mean(std::string_view word, std::vector<std::string> const& names) {
  auto const found = nearest(word, names);
  return found.empty() ? "" : fmt::format("; did you mean '{}'?", found);
}

std::string spoken(View value) {
  switch (value.node().kind) {
    case Node::Kind::Null:
      return "nothing";
    case Node::Kind::List:
      return "a list";
    case Node::Kind::Map:
      return "a map";
    case Node::Kind::Scalar:
      break;
  }
  bool const bare = plain_integer(value) || plain_boolean(value);
  return bare ? value.text() : fmt::format("'{}'", shortened(value.text()));
}

bool check_key(View key, Keys const& keys, Complaints& complaints) {
  auto const& word = key.text();
  if (!key.is(Node::Kind::Scalar) || word == "<<") return false;  // the reader has said so
  auto const is_word = [&](std::string const& each) { return each == word; };
  if (std::any_of(keys.known.begin(), keys.known.end(), is_word)) return true;
  if (std::any_of(keys.later.begin(), keys.later.end(), is_word)) {
    complaints.add(key, fmt::format("'{}' is not understood by this version yet; take it out", word));
    return false;
  }
  if (auto const colon = full_width_colon(complaints.text(), key.at(), key.at()); colon != kNowhere) {
    complaints.add(colon, std::string{kFullWidth});
    return false;
  }
  auto names = keys.known;
  names.insert(names.end(), keys.later.begin(), keys.later.end());
  complaints.add(key,
                 fmt::format("{} has no key '{}'{}", keys.where, shortened(word), did_you_mean(word, names)));
  return false;
}

std::string meant_key(View key, Keys const& keys) {
  bool const is_word = key.is(Node::Kind::Scalar) && key.text() != "<<";
  return is_word ? nearest(key.text(), keys.known) : std::string{};
}

Fields::Fields(View map, Keys const& keys, Complaints& complaints) {
  auto const colon =
      map.is(Node::Kind::Scalar) ? full_width_colon(complaints.text(), map.at(), map.at()) : kNowhere;
  if (colon != kNowhere) {
    complaints.add(colon, std::string{kFullWidth});
  } else if (!map.is(Node::Kind::Map)) {
    complaints.add(
        map, fmt::format("{} is a map of keys ({}, …), not {}", keys.where, keys.known.front(), spoken(map)));
  }
  for (std::size_t i = 0; map.is(Node::Kind::Map) && i + 1 < map.size(); i += 2)
    if (check_key(map[i], keys, complaints))
      fields_.push_back({map[i], map[i + 1]});
    else if (auto name = meant_key(map[i], keys); !name.empty())
      meant_.push_back({std::move(name), {map[i], map[i + 1]}});
}

Field const* Fields::find(std::string_view name) const {
  for (auto const& each : fields_)
    if (each.key.text() == name) return &each;
  for (auto const& each : meant_)
    if (each.name == name) return &each.field;
  return nullptr;
}

std::optional<std::int64_t> plain_integer(View value) {
  if (!value.is(Node::Kind::Scalar) || !value.node().plain) return {};
  std::string_view digits = value.text();
  int base = 10;
  if (digits.starts_with("0x") || digits.starts_with("0o")) {
    base = digits[1] == 'x' ? 16 : 8;
    digits.remove_prefix(2);
    if (digits.starts_with('-')) return {};
  } else if (digits.starts_with('+')) {
    digits.remove_prefix(1);
    if (digits.starts_with('-')) return {};
  }
  std::int64_t number = 0;
  auto const result = std::from_chars(digits.data(), digits.data() + digits.size(), number, base);
  if (result.ec != std::errc{} || result.ptr != digits.data() + digits.size()) return {};
  return number;
}

std::optional<bool> plain_boolean(View value) {
  if (!value.is(Node::Kind::Scalar) || !value.node().plain) return {};
  auto const& word = value.text();
  if (word == "true" || word == "True" || word == "TRUE") return true;
  if (word == "false" || word == "False" || word == "FALSE") return false;
  return {};
}

std::optional<std::int64_t> read_integer(View value, std::string_view what, std::int64_t low,
                                         std::int64_t high, Complaints& complaints) {
  auto const range =
      low == high ? fmt::format("{}", low) : fmt::format("a whole number from {} to {}", low, high);
  auto const number = plain_integer(value);
  if (number && *number >= low && *number <= high) return number;
  auto bare = value.node();
  bare.plain = true;
  bool const quoted = value.is(Node::Kind::Scalar) && !value.node().plain && plain_integer(View{bare});
  complaints.add(value, fmt::format("{} wants {}, not {}{}", what, range,
                                    quoted ? "the text " + spoken(value) : spoken(value),
                                    quoted ? "; drop the quotes" : ""));
  return {};
}

std::optional<bool> read_boolean(View value, std::string_view what, Complaints& complaints) {
  if (auto const flag = plain_boolean(value)) return flag;
  auto bare = value.node();
  bare.plain = true;
  bool const quoted = value.is(Node::Kind::Scalar) && !value.node().plain && plain_boolean(View{bare});
  complaints.add(value, fmt::format("{} wants true or false, not {}{}", what,
                                    quoted ? "the text " + spoken(value) : spoken(value),
                                    quoted ? "; drop the quotes" : ""));
  return {};
}

std::optional<std::string> without_placeholders(View value, Complaints& complaints) {
  auto const& text = value.text();
  if (value.node().data) return text;
  std::string out;
  for (std::size_t i = 0; i < text.size();) {
    auto const rest = std::string_view{text}.substr(i);
    if (rest.starts_with("$${")) {
      out += "${";
      i += 3;
    } else if (rest.starts_with("${")) {
      complaints.add(placeholder_place(value, complaints.text()),
                     "nothing is filled in here, so that this can be no placeholder '${…}'; a literal '${' "
                     "is written '$${'");
      return {};
    } else {
      out += text[i++];
    }
  }
  return out;
}

std::optional<std::string> read_word(View value, std::string_view what, Complaints& complaints) {
  if (!value.is(Node::Kind::Scalar)) {
    complaints.add(value, fmt::format("{} wants a text, not {}", what, spoken(value)));
    return {};
  }
  auto word = without_placeholders(value, complaints);
  if (!word || !is_clean(value, what, *word, complaints)) return {};
  *word = trimmed(*word);
  if (!word->empty()) return word;
  complaints.add(value, fmt::format("{} is empty", what));
  return {};
}

std::optional<std::string> read_prose(View value, std::string_view what, Complaints& complaints) {
  if (!value.is(Node::Kind::Scalar)) {
    complaints.add(value, fmt::format("{} wants a text, not {}", what, spoken(value)));
    return {};
  }
  if (auto const comment = comment_after(value, complaints.text()); !comment.empty()) {
    complaints.add(
        static_cast<std::size_t>(comment.data() - complaints.text().bytes().data()),
        fmt::format("YAML cuts {} here, before ' #'; put the text into quotes, or the comment on a line of "
                    "its own",
                    what));
    return {};
  }
  auto text = without_placeholders(value, complaints);
  if (!text || !is_clean(value, what, *text, complaints)) return {};
  *text = trimmed(*text);
  return text;
}

bool is_uncut(View value, std::string_view what, Complaints& complaints) {
  auto const comment = comment_after(value, complaints.text());
  if (comment.size() < 2 || comment[1] == ' ' || comment[1] == '\t' || comment[1] == '#') return true;
  complaints.add(value, fmt::format("YAML cuts {} before ' {}'; put it into quotes", what, comment));
  return false;
}

// The parser drops comments without a word, so the value is followed through its source: blanks and line ends
// may differ, all other characters are the same.
std::string_view comment_after(View value, Text const& text) {
  if (!value.node().plain || value.node().data) return {};
  auto const source = text.bytes();
  auto at = scalar_begin(source, value.at());
  for (char const c : value.text()) {
    if (is_blank(c)) continue;
    at = std::min(source.find_first_not_of(kBlank, at), source.size());
    if (at == source.size() || source[at] != c) return {};
    ++at;
  }
  auto const next = source.find_first_not_of(" \t", at);
  if (next == std::string_view::npos || next == at || source[next] != '#') return {};
  return source.substr(next, source.find_first_of("\r\n", next) - next);
}

}  // namespace wanspool::yaml
