#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/tally.h"
#include "store/records.h"

namespace wanspool {

// Reads beside a running daemon or without one; never writes, and holds no transaction between calls.
class Reader {
 public:
  virtual ~Reader() = default;
  virtual Tally tally() = 0;
  virtual std::vector<LaneRow> lanes() = 0;
  // A queued task counts under the account that it was sent under last, and under the main one where it never
  // was: what waits for a model is the sum over all accounts.
  virtual std::map<LaneKey, Tally> tallies() = 0;
  // Queued tasks of this model in the order of priority, age and due, turns left aside.
  virtual std::vector<std::int64_t> in_line(std::string const& model) = 0;
  // What waits in a lane, drop by drop, in the order of priority and age.
  virtual std::vector<Waiting> waiting(std::string const& model) = 0;
  // Tasks of this lane whose create left or was answered at or after `since`.
  virtual std::vector<Work> work(LaneKey const& lane, Instant since) = 0;
  // What keeps jobs from being bought, as it was seen last.
  virtual std::vector<Stop> stops() = 0;
  virtual Standing standing(std::string const& manifest) = 0;
  // In the order of manifests and of jobs within them; `take` says false to stop. `manifest` "" means all.
  virtual void jobs(std::string const& manifest, std::function<bool(JobRow const&)> const& take) = 0;
  virtual std::optional<JobRow> job(std::string const& manifest, std::string const& job) = 0;
  // Whether such a word (Errand) means a job; looks at no more of them than it has to.
  virtual bool means_some(std::string const& word) = 0;
  // Queued tasks that are kept back because their jobs are paused.
  virtual std::int64_t paused() = 0;
  virtual std::string body(std::int64_t task) = 0;
  virtual std::optional<Taken> taken(std::string const& claim) = 0;
  virtual std::string fact(std::string const& key) = 0;
  // What commands are still to be told of.
  virtual std::int64_t hooks_waiting() = 0;

  // What a drop of this manifest would do. Lives no longer than the reader; holds no transaction open between
  // its calls, and a few dozen bytes for each job that it has judged.
  virtual std::unique_ptr<Comparison> compare(std::string const& manifest) = 0;
  // Jobs of the manifest that are not retired and that this comparison has not judged: no longer wanted.
  virtual void gone(Comparison const& comparison, std::function<bool(JobRow const&)> const& take) = 0;
  virtual LedgerRow spent_by(std::string const& manifest) = 0;
  virtual std::optional<std::int64_t> owner_of(std::string const& manifest) = 0;

  // As Store's.
  virtual std::string bought_for(std::string const& manifest, std::string const& job,
                                 std::string const& asked) = 0;
  // Names of the jobs that a queued task is made from and that are not over yet.
  virtual std::vector<std::string> waits_for(std::int64_t task) = 0;
  // Orphans that a held task may have bought.
  virtual std::vector<Task> candidates(std::int64_t task) = 0;
  virtual void orphans(std::function<bool(Task const&)> const& take) = 0;
  virtual std::vector<Task> refills_of(std::int64_t task) = 0;
  // Ids of tasks that are over without a picture and whose jobs have gone on to another one since, of those
  // that were sent or accepted at or after `since`.
  virtual std::vector<std::string> former_ids(Instant since) = 0;
  // Purchases that a job had before (an older take), oldest first.
  virtual std::vector<Task> replaced(std::string const& job) = 0;
  // In the order of keys; without rows that are all zero. `manifest` "" means all. A job's row holds every
  // purchase that was made in its name.
  virtual std::vector<LedgerRow> ledger(LedgerBy by, std::string const& manifest = {}) = 0;
  // What SQLite and our own rules say of the tables: integrity, foreign keys, each state's invariants, sums.
  virtual std::vector<Finding> audit() = 0;
  // A copy of the queue as it is now, stamped, under `file` at once or not at all. Throws std::system_error,
  // StoreBroken.
  virtual void backup(std::filesystem::path const& file, Instant now) = 0;
};

// Throws StoreBroken like open_store; 2 if there is no database yet.
std::unique_ptr<Reader> open_reader(std::filesystem::path const& file);

}  // namespace wanspool
