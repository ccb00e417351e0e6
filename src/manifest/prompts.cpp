#include "manifest/prompts.h"

#include <fmt/format.h>

#include <filesystem>
#include <system_error>

#include "base/files.h"
#include "manifest/hints.h"

namespace wanspool::yaml {
namespace {

constexpr std::size_t kKept = 64;
constexpr std::size_t kLongest = 1 << 20;

}  // namespace

PromptFile const* PromptFiles::read(View where, std::string const& written, Complaints& complaints) {
  auto known = files_.find(written);
  if (known == files_.end()) {
    if (files_.size() >= kKept) files_.clear();
    known = files_.try_emplace(written).first;
    auto& file = known->second;
    file.name = written;
    file.why_not = fetch(written, file.bytes);
    file.flaw = file.text.emplace(file.bytes).flaw();
    add_placeholder_names(file.bytes, names_);
  }
  auto const& file = known->second;
  last_ = &file;
  if (!file.why_not.empty()) {
    complaints.add(where, fmt::format("cannot read the prompt '{}': {}", written, file.why_not));
    return nullptr;
  }
  if (!file.flaw) return &file;
  complaints.add_in_file(written, file.text->place(file.flaw->at), where, file.flaw->text);
  return nullptr;
}

// Why it cannot be read; "" if it was.
std::string PromptFiles::fetch(std::string const& written, std::string& bytes) const {
  if (written.find('\\') != std::string::npos) return "a path is written with '/', not with '\\'";
  if (!find_) return "files beside the manifest cannot be read here";
  auto const found = find_(written);
  if (!found.why_not.empty()) return found.why_not;
  std::error_code unknown;
  if (!std::filesystem::is_regular_file(found.path, unknown))
    return std::filesystem::exists(found.path, unknown) ? "it is no plain file" : "there is no such file";
  try {
    bytes = read_file(found.path, kLongest);
  } catch (std::system_error const& error) {
    return error.code() == std::errc::file_too_large ? "it is larger than 1 MiB" : error.code().message();
  }
  return {};
}

}  // namespace wanspool::yaml
