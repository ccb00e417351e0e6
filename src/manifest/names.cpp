#include <utf8proc.h>

#include <cstdlib>
#include <memory>

#include "base/sha256.h"
#include "manifest/manifest.h"
#include "manifest/spellings.h"
#include "manifest/text.h"

namespace wanspool {
namespace {

constexpr std::size_t kLongest = 80, kDigits = 6;

struct Free {
  void operator()(utf8proc_uint8_t* memory) const noexcept { std::free(memory); }
};

// Bytes that are not UTF-8 become '-', like anything else that no name keeps.
std::string valid(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size();) {
    auto const length = yaml::sequence_length(text, i);
    out += length == 0 ? std::string_view{"-"} : text.substr(i, length);
    i += length == 0 ? 1 : length;
  }
  return out;
}

std::string mapped(std::string const& text, utf8proc_option_t form) {
  utf8proc_uint8_t* out = nullptr;
  auto const length = utf8proc_map(reinterpret_cast<utf8proc_uint8_t const*>(text.data()),
                                   static_cast<utf8proc_ssize_t>(text.size()), &out,
                                   static_cast<utf8proc_option_t>(UTF8PROC_STABLE | form));
  std::unique_ptr<utf8proc_uint8_t, Free> const owner{out};
  if (length < 0) return text;
  return {reinterpret_cast<char const*>(out), static_cast<std::size_t>(length)};
}

std::string composed(std::string const& text) {
  return mapped(text, UTF8PROC_COMPOSE);
}

enum class Part { Kept, Mark, Other };

// A mark belongs to the letter before it: without it many scripts lose their vowels.
Part part_of(std::string_view character) {
  if (character == "." || character == "_" || character == "-") return Part::Kept;
  utf8proc_int32_t code = 0;
  utf8proc_iterate(reinterpret_cast<utf8proc_uint8_t const*>(character.data()),
                   static_cast<utf8proc_ssize_t>(character.size()), &code);
  switch (utf8proc_category(code)) {
    case UTF8PROC_CATEGORY_LU:
    case UTF8PROC_CATEGORY_LL:
    case UTF8PROC_CATEGORY_LT:
    case UTF8PROC_CATEGORY_LM:
    case UTF8PROC_CATEGORY_LO:
    case UTF8PROC_CATEGORY_ND:
    case UTF8PROC_CATEGORY_NL:
      return Part::Kept;
    case UTF8PROC_CATEGORY_MN:
    case UTF8PROC_CATEGORY_MC:
      return Part::Mark;
    default:
      return Part::Other;
  }
}

std::string lowered(std::string text) {
  for (auto& c : text)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + ('a' - 'A'));
  return text;
}

std::string without_runs(std::string_view text) {
  std::string out;
  bool after_letter = false, run = false;
  for (std::size_t i = 0; i < text.size();) {
    auto const character = text.substr(i, yaml::sequence_length(text, i));
    i += character.size();
    auto const part = part_of(character);
    if (part == Part::Other || (part == Part::Mark && !after_letter)) {
      run = true;
      after_letter = false;
      continue;
    }
    if (run) out += '-';
    run = false;
    out += character;
    after_letter = character.size() > 1 || std::string_view{"._-"}.find(character) == std::string_view::npos;
  }
  return out;
}

std::string stripped(std::string const& text) {
  auto const first = text.find_first_not_of("-.");
  if (first == std::string::npos) return {};
  return text.substr(first, text.find_last_not_of('-') - first + 1);
}

std::string cut(std::string const& name) {
  if (name.size() <= kLongest) return name;
  auto end = kLongest - 1 - kDigits;
  while ((static_cast<unsigned char>(name[end]) & 0xC0) == 0x80) --end;
  return stripped(name.substr(0, end)) + "-" + sha256_hex(name).substr(0, kDigits);
}

}  // namespace

// Composed a second time because a lowered letter may join its mark where the capital did not (H and U+0331).
std::string normal_name(std::string_view text) {
  return cut(stripped(without_runs(composed(lowered(composed(valid(text)))))));
}

std::string normal_path(std::string_view text) {
  std::string path;
  for (bool more = true; more;) {
    auto const slash = text.find('/');
    more = slash != text.npos;
    auto const part = normal_name(text.substr(0, slash));
    if (part.empty()) return {};
    path += (path.empty() ? "" : "/") + part;
    if (more) text.remove_prefix(slash + 1);
  }
  return path;
}

std::array<std::string, 3> spellings(std::string const& name) {
  return {name, composed(name), mapped(name, UTF8PROC_DECOMPOSE)};
}

}  // namespace wanspool
