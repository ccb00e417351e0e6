#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>

#include "manifest/complaints.h"
#include "manifest/manifest.h"
#include "manifest/node.h"

namespace wanspool::yaml {

// A prompt that stands in a file of its own.
struct PromptFile {
  std::string name = {};  // as written
  std::string bytes = {};
  std::optional<Text> text = {};        // of the bytes
  std::optional<Text::Flaw> flaw = {};  // in them
  std::string why_not = {};             // why it cannot be read; "" if it can
};

// Those of a manifest; the last ones read are kept.
class PromptFiles {
 public:
  explicit PromptFiles(FindFile const& find) : find_{find} {}
  // Until the next call. Complains where it returns nothing: at `where` if it cannot be read, in the file if
  // its bytes are no text.
  PromptFile const* read(View where, std::string const& written, Complaints& complaints);
  // The last one; nothing before the first.
  PromptFile const* last() const { return last_; }
  // Of all placeholders in all of them.
  std::set<std::string, std::less<>> const& names() const { return names_; }

 private:
  std::string fetch(std::string const& written, std::string& bytes) const;

  FindFile const& find_;
  std::map<std::string, PromptFile> files_;
  PromptFile const* last_ = nullptr;
  std::set<std::string, std::less<>> names_;
};

}  // namespace wanspool::yaml
