#include "emulator/models.h"

#include <array>

namespace wanspool::emulator {
namespace {

constexpr long square(long side) {
  return side * side;
}

constexpr std::array<Size, 5> kQwenSizes{
    {{1664, 928}, {1472, 1104}, {1328, 1328}, {1104, 1472}, {928, 1664}}};

constexpr Model wan26(std::string_view name, std::size_t text_limit, Range images, Range pixels) {
  Model model{.name = name, .price = 200'000, .text_limit = text_limit, .images = images, .span = pixels};
  if (images.most == 0) return model;
  model.interleaves = true;
  model.one_k = 1280;
  return model;
}

// §2.2 is unsure whether n is 1 or 4 where nothing is said; the reference says 1.
constexpr Model wan27(std::string_view name, long price, long most_from_words) {
  return {.name = name,
          .price = price,
          .text_limit = 5000,
          .images = {0, 9},
          .image_ratio = 8,
          .most_in_sequence = 12,
          .usual_n = 1,
          .span = {square(768), square(2048)},
          .most_from_words = most_from_words,
          .ratio = 8,
          .usual_size = {2048, 2048},
          .one_k = 1024};
}

constexpr Model wan25(std::string_view name, Path path, Range images, Range pixels) {
  return {.name = name,
          .price = 200'000,
          .path = path,
          .text_limit = 2000,
          .images = images,
          .image_side = {384, 5000},
          .span = pixels};
}

constexpr Model older(std::string_view name, long price) {
  return {.name = name,
          .price = price,
          .path = Path::Text2Image,
          .slots = 2,
          .creates_per_second = 2,
          .text_limit = 800,
          .sizes = Sizes::Sides,
          .span = {512, 1440},
          .usual_size = {1024, 1024}};
}

constexpr Model qwen(std::string_view name, long price) {
  auto model = older(name, price);
  model.usual_n = model.most_n = 1;
  model.sizes = Sizes::Few;
  model.usual_size = kQwenSizes.front();
  model.few = kQwenSizes;
  return model;
}

constexpr std::array kModels{
    wan26("wan2.6-image", 2000, {1, 4}, {589'824, 4'194'304}),
    wan26("wan2.6-t2i", 2100, {0, 0}, {square(1280), square(1440)}),
    wan27("wan2.7-image", 200'000, 0),
    wan27("wan2.7-image-pro", 500'000, square(4096)),
    wan25("wan2.5-t2i-preview", Path::Text2Image, {0, 0}, {square(1280), square(1440)}),
    wan25("wan2.5-i2i-preview", Path::Image2Image, {1, 3}, {square(768), square(1280)}),
    older("wan2.2-t2i-flash", 140'000),
    older("wan2.2-t2i-plus", 200'000),
    older("wanx2.1-t2i-turbo", 140'000),
    older("wanx2.1-t2i-plus", 200'000),
    older("wanx2.0-t2i-turbo", 40'000),
    qwen("qwen-image", 250'000),
    qwen("qwen-image-plus", 200'000),
};

}  // namespace

std::string_view address(Path path) {
  switch (path) {
    case Path::Generation:
      return "image-generation/generation";
    case Path::Text2Image:
      return "text2image/image-synthesis";
    case Path::Image2Image:
      return "image2image/image-synthesis";
  }
  return {};
}

Model const* find_model(std::string_view name) {
  for (auto const& each : kModels)
    if (each.name == name) return &each;
  return nullptr;
}

}  // namespace wanspool::emulator
