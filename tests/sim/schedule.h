#pragma once

#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include "engine/world.h"

// One seed is one schedule: what is wanted, what goes wrong and when the program stops. Drawn whole before
// anything runs, so that a seed says the same whatever the house does.
namespace wanspool::sim {

// false while the engine leaves every doubt to a person, forgets in a crash that such a one may hold a slot,
// that a create was refused, what was not synced, and the .part of a failed job's story, takes the time that
// it was away for time that tasks take, and refuses manifests that say what is to be done about doubts or
// that share a purchase.
inline constexpr bool kWholeEngine = true;

class Dice {
 public:
  explicit Dice(std::uint64_t seed) : source_{seed * 0x9e3779b97f4a7c15u + 1} {}
  std::int64_t between(std::int64_t least, std::int64_t most) {
    return least + static_cast<std::int64_t>(source_() % static_cast<std::uint64_t>(most - least + 1));
  }
  bool happens(double share) { return static_cast<double>(source_() >> 11) * 0x1p-53 < share; }
  milliseconds between(milliseconds least, milliseconds most) {
    return milliseconds{between(least.count(), most.count())};
  }
  template <typename List>
  auto const& one_of(List const& list) {
    return *std::next(std::begin(list), between(0, static_cast<std::int64_t>(std::size(list)) - 1));
  }
  std::mt19937_64& source() { return source_; }

 private:
  std::mt19937_64 source_;
};

struct Job {
  std::string manifest, id, prompt;
  int pictures = 1;
};

struct Outage {
  milliseconds begin, end;  // since the world began
};

struct Crash {
  int step = 1;  // of its life
  bool power_cut = false;
  milliseconds absence{0};  // until the program is started again
};

// A file that a person drops while the house works.
struct Errand {
  std::string verb;                // of the command; "drop": the manifest once more
  std::vector<std::string> words;  // JOBs, "@" is the one that is just sent; of a drop the manifest
  bool failed = false;             // retry alone
  std::string level;               // priority alone
  std::string id;                  // two may have the same; "": none
  milliseconds at{0};              // since the beginning,
  int creates = 0;                 // or sooner, when so many have left; 0: not sooner
  int crash = 0;                   // so many steps later the program stops; 0: it does not
  bool power_cut = false;
};

struct Schedule {
  std::uint64_t seed = 0;
  std::vector<Job> jobs;
  std::string on_uncertain = "adopt";
  bool refill = false;
  test::World::Habits habits;
  milliseconds service_least, service_most, latency_most;
  double troubles[4] = {};  // shares of creates, queries, pictures, lists that something happens to
  bool lists_refused = false;
  std::vector<Outage> outages;
  std::vector<Crash> crashes, calm_crashes;  // while things go wrong; after that
  milliseconds second_manifest{0};           // when it is dropped, since the beginning
  milliseconds storm{0};                     // how long things go wrong
  bool looks_again = false;                  // at the end the program is started once more
  bool two_accounts = false;                 // and a provider for each
  int slots = 5;                             // that each account has
  std::vector<Errand> errands;               // in the order in which they were thought of

  // Nothing but the house itself can then be the reason for a held job or for money that brought nothing.
  bool is_fair() const;
  std::string words() const;
};

Schedule schedule_of(std::uint64_t seed);

// The manifest of that name, as YAML; "" if it has no jobs.
std::string manifest_of(Schedule const& schedule, std::string const& name);

}  // namespace wanspool::sim
