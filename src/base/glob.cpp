#include "base/glob.h"

#include <vector>

namespace wanspool {
namespace {

// One step of a pattern: a letter, or one of the three wild ones.
struct Step {
  enum class Kind { Letter, WithinPart, Across, WholeParts } kind;
  char letter = 0;
};

std::vector<Step> steps_of(std::string_view pattern) {
  std::vector<Step> steps;
  for (std::size_t at = 0; at < pattern.size(); ++at) {
    if (pattern[at] != '*') {
      steps.push_back({Step::Kind::Letter, pattern[at]});
      continue;
    }
    bool const begins_a_part = at == 0 || pattern[at - 1] == '/';
    bool across = false;
    for (; at + 1 < pattern.size() && pattern[at + 1] == '*'; ++at) across = true;
    if (across && begins_a_part && at + 1 < pattern.size() && pattern[at + 1] == '/') {
      ++at;
      steps.push_back({Step::Kind::WholeParts});
    } else {
      steps.push_back({across ? Step::Kind::Across : Step::Kind::WithinPart});
    }
  }
  return steps;
}

// Every place in `name` where the pattern so far can have ended, carried over one more step.
void advance(std::vector<bool>& ends, Step step, std::string_view name) {
  auto const size = name.size();
  if (step.kind == Step::Kind::Letter) {
    for (auto at = size; at > 0; --at) ends[at] = ends[at - 1] && name[at - 1] == step.letter;
    ends[0] = false;
    return;
  }
  bool open = false;
  for (std::size_t at = 0; at <= size; ++at) {
    bool const after_slash = at > 0 && name[at - 1] == '/';
    if (step.kind == Step::Kind::WithinPart && after_slash) open = false;
    bool const began_here = ends[at];
    if (step.kind == Step::Kind::WholeParts)
      ends[at] = began_here || (open && after_slash);
    else
      ends[at] = began_here || open;
    open = open || began_here;
  }
}

}  // namespace

bool glob_matches(std::string_view pattern, std::string_view name) {
  std::vector<bool> ends(name.size() + 1, false);
  ends[0] = true;
  for (auto const step : steps_of(pattern)) advance(ends, step, name);
  return ends.back();
}

}  // namespace wanspool
