#pragma once

#include <string>
#include <string_view>

namespace wanspool {

// The text of a file of schema/ (by its bare name, "models.yaml"), as it was when the program was built.
// Throws std::logic_error for a name that is not there.
std::string schema_file(std::string_view name);

}  // namespace wanspool
