#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/caps.h"
#include "core/lane.h"

// Why a job that is wanted is not bought: one reason each, the one that would have to go first. Pure.
namespace wanspool {

// What a job that waits depends on.
struct Situation {
  Task task;
  bool somebody_works = true;       // a daemon or a run has the spool
  bool paused = false;              // by a person, or after an older copy was put back
  bool has_room = true;             // on the disk
  std::vector<std::string> awaits;  // jobs whose pictures it is made from
  bool uploads_stand = false;       // it brings pictures, and none goes up
  std::optional<Stop> stop;         // what caps or failures say
  Weather weather;
  std::int64_t outstanding = 0;  // tasks of its lane that are at the provider
  std::int64_t room = 0;         // how many may be
  std::int64_t before = 0;       // jobs of its lane that go before it
  int slots = 0;                 // 0: no limit is known
  milliseconds usual{0};         // how long a task is worked on; 0: nobody knows yet
};

struct Reason {
  enum class Kind {
    Held,     // a person decides
    Stopped,  // nobody works on the spool
    Paused,
    Dependency,  // on another job's picture, or on one that is to go up
    Failures,    // too many jobs of its manifest have failed
    Budget,
    Disk,
    Weather,   // the account or the service refuses, or cannot be reached
    Deadline,  // it will have passed before the job's turn comes
    Slot,      // every slot is taken
    Rate,      // it is next, and the create's moment has not come
  };
  Kind kind = Kind::Rate;
  Instant until;  // when that is thought to end, or the job's turn to come; "never": nobody can tell

  bool operator==(Reason const&) const = default;
};

std::string_view name_of(Reason::Kind kind);  // "held" …

// A queued or held job's. None for one that does not wait to be bought.
std::optional<Reason> why(Situation const& situation, Instant now);

}  // namespace wanspool
