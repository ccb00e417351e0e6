#pragma once

#include "core/hooks.h"
#include "manifest/complaints.h"
#include "manifest/node.h"

namespace wanspool::yaml {

// The configuration's `hooks`: { job: [/usr/local/bin/done, --flag], …, time_limit: 30s }. Whether a program
// is there is not looked at.
HookCommands read_hooks(View map, Complaints& complaints);

}  // namespace wanspool::yaml
