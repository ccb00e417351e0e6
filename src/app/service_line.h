#pragma once

#include <string>
#include <vector>

#include "app/words.h"
#include "core/caps.h"

namespace wanspool::app {

// How a service stands, for `systemctl status`.
struct Service {
  Progress progress;
  Counted today;  // against `cap`
  Budget cap;     // of a day
};

// "tasks done 12, running 5, waiting 83 | today 2.40 of 200.00 CNY | 12 min 3 s left | waits: …"
std::string service_line(Service const& service);

// Of several lanes the one in the worst weather, and how many others have bad weather too: "wan2.6-image:
// throttled for 20 s: Throttling (and 2 more)"; "" if none has.
std::string worst_weather(std::vector<LaneRow> lanes, Instant now);

}  // namespace wanspool::app
