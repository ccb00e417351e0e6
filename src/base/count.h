#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace wanspool {

// "1 job", "2 jobs"
inline std::string count_of(std::int64_t number, std::string_view singular) {
  auto words = std::to_string(number) + " ";
  words += singular;
  if (number != 1) words += 's';
  return words;
}

}  // namespace wanspool
