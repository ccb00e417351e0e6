#pragma once

#include <string_view>

namespace wanspool::emulator {

// What the image-generation endpoint (E1) knows of a model; contract §2 and §10.
struct Model {
  std::string_view name;
  long price = 0;  // of one picture, in millionths of a CNY (Beijing)
  std::size_t text_limit = 0;
  bool edits = false;  // 1 to 4 pictures come in, or interleave mode
  long least_pixels = 0;
  long most_pixels = 0;
};

// nullptr: unknown here, which the service calls a "url error".
Model const* find_model(std::string_view name);

}  // namespace wanspool::emulator
