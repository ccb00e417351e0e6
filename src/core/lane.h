#pragma once

#include <compare>
#include <string>
#include <string_view>

#include "core/news.h"
#include "core/policy.h"

namespace wanspool {

// Whose creates share limits and weather: those of one model under one account.
struct LaneKey {
  std::string account;  // its name in the configuration; "": the main one
  std::string model;

  auto operator<=>(LaneKey const&) const = default;
};

std::string account_name(std::string_view account);  // for a person: "main" for ""
std::string name_of(LaneKey const& lane);            // "wan2.6-image", "studio/wan2.6-image"

// Why a lane (the creates of one model under one account) stands still, and until when.
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
