#pragma once

#include <cstddef>
#include <functional>
#include <set>
#include <string>
#include <string_view>

// What is right and was probably not meant: these become warnings.
namespace wanspool::yaml {

// A name that stands in a text as other languages have it: $name or {name}.
struct BareName {
  std::size_t at;            // offset in the text
  std::string_view written;  // with its '$' or braces
  std::string_view name;
};
void find_bare_names(std::string_view text, std::function<void(BareName const&)> const& tell);

// The names of all placeholders in a text, whatever else it is.
void add_placeholder_names(std::string_view text, std::set<std::string, std::less<>>& names);

// ".png" of a path that ends like a picture's file, in its own spelling; "" of any other.
std::string_view picture_ending(std::string_view path);

}  // namespace wanspool::yaml
