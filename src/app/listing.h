#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "core/settle.h"
#include "store/store.h"

// The account's list of tasks, as whoever works on the spool has read it, against what we know. Pure.
namespace wanspool::app {

// The answer to the command `list` (state/answers/ID.json).
struct Listing {
  Instant read_at;
  std::vector<ListRow> rows;
  std::string error;  // why there is none; "" if there is one
};
// None for what is not such an answer.
std::optional<Listing> read_listing(std::string_view json);

// What we know of the account's tasks.
struct OurTasks {
  struct One {
    std::string name;  // whose it is, for a person
    Instant accepted;
  };
  std::map<std::string, One> by_id;  // every task_id we have
  // Of tasks that failed or were canceled and whose jobs were bought anew: no strangers, and not looked for.
  std::set<std::string> former;
  // Creates that are unanswered: what they may have made is no stranger.
  struct Open {
    std::string model;
    Instant sent, until;  // Instant::max() while the answer may still come
  };
  std::vector<Open> open;

  void add(Task const& task);
  bool has(std::string const& task_id) const { return by_id.contains(task_id) || former.contains(task_id); }
};

// Tasks of ours that the list should show and does not, and tasks of our keys that are nobody's here. A task
// may be invisible for `list_delay`.
std::vector<Finding> compare(Listing const& listing, OurTasks const& ours, milliseconds list_delay);

}  // namespace wanspool::app
