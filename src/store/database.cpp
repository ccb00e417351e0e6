#include "store/database.h"

#include <fmt/format.h>

#include <iterator>
#include <string>
#include <system_error>

#include "base/disk.h"
#include "base/schema.h"
#include "store/store.h"

namespace wanspool {
namespace {

using sqlite::Db;
using sqlite::Transaction;

// "wans" in PRAGMA application_id, so that no other program's file is taken for a queue.
constexpr int kApplication = 0x77616e73;

// The n-th brings a database of version n to n + 1. Only ever appended to.
constexpr char const* kSteps[] = {"queue.sql",   "queue-2.sql", "queue-3.sql", "queue-4.sql", "queue-5.sql",
                                  "queue-6.sql", "queue-7.sql", "queue-8.sql", "queue-9.sql"};

struct Version {
  int application = 0, number = 0;
  bool blank = false;  // no table at all
};

Version version_of(Db& db) {
  Version version;
  version.application = db.value<int>("PRAGMA application_id");
  version.number = db.value<int>("PRAGMA user_version");
  version.blank = db.value<int>("SELECT NOT EXISTS (SELECT 1 FROM sqlite_schema)") == 1;
  return version;
}

// Throws unless it is ours and of a version we know.
void check_version(Version const& version, std::filesystem::path const& file) {
  if (version.blank && version.number == 0 && version.application == 0) return;
  if (version.application != kApplication)
    throw StoreBroken{fmt::format("cannot open {}: it is another program's database", file.string()), 74};
  if (version.number > newest_version())
    throw StoreBroken{
        fmt::format("cannot open {}: it is of version {} and this program knows versions up to {}; "
                    "use the newer program",
                    file.string(), version.number, newest_version()),
        78};
}

// Without foreign keys: a table that is made anew would take with it what refers to the old one.
void migrate(Db& db, int from) {
  if (from == newest_version()) return;
  Transaction transaction{db, Transaction::Kind::Write};
  for (int step = from; step < newest_version(); ++step) db.execute(schema_file(kSteps[step]));
  db.execute(
      fmt::format("PRAGMA application_id = {}; PRAGMA user_version = {}", kApplication, newest_version()));
  transaction.commit();
}

// As SQLite sees it, which takes a single byte for nothing.
bool is_blank(std::filesystem::path const& file) {
  std::error_code missing;
  auto const size = std::filesystem::file_size(file, missing);
  return missing || size <= 1;
}

// SQLite throws away the log of a database that is empty, and with it perhaps all that we know.
void refuse_lone_log(std::filesystem::path const& file) {
  auto const log = std::filesystem::path{file.string() + "-wal"};
  if (is_blank(file) && !is_blank(log))
    throw StoreBroken{
        fmt::format("cannot open {}: it is gone or empty while its log {} is there; put a copy back",
                    file.string(), log.filename().string()),
        74};
}

// A file whose name is not on the disk is gone after a crash.
void sync_name(std::filesystem::path const& file) try {
  disk::sync_folder(file.parent_path());
} catch (std::system_error const& error) {
  throw StoreBroken{error.what(), 74};
}

}  // namespace

int newest_version() {
  return static_cast<int>(std::size(kSteps));
}

Db open_for_writing(std::filesystem::path const& file) {
  refuse_lone_log(file);
  bool const fresh = is_blank(file);
  Db db{file, Db::Access::ReadWrite};
  auto const version = version_of(db);
  check_version(version, file);
  if (db.value<std::string>("PRAGMA journal_mode = WAL") != "wal")
    throw StoreBroken{fmt::format("cannot keep a write-ahead log beside {}", file.string()), 73};
  db.keep_log_files();
  db.execute(
      // An address that was forgotten shall not lie on in a page that nobody uses.
      "PRAGMA secure_delete = ON;"
      "PRAGMA synchronous = FULL; PRAGMA foreign_keys = OFF; PRAGMA temp_store = MEMORY;"
      "PRAGMA cache_size = -8192; PRAGMA journal_size_limit = 16777216; PRAGMA wal_autocheckpoint = 8192");
  migrate(db, version.number);
  db.execute("PRAGMA foreign_keys = ON");
  if (fresh) sync_name(file);
  return db;
}

Db open_for_reading(std::filesystem::path const& file) {
  refuse_lone_log(file);
  StoreBroken const none{fmt::format("no queue yet at {}", file.string()), 2};
  if (is_blank(file)) throw none;
  Db db{file, Db::Access::ReadOnly};
  db.execute("PRAGMA query_only = ON; PRAGMA temp_store = MEMORY");
  auto const version = version_of(db);
  check_version(version, file);
  if (version.number == 0) throw none;
  if (version.number < newest_version())
    throw StoreBroken{fmt::format("cannot read {}: it is of version {}; the next daemon brings it to {}",
                                  file.string(), version.number, newest_version()),
                      78};
  return db;
}

}  // namespace wanspool
