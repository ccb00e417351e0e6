#pragma once

#include <string>

#include "engine/intake.h"
#include "store/records.h"

namespace wanspool {

// What became of an errand that is done, in words for a person; a complaint where its words mean nothing.
Obeyed obeyed_errand(Errand const& errand, ErrandLog const& log, std::string const& currency);

// Why a job, whose purchase is `task`, cannot be given the account's task; "" if it can. `lies_there`: that
// is one of those in orphans/.
std::string why_not_adopt(Task const& task, std::string const& job, std::string const& task_id,
                          bool lies_there);

}  // namespace wanspool
