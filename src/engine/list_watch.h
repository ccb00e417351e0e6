#pragma once

#include <algorithm>
#include <map>
#include <string>
#include <unordered_map>
#include <utility>
#include <variant>
#include <vector>

#include "core/policy.h"
#include "provider/provider.h"

namespace wanspool {

// Watches the tasks that are out there by the newest pages of the account's list, one request for a hundred
// of them, so that only those that have ended are asked for singly. How soon a task's end shows there no page
// says (contract §8.1): each end that a query found first puts the list to the test, and a list that is
// behind is not relied upon. Asks nothing itself; its owner sends what it wants.
class ListWatch {
 public:
  using Tasks = std::unordered_map<std::string, std::int64_t>;  // ours by their task_id

  // When the next page is wanted; Instant::max() while one is under way.
  Instant next() const { return asked_ ? Instant::max() : std::max(next_, expected_); }
  bool is_asking() const { return asked_; }
  // Between two pages of one look.
  bool is_within_look() const { return page_ > 1; }
  // Begins a look at all of these.
  void begin(Tasks tasks, Instant now);
  int take_page() { return asked_ = true, page_; }
  // Of each page of this look.
  int rows() const { return rows_; }
  // Those that have ended, by task_id. `pause`: between two looks.
  std::vector<std::pair<std::string, std::int64_t>> hear(
      std::variant<provider::ListPage, Trouble> const& answer, milliseconds pause, Backoff backoff,
      Instant now);
  // Somebody else reads the list meanwhile: the look is over.
  void give_way() { page_ = 1; }
  // No task that is out there ends before that.
  void expect_none_before(Instant then) { expected_ = then; }
  // A new one may end from then on.
  void expect_one(Instant then) { expected_ = std::min(expected_, then); }
  // A query found the task ended before the list had said so.
  void was_first(std::string const& task_id, Instant now);
  // The list has proved to show ends in time.
  bool is_trusted() const { return proofs_ >= kProofs; }

 private:
  static constexpr int kProofs = 3;
  bool is_testing() const;
  void judge(std::string const& task_id, bool ended);
  void end_look(milliseconds pause, Instant now);

  Tasks unseen_;
  Instant began_, next_, expected_;
  int page_ = 1, pages_most_ = 1, rows_ = 0;
  bool asked_ = false;
  int proofs_ = 0, misses_ = 0;
  bool behind_ = false;
  int distrusts_ = 0;                     // in a row
  std::map<std::string, Instant> tests_;  // ends that a query found first, and when
};

}  // namespace wanspool
