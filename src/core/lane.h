#pragma once

#include <string>

#include "core/news.h"
#include "core/policy.h"

namespace wanspool {

// Why a lane (the creates of one model) stands still, and until when.
struct Weather {
  enum class Kind { Fair, Throttled, Unreachable, Doubtful, OutOfQuota, Account };
  Kind kind = Kind::Fair;
  Instant until;       // no create leaves before
  Instant since;       // when this kind began
  int misses = 0;      // bad answers in a row
  std::string reason;  // code and words, for a person

  bool operator==(Weather const&) const = default;
};

std::string_view name_of(Weather::Kind kind);  // "fair" …

// What news of a create says about its lane. News of other kinds leaves it as it is.
Weather learn(Weather weather, News const& news, Policy const& policy, Instant now);

}  // namespace wanspool
