#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/count.h"
#include "core/tally.h"
#include "store/store.h"

namespace wanspool {
struct Hindrance;
}

// What people read. Pure but for the time zone.
namespace wanspool::app {

std::string money(Money amount, std::string_view currency);  // "2.40 CNY"
std::string local_time(Instant at);    // "2026-03-01 14:05:12 CET"; "" for an instant that never was
std::string local_minute(Instant at);  // "2026-11-24 00:00"
// "14:05:12 CET" where it is the same day as `now`, else like local_time().
std::string near_time(Instant at, Instant now);
// What rfc3339() writes, with or without parts of a second; none for anything else.
std::optional<Instant> read_time(std::string_view text);
// "2026-11-29": the local midnight at which that day begins; none for anything else.
std::optional<Instant> read_day(std::string_view text);
// "2026-11-29T17:01", with seconds or without: local unless it ends in a Z; none for anything else.
std::optional<Instant> read_minute(std::string_view text);
// "90s", "90m", "12h", "3d", "2w", "1y"; none for anything else.
std::optional<milliseconds> read_age(std::string_view text);
// Such times (rfc3339()) in words that the queue keeps, as near_time() writes them.
std::string with_local_times(std::string_view text, Instant now);
// Of whom prices and limits are: a region by its name, "an emulator on this machine".
std::string region_words(std::string_view region);

// Text from outside as one line that cannot move a terminal's cursor.
std::string one_line(std::string_view text);
// How many columns of a terminal it takes.
int columns_of(std::string_view line);
// As much of a line of UTF-8 as fits into so many columns of a terminal.
std::string cut_to(std::string_view line, int columns);

// Of lanes one after another: what stops an account stops each of its lanes, and is told once.
class AccountStops {
 public:
  // Whether this lane is stopped with its account for a reason that no lane before it was.
  bool is_new(LaneRow const& lane);

 private:
  std::set<std::pair<std::string, std::string>> told_;  // an account and what is wrong with its key or bill
};

// Of several lanes the ones in bad weather: "wan2.6-image is throttled for 20 s: Throttling: …"; "" if none
// is.
std::string weather_words(std::vector<LaneRow> const& lanes, Instant now);
std::string hindrance_words(Hindrance const& hindrance, std::vector<LaneRow> const& lanes, Instant now);

struct Progress {
  Tally tally;
  std::string currency;
  milliseconds left{0};    // 0: nobody can tell
  std::int64_t inbox = 0;  // files that have not been taken in yet
  std::string hinders;     // "" while nothing does
};

// "done 12, running 5, waiting 83, failed 1 | 12 pictures | spent 2.40, reserved 1.00 CNY | 12 min 3 s left"
std::string progress_line(Progress const& progress);

std::int64_t running(Tally const& tally);  // sent and not yet over

// What a state means, for whoever has not read the manual.
std::string_view meaning(State state);

// The code and the message of a trouble, as one line; "" where there was none.
std::string trouble_words(Trouble const& trouble);

}  // namespace wanspool::app
