#pragma once

#include <algorithm>
#include <map>
#include <string>
#include <unordered_map>
#include <utility>

#include "core/controller.h"
#include "core/lane.h"
#include "core/limiter.h"
#include "core/pace.h"
#include "store/store.h"

namespace wanspool {

// The creates of one model under one account, and the tasks that came of them.
class Lane {
 public:
  Lane(LaneKey its_key, Limits const& its_limits);
  // What was known of it before a stop.
  void recall(LaneRow const& row, Instant now);
  // Other limits from now on: a lower one holds at once, though nothing that is out there is taken back.
  void change(Limits const& fresh, Instant now);
  LaneRow row() const { return {key.model, weather, controller.memory(), service, key.account}; }

  // In bad weather, and before anything was accepted since the start, one create at a time goes out to see
  // how it is: a key or a bill that is refused wastes no more.
  int creates_at_once() const { return weather.misses > 0 || !is_proven ? 1 : limits.creates_in_flight; }
  // Tasks that hold a slot or wait for one, those in doubt among them.
  int taken() const { return outstanding + static_cast<int>(ghosts.size()) - ended; }
  // How full it would be with one more; and what one is of all that it may have.
  double load(Instant now) const { return (taken() + 1) * weight(now); }
  double weight(Instant now) const { return 1.0 / std::max(1, controller.outstanding(now)); }
  bool has_room(Instant now) const { return taken() < controller.outstanding(now); }
  // When there is room at the latest without a task's end; Instant::max() if only that helps.
  Instant room_opens(Instant now) const;

  // A create is about to leave.
  void began(std::int64_t task);
  // A create was answered, its task still counted as out there.
  void accepted(Instant now);
  void refused(std::int64_t task, Trouble::Over over, Instant now);
  bool is_for_slots(Trouble::Over over) const { return controller.is_for_slots(over, others()); }
  // The provider has told when the task was begun, or ended. `steady`: our own clock may be believed where it
  // does not tell.
  void learn_wait(Task const& task, Instant now);
  void learn_end(Task const& task, Instant now, bool steady);
  void left(std::int64_t task) { sent_.erase(task); }

  // The median over all modes; 0 while nothing is known.
  milliseconds usual() const;
  // No task like it has taken less, but for a tenth; 0 where only few have ended.
  milliseconds least(Task const& task) const;
  // When to ask for this task. `watched`: the list is relied upon.
  Pace pace_of(Task const& task, bool watched) const;

  LaneKey key;
  Limits limits;
  Limiter creates;
  Controller controller;
  Weather weather;
  std::map<std::string, ServiceTimes> service;  // by mode
  int in_flight = 0;                            // creates
  bool is_proven = false;                       // one was accepted since the start
  int outstanding = 0;                          // tasks that have been sent and are not known to be over
  int ended = 0;                                // of these, those whose slot is free by the list's word alone
  Instant quiet_until;  // after a doubt the next create waits, so that their windows stay apart
  std::map<std::int64_t, Instant> ghosts;  // tasks in doubt, and until when they are thought to hold a slot

 private:
  struct Sent {
    int generation = 0;  // the controller's, of one that was sent when all slots were taken; 0: one was free
    int before = 0;      // tasks that waited for a slot before it
  };
  // Tasks that the provider has beside the one whose create was just answered.
  int others() const { return taken() - in_flight - 1; }

  std::unordered_map<std::int64_t, Sent> sent_;  // since the start, until they have left the provider
};

}  // namespace wanspool
