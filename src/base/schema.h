#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace wanspool {

// The text of a file of schema/ (by its bare name, "models.yaml"), as it was when the program was built.
// Throws std::logic_error for a name that is not there.
std::string schema_file(std::string_view name);

// The files of jobs/, sample manifests and what they name, likewise; names in the order of the alphabet.
std::string sample_file(std::string_view name);
std::vector<std::string> sample_names();

}  // namespace wanspool
