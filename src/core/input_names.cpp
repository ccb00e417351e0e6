#include "core/input_names.h"

#include <algorithm>
#include <charconv>

namespace wanspool {
namespace {

constexpr std::string_view kFile = "file:", kJob = "job:";
constexpr std::size_t kDigits = 64;

bool is_file_name(std::string_view name) {
  auto const digits = name.substr(0, kDigits);
  auto const is_digit = [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); };
  auto const ending = name.substr(digits.size());
  return digits.size() == kDigits && std::all_of(digits.begin(), digits.end(), is_digit) &&
         (ending == ".png" || ending == ".jpg" || ending == ".bmp" || ending == ".webp");
}

}  // namespace

bool is_web_picture(std::string_view image) {
  return image.starts_with("http://") || image.starts_with("https://");
}

std::string_view file_of_picture(std::string_view image) {
  if (!image.starts_with(kFile)) return {};
  image.remove_prefix(kFile.size());
  return is_file_name(image) ? image : std::string_view{};
}

std::string picture_in_file(std::string_view name) {
  return std::string{kFile}.append(name);
}

std::string PictureOfJob::str() const {
  return std::string{kJob} + source + "#" + std::to_string(number);
}

std::optional<PictureOfJob> picture_of_job(std::string_view image) {
  if (!image.starts_with(kJob)) return {};
  image.remove_prefix(kJob.size());
  auto const hash = image.rfind('#');
  PictureOfJob picture{std::string{image.substr(0, hash)}};
  if (hash != image.npos) {
    auto const digits = image.substr(hash + 1);
    std::from_chars(digits.data(), digits.data() + digits.size(), picture.number);
  }
  return picture;
}

}  // namespace wanspool
