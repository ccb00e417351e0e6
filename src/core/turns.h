#pragma once

#include <cstdint>
#include <span>

#include "core/task.h"

namespace wanspool {

// What waits in one lane of one drop of a manifest.
struct Line {
  std::int64_t drop = 0;
  Priority rank = Priority::Normal;
  std::int64_t left = 0;  // tasks; as many as anybody cares to know

  bool operator==(Line const&) const = default;
};

// Whose turn it is among drops of one priority. The oldest goes on until it is done, but of any n turns up to
// n/4 + 2 go to drops that came after it and have less left, the smallest first: a handful of pictures is not
// stuck behind thousands, and thousands lose no more than that (after Postfix's queue manager, which lets
// small mails pass big ones against a cost in slots: SCHEDULER_README).
class Turns {
 public:
  // The index of the one whose turn it is. `lines`: oldest first, at least one.
  std::size_t next(std::span<Line const> lines) const;
  // It was its turn, before an older one's or not.
  void took(bool ahead);

 private:
  static constexpr int kShare = 4, kLoan = 2;
  int credit_ = kShare * kLoan;
};

}  // namespace wanspool
