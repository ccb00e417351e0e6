#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "app/context.h"
#include "app/doubt.h"

// How a lane has done of late and what it has before it, for whoever looks from outside.
namespace wanspool::app {

struct LaneFacts {
  LaneRow row;
  int slots = 0;                    // 0: no limit is known
  std::int64_t outstanding = 0;     // tasks at the provider
  std::int64_t room = 0;            // how many may be
  milliseconds median{0}, p90{0};   // how long tasks are worked on; 0: nobody knows yet
  double creates = 0, queries = 0;  // a second, over the last hour or since the first of it
  std::optional<double> busy;       // the share of slot time that was used then
  std::int64_t waiting = 0;         // jobs of the model, whichever account will have them
  std::int64_t capped = 0;          // of them those that a cap or too many failures hold back
  Instant done_by;  // all of the model that waits for a slot and is out there; "never": nobody can tell
  std::vector<std::pair<std::string, std::int64_t>> ages;  // of what waits: "under 1 h" …
  std::vector<std::string> late;  // manifests of which not all will be bought by their deadline
};

// By model and account; jobs wait for any account, and are told of with the first lane of their model.
std::vector<LaneFacts> lane_facts(Reader& reader, Context const& context, Instant now);

// What is known of a lane besides its row: slots, service times, and how it did in the last hour.
void look_at_lane(Reader& reader, LaneFacts& facts, Limits const& limits, Instant now);

std::vector<Said> words_of_lane(LaneFacts const& facts, Instant now);
std::string json_of_lane(LaneFacts const& facts);

}  // namespace wanspool::app
