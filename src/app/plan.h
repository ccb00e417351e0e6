#pragma once

#include <array>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/caps.h"
#include "core/model.h"
#include "core/terms.h"
#include "store/store.h"

// What taking a manifest in would change, what it would cost, and when its pictures would be here. Pure but
// for the time zone.
namespace wanspool::app {

enum class Change { New, Same, Changed, Gone };
inline constexpr int kChanges = 4;
char symbol_of(Change change);              // + = ~ -
std::string_view name_of(Change change);    // "new" …
Change change_of(Judgement const& judged);  // what is queued again counts as new

// Jobs and what they ask for. The price of a picture is known and so is the number of pictures, but where the
// model may draw fewer; what fails is not charged.
struct Amount {
  std::int64_t jobs = 0;
  std::int64_t most = 0, least = 0;  // pictures, if all succeed
  Money price_most, price_least;

  void add(NewJob const& job);
};

// An answer of text and pictures, or a sequence, holds one picture at least; any other has as many as were
// asked for.
std::int64_t least_pictures(NewJob const& job);

// How fast a model's tasks are finished.
struct Tempo {
  Limits limits;
  milliseconds service{0};  // of one task; 0: nobody has measured it here
  std::int64_t ahead = 0;   // tasks that are under way or wait already

  milliseconds a_task() const;  // 90 s where nobody knows
};
// Until so many more are finished.
milliseconds time_for(std::int64_t tasks, Tempo const& pace);
// How many of so many more are finished after this time.
std::int64_t done_within(milliseconds length, std::int64_t tasks, Tempo const& pace);

struct Lane {
  Amount buys;
  Money picture;  // the price of one
  std::string price_date;
  bool is_listed = true;  // in the region, as far as the table knows
  Tempo pace;
};

struct Plan {
  std::string currency, region;
  std::array<Amount, kChanges> changes;
  std::map<std::string, Lane> lanes;         // what is newly bought, by model
  std::array<std::int64_t, kStates> same{};  // how those stand that stay the same
  std::array<std::int64_t, kStates> gone{};
  std::int64_t again = 0;   // of the new ones: failed or canceled before, and queued again
  std::int64_t shared = 0;  // new or changed ones whose pictures are bought already, or for another job
  std::int64_t left_out = 0;
  std::optional<std::size_t> part_of;   // only a part of so many jobs
  std::map<int, std::int64_t> several;  // of what is newly bought: jobs by their n, where that is above 1
  std::int64_t single = 0;              // those that may hold several pictures and ask for one
  LedgerRow spent;                      // in the manifest's name so far
  Amount waiting;                       // of what stays the same: not bought yet
  Budget budget;
  Instant deadline;         // "never": there is none
  std::optional<Stop> cap;  // of the configuration, which not all of it fits into

  Amount const& operator[](Change change) const { return changes[static_cast<std::size_t>(change)]; }
  Amount buys() const;
  milliseconds time() const;
  // How many pictures will be here in that time, at most.
  std::int64_t pictures_within(milliseconds length) const;
};

// The first of the configuration's caps that keeps the last of what would be bought back, with what counts
// against it now. Where there are several accounts theirs are left aside: what one may not buy another may.
std::optional<Stop> cap_met(Plan const& plan, Caps caps, Spent const& spent,
                            std::vector<std::string> const& accounts, std::int64_t submitter);

// Why it would not be taken, with the line that its manifest would need; "" where it would be.
std::string refusal(Plan const& plan, Money ask_above, std::optional<Money> agreed = {});
// Whether a person's yes is needed, and helps.
bool needs_yes(Plan const& plan, Money ask_above);

// The next 08:00 by local time.
Instant next_morning(Instant now);

// "cats.yaml: +12 ~1 =40 -2 !1; 13 pictures for 2.60 CNY at most; about 4 min 30 s"
std::string short_words(std::string const& named, Plan const& plan);
// All of it, a line each.
std::vector<std::string> long_words(std::string const& named, Plan const& plan, Money ask_above, Instant now);
// What is right and may still surprise.
std::vector<std::string> surprises(Plan const& plan);

}  // namespace wanspool::app
