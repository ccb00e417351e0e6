#pragma once

#include <map>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include "core/caps.h"
#include "store/store.h"

namespace wanspool {

// Which jobs caps let be bought: asked before each create and told of each commit. What it says rests on what
// the store has written and on what is planned in this turn; what this turn gives back counts after its
// commit.
class Budgets {
 public:
  // `accounts`: under whose names may be bought.
  Budgets(Caps caps, std::vector<std::string> accounts, Store& store, Instant now);

  // Looks at the calendar and at what the last commits have changed. Returns whether jobs that were passed
  // over may be bought now.
  bool look(Instant now);
  // Other caps from now on, and perhaps another time zone; what was planned under the old ones and is not
  // committed yet is held against those.
  void change(Caps caps, Instant now);
  // What counts against today's cap, and that cap.
  Counted today() { return sum_of(spent().day); }
  Budget const& cap_of_today() const { return caps_.all.day; }
  // Whether a cap keeps it from being bought under this account; that is remembered, and those like it need
  // not be asked about.
  bool stops(Task const& queued, std::string const& account);
  // It is bought in this turn.
  void plan(Task const& task);
  // What is still worth asking about, under whichever account has most left.
  Rooms rooms(std::string const& model, Instant now);

  void write_to(Batch& batch) const;
  void committed(Batch const& batch);
  // Manifests, their terms or jobs are others now.
  void read_anew();

  // What write_to() will say has not been written.
  bool has_news() const;
  // When the next of those that were passed over may be bought, or is not wanted any more; "max": nobody
  // knows.
  Instant next_look() const;
  // Of those that were passed over; a cap of one account only where all of them have theirs.
  std::vector<Stop> found() const;

 private:
  using Key = std::tuple<Stop::Scope, std::string, std::optional<std::string>, std::string,
                         std::optional<std::int64_t>>;
  struct Noted {
    Stop stop;
    Budget room;  // when it was noted
  };

  Standing& standing(std::string const& manifest);
  Spent& spent();
  Budget room_for(Stop const& stop);
  bool has_grown();
  bool is_everywhere(Stop const& stop) const;
  void refresh(Stop& stop);
  void begin_day(Instant now);
  void forget_stops();
  void adopt(Instant now);

  Caps caps_;
  std::vector<std::string> accounts_;
  Store& store_;
  std::string day_;
  Instant day_ends_, month_ends_;
  std::optional<Spent> spent_;  // none: to be read
  std::map<std::string, Standing> standings_;
  std::map<Key, Noted> noted_;
  std::vector<Stop> written_;
  bool is_changed_ = false;   // a commit may have made room
  std::optional<Caps> next_;  // that hold as soon as nothing is planned
  bool is_planned_ = false, is_adopted_ = false;
  Instant now_;                      // of the last look
  std::optional<Instant> deadline_;  // of a manifest; none: to be read
};

}  // namespace wanspool
