#include "engine/inbox_names.h"

#include <algorithm>
#include <array>
#include <filesystem>

#include "base/sha256.h"

namespace wanspool {
namespace {

constexpr std::size_t kNameMost = 200;   // bytes; file systems take 255
constexpr std::size_t kEndingMost = 16;  // ".yaml"
constexpr std::size_t kHash = 12;

// Of editors, browsers, copiers and office programs.
constexpr std::array<std::string_view, 9> kPassing{
    ".part", ".tmp", ".partial", ".filepart", ".crdownload", ".download", ".opdownload", ".swp", ".swx"};

char lowered(char letter) {
  return letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter - 'A' + 'a') : letter;
}

bool ends_with(std::string_view name, std::string_view ending) {
  return name.size() >= ending.size() &&
         std::equal(ending.begin(), ending.end(), name.end() - static_cast<std::ptrdiff_t>(ending.size()),
                    [](char one, char other) { return one == lowered(other); });
}

// Not in the middle of a letter.
std::string_view beginning(std::string_view name, std::size_t most) {
  while (most > 0 && (static_cast<unsigned char>(name[most]) & 0xC0) == 0x80) --most;
  return name.substr(0, most);
}

}  // namespace

std::string_view why_ignored(std::string_view name) {
  if (name.starts_with('.')) return "hidden name";
  bool const passing = std::any_of(kPassing.begin(), kPassing.end(),
                                   [&](std::string_view ending) { return ends_with(name, ending); });
  bool const saved_by_itself = name.size() > 1 && name.starts_with('#') && name.ends_with('#');
  if (passing || saved_by_itself || name.ends_with('~') || name.starts_with("~$")) return "temporary name";
  return {};
}

bool is_handed_over(std::string_view name) {
  constexpr std::string_view kEnding = ".yaml", kDigits = "0123456789abcdef";
  auto const dash = name.rfind('-');
  if (dash == name.npos || dash == 0 || !name.ends_with(kEnding)) return false;
  auto const id = name.substr(dash + 1, name.size() - dash - 1 - kEnding.size());
  return id.size() == 16 && id.find_first_not_of(kDigits) == id.npos;
}

bool is_urgent(std::string_view name) {
  return (name.starts_with("pause-all-") || name.starts_with("resume-all-")) && is_handed_over(name);
}

std::string name_on_disk(std::string const& name) {
  if (name.size() <= kNameMost) return name;
  auto ending = std::filesystem::path{name}.extension().string();
  if (ending.size() > kEndingMost) ending.clear();
  auto const hash = sha256_hex(name).substr(0, kHash);
  auto const rest = beginning(name, kNameMost - ending.size() - kHash - 1);
  return std::string{rest} + "-" + hash + ending;
}

std::string shown_name(std::string name) {
  std::replace_if(
      name.begin(), name.end(),
      [](char letter) { return static_cast<unsigned char>(letter) < 0x20 || letter == 0x7f; }, '?');
  return name;
}

}  // namespace wanspool
