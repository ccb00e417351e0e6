#pragma once

#include <span>
#include <string>
#include <string_view>

namespace wanspool {

// The one of `names` that is fewest edits away from `word` (a letter too many, too few or another one, or two
// neighbours that have changed places), if it is near enough that a person may have meant it: at most a third
// of the word's length, at least one. "" otherwise.
std::string nearest(std::string_view word, std::span<std::string const> names);

}  // namespace wanspool
