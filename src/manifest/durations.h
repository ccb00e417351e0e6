#pragma once

#include <optional>
#include <string_view>

#include "base/time.h"
#include "manifest/complaints.h"
#include "manifest/node.h"

namespace wanspool::yaml {

// "500ms", "60s", "2m", "1h": a whole number and its unit, up to a day. Complains where it returns nothing.
std::optional<milliseconds> read_duration(View value, std::string_view what, Complaints& complaints);

}  // namespace wanspool::yaml
