#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <set>
#include <string>

#include "core/task.h"
#include "core/turns.h"

namespace wanspool {

// What waits to be bought of one model, under whichever account has a slot for it.
struct Queue {
  std::string model;
  std::deque<Task> window = {};       // the next tasks, paged in
  std::set<std::int64_t> ahead = {};  // of these, those that pass an older drop
  Turns turns = {};
  bool more = true;        // the store may hold more than the window
  bool more_plain = true;  // beyond it there may be some that bring no picture
  // So many drops wait that to look for the next tasks takes its time: that is not done again before, however
  // many more are dropped meanwhile.
  Instant next_look = {};
  // Under which account those are bought whose pictures have to go up before.
  std::map<std::int64_t, std::string> shares = {};

  void read_anew() {
    window.clear();
    more = more_plain = true;
  }
};

}  // namespace wanspool
