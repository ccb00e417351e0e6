#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "emulator/options.h"

// Pictures worth looking at: a landscape in colours of the prompt's hash, with the prompt's words on it.
namespace wanspool::emulator {

struct Scene {
  std::string words;
  std::string caption;
  std::uint64_t hash = 0;  // colours and shapes come from here alone
};

std::string draw_png(Scene const& scene, Size size);

// One colour, padded to `bytes` with a text chunk where it would be smaller.
std::string plain_png(Size size, std::size_t bytes);

}  // namespace wanspool::emulator
