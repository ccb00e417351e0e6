#include "store/store.h"

#include "store/database.h"
#include "store/rows.h"
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

std::vector<LaneRow> SqliteStore::lanes() {
  return read_lanes(db_);
}

Tally SqliteStore::tally() {
  return read_tally(db_);
}

std::optional<Taken> SqliteStore::taken(std::string const& claim) {
  return read_taken(db_, claim);
}

Taken SqliteStore::preview_manifest(std::int64_t) {
  return {};
}

std::optional<std::int64_t> SqliteStore::owner_of(std::string const&) {
  return {};
}

LedgerRow SqliteStore::spent_by(std::string const&) {
  return {};
}

void SqliteStore::jobs(std::string const&, std::function<bool(JobRow const&)> const&) {}

std::optional<JobRow> SqliteStore::job(std::string const&, std::string const&) {
  return {};
}

std::vector<std::string> SqliteStore::jobs_of(std::int64_t) {
  return {};
}

std::string SqliteStore::fact(std::string const& key) {
  return read_fact(db_, key);
}

void SqliteStore::set_fact(std::string const& key, std::string const& value) {
  write_fact(db_, {key, value});
}

}  // namespace wanspool
