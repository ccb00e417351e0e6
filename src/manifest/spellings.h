#pragma once

#include <array>
#include <string>

namespace wanspool {

// A file's name as it is written, composed (NFC) and decomposed (NFD): what looks the same to a person may be
// either on a disk. What is no UTF-8 stays as it is.
std::array<std::string, 3> spellings(std::string const& name);

}  // namespace wanspool
