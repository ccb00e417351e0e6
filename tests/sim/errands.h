#pragma once

#include <string>

#include "sim/schedule.h"

namespace wanspool::sim {

// What people ask for while the house works, by files in its inbox.
void draw_errands(Schedule& schedule, Dice& dice);

std::string text_of(Errand const& errand);

// Whether one of its words means this job ("m/job-1").
bool means(Errand const& errand, std::string const& job);

}  // namespace wanspool::sim
