#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace wanspool::app {

// The names of jobs and pictures in a list, as they stand there: one a line, or a table with a header or
// objects a line (JSONL) whose column job, file_name, filename, file, path, picture or name has them, the
// first of these that a row fills. '#' begins a line of comment. `called` is how complaints name the list.
// Throws Quit 2 for what cannot be read: whoever buys again by a list must not take a part of it for the
// whole.
std::vector<std::string> names_in(std::string_view list, std::string const& called);

}  // namespace wanspool::app
