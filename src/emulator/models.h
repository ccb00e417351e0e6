#pragma once

#include <span>
#include <string_view>

#include "emulator/options.h"

namespace wanspool::emulator {

// Where a model's tasks are made: E1, E3 and E4 of contract §1.4. Its body is messages on the first, a prompt
// on the second, a prompt and pictures on the third; the older two answer with results instead of choices.
enum class Path { Generation, Text2Image, Image2Image };
inline constexpr std::string_view kServices = "/api/v1/services/aigc/";
inline constexpr std::string_view kAtOnce = "multimodal-generation/generation";  // E2, for models of E1
std::string_view address(Path path);                                             // after kServices

struct Range {
  long least = 0;
  long most = 0;
  bool holds(long value) const { return value >= least && value <= most; }
};

// Whether a size is bound by its pixels in total, by each of its sides, or is one of a few.
enum class Sizes { Pixels, Sides, Few };

// What the service knows of a model; contract §2, §5 and §10.
struct Model {
  std::string_view name;
  long price = 0;  // of one picture, in millionths of a CNY (Beijing)
  Path path = Path::Generation;
  int slots = 5;
  int creates_per_second = 5;
  std::size_t text_limit = 0;
  Range images{0, 0};  // that come in
  Range image_side{240, 8000};
  long image_ratio = 0;  // of a side to the other at the most; 0: any
  bool interleaves = false;
  long most_in_sequence = 0;  // pictures with enable_sequential; boxes and colours are known there, too
  long usual_n = 4;
  long most_n = 4;
  Sizes sizes = Sizes::Pixels;
  Range span;                // pixels, or a side
  long most_from_words = 0;  // pixels where no picture comes in; 0: the same
  long ratio = 4;            // of a side to the other at the most
  Size usual_size{1280, 1280};
  std::span<Size const> few{};
  long one_k = 0;  // the side of a square "1K"; 0: sizes have no names
};

// nullptr: unknown here, which the service calls a "url error".
Model const* find_model(std::string_view name);

}  // namespace wanspool::emulator
