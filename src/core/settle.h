#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "core/policy.h"
#include "core/task.h"

// The end of a doubt (design §3): what the account's list says about creates whose answers were lost. Pure.
namespace wanspool {

// One task in the account's list (contract §8.1). Times are the provider's.
struct ListRow {
  std::string task_id, request_id;  // the latter is that of the create
  std::string model, status;
  std::string api_key_id;  // which key made it
  std::string caller;      // caller_parent_id: the main account of whoever made it
  Instant created;         // gmt_create

  bool operator==(ListRow const&) const = default;
};

// A create that may have been accepted. Times are ours.
struct Doubt {
  // Ripe ones are judged. The others only have a claim on rows: too young to be judged, or already left to a
  // person.
  enum class Stand { Ripe, Young, Held };
  std::int64_t task = 0;
  std::string model;
  Instant sent, until;  // it was accepted in between, or never
  std::string request_id;
  OnDoubt on_doubt = OnDoubt::Adopt;
  Stand stand = Stand::Ripe;
};

// A task of the account whose id we have. Times are ours.
struct KnownTask {
  std::string task_id;
  Instant sent, accepted;    // it was created in between; "never" where we cannot tell (adopted, orphan)
  bool orphan = false;       // in orphans/: it may still be what a doubt bought
  std::string account = {};  // ours, as Task's: ids of two accounts may be the same
};

struct Verdict {
  enum class What {
    Adopt,          // `row` is its task
    NeverAccepted,  // the list proves that it is not there
    Undecidable,    // a person decides between `candidates`, if any
    Wait,           // the list proves nothing yet
  };
  std::int64_t task = 0;
  What what = What::Wait;
  ListRow row;
  Instant accepted;  // row.created by our clock
  std::vector<ListRow> candidates;
  std::string why;  // for a person
};

struct Verdicts {
  std::vector<Verdict> each;               // one for each ripe doubt, in their order
  std::vector<ListRow> strangers;          // made with our key and nobody's here: the key is shared
  std::set<std::string> own_keys;          // api_key_id of rows of tasks that are ours
  milliseconds skew_low{0}, skew_high{0};  // the provider's clock minus ours lies in between
};

// Judges all ripe doubts together. `rows` is the whole list, of all models and keys, read at `read_at` or
// later (our clock), with two passes that agreed; `known` holds the task of every id we have. Rows of keys
// that are not ours count for nothing; a row that two doubts may have made decides neither. The rules are
// those of design §3; "a task of ours created at or after the doubt" is one that was sent after `until`.
Verdicts settle(std::vector<Doubt> const& doubts, std::vector<ListRow> const& rows,
                std::vector<KnownTask> const& known, Policy const& policy, Instant read_at);

}  // namespace wanspool
