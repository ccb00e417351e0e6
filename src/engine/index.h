#pragma once

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "engine/metadata.h"
#include "engine/spool.h"
#include "engine/workers.h"

namespace wanspool {

// Keeps out/MANIFEST/metadata.jsonl. A line is appended when a picture is safe and committed; that takes no
// sync, for at the start every file is held against the queue and made anew where it disagrees, and so is
// what may have older lines as soon as the house is at rest, or after five minutes. One piece of work at a
// time reads the queue with a reader of its own, so that neither a million lines nor their making ever stop
// the wheel.
class Index {
 public:
  Index(Spool spool, Workers& workers, std::string currency);
  ~Index() { stop(); }
  Index(Index const&) = delete;
  Index& operator=(Index const&) = delete;

  // This job (MANIFEST/JOB) has new pictures: those of one task, or all where it is 0.
  void add(std::string const& job, std::int64_t task = 0);
  // Lines of this manifest may be older than the queue.
  void doubt(std::string const& manifest) { doubtful_.insert(manifest); }
  // Hands what is to be done to a worker. `at_rest` walks all that is under way: both ask it only if it
  // matters.
  void step(Instant now, std::function<bool()> const& at_rest);
  // When step() is worth calling.
  Instant next_step(Instant now, std::function<bool()> const& at_rest) const;
  // All is told, or the disk does not take it; then the next start tells it.
  bool idle() const;
  // Pictures that are there are about to be told of, and the disk takes it.
  bool is_telling() const { return trouble_.empty() && (under_way_ || !fresh_.empty()); }
  // What is under way is broken off.
  void stop() { *stopping_ = true; }

 private:
  using Jobs = std::map<std::string, std::set<std::int64_t>>;  // tasks of each; 0: all
  struct Outcome {
    std::set<std::string> rewritten, torn;
    std::string trouble;
  };
  bool may(Instant now) const { return !under_way_ && now >= retry_; }
  void submit(std::function<void(Outcome&)> work, std::set<std::string> manifests, Instant now);
  void landed(Outcome const& outcome, std::set<std::string> const& manifests, Instant now);
  void append(std::string const& manifest, Jobs const& jobs, Outcome& outcome);
  void check(std::set<std::string> manifests, Outcome& outcome);
  void compare(std::string const& manifest, LineSum const& queue, Outcome& outcome);
  void rewrite(std::string const& manifest, std::filesystem::path const& file);
  Reader& reader();

  Spool spool_;
  Workers& workers_;
  std::string currency_;
  std::unique_ptr<Reader> reader_;  // of the work that is under way
  std::shared_ptr<std::atomic<bool>> stopping_ = std::make_shared<std::atomic<bool>>(false);
  std::map<std::string, Jobs> fresh_;  // by manifest
  std::set<std::string> doubtful_, torn_;
  bool all_doubtful_ = true;
  bool under_way_ = false;
  Instant retry_;
  Instant look_by_;  // at those that are doubtful, at rest or not
  std::string trouble_;
};

// What is wrong with a manifest's metadata.jsonl, for a person; "" if it says what the queue says.
std::string wrong_with_index(Reader& reader, Spool const& spool, std::string const& manifest);

}  // namespace wanspool
