#pragma once

#include <string_view>

#include "base/log.h"
#include "core/lane.h"
#include "core/task.h"

namespace wanspool {

// What an event of a task, or of a lane, is about.
log::About about(std::string_view event, Task const& task);
log::About about(std::string_view event, LaneKey const& lane);

}  // namespace wanspool
