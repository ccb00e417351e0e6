#pragma once

#include <string>
#include <string_view>

#include "store/sqlite.h"

// Rows by their fields: a function that is called with each one's name and value serves to select, to read
// and to write them.
namespace wanspool {

// The fields with commas between them, each as `format` has it with its name for every '@'.
template <typename Each>
std::string list(Each const& each, std::string_view format) {
  std::string text;
  each([&](std::string_view name, auto const&) {
    if (!text.empty()) text += ", ";
    for (char const c : format) c == '@' ? text += name : text += c;
  });
  return text;
}

inline auto taking(sqlite::Rows& rows) {
  return [&rows](std::string_view, auto& value) { rows.take(value); };
}
inline auto putting(sqlite::Rows& rows) {
  return [&rows](std::string_view, auto const& value) { rows.put(value); };
}

}  // namespace wanspool
