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
// fingerprint, jobs subscribe). A crash in between repeats a copy and harms none.
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
  // They could not be committed.
  void give_back(std::vector<std::int64_t> const& jobs) {
    done_.insert(done_.end(), jobs.begin(), jobs.end());
  }
  void committed(std::vector<std::int64_t> const& jobs);
  bool idle() const { return !may_be_some_ && under_way_.empty(); }

 private:
  void deliver(Undelivered const& job, Instant now);
  void ended(std::int64_t job, std::string const& trouble, Instant now);

  Spool const& spool_;
  Store& store_;
  Workers& workers_;
  Outside outside_;
  bool may_be_some_ = true;
  Instant retry_;
  std::set<std::int64_t> under_way_;  // until they are committed
  std::vector<std::int64_t> done_;
};

}  // namespace wanspool
