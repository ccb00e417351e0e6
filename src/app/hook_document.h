#pragma once

#include <string>

#include "core/hooks.h"
#include "engine/spool.h"
#include "store/store.h"

namespace wanspool::app {

// What a command is told, as one document of JSON (docs/hooks.md): of a job as it is now. "" where the job is
// no more.
std::string hook_document(HookRow const& row, Store& store, Spool const& spool, std::string const& currency);

}  // namespace wanspool::app
