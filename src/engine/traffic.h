#pragma once

#include <array>
#include <cstdint>

#include "base/http.h"

namespace wanspool {

// Requests that have ended since the start, by what they asked for and what came of it.
struct Traffic {
  enum class Kind { Create, Query, List, Picture, Input };
  enum class End {
    Answered,   // 2xx, read to its end
    Throttled,  // 429
    Refused,    // another answer that says no
    Failed,     // 5xx
    Lost,       // no whole answer
  };
  static constexpr std::size_t kKinds = 5, kEnds = 5;

  std::array<std::array<std::uint64_t, kEnds>, kKinds> counts{};

  void add(Kind kind, Reply const& reply) { ++at(kind, end_of(reply)); }
  std::uint64_t& at(Kind kind, End end) {
    return counts.at(static_cast<std::size_t>(kind)).at(static_cast<std::size_t>(end));
  }
  static End end_of(Reply const& reply) {
    if (!reply.complete()) return End::Lost;
    if (reply.status / 100 == 2) return End::Answered;
    if (reply.status == 429) return End::Throttled;
    return reply.status >= 500 ? End::Failed : End::Refused;
  }
};

}  // namespace wanspool
