#pragma once

#include <string>
#include <string_view>

#include "engine/intake.h"
#include "store/records.h"

namespace wanspool {

// The rows below a command's words. Each counts jobs; the price of some is at stake, a decimal number in the
// row NAME_cost, and then there is a row `currency`. What would say 0 is left out, but for the first.
inline constexpr std::string_view kCounts[] = {"changed",    "shared",       "at_provider", "drawn",
                                               "unanswered", "paid",         "over",        "held",
                                               "overdue",    "not_delivered"};

// What became of an errand that is done, in words for a person and in rows for a program; a complaint where
// its words mean nothing.
Obeyed obeyed_errand(Errand const& errand, ErrandLog const& log, std::string const& currency);

// Why a job, whose purchase is `task`, cannot be given the account's task; "" if it can. `lies_there`: that
// is one of those in orphans/.
std::string why_not_adopt(Task const& task, std::string const& job, std::string const& task_id,
                          bool lies_there);

}  // namespace wanspool
