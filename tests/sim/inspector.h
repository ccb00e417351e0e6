#pragma once

#include <map>
#include <set>
#include <string>

#include "engine/house.h"
#include "sim/schedule.h"

namespace wanspool::sim {

// An invariant that does not hold.
struct Broken {
  std::string invariant, words;
};

// Looks at the house from outside, the provider's books in hand. Each check throws Broken.
class Inspector {
 public:
  Inspector(Schedule const& schedule, test::World& world, test::House& house)
      : schedule_{schedule}, world_{world}, house_{house} {}

  // Cheap enough for every turn of an open house.
  void after_turn();
  // The house was just opened: nothing is in flight.
  void after_start() { seen_.clear(); }
  // What lies under a final name, house open or not.
  void files();
  // Nothing more will happen.
  void at_end();

  int held = 0, done = 0, failed = 0, pictures = 0, adopted = 0;  // at the end

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
  void books(Tally const& tally, std::size_t purchases);
  void leftovers() const;

  Schedule const& schedule_;
  test::World& world_;
  test::House& house_;
  std::map<std::int64_t, std::pair<State, Instant>>
      seen_;                                         // since when a task has had no visible reason to wait
  std::set<std::pair<std::string, int>> delivered_;  // pictures of tasks that lie in out/
};

}  // namespace wanspool::sim
