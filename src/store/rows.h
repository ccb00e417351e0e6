#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/tally.h"
#include "core/task.h"
#include "store/sqlite.h"
#include "store/store.h"

// Between the structs of core/ and the rows of schema/queue.sql.
namespace wanspool {

// The drop of schema/queue-2.sql that no file brought.
inline constexpr std::int64_t kOrphans = 0;

// The columns of "tasks t" that read_task() takes, as they stand after SELECT.
std::string const& task_columns();
// From the current row and, its pictures, from their table.
Task read_task(sqlite::Rows& rows, sqlite::Db& db);

// How many takes there ever were of a "tasks t", refills not counted.
std::string const& takes_column();
// The statement that selects tasks, with these words after FROM tasks t.
std::string select_tasks(std::string const& rest);
template <typename... Values>
std::vector<Task> read_tasks(sqlite::Db& db, std::string const& sql, Values const&... values) {
  std::vector<Task> tasks;
  auto rows = db.query(sql, values...);
  while (rows.next()) tasks.push_back(read_task(rows, db));
  return tasks;
}
std::optional<Task> first_of(std::vector<Task> tasks);
// Throws std::logic_error where there is none.
Task need_task(sqlite::Db& db, std::int64_t id);
std::optional<Task> find_task_by_id(sqlite::Db& db, std::string const& account, std::string const& task_id);
// By id.
std::vector<Task> read_refills(sqlite::Db& db, std::int64_t parent);
// A job of a live manifest by its whole name.
std::optional<Wanted> find_wanted(sqlite::Db& db, std::string const& job);

// What a change needs to know of a task as it stands in the database. Throws std::logic_error for one that is
// not there.
Task read_summary(sqlite::Db& db, std::int64_t id);
// Replaces the row of its id but for its model; pictures are written only where they changed.
void write_task(sqlite::Db& db, Task const& task, std::vector<Picture> const& before);

// What the row of a task says beside the task itself.
struct Kinship {
  std::string fingerprint, base;  // its own, and that of its first take
  std::int64_t taken = 0;         // the drop that brought it
  std::int64_t owner = 0;         // the job in whose name it is bought; 0: nobody's
  std::string body = {};          // of its create; "" where there never was one of ours
  Priority rank = Priority::Normal;
};
// But for the body.
Kinship read_kinship(sqlite::Db& db, std::int64_t task);
// Makes a row, with all its fields but its pictures; its id. Throws std::logic_error where its fingerprint is
// known.
std::int64_t insert_task(sqlite::Db& db, Task const& task, Kinship const& kin);

std::vector<LaneRow> read_lanes(sqlite::Db& db);
void write_lane(sqlite::Db& db, LaneRow const& lane);

// Of all lanes; each has a row of its own in `tallies`.
Tally read_tally(sqlite::Db& db);
std::map<LaneKey, Tally> read_tallies(sqlite::Db& db);
// Adds, to the row of this lane.
void write_tally(sqlite::Db& db, LaneKey const& lane, Tally const& change);

std::optional<Taken> read_taken(sqlite::Db& db, std::string const& claim);
std::string read_body(sqlite::Db& db, std::int64_t task);
void write_fact(sqlite::Db& db, Fact const& fact);
std::string read_fact(sqlite::Db& db, std::string const& key);

}  // namespace wanspool
