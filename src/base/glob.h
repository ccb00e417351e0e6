#pragma once

#include <string_view>

namespace wanspool {

// Whether a whole name of parts divided by '/' fits: `*` stands for anything within a part, `**` for anything
// across parts, `**/` for any number of whole parts, none included.
bool glob_matches(std::string_view pattern, std::string_view name);

}  // namespace wanspool
