#pragma once

#include <functional>
#include <string>
#include <unordered_set>

#include "store/sqlite.h"
#include "store/store.h"

namespace wanspool {

// Each call reads what is there at its moment; a transaction is open within it only.
class SqliteComparison final : public Comparison {
 public:
  SqliteComparison(sqlite::Db& db, std::string manifest) : db_{db}, manifest_{std::move(manifest)} {}

  Judgement judge(NewJob const& job) override;
  void gone(std::function<bool(JobRow const&)> const& take) const;

 private:
  bool buys_new(std::string const& fingerprint);
  bool buys_again(std::int64_t task) { return again_.insert(task).second; }

  sqlite::Db& db_;
  std::string manifest_;
  std::unordered_set<std::int64_t> named_;  // jobs
  std::unordered_set<std::int64_t> again_;  // tasks that it queues again
  std::unordered_set<std::size_t> new_;     // hashes of fingerprints that it buys
};

}  // namespace wanspool
