#pragma once

#include <cstdint>
#include <functional>
#include <set>
#include <string>
#include <vector>

#include "core/hooks.h"
#include "store/store.h"

namespace wanspool {

// Which command runs when: what has happened stands in the store until its command has ended well, or was
// given up. It decides only; whoever owns it runs them, and tells how they have ended.
class Hooks {
 public:
  static constexpr int kAtOnce = 2;
  // The first and four more, with these waits between them.
  static constexpr milliseconds kWaits[] = {seconds{10}, minutes{1}, minutes{5}, minutes{30}};

  // False: there is nothing to tell of it any more.
  using Start = std::function<bool(HookRow const&)>;
  struct End {
    enum class Kind { Well, Badly, CutOff } kind = Kind::Well;  // CutOff: by our own end, and not counted
    std::string words;                                          // what went wrong, for a person
  };
  struct Counts {
    std::uint64_t well = 0, badly = 0, given_up = 0;
  };

  Hooks(Store& store, Start start) : store_{store}, start_{std::move(start)} {}

  // What is configured from now on.
  void watch(HookCommands const& commands, Instant now);
  // Starts what is due, and writes down what has ended.
  void step(Instant now);
  void ended(HookRow const& row, End const& end, Instant now);
  // No command begins any more.
  void stop() { stopping_ = true; }

  // When step() is worth calling though nothing has ended.
  Instant next() const;
  // Something runs, or is due, or is still to be written down.
  bool is_busy(Instant now) const;
  // Since the start.
  Counts const& counts() const { return counts_; }

 private:
  void write_ends(Instant now);
  void give_up(HookRow const& row, std::string const& words);

  Store& store_;
  Start start_;
  bool watches_ = false, stopping_ = false;
  std::set<std::int64_t> running_;  // and what has ended and is not written yet
  int at_work_ = 0;                 // of these, those that run
  std::vector<HookEnd> ends_;
  Instant retry_;                          // after a full disk: when to write them again
  Instant due_ = Instant::max();           // the first of what waits
  std::int64_t lost_ = 0, lost_told_ = 0;  // given up since one ended well; the same as the store has it
  Counts counts_;
};

// "job of cats/j1", for the log.
std::string name_of(HookRow const& row);

}  // namespace wanspool
