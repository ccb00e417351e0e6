#include "engine/older.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>
#include <system_error>

#include "base/disk.h"
#include "base/files.h"
#include "base/sha256.h"

namespace wanspool {
namespace {

constexpr std::size_t kKeySize = 12;

std::optional<std::string> text_of(std::filesystem::path const& file) {
  std::string text;
  auto const collect = [&](std::string_view piece) {
    text += piece;
    return true;
  };
  return pass_file(file, collect) ? std::optional{std::move(text)} : std::nullopt;
}

// It becomes a folder's name.
bool is_digit_or_letter(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

bool no_links_there(std::error_code const& error) {
  return error == std::errc::cross_device_link || error == std::errc::operation_not_permitted ||
         error == std::errc::too_many_links || error == std::errc::operation_not_supported ||
         error == std::errc::function_not_supported;
}

void link_or_copy(std::filesystem::path const& from, std::filesystem::path const& to) {
  try {
    disk::link(from, to);
  } catch (std::system_error const& error) {
    if (!no_links_there(error.code())) throw;
    write_file_safely(to, read_file(from, std::size_t{1} << 30));
  }
}

bool is_same(std::filesystem::path const& one, std::filesystem::path const& other) {
  std::error_code ignored;
  if (std::filesystem::equivalent(one, other, ignored)) return true;
  if (std::filesystem::file_size(one, ignored) != std::filesystem::file_size(other, ignored)) return false;
  auto const sum = sha256_of_file(one);
  return !sum.empty() && sum == sha256_of_file(other);
}

}  // namespace

std::string key_of_story(std::string const& result_json) {
  auto const story = nlohmann::json::parse(result_json, nullptr, false);
  if (!story.is_object()) return std::string{kUnknownStory};
  auto const found = story.find("fingerprint");
  if (found == story.end() || !found->is_string()) return std::string{kUnknownStory};
  auto const key = found->get<std::string>().substr(0, kKeySize);
  bool const is_key = !key.empty() && std::all_of(key.begin(), key.end(), is_digit_or_letter);
  return is_key ? key : std::string{kUnknownStory};
}

std::string older_key(std::filesystem::path const& result_json) {
  if (auto const text = text_of(result_json)) return key_of_story(*text);
  std::error_code ignored;
  return std::filesystem::exists(result_json, ignored) ? std::string{kUnknownStory} : std::string{};
}

void keep_older(std::filesystem::path const& file, std::filesystem::path const& old, std::string const& key) {
  if (old.empty()) return;
  for (int number = 1;; ++number) {
    auto const folder = old / (number == 1 ? key : key + "-" + std::to_string(number));
    auto const to = folder / file.filename();
    bool const is_there = std::filesystem::exists(std::filesystem::symlink_status(to));
    if (is_there && !is_same(file, to)) continue;
    make_folders(folder);
    if (!is_there) link_or_copy(file, to);
    // Also for one that is there: whoever made it may have been stopped before this.
    return disk::sync_folder(folder);
  }
}

std::filesystem::path displaced_file(std::filesystem::path const& displaced, std::string const& sha256) {
  return displaced / (sha256 + ".png");
}

void keep_displaced(std::filesystem::path const& file, std::filesystem::path const& displaced,
                    std::string const& sha256) {
  make_folders(displaced);
  auto const to = displaced_file(displaced, sha256);
  if (!std::filesystem::exists(std::filesystem::symlink_status(to))) link_or_copy(file, to);
  disk::sync_folder(displaced);
}

std::vector<ToldPicture> pictures_told(std::filesystem::path const& result_json) {
  std::vector<ToldPicture> told;
  auto const text = text_of(result_json);
  auto const story = nlohmann::json::parse(text.value_or(""), nullptr, false);
  if (!story.is_object() || !story.contains("pictures")) return told;
  for (auto const& each : story["pictures"]) {
    if (!each.is_object()) continue;
    auto const file = each.find("file"), sum = each.find("sha256");
    if (file != each.end() && file->is_string() && sum != each.end() && sum->is_string())
      told.push_back({file->get<std::string>(), sum->get<std::string>()});
  }
  return told;
}

std::filesystem::path first_with_sum(std::vector<std::filesystem::path> const& places,
                                     std::string const& sha256) {
  for (auto const& path : places) {
    std::error_code ignored;
    bool const is_there = std::filesystem::is_regular_file(path, ignored);
    if (is_there && (sha256.empty() || sha256_of_file(path) == sha256)) return path;
  }
  return {};
}

std::string sha256_of_file(std::filesystem::path const& path) {
  Sha256 sum;
  auto const add = [&](std::string_view piece) { return sum.add(piece), true; };
  return pass_file(path, add) ? sum.hex() : std::string{};
}

}  // namespace wanspool
