#include "manifest/patterns.h"

#include <algorithm>

#include "base/glob.h"
#include "manifest/manifest.h"

namespace wanspool {

bool is_glob(std::string_view word) {
  return word.find('*') != word.npos;
}

std::string normal_pattern(std::string_view word) {
  std::string pattern;
  while (!word.empty()) {
    auto const part = word.substr(0, word.find('/'));
    word.remove_prefix(std::min(part.size() + 1, word.size()));
    if (part.empty() || part == ".") continue;
    auto const normal = is_glob(part) ? std::string{} : normal_name(part);
    pattern += (pattern.empty() ? "" : "/") + (normal.empty() ? std::string{part} : normal);
  }
  return pattern;
}

bool means(std::string_view pattern, std::string_view job) {
  if (is_glob(pattern)) return glob_matches(pattern, job);
  return job.starts_with(pattern) && (job.size() == pattern.size() || job[pattern.size()] == '/');
}

}  // namespace wanspool
