#include "manifest/pictures.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "core/input_names.h"

namespace wanspool::yaml {
namespace {

constexpr std::size_t kKept = 4096;

// 10485760 as "10,485,760".
std::string grouped(std::int64_t number) {
  auto text = std::to_string(number);
  for (auto at = static_cast<int>(text.size()) - 3; at > 0; at -= 3)
    text.insert(static_cast<std::size_t>(at), ",");
  return text;
}

// As ImageMagick takes a file: what begins so would be an option, a list or a format to it.
std::string for_convert(std::string name) {
  bool const odd = name.starts_with('-') || name.starts_with('@') ||
                   name.substr(0, name.find('/')).find(':') != std::string::npos;
  return quoted_for_shell(odd ? "./" + name : name);
}

// The line that takes a PNG's alpha channel away.
std::string flattening(std::string const& written) {
  std::filesystem::path const path{written};
  auto const flat = (path.parent_path() / (path.stem().string() + "-flat.png")).string();
  return fmt::format("convert {} -background white -alpha remove -alpha off {}", for_convert(written),
                     for_convert(flat));
}

}  // namespace

std::string quoted_for_shell(std::string const& text) {
  constexpr std::string_view kPlain =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./+,:@%";
  bool const plain = !text.empty() && text.find_first_not_of(kPlain) == std::string::npos;
  if (plain) return text;
  std::string quoted = "'";
  for (char const c : text) {
    if (c == '\'')
      quoted += R"('\'')";
    else
      quoted += c;
  }
  return quoted + "'";
}

std::shared_ptr<Picture const> Pictures::read(View where, std::string const& written,
                                              Complaints& complaints) {
  auto known = known_.find(written);
  if (known == known_.end()) {
    if (known_.size() >= kKept) known_.clear();
    known = known_.emplace(written, std::make_shared<Picture const>(fetch(written))).first;
  }
  auto picture = known->second;
  if (picture->why_not.empty()) return picture;
  complaints.add_once(where, fmt::format("cannot take the picture '{}': {}", written, picture->why_not));
  return nullptr;
}

Picture Pictures::fetch(std::string const& written) const {
  Picture picture;
  picture.written = written;
  picture.image = picture_in_file(written);
  if (!find_) {
    picture.why_not = "files beside the manifest cannot be read here";
    return picture;
  }
  auto const found = find_(written);
  picture.elsewhere = found.elsewhere;
  if (picture.elsewhere) return picture;
  picture.why_not = found.why_not;
  if (!picture.why_not.empty() || !look_) return picture;
  picture.facts = look_(found);
  picture.why_not = picture.facts.why_not;
  picture.seen = true;
  picture.image = picture_in_file(picture.facts.name);
  return picture;
}

void check_picture(Picture const& picture, Model const& model, View where, Complaints& complaints) {
  if (!picture.seen) return;
  for (auto& words : why_unfit(picture.facts, picture.written, model))
    complaints.add_once(where, std::move(words));
}

}  // namespace wanspool::yaml

namespace wanspool {

std::vector<std::string> why_unfit(LocalPicture const& picture, std::string const& name, Model const& model) {
  auto const& [file, bytes, width, height, alpha, why_not] = picture;
  auto const& limits = model.inputs;
  std::vector<std::string> words;
  if (std::min(width, height) < limits.side_low || std::max(width, height) > limits.side_high)
    words.push_back(fmt::format("the picture '{}' is {} x {} pixels; {} takes sides of {} to {}", name, width,
                                height, model.name, limits.side_low, limits.side_high));
  auto const longer = std::int64_t{std::max(width, height)}, shorter = std::int64_t{std::min(width, height)};
  if (limits.ratio > 0 && longer > shorter * limits.ratio)
    words.push_back(
        fmt::format("the picture '{}' is {} x {} pixels; with {} no side may be more than {} times the other",
                    name, width, height, model.name, limits.ratio));
  if (bytes > limits.bytes)
    words.push_back(
        fmt::format("the picture '{}' has {} bytes; {} takes {} at most: save it smaller, or as JPEG", name,
                    yaml::grouped(bytes), model.name, yaml::grouped(limits.bytes)));
  if (alpha && !limits.alpha)
    words.push_back(
        fmt::format("the picture '{}' has an alpha channel, which {} does not take; take the copy that this "
                    "makes of it: {}",
                    name, model.name, yaml::flattening(name)));
  return words;
}

}  // namespace wanspool
