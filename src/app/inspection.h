#pragma once

#include <set>
#include <string>

#include "app/audit.h"
#include "app/context.h"
#include "app/listing.h"
#include "app/removed.h"

namespace wanspool::app {

// One inspection of a whole spool, beside a daemon or without one: what looks wrong while somebody works on
// it is looked at again after a fresh read.
class Inspection {
 public:
  Inspection(Spool const& spool, Reader& reader) : spool_{spool}, reader_{reader}, removed_{spool} {}

  void inspect();

  std::int64_t jobs() const { return jobs_; }
  std::int64_t orphans() const { return orphans_; }
  Look const& look() const { return look_; }
  Tally const& tally() const { return tally_; }
  OurTasks const& tasks() const { return tasks_; }  // all that it came across

 private:
  void add(Look look);
  void meet(Task const& task);
  void each_job();
  void each_index();
  void each_orphan();
  void what_is_nobodys();
  void sums();
  Holding holding_of(JobRow row);
  Look settled_look(Holding holding);
  bool has_owner(std::filesystem::path const& folder);
  std::set<std::string> orphan_folders();
  bool somebody_works() const;

  Spool const& spool_;
  Reader& reader_;
  Removed removed_;
  std::int64_t jobs_ = 0, orphans_ = 0;
  Look look_;
  Tally tally_;
  OurTasks tasks_;
  std::set<std::string> manifests_;
  std::set<std::string> adopted_;  // folders of orphans/ whose tasks are jobs' now
};

}  // namespace wanspool::app
