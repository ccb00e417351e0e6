#pragma once

#include <string>
#include <string_view>

// Text from outside (names of files and jobs, words of the service) made fit to be looked at.
namespace wanspool {

// As one line of UTF-8 that can neither move a terminal's cursor nor turn the direction of writing: runs of
// control characters (C1 and line separators included) become one space, marks that turn the direction go,
// and
// '?' stands for a byte that is no UTF-8. Anything else stays as it is.
std::string harmless(std::string_view text);
// The same, line by line.
std::string harmless_lines(std::string_view text);

}  // namespace wanspool
