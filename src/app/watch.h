#pragma once

#include <optional>
#include <set>
#include <string>
#include <utility>

#include "app/context.h"
#include "app/names.h"
#include "app/screen.h"
#include "app/signals.h"
#include "store/glance.h"

namespace wanspool::app {

// Follows jobs that somebody else works on.
class Watch {
 public:
  enum class Tell { Pictures, Nothing };  // on standard output
  Watch(Context const& context, Names names, Screen& screen, Signals& signals, Tell tell = Tell::Pictures);

  // Pictures that are here by now are not named, nor does a job that is over by now count as failed, where
  // that is asked for.
  enum class Failed { Counts, CountsFromNow };
  void skip_present(Failed failed = Failed::Counts);

  enum class End { Settled, TimedOut, Interrupted, Alone };
  // Until every job is final, held, paused, or kept from being bought by a cap, a key or a bill; where it
  // waits, what the turn of a day or a month brings on by itself is awaited. `Alone`, if asked for: nobody
  // has the spool any more and something is left to do.
  enum class Loneliness { Waits, Leaves };
  End until_settled(std::optional<milliseconds> timeout, Loneliness loneliness = Loneliness::Waits);

  // What the jobs say now: 4 there is none, 3 one is kept by the key or the bill, 1 one failed or was
  // canceled, 6 one is held, paused or kept by a cap, 0.
  int exit_code() const;

 private:
  bool look();
  bool has_failed(Task const& task) const;
  bool is_settled(Loneliness loneliness) const;
  void note_stop(JobRow const& row, Task const& queued);
  bool no_account_buys(std::string const& model) const;
  void tell(Stop const& stop);
  void tell_waits(Instant now);
  void tell_stops(Instant now);
  Progress progress(Instant now, bool alone) const;
  std::vector<std::string> fresh_pictures(JobRow const& row);

  Context const& context_;
  Names names_;
  Screen& screen_;
  Signals& signals_;
  Tell tell_;
  BootClock clock_;
  std::unique_ptr<Reader> reader_;
  std::unique_ptr<Glance> glance_;
  std::set<std::string> told_;                                // pictures, paths below out/ and their sums
  std::set<std::pair<std::int64_t, Instant>> failed_before_;  // tasks, and when they ended
  std::int64_t failed_ = 0;                                   // or canceled; others than these
  Tally tally_;
  std::vector<LaneRow> lanes_;
  std::vector<Stop> stops_;
  bool is_paused_ = false;             // the whole spool
  std::vector<std::size_t> stopping_;  // those that keep these jobs, each once
  std::vector<Stop> stops_told_;       // without sums
  // Jobs that they keep: until a person helps, or until a day or a month turns.
  std::int64_t kept_ = 0, kept_for_now_ = 0;
  std::int64_t refused_ = 0;  // jobs kept by the key or the bill of every account
};

}  // namespace wanspool::app
