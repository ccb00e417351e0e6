#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "app/doubt.h"
#include "engine/inbox.h"
#include "engine/spool.h"

// What lies in the inbox and why, for a status: nothing there is passed over in silence.
namespace wanspool::app {

struct InboxLook {
  std::vector<Inbox::Waiting> entries;  // by name
  std::int64_t waiting = 0;             // of these, what may yet be taken: not the ignored ones
  std::string trouble;                  // why it cannot be looked into; "" where it can
};
// Looks for itself, and takes from whoever has the spool what only he knows.
InboxLook look_into_inbox(Spool const& spool, bool is_kept);

std::vector<Said> words_of_inbox(InboxLook const& look);

}  // namespace wanspool::app
