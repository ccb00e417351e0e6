#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "app/rows.h"

// What `wanspool verify` holds against each other: what the queue says, and what lies on the disk. Small
// looks at one thing each; what is in old/ is never judged.
namespace wanspool::app {

class Removed;

// Both say the same of a job.
bool is_same(Holding const& left, Holding const& right);

struct Look {
  std::int64_t pictures = 0, bytes = 0;  // that were hashed and are right
  std::vector<Finding> findings;
  Removed* removed = nullptr;  // what wanspool gc took is not missed; none: nothing was
};

// A safe picture: it is there, with its size and its sum. `helps`: what to do if not.
void look_at_picture(std::filesystem::path const& file, Picture const& picture, std::string const& helps,
                     Look& look);
// A job's folder: its pictures and those of its refills, result.json of the right task, nothing that is
// nobody's.
Look look_at_job(Holding const& holding, Spool const& spool, Removed* removed = nullptr);
Look look_at_orphan(Task const& orphan, Spool const& spool, Removed* removed = nullptr);
// The files that a body which is still to be sent brings along.
Look look_at_inputs(std::string const& job, std::string const& body, Spool const& spool);

// A manifest's metadata.jsonl tells of the pictures that the queue has.
std::optional<Finding> look_at_index(Reader& reader, Spool const& spool, std::string const& manifest);

// Whether only wanspool gives such a name: image-1.png, result.json, document.md, and these with .part.
bool is_ours_by_name(std::string_view file);
// Folders below `tree` that hold such files, each with their names, sorted. Empty where there is no tree.
struct Found {
  std::filesystem::path folder;  // below `tree`
  std::vector<std::string> files;
};
std::vector<Found> found_below(std::filesystem::path const& tree);
Finding nobodys(std::filesystem::path const& file);

// The ledger's sums, each kind of which must come to what the tasks come to.
struct Sum {
  std::string of;  // "by day"
  Money reserved, spent, uncertain;

  bool agrees_with(Sum const& other) const {
    return reserved == other.reserved && spent == other.spent && uncertain == other.uncertain;
  }
};
std::vector<Finding> look_at_sums(Sum const& tasks, std::vector<Sum> const& ledgers);

}  // namespace wanspool::app
