#pragma once

#include <cstdint>
#include <map>
#include <vector>

#include "app/lanes.h"

namespace wanspool::app {

// When the provider will have worked on these tasks of one lane, by their ids, if they take as long as tasks
// of their mode have lately; what it has not begun goes, in the order of its acceptance, where a slot becomes
// free. What nobody can tell is left out.
std::map<std::int64_t, Instant> expected_ends(std::vector<Task> const& tasks, LaneFacts const& lane,
                                              Instant now);

}  // namespace wanspool::app
