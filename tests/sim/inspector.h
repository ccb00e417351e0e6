#pragma once

#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "engine/house.h"
#include "sim/schedule.h"
#include "sim/wishes.h"

namespace wanspool::sim {

// An invariant that does not hold.
struct Broken {
  std::string invariant, words;
};

// Looks at the house from outside, the provider's books in hand. Each check throws Broken.
class Inspector {
 public:
  // A world for each account, whose tasks have different ids.
  Inspector(Schedule const& schedule, std::vector<test::World*> worlds, test::House& house)
      : schedule_{schedule}, worlds_{std::move(worlds)}, house_{house} {}

  // Cheap enough for every turn of an open house.
  void after_turn();
  // The house was just opened: nothing is in flight.
  void after_start();
  // The program stops, and its house is still open.
  void before_stop();
  // A create leaves.
  void buys(std::string const& body);
  // What lies under a final name, house open or not.
  void files();
  // Nothing more will happen until a person wishes it.
  void at_rest();
  // Nothing more will happen.
  void at_end();

  Wishes& wishes() { return wishes_; }

  int held = 0, done = 0, failed = 0, pictures = 0, adopted = 0;  // at the end
  int paused = 0, canceled = 0;                                   // at rest

 private:
  void money();
  void purchases();
  void limits();
  void reasons();
  void reason_of(Task const& task, bool in_flight);
  void picture(std::filesystem::path const& file);
  void story(std::filesystem::path const& file);
  void orphan(std::filesystem::path const& file) const;
  void job(JobRow const& row);
  void people() const;
  void rested(JobRow const& row);
  void books(Tally const& tally, std::size_t purchases);
  void leftovers() const;
  int charged() const;
  test::World::Task const* find(std::string const& id) const;
  // Of which task these bytes are, the how-manieth picture of it; nullptr: nobody's.
  std::pair<std::string, int> const* served(std::string const& bytes) const;

  Schedule const& schedule_;
  std::vector<test::World*> worlds_;
  test::House& house_;
  Wishes wishes_{house_};
  std::map<std::int64_t, std::pair<State, Instant>>
      seen_;                                         // since when a task has had no visible reason to wait
  std::string disobeyed_;                            // what was bought against a wish
  std::set<std::pair<std::string, int>> delivered_;  // pictures of tasks that lie in out/
};

}  // namespace wanspool::sim
