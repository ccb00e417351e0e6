#pragma once

#include <cstdint>
#include <optional>

#include "base/time.h"
#include "core/money.h"
#include "core/task.h"

namespace wanspool {

// A part of a manifest's jobs: a number of them, or so many of a hundred.
struct Share {
  std::int64_t amount = 0;
  bool percent = false;

  bool operator==(Share const&) const = default;
};

// What a manifest may cost in its whole life; none: no cap.
struct Budget {
  std::optional<std::int64_t> pictures;
  std::optional<Money> cost;

  bool operator==(Budget const&) const = default;
};

// What a manifest says of the buying of all its jobs (manifest.md). Dropped again with other terms, these
// hold at once and touch no job.
struct Terms {
  OnDoubt on_doubt = OnDoubt::Adopt;
  bool refill = false;
  Priority priority = Priority::Normal;
  Instant deadline;  // what is not submitted by then is not bought; "never": there is none
  Budget budget;
  FetchInputs fetch = FetchInputs::OnFailure;
  std::optional<Share> max_failures;  // when more has failed, the rest is held

  bool operator==(Terms const&) const = default;
};

}  // namespace wanspool
