#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/lane.h"
#include "core/terms.h"

// What may be bought at most: caps of a manifest, of a day, a month, a model, an account and a person, and
// the sums that are held against them. Pure.
namespace wanspool {

// What counts against a cap: what is reserved, spent and uncertain, all the same.
struct Counted {
  std::int64_t pictures = 0;
  Money cost;

  bool operator==(Counted const&) const = default;
  Counted& operator+=(Counted const& other) {
    pictures += other.pictures;
    cost += other.cost;
    return *this;
  }
  friend Counted operator+(Counted a, Counted const& b) { return a += b; }
};

// What a purchase counts as it stands. Its pictures follow from its money, for what is uncertain is told in
// money alone; where they cost nothing they are those that are asked for, and then those that were charged.
Counted counted(Task const& task);
// What it would count more if it were bought now.
Counted needed(Task const& queued);

// Caps of all that is bought with one purse, and of models among it.
struct Purse {
  struct Periods {
    Budget day, month;
    bool operator==(Periods const&) const = default;
  };
  Periods all;
  std::map<std::string, Periods> models;

  bool operator==(Purse const&) const = default;
};

// The configuration's caps: of all accounts together, and of what is bought under each.
struct Caps : Purse {
  std::map<std::string, Purse> accounts;  // by name
  Periods submitter;                      // of each person, in whose name it is bought

  bool operator==(Caps const&) const = default;
  bool empty() const { return *this == Caps{}; }
};

// What was bought today and in this month, and when each of them ends.
struct Spent {
  std::map<LaneKey, Counted> day, month;
  Instant day_ends, month_ends;
  std::map<std::int64_t, Counted> day_by = {}, month_by = {};  // of each submitter; orphans are nobody's
};

// Whose manifest nobody knows counts as one person.
inline constexpr std::int64_t kUnknownSubmitter = -1;

// Of one model, "": of all; and of one account, none: of all together.
Counted sum_of(std::map<LaneKey, Counted> const& lanes, std::string const& model = {},
               std::optional<std::string> const& account = {});
// Of one submitter.
Counted sum_of(std::map<std::int64_t, Counted> const& people, std::int64_t submitter);

// Jobs of a manifest that are over, and how many of the failed ones a person has forgiven.
struct Outcomes {
  std::int64_t done = 0, failed = 0, forgiven = 0;

  bool operator==(Outcomes const&) const = default;
  std::int64_t finished() const { return done + failed; }
  std::int64_t blamed() const { return failed > forgiven ? failed - forgiven : 0; }
};

// How a manifest stands against its own terms.
struct Standing {
  std::string manifest;  // "": nobody has dropped one of that name
  Budget budget;
  std::optional<Share> max_failures;
  Counted counted;
  Outcomes outcomes;
  std::int64_t submitter = kUnknownSubmitter;  // the user id of whoever had its name first

  bool operator==(Standing const&) const = default;
  bool has_terms() const { return budget != Budget{} || max_failures; }
};

// So many jobs have to be over before failures are a share of anything.
inline constexpr std::int64_t kFinishedLeast = 50;
// More has failed than its manifest allows.
bool has_failed(Standing const& manifest);

// Why a job that waits is not bought, though an account would take it.
struct Stop {
  enum class Scope { Manifest, Day, Month, Failures };
  Scope scope = Scope::Manifest;
  std::string manifest;                        // Manifest, Failures: whose; else ""
  std::string model;                           // Day, Month: whose cap; "": that of all models
  std::optional<std::string> account;          // Day, Month: and whose; none: that of all accounts together
  Budget cap;                                  // of what is too little; none: that is enough
  Counted counted;                             // against it
  std::int64_t failed = 0, finished = 0;       // Failures: since a person has looked, and in all
  Share most;                                  // Failures: what the manifest allows
  Instant until;                               // when it goes on by itself; "never": a person helps
  std::optional<std::int64_t> submitter = {};  // Day, Month: whose own cap it is; none: nobody's

  bool operator==(Stop const&) const = default;
};

// The first reason why it is not bought under its account, of: failures, the manifest's budget, the caps of a
// day and a month of its submitter, those of all, those of the model, and those of all of its account. So one
// of an account says that the others may buy it.
std::optional<Stop> what_stops(Task const& queued, Caps const& caps, Standing const& manifest,
                               Spent const& spent);

// Until when this stop keeps that queued job from being bought under its account, "never": until a person
// helps; none: it does not. `submitter`: as in its manifest's Standing.
std::optional<Instant> kept_until(Stop const& stop, Task const& queued,
                                  std::int64_t submitter = kUnknownSubmitter);
// Until when all of these together keep it from being bought under any of the accounts, whichever it has now;
// none: one of them may buy it.
std::optional<Instant> kept_until(std::vector<Stop> const& stops, Task const& queued,
                                  std::vector<std::string> const& accounts,
                                  std::int64_t submitter = kUnknownSubmitter);

// What a cap leaves, nothing below zero; none: no limit.
Budget room_of(Budget const& cap, Counted const& counted);
// The smaller of both.
void narrow(Budget& room, Budget const& other);
// What all of the configuration's caps leave to a lane.
Budget room_of(Caps const& caps, Spent const& spent, LaneKey const& lane);
// What their own cap leaves to a person.
Budget room_of(Purse::Periods const& submitter_caps, Spent const& spent, std::int64_t submitter);
// What its own terms leave to a manifest.
Budget room_of(Standing const& manifest);

}  // namespace wanspool
