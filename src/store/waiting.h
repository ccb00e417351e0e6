#pragma once

#include <vector>

#include "store/sqlite.h"
#include "store/store.h"

// What waits in the queue, and what has lately been worked on, for whoever only looks.
namespace wanspool {

// Queued tasks that are kept back because their jobs are paused.
std::int64_t read_paused(sqlite::Db& db);
std::vector<std::int64_t> read_line(sqlite::Db& db, std::string const& model);
std::vector<Waiting> read_waiting(sqlite::Db& db, std::string const& model);
std::vector<Work> read_work(sqlite::Db& db, LaneKey const& lane, Instant since);

}  // namespace wanspool
