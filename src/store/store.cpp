#include "store/store.h"

#include "store/database.h"
#include "store/jobs.h"
#include "store/rows.h"
#include "store/spending.h"
#include "store/sqlite_store.h"

namespace wanspool {
namespace {

std::filesystem::path folder_of(std::filesystem::path const& file) {
  auto const folder = file.parent_path();
  refuse_network(folder);
  return folder;
}

// To go on with a queue takes a little room too, for the index of its log.
sqlite::Db open_even_if_full(std::filesystem::path const& file, Ballast& ballast) try {
  try {
    return open_for_writing(file);
  } catch (StoreFull const&) {
    if (!ballast.release()) throw;
    return open_for_writing(file);
  }
} catch (StoreFull const& full) {
  throw StoreBroken{full.what(), 74};
}

}  // namespace

std::unique_ptr<Store> open_store(std::filesystem::path const& file) {
  return std::make_unique<SqliteStore>(std::filesystem::absolute(file));
}

SqliteStore::SqliteStore(std::filesystem::path const& file)
    : lock_{folder_of(file) / "wanspool.lock", file},
      ballast_{file.parent_path() / "ballast"},
      db_{open_even_if_full(file, ballast_)} {}

// Old pages of the log may hold addresses of pictures that are here by now.
void SqliteStore::rest() {
  db_.execute("PRAGMA shrink_memory");
  db_.empty_log();
}

std::vector<LaneRow> SqliteStore::lanes() {
  return read_lanes(db_);
}

Tally SqliteStore::tally() {
  return read_tally(db_);
}

Standing SqliteStore::standing(std::string const& manifest) {
  return read_standing(db_, manifest);
}

Spent SqliteStore::spent_on(std::string const& day) {
  return read_spent_on(db_, day);
}

Instant SqliteStore::next_deadline(Instant now) {
  return db_.value<Instant>(
      "SELECT deadline FROM manifests INDEXED BY manifests_deadline"
      " WHERE deadline > 0 AND deadline > ? AND live = 1 ORDER BY deadline LIMIT 1",
      now);
}

std::vector<Stop> SqliteStore::stops() {
  return read_stops(db_);
}

std::optional<Taken> SqliteStore::taken(std::string const& claim) {
  return read_taken(db_, claim);
}

std::optional<std::int64_t> SqliteStore::owner_of(std::string const& manifest) {
  return read_owner(db_, manifest);
}

LedgerRow SqliteStore::spent_by(std::string const& manifest) {
  return read_spent(db_, manifest);
}

void SqliteStore::jobs(std::string const& manifest, std::function<bool(JobRow const&)> const& take) {
  list_jobs(db_, manifest, [&](std::int64_t, JobRow const& row) { return take(row); });
}

std::optional<JobRow> SqliteStore::job(std::string const& manifest, std::string const& job) {
  return find_job(db_, manifest, job);
}

std::optional<std::string> SqliteStore::place(std::string const& manifest, std::string const& job) {
  return find_place(db_, manifest, job);
}

std::vector<std::string> SqliteStore::jobs_of(std::int64_t task) {
  return read_subscribers(db_, task);
}

std::string SqliteStore::fact(std::string const& key) {
  return read_fact(db_, key);
}

void SqliteStore::set_fact(std::string const& key, std::string const& value) {
  write_fact(db_, {key, value});
}

void SqliteStore::watch_hooks(std::vector<HookEvent> const& events, Instant now) {
  hook_watch_.watch(db_, events);
  try {
    sqlite::Transaction transaction{db_, sqlite::Transaction::Kind::Write};
    sort_out_hooks(db_, events, now);
    transaction.commit();
  } catch (StoreFull const&) {
    // No reason not to start: what nobody watches any more is dropped when its turn comes.
  }
}

std::vector<HookRow> SqliteStore::hooks(std::size_t limit) {
  return read_hooks(db_, limit);
}

void SqliteStore::end_hooks(std::span<HookEnd const> ends, std::vector<Fact> const& facts) {
  sqlite::Transaction transaction{db_, sqlite::Transaction::Kind::Write};
  for (auto const& each : ends) write_hook_end(db_, each);
  for (auto const& each : facts) write_fact(db_, each);
  transaction.commit();
}

}  // namespace wanspool
