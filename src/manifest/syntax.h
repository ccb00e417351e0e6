#pragma once

#include <string>

#include "manifest/complaints.h"
#include "manifest/node.h"

// What YAML's own mistakes are called, in words that help.
namespace wanspool::yaml {

// The parser gave up at `at` with `message`; the last thing it read well begins at `last`.
void add_syntax_error(Complaints& complaints, std::size_t at, std::size_t last, std::string const& message);

// For a document that is not a map.
std::string not_a_map(Text const& text, Node const& document);

// "; the ':' after 'prompt' is a full-width one" where a line holds a key that one can take for such; else
// "".
std::string full_width_hint(std::string_view line);

}  // namespace wanspool::yaml
