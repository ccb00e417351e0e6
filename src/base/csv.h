#pragma once

#include <string>
#include <string_view>

namespace wanspool {

// A value as a cell of a CSV: in quotes where it would be taken for more than one (RFC 4180), or where Excel
// would split it, which takes ';' and tabs for separators too.
std::string csv_cell(std::string_view text);
// The same of words that others have chosen: what a spreadsheet would take for a formula (it begins with
// = + - @, a tab or a line's end) gets an apostrophe before it, which spreadsheets read as "this is text".
std::string csv_text(std::string_view text);

}  // namespace wanspool
