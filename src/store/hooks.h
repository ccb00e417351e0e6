#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "core/hooks.h"
#include "store/sqlite.h"

// What commands are to be told of, written in the transaction in which it happens.
namespace wanspool {

// Listens to the tables themselves, so that it does not matter which part of the store changes a state. Where
// nothing is watched nothing listens.
class HookWatch {
 public:
  // From now on of these alone, on this connection.
  void watch(sqlite::Db& db, std::vector<HookEvent> const& events);
  // At the end of each transaction that may change the state of a job or a lane, and before its commit.
  void collect(sqlite::Db& db, Instant at);

 private:
  bool is_over(sqlite::Db& db, std::string const& manifest);
  void collect_news(sqlite::Db& db, Instant at);
  void collect_manifests(sqlite::Db& db, Instant at);

  bool watches_ = false;
  // Of manifests: a job that something still happens to, as it was seen last. While that is so nobody has to
  // look at the others.
  std::map<std::string, std::int64_t> open_;
};

// Drops what waits for other events, and what waits for these is due now at the latest. Within a transaction.
void sort_out_hooks(sqlite::Db& db, std::vector<HookEvent> const& events, Instant now);
// At most `limit` of what is to be told, by (due, number).
std::vector<HookRow> read_hooks(sqlite::Db& db, std::size_t limit);
void write_hook_end(sqlite::Db& db, HookEnd const& end);
std::int64_t count_hooks(sqlite::Db& db);

}  // namespace wanspool
