#include "emulator/models.h"

#include <array>

namespace wanspool::emulator {
namespace {

constexpr std::array<Model, 2> kModels{{
    {"wan2.6-image", 200'000, 2000, true, 589'824, 4'194'304},
    {"wan2.6-t2i", 200'000, 2100, false, 1280 * 1280, 1440 * 1440},
}};

}  // namespace

Model const* find_model(std::string_view name) {
  for (auto const& each : kModels)
    if (each.name == name) return &each;
  return nullptr;
}

}  // namespace wanspool::emulator
