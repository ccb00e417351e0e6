#pragma once

#include <doctest/doctest.h>

#include <cmath>
#include <string>
#include <vector>

#include "core/settle.h"

// An account as its list and the spool show it, for the tests of settle().
namespace wanspool::accounts {

inline constexpr Instant kStart{milliseconds{1'700'000'000'000}};
inline constexpr milliseconds kSkew{seconds{7}};  // the provider's clock is ahead

inline Instant at(double second) {
  return kStart + milliseconds{std::llround(second * 1000)};
}

// An account: times are seconds of our clock after kStart, the list is in the provider's.
class Account {
 public:
  std::vector<Doubt> doubts;
  std::vector<ListRow> rows;
  std::vector<KnownTask> known;
  Policy policy;
  Instant read_at = at(1000);

  Doubt& doubt(double sent, double until, std::string const& model = "wan") {
    Doubt it;
    it.task = static_cast<std::int64_t>(doubts.size() + 1);
    it.model = model;
    it.sent = at(sent);
    it.until = at(until);
    doubts.push_back(it);
    return doubts.back();
  }
  ListRow& row(std::string const& id, double created, std::string const& key = "ours") {
    rows.push_back({id, "request-" + id, "wan", "SUCCEEDED", key, "account", at(created) + kSkew});
    return rows.back();
  }
  // One of ours, made a tenth of a second after it was sent and answered as much later.
  KnownTask& ours(std::string const& id, double sent) {
    row(id, sent + 0.1);
    known.push_back({id, at(sent), at(sent + 0.2), false});
    return known.back();
  }
  KnownTask& orphan(std::string const& id, double created) {
    row(id, created);
    known.push_back({id, {}, {}, true});
    return known.back();
  }

  Verdicts all() const { return settle(doubts, rows, known, policy, read_at); }
  Verdict only() const {
    auto const verdicts = all();
    REQUIRE(verdicts.each.size() == 1);
    return verdicts.each.front();
  }
};

// One doubt between 10 and 12, and one of ours on either side.
inline Account doubtful() {
  Account account;
  account.ours("before", 5);
  account.doubt(10, 12);
  account.ours("after", 20);
  return account;
}

inline std::vector<std::string> ids(std::vector<ListRow> const& rows) {
  std::vector<std::string> names;
  for (auto const& row : rows) names.push_back(row.task_id);
  return names;
}
using Ids = std::vector<std::string>;

}  // namespace wanspool::accounts
