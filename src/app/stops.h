#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "app/doubt.h"
#include "core/caps.h"

// What a person reads of caps that keep jobs from being bought. Pure but for the time zone.
namespace wanspool::app {

// The first of these that keeps the queued job of this submitter's from being bought, if no account may buy
// it; its index.
std::optional<std::size_t> stop_of(std::vector<Stop> const& stops, Task queued,
                                   std::vector<std::string> const& accounts, std::int64_t submitter);

// "budget", and "fruit: 40.00 of 40.00 CNY are spent or reserved; raise `budget` in its manifest and drop it
// again". Where something is left of the cap, `who` needs more.
Said words_of_stop(Stop const& stop, std::string const& currency, std::string_view who = "the next job");
// The same as one line.
std::string line_of_stop(Stop const& stop, std::string const& currency);
// A list of objects in JSON.
std::string json_of_stops(std::vector<Stop> const& stops, std::string const& currency);

}  // namespace wanspool::app
