#pragma once

#include "core/news.h"
#include "core/policy.h"
#include "core/task.h"

// The heart: what the house thinks of what it hears, and what it does next. Pure.
namespace wanspool {

enum class Act { None, Submit, Poll, Download, CancelRemote };

struct Plan {
  Task task;            // write this first,
  Act act = Act::None;  // then do that
};

// The world told us something. News that does not fit the task's state leaves it as it is.
Task learn(Task task, News const& news, Policy const& policy, Instant now);

// It waits to be bought, and was wanted earlier than that.
bool is_overdue(Task const& task, Instant now);

// It is due and was admitted, or it is overdue.
Plan next(Task task, Instant now);

}  // namespace wanspool
