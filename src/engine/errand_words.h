#pragma once

#include <string>

#include "engine/intake.h"
#include "store/records.h"

namespace wanspool {

// What became of an errand that is done, in words for a person; a complaint where its words mean nothing.
Obeyed obeyed_errand(Errand const& errand, ErrandLog const& log, std::string const& currency);

}  // namespace wanspool
