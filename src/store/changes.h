#pragma once

#include <map>
#include <string>
#include <string_view>

#include "store/rows.h"
#include "store/spending.h"

namespace wanspool {

// What one transaction does to tasks, and with it to the sums over them, the ledger, what counts against caps
// and the jobs that wait for them.
class Changes {
 public:
  static constexpr std::string_view kUnwanted = "its job was changed or is gone from the manifest";

  // `at` is when the money moved, `day` the one on which what is newly reserved counts; "": that of `at` by
  // UTC.
  Changes(sqlite::Db& db, Instant at, std::string day = {});

  void replace(Task const& task);
  // A new row; the task as it stands in it.
  Task add(Task const& task, Kinship const& kin);
  // Its row goes, and what it cost is `heir`'s from now on.
  void bequeath(Task const& task, std::int64_t heir);
  // What nobody wants any more ends as canceled if it is queued; so do its refills.
  void cancel_waiting(std::int64_t task, std::string_view why = kUnwanted);
  // It was given to another job, and stood in these books before.
  void change_hands(std::int64_t task, Books const& before);
  // Tasks that nobody could see until now, and that were never sent.
  void appear(std::string const& model, std::int64_t queued);
  void write_sums();
  // What counts against caps, as far as it is known; write_sums() writes the rest.
  void write_spending() { spending_.write(); }
  // What replace() has newly reserved.
  Reservations const& reserved() const { return reserved_; }
  std::string const& day() const { return day_; }
  // Whether a job of a live manifest wants it; a refill is wanted by whoever wants the first of its line.
  bool is_wanted(std::int64_t task);

 private:
  void enter(std::int64_t task, Books const& books, Amounts change);
  std::int64_t owner_of(std::string const& manifest);
  void take_back(std::int64_t task);
  void set_books(std::int64_t task, Books const& books);
  void hand_over_days(std::int64_t task, std::string const& from_model, std::string const& to_model);
  void hand_over_to_submitter(std::int64_t task, std::int64_t submitter);
  void remember_id(Task const& before, Task const& after);
  void tell_jobs(Task const& before, Task const& after);

  sqlite::Db& db_;
  Instant at_;
  std::string day_;
  Spending spending_;
  Reservations reserved_;
  std::map<LaneKey, Tally> sums_;
  std::map<std::string, std::int64_t> owners_;  // of manifests
};

}  // namespace wanspool
