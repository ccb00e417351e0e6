#pragma once

#include <string>
#include <vector>

#include "app/doubt.h"
#include "core/caps.h"

// What a person reads of caps that keep jobs from being bought. Pure but for the time zone.
namespace wanspool::app {

// "budget", and "fruit: 40.00 of 40.00 CNY are spent or reserved; raise `budget` in its manifest and drop it
// again".
Said words_of_stop(Stop const& stop, std::string const& currency);
// The same as one line.
std::string line_of_stop(Stop const& stop, std::string const& currency);
// A list of objects in JSON.
std::string json_of_stops(std::vector<Stop> const& stops, std::string const& currency);

}  // namespace wanspool::app
