#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "manifest/complaints.h"
#include "manifest/node.h"

namespace wanspool::yaml {

// A list of hosts, or one of them: whole names in lower case, in which '*' may stand for what has no dot in
// it, but not in their last two parts, which belong to whoever registered them.
std::optional<std::vector<std::string>> read_hosts(View value, std::string_view what, Complaints& complaints);

}  // namespace wanspool::yaml
