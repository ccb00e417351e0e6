#pragma once

#include <functional>
#include <map>
#include <set>
#include <vector>

#include "engine/spool.h"
#include "engine/story.h"
#include "engine/workers.h"
#include "store/store.h"

namespace wanspool {

// Copies of a purchase for the other jobs that want the same (design §3: what is bought belongs to the
// fingerprint, jobs subscribe), and the way of a job's pictures to another place. A crash in between repeats
// a copy and harms none.
class Deliveries {
 public:
  struct Outside {
    std::function<std::vector<Task>(Task const&)> family;  // the task and its refills
    std::function<Story(Task const&)> story;
    std::function<void(std::filesystem::path const&)> tell;  // of each picture that has its final name
  };
  Deliveries(Spool const& spool, Store& store, Workers& workers, Outside outside)
      : spool_{spool}, store_{store}, workers_{workers}, outside_{std::move(outside)} {}

  // There may be something to deliver.
  void look() { may_be_some_ = true; }
  // Hands what is to be delivered to the workers.
  void step(Instant now);
  // When step() is worth calling without look().
  Instant next_step(Instant now) const;
  // Jobs whose copies are there, to be committed; named once.
  std::vector<std::int64_t> take_done();
  // Tasks whose pictures lie elsewhere now, to be committed with their jobs; named once.
  std::vector<Task> take_moved();
  // They could not be committed.
  void give_back(std::vector<std::int64_t> const& jobs, std::vector<Task> const& moved);
  // Returns the names of these jobs.
  std::vector<std::string> committed(std::vector<std::int64_t> const& jobs);
  bool idle() const { return !may_be_some_ && under_way_.empty(); }

 private:
  struct UnderWay {
    std::string name;
    std::int64_t task = 0;
    bool placed = false;
  };
  std::set<std::filesystem::path> places_of_others(Undelivered const& job);
  bool must_wait(UnderWay const& job) const;
  void deliver(Undelivered const& job, Instant now);
  void ended(std::int64_t job, std::string const& trouble, Instant now);

  Spool const& spool_;
  Store& store_;
  Workers& workers_;
  Outside outside_;
  bool may_be_some_ = true;
  Instant retry_;
  std::map<std::int64_t, UnderWay> under_way_;  // jobs, until they are committed
  bool some_wait_ = false;                      // for one of these
  std::vector<std::int64_t> done_;
  std::vector<Task> moved_;
};

}  // namespace wanspool
