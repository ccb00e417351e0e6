#pragma once

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "engine/spool.h"
#include "engine/workers.h"
#include "store/housekeeping.h"
#include "store/reader.h"

namespace wanspool {

struct StatusFacts;

// Keeps out/MANIFEST/STATUS.txt for those who have nothing but the share. It is a hint: written when
// something about the manifest has changed, every ten seconds at most (later where a manifest has so many
// jobs that counting them takes its time), once more when nothing else is to be done, and never synced; the
// next start holds them all against the queue. One piece of work at a time counts with a reader of its own,
// beside the wheel.
class StatusFiles {
 public:
  // What only the wheel knows.
  struct Outlook {
    std::string hinders;  // why nothing is bought; "" while nothing hinders
    milliseconds left{0};
  };
  StatusFiles(Spool spool, Workers& workers, std::string currency, std::function<Outlook()> outlook);
  ~StatusFiles() { stop(); }
  StatusFiles(StatusFiles const&) = delete;
  StatusFiles& operator=(StatusFiles const&) = delete;

  // These tasks are written, and perhaps what others wait for is another thing now.
  void committed(Batch const& batch);
  void changed(std::string const& manifest);
  void all_changed() { all_ = true; }
  // Hands what is to be done to a worker. `at_rest` walks all that is under way: asked only if it matters.
  void step(Instant now, std::function<bool()> const& at_rest);
  // When step() is worth calling.
  Instant next_step(Instant now, std::function<bool()> const& at_rest) const;
  // All is told, or the disk does not take it.
  bool idle() const;
  void stop() { *stopping_ = true; }

 private:
  struct Job {
    bool all = false;
    std::vector<std::int64_t> tasks;     // whose manifests are looked up
    std::vector<std::string> manifests;  // whose texts are written
    Outlook outlook;
    Instant now;

    bool empty() const { return !all && tasks.empty() && manifests.empty(); }
  };
  struct Outcome {
    std::vector<std::string> found;
    struct Written {
      std::int64_t jobs = 0;
      bool is_over = true;
    };
    std::map<std::string, Written> written;
    std::string trouble;
  };
  bool nothing_changed() const { return !all_ && tasks_.empty() && changed_.empty(); }
  std::string take_first();
  Job next_job(Instant now, bool hurry);
  void submit(Job job);
  Outcome work(Job const& job);
  void write(Job const& job, Outcome& outcome);
  StatusFacts common_facts(Outlook const& outlook) const;
  std::string news_of(std::string const& manifest, std::string text) const;
  std::filesystem::path file_of(std::string const& manifest) const;
  bool make_folder_of(std::string const& manifest) const;
  void landed(Job const& job, Outcome const& outcome);
  void open();

  Spool spool_;
  Workers& workers_;
  std::string currency_;
  std::function<Outlook()> outlook_;
  // Of the work that is under way.
  std::unique_ptr<Reader> reader_;
  std::unique_ptr<Housekeeping> housekeeping_;
  std::shared_ptr<std::atomic<bool>> stopping_ = std::make_shared<std::atomic<bool>>(false);
  std::set<std::int64_t> tasks_;
  std::map<std::string, Instant> changed_;              // and when each may be written
  std::set<std::pair<Instant, std::string>> in_order_;  // the same
  std::map<std::string, Instant> not_before_;           // of those that were written lately
  std::set<std::string> open_;                          // that are not over, as it was written
  std::map<LaneKey, Weather::Kind> weather_;
  Instant look_up_at_, retry_, tidy_at_;
  bool all_ = true, under_way_ = false;
  std::string trouble_;
};

}  // namespace wanspool
