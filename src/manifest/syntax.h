#pragma once

#include <string>
#include <string_view>

#include "manifest/complaints.h"
#include "manifest/node.h"

// What YAML's own mistakes are called, in words that help.
namespace wanspool::yaml {

inline constexpr std::string_view kOpenQuote = "a quote is opened here and never closed";
inline constexpr std::string_view kFullWidth = "this '：' is a full-width one; write ': '";

// The parser gave up at `at` with `message`; the last thing it read well begins at `last`.
void add_syntax_error(Complaints& complaints, std::size_t at, std::size_t last, std::string const& message);

// Where a scalar's own characters begin, after its anchor and tag.
std::size_t scalar_begin(std::string_view source, std::size_t at);

// The scalar at `at` as it is written; of one without quotes the rest of its line.
std::string_view source_of_scalar(Text const& text, std::size_t at);

// Where the quote stands that is opened by the scalar at `at` and never closed; kNowhere if there is none.
std::size_t open_quote(Text const& text, std::size_t at);

// The '：' after a word that begins one of the lines from `first` to `last`; kNowhere if there is none.
std::size_t full_width_colon(Text const& text, std::size_t first, std::size_t last);

}  // namespace wanspool::yaml
