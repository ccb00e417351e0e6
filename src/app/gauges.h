#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "app/lanes.h"
#include "core/tally.h"
#include "engine/engine.h"
#include "engine/hooks.h"

// What metrics tell. docs/metrics.md names each.
namespace wanspool::app {

// As the wheel has it in its memory.
struct Gauges {
  Instant now, started;
  std::string currency;
  Tally tally;
  Counted today;
  Traffic traffic;
  std::vector<LaneStand> lanes;
  Hindrance::Kind hindrance = Hindrance::Kind::None;
  std::size_t stops = 0;                     // caps that keep jobs from being bought
  std::int64_t uncollected = 0;              // tasks
  std::int64_t dying = 0;                    // pictures whose addresses die within six hours
  std::uint64_t accepted = 0, rejected = 0;  // dropped files
  bool reloaded_well = true;
  Instant reloaded;  // when a configuration was last read that holds
  Hooks::Counts hooks = {};
};

// What has to be looked up besides, and takes its time.
struct Lookups {
  std::map<LaneKey, LaneFacts> lanes;
  std::map<std::string, Instant> oldest;     // what waits of each model, since when
  std::map<std::string, double> free_bytes;  // by folder
  std::int64_t hooks = 0;                    // commands that are still to be run to a good end
};
Lookups look_up(Gauges const& gauges, Reader& reader, Spool const& spool);

// In Prometheus' text format.
std::string exposition_of(Gauges const& gauges, Lookups const& lookups);

}  // namespace wanspool::app
