#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "app/rows.h"
#include "base/fd.h"
#include "engine/spool.h"

// state/removed.jsonl: which pictures wanspool gc was told to remove, one a line, written before each goes.
// The queue still tells of them, and nobody is to miss them or to pay for them again.
namespace wanspool::app {

class Removed {
 public:
  explicit Removed(Spool const& spool) : spool_{spool} {}
  // Reads the file when it is first asked.
  bool has(std::filesystem::path const& picture, std::string const& sha256);

 private:
  Spool const& spool_;
  std::optional<std::vector<std::uint64_t>> known_;  // hashes, sorted
};

// As is_missing(): one of its pictures is gone, and that was not by wanspool gc.
bool is_missed(JobRow const& row, Spool const& spool, Removed& removed);
// Likewise, and all that are gone were removed by it.
bool is_removed(JobRow const& row, Spool const& spool, Removed& removed);
// As meaning(): what its state means, and of a job that is done whether its pictures are still here.
std::string_view meaning_of(JobRow const& row, Spool const& spool, Removed& removed);

// Adds to it; what was added is safe after write().
class RemovedLog {
 public:
  explicit RemovedLog(Spool const& spool) : spool_{spool} {}
  void add(std::filesystem::path const& picture, std::string const& sha256, std::int64_t bytes, Instant at);
  // Throws std::system_error.
  void write();

 private:
  Spool const& spool_;
  Fd file_;
  std::string waiting_;
};

}  // namespace wanspool::app
