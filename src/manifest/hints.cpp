#include "manifest/hints.h"

#include <algorithm>
#include <cctype>

#include "manifest/text.h"

namespace wanspool::yaml {
namespace {

bool is_of_a_name(char c) {
  auto const byte = static_cast<unsigned char>(c);
  return byte >= 0x80 || std::isalnum(byte) != 0 || c == '_';
}

// "${name}" or "$${": neither is bare.
std::size_t after_placeholder(std::string_view text, std::size_t at) {
  auto const end = text.find('}', at);
  return end == text.npos ? text.size() : end + 1;
}

}  // namespace

void find_bare_names(std::string_view text, std::function<void(BareName const&)> const& tell) {
  for (auto at = text.find_first_of("${"); at < text.size(); at = text.find_first_of("${", at)) {
    auto const rest = text.substr(at);
    if (rest.starts_with("${")) {
      at = after_placeholder(text, at);
    } else if (rest[0] == '$') {
      auto const end = std::find_if_not(rest.begin() + 1, rest.end(), is_of_a_name);
      auto const size = static_cast<std::size_t>(end - rest.begin());
      if (size > 1) tell({at, rest.substr(0, size), rest.substr(1, size - 1)});
      at += size;
    } else {
      auto const end = rest.find_first_of("{}", 1);
      bool const closed = end != rest.npos && rest[end] == '}';
      auto const first = rest.find_first_not_of(' ', 1);
      if (closed && first < end) {
        auto const last = rest.find_last_not_of(' ', end - 1);
        tell({at, rest.substr(0, end + 1), rest.substr(first, last - first + 1)});
      }
      at += 1;
    }
  }
}

void add_placeholder_names(std::string_view text, std::set<std::string, std::less<>>& names) {
  for (auto at = text.find("${"); at != text.npos; at = text.find("${", at + 2)) {
    if (at > 0 && text[at - 1] == '$') continue;
    auto const name = text.substr(at + 2, std::min(text.find('}', at), text.find(":-", at)) - at - 2);
    names.insert(trimmed(name));
  }
}

std::string_view picture_ending(std::string_view path) {
  auto const dot = path.find_last_of("./");
  if (dot == path.npos || path[dot] == '/') return {};
  std::string ending{path.substr(dot)};
  std::transform(ending.begin(), ending.end(), ending.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  bool const known = ending == ".png" || ending == ".jpg" || ending == ".jpeg" || ending == ".webp";
  return known ? path.substr(dot) : std::string_view{};
}

}  // namespace wanspool::yaml
