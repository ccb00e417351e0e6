#pragma once

#include "core/model.h"
#include "core/task.h"

namespace wanspool {

// What of a controller outlives a stop of the program.
struct ControllerMemory {
  int slots = 0;     // that the rest was learned for; with others it is worth nothing
  int surplus = 0;   // tasks beyond the slots
  int most = 0;      // outstanding tasks after which one was refused; 0: none ever was
  int refusals = 0;  // in a row of trying more than the slots
  int below = 0;     // the same of trying more while somebody else has some of the slots
  Instant again;     // when one more is tried
  int creates = 0;   // in a window, where a refusal has brought them down; 0: as the limits say

  bool operator==(ControllerMemory const&) const = default;
};

// How many tasks of one lane are kept outstanding, and how many creates may leave in a window of its limits.
// An account that queues gets a few tasks beyond its slots, which wait at the provider as PENDING, so that a
// slot that becomes free never idles until somebody notices. One that refuses is taken at its word: down at
// once, up slowly (contract §5: no page says which of the two an account does).
class Controller {
 public:
  explicit Controller(Limits const& limits, ControllerMemory const& memory = {});

  // From now on; what was learned stays as far as it is worth something.
  void change(Limits const& limits);

  // Tasks that may be out there; a very large number where no limit is known.
  int outstanding(Instant now) const;
  // Creates in a window; 0: no limit.
  int creates() const;
  // What is learned of the surplus belongs to one that was so large; see began().
  int generation() const { return generation_; }

  // A create was accepted, or refused because of some limit, while so many other tasks were out there.
  void accepted(int others, Instant now);
  void refused(Trouble::Over over, int others, Instant now);
  // Whether that refusal speaks of the slots, so that nothing but the end of a task helps.
  bool is_for_slots(Trouble::Over over, int others) const;
  // A task had waited so long at the provider before it was worked on. `generation`: when it was sent beyond
  // the slots; 0: a slot was free. `usual`: how long tasks are worked on.
  void began(milliseconds waited, int generation, milliseconds usual);

  ControllerMemory const& memory() const { return memory_; }

 private:
  int surplus_most() const;
  bool is_below_slots(int tasks) const;
  void judge(milliseconds usual);

  Limits limits_;
  ControllerMemory memory_;
  int generation_ = 1;
  int good_ = 0;  // creates that were accepted since they were brought down or up
  // Of this generation: tasks, those that had found a free slot, and the shortest wait.
  int seen_ = 0, idle_ = 0;
  milliseconds shortest_ = milliseconds::max();
  milliseconds dispatch_{100};  // what passes before a task begins though a slot is free
};

}  // namespace wanspool
