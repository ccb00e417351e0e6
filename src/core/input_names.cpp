#include "core/input_names.h"

#include <charconv>

namespace wanspool {
namespace {

constexpr std::string_view kFile = "file:", kJob = "job:";

}  // namespace

bool is_web_picture(std::string_view image) {
  return image.starts_with("http://") || image.starts_with("https://");
}

std::string_view file_of_picture(std::string_view image) {
  return image.starts_with(kFile) ? image.substr(kFile.size()) : std::string_view{};
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
