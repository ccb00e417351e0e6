#pragma once

#include <string>
#include <vector>

#include "core/tally.h"
#include "core/task.h"
#include "store/sqlite.h"
#include "store/store.h"

// Between the structs of core/ and the rows of schema/queue.sql.
namespace wanspool {

// The columns of "tasks t" that read_task() takes, as they stand after SELECT.
std::string const& task_columns();
// From the current row and, its pictures, from their table.
Task read_task(sqlite::Rows& rows, sqlite::Db& db);

// What a tally needs to know of a task as it stands in the database. Throws std::logic_error for one that is
// not there.
Task read_summary(sqlite::Db& db, std::int64_t id);
// Replaces the row of its id but for its model; pictures are written only where they changed.
void write_task(sqlite::Db& db, Task const& task, std::vector<Picture> const& before);

std::vector<LaneRow> read_lanes(sqlite::Db& db);
void write_lane(sqlite::Db& db, LaneRow const& lane);

// Of all lanes; each has a row of its own in `tallies`.
Tally read_tally(sqlite::Db& db);
// Adds, to the row of this model.
void write_tally(sqlite::Db& db, std::string const& model, Tally const& change);

std::optional<Taken> read_taken(sqlite::Db& db, std::string const& claim);
std::string read_body(sqlite::Db& db, std::int64_t task);
std::string read_fact(sqlite::Db& db, std::string const& key);

}  // namespace wanspool
