#pragma once

#include <string>
#include <string_view>

#include "base/time.h"

// Days and months as people count them: in the time zone of this process.
namespace wanspool {

// "2026-11-23"
std::string day_of(Instant at);
// When the day after it begins, and the month after it.
Instant day_end(Instant at);
Instant month_end(Instant at);

// A name of the system's table of zones, such as Europe/Berlin.
bool is_time_zone(std::string_view name);
// For all that this process tells of local time; "": the one that it was started in. Before any thread
// starts, for the environment is everybody's, or after keep_time_zone().
void set_time_zone(std::string const& name);
// Before any thread starts: the zone may be set at any time from then on.
void keep_time_zone();

}  // namespace wanspool
