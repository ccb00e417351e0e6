#pragma once

#include <map>
#include <string>

#include "store/rows.h"

namespace wanspool {

// What one transaction does to tasks, and with it to the sums over them, the ledger and the jobs that wait
// for them.
class Changes {
 public:
  // `at` is when the money moved.
  Changes(sqlite::Db& db, Instant at) : db_{db}, at_{at} {}

  void replace(Task const& task);
  // A new row; the task as it stands in it.
  Task add(Task const& task, Kinship const& kin);
  // Its row goes, and what it cost is `heir`'s from now on.
  void bequeath(Task const& task, std::int64_t heir);
  // What nobody wants any more ends as canceled if it is queued; so do its refills.
  void cancel_waiting(std::int64_t task);
  // Tasks that nobody could see until now.
  void appear(std::string const& model, std::int64_t queued);
  void write_sums();
  // Whether a job of a live manifest wants it; a refill is wanted by whoever wants the first of its line.
  bool is_wanted(std::int64_t task);

 private:
  struct Balance {
    Money reserved, spent, uncertain;
  };
  void enter(std::int64_t task, Balance const& before, Balance const& after);
  void remember_id(Task const& before, Task const& after);
  void tell_jobs(Task const& before, Task const& after);
  static Balance balance(Task const& task) { return {task.reserved, task.spent, task.uncertain}; }

  sqlite::Db& db_;
  Instant at_;
  std::map<std::string, Tally> sums_;
};

}  // namespace wanspool
