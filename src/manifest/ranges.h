#pragma once

#include <string>

#include "core/model.h"

// What a parameter takes, in words.
namespace wanspool {

// "1 to 4", "true or false", "1K, 2K, or W*H of 589824 to 4194304 pixels, no longer than 4:1".
std::string range_words(Parameter const& parameter);

// "true", "1", "1K", or JSON.
std::string value_words(Value const& value);

}  // namespace wanspool
