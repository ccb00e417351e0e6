#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "core/lane.h"
#include "store/records.h"

// What whoever looks every other second may read: however long the queue is, it takes no longer.
namespace wanspool {

// Reads beside a running daemon or without one, as Reader does.
class Glance {
 public:
  virtual ~Glance() = default;
  // Tasks of this lane by when their create left or was answered, the newest first, at most so many.
  virtual std::vector<Task> newest(LaneKey const& lane, std::size_t most) = 0;
  // Tasks in submitting, submitted, running or downloading, by id, at most so many.
  virtual std::vector<Task> active(std::size_t most) = 0;
  // Of what was sent or failed last what is over in this state, the latest end first, at most so many.
  virtual std::vector<Task> latest(State over, std::size_t most) = 0;
  // What counts on these days, "2026-11-23", both among them; its key is the first, and it counts no tasks.
  virtual LedgerRow spent_on(std::string const& first, std::string const& last) = 0;
  // As Store's: what counts on this day and in its month, without their ends.
  virtual Spent counted_on(std::string const& day) = 0;
  // The money of all that was bought in this job's name, as Reader::ledger() has it: its purchases, older
  // takes and refills. What it got a copy of was bought in another's.
  virtual LedgerRow spent_on(JobRow const& job) = 0;
  // The one that reads the whole file: what SQLite says of its pages, in a fraction of the time of
  // Reader::audit(); "" or the first complaint.
  virtual std::string quick_check() = 0;
};

// Throws StoreBroken like open_reader().
std::unique_ptr<Glance> open_glance(std::filesystem::path const& file);

}  // namespace wanspool
