#pragma once

#include <string>
#include <vector>

#include "core/caps.h"
#include "core/lane.h"
#include "store/housekeeping.h"

// The text of out/MANIFEST/STATUS.txt, for people who have nothing but the share. Pure but for the time zone.
namespace wanspool {

// What is said of a manifest at one moment.
struct StatusFacts {
  std::string manifest, currency;
  Census census;
  std::int64_t owner = kUnknownSubmitter;  // of the manifest
  std::vector<LaneRow> lanes;
  std::vector<Stop> stops;
  std::string hinders;           // why nothing at all is bought; "" while nothing does
  std::string uploads, results;  // why no input picture goes up, why results are not fetched
  milliseconds left = {};        // until all that waits in the house is done; 0: nobody can tell
};

inline constexpr std::size_t kStatusExamples = 5;  // of what failed and of what is held

// The second line tells when it was written: without it two texts of the same facts are the same.
std::string status_text(StatusFacts const& facts, Instant now);
std::string without_time(std::string const& status_text);

}  // namespace wanspool
