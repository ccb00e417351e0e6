#pragma once

#include <string>

#include "app/proposal.h"

// One object each, schema 1, no line breaks; money as decimal strings.
namespace wanspool::app {

std::string json_of(Difference const& each, std::string const& currency);
// What `check` says of a manifest.
std::string check_json(Proposal const& proposal);
// The same, each complaint, warning and left-out row alone.
std::vector<std::string> complaints_json(Proposal const& proposal);
// The same, what would change, what it costs and when it would be here.
std::string plan_json(Proposal const& proposal, Money ask_above, Instant now);

}  // namespace wanspool::app
