#pragma once

#include <deque>
#include <functional>
#include <set>
#include <string>

#include "core/turns.h"
#include "store/store.h"

namespace wanspool {

// The next queued tasks of a lane, in the order in which they are to be sent.
struct LineUp {
  std::deque<Task> tasks;
  std::set<std::int64_t> ahead;  // those of them that pass an older drop
  std::size_t drops = 0;         // that were looked at, or a great many where none has anything
};

// By priority, and among drops of one priority by turns. At most `most`, those in `except` and what has no
// room left out.
LineUp line_up(Store& store, std::string const& model, Turns turns, std::size_t most,
               std::function<bool(std::int64_t)> const& except, Rooms const& rooms);

}  // namespace wanspool
