#include "store/sqlite.h"

#include <fmt/format.h>
#include <sqlite3.h>

#include <cerrno>
#include <new>
#include <stdexcept>
#include <system_error>
#include <utility>

#include "base/files.h"
#include "store/store.h"

namespace wanspool::sqlite {
namespace {

constexpr seconds kBusy{10};

// A failed sync is never weather: what is on the disk is unknown after it.
bool is_sync(int code) {
  return code == SQLITE_IOERR_FSYNC || code == SQLITE_IOERR_DIR_FSYNC;
}

bool is_full(int code, std::error_code const& cause) {
  if ((code & 0xff) == SQLITE_FULL) return true;
  return (code & 0xff) == SQLITE_IOERR && !is_sync(code) && disk_is_full(cause);
}

}  // namespace

Rows::Rows(Db& db, sqlite3_stmt* statement) : db_{db}, statement_{statement} {
  if (sqlite3_stmt_busy(statement_))
    throw std::logic_error{std::string{"runs already: "} + sqlite3_sql(statement_)};
}

Rows::Rows(Rows&& other) noexcept
    : db_{other.db_},
      statement_{std::exchange(other.statement_, nullptr)},
      put_{other.put_},
      taken_{other.taken_} {}

Rows::~Rows() {
  if (!statement_) return;
  sqlite3_reset(statement_);
  sqlite3_clear_bindings(statement_);
}

void Rows::put_integer(std::int64_t value) {
  db_.check(sqlite3_bind_int64(statement_, ++put_, value));
}

void Rows::put_text(std::string_view value) {
  auto const* const bytes = value.data() ? value.data() : "";
  db_.check(sqlite3_bind_text64(statement_, ++put_, bytes, value.size(), SQLITE_TRANSIENT, SQLITE_UTF8));
}

bool Rows::next() {
  taken_ = 0;
  errno = 0;
  int const code = sqlite3_step(statement_);
  if (code == SQLITE_ROW) return true;
  if (code != SQLITE_DONE) db_.check(code);
  return false;
}

std::int64_t Rows::take_integer() {
  return sqlite3_column_int64(statement_, taken_++);
}

std::string Rows::take_text() {
  int const column = taken_++;
  auto const* const bytes = static_cast<char const*>(sqlite3_column_blob(statement_, column));
  auto const size = static_cast<std::size_t>(sqlite3_column_bytes(statement_, column));
  return bytes ? std::string{bytes, size} : std::string{};
}

void Db::Close::operator()(sqlite3* db) const noexcept {
  sqlite3_close_v2(db);
}

void Db::Finalize::operator()(sqlite3_stmt* statement) const noexcept {
  sqlite3_finalize(statement);
}

Db::Db(std::filesystem::path const& file, Access access) : file_{file} {
  int const flags =
      access == Access::ReadOnly ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
  sqlite3* raw = nullptr;
  errno = 0;
  int const code = sqlite3_open_v2(file.c_str(), &raw, flags | SQLITE_OPEN_NOMUTEX, nullptr);
  db_.reset(raw);
  if (!db_) throw std::bad_alloc{};
  sqlite3_extended_result_codes(raw, 1);
  check(code);
  check(sqlite3_busy_timeout(raw, static_cast<int>(milliseconds{kBusy}.count())));
}

sqlite3_stmt* Db::prepared(std::string_view sql) {
  auto found = statements_.find(sql);
  if (found == statements_.end()) {
    sqlite3_stmt* raw = nullptr;
    errno = 0;
    check(sqlite3_prepare_v3(db_.get(), sql.data(), static_cast<int>(sql.size()), SQLITE_PREPARE_PERSISTENT,
                             &raw, nullptr));
    found = statements_.emplace(std::string{sql}, raw).first;
  }
  return found->second.get();
}

void Db::execute(std::string const& script) {
  errno = 0;
  check(sqlite3_exec(db_.get(), script.c_str(), nullptr, nullptr, nullptr));
}

void Db::keep_log_files() {
  int yes = 1;
  check(sqlite3_file_control(db_.get(), "main", SQLITE_FCNTL_PERSIST_WAL, &yes));
}

void Db::empty_log() {
  errno = 0;
  check(sqlite3_busy_timeout(db_.get(), 0));
  int const code = sqlite3_wal_checkpoint_v2(db_.get(), "main", SQLITE_CHECKPOINT_TRUNCATE, nullptr, nullptr);
  sqlite3_busy_timeout(db_.get(), static_cast<int>(milliseconds{kBusy}.count()));
  bool const later = (code & 0xff) == SQLITE_BUSY || (code & 0xff) == SQLITE_LOCKED ||
                     is_full(code, {errno, std::generic_category()});
  if (!later) check(code);
}

void Db::copy_to(Db& target) {
  constexpr int kPages = 256;
  errno = 0;
  auto* const backup = sqlite3_backup_init(target.db_.get(), "main", db_.get(), "main");
  if (!backup) target.fail(sqlite3_extended_errcode(target.db_.get()));
  int code = SQLITE_OK;
  while (code == SQLITE_OK) code = sqlite3_backup_step(backup, kPages);
  int const ended = sqlite3_backup_finish(backup);
  if (code != SQLITE_DONE) target.fail(code);
  target.check(ended);
}

std::int64_t Db::last_id() const {
  return sqlite3_last_insert_rowid(db_.get());
}

std::int64_t Db::changes() const {
  return sqlite3_changes64(db_.get());
}

void Db::check(int code) {
  if (code != SQLITE_OK) fail(code);
}

void Db::fail(int code) {
  // sqlite3_system_errno() would do, but a COMMIT that fails leaves there what an older error left.
  std::error_code const cause{errno, std::generic_category()};
  std::string words = sqlite3_errmsg(db_.get());
  if (is_full(code, cause))
    throw StoreFull{
        fmt::format("cannot write {}: the disk or a quota is full; make room there", file_.string())};
  int const kind = code & 0xff;
  if ((kind == SQLITE_IOERR || kind == SQLITE_CANTOPEN) && cause) words += " (" + cause.message() + ")";
  switch (kind) {
    case SQLITE_IOERR:
    case SQLITE_PROTOCOL:
      broken_ =
          fmt::format("cannot go on with {}: {}; look at the disk, then start again", file_.string(), words);
      throw StoreBroken{broken_, 74};
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      broken_ = fmt::format("cannot trust {}: {}; put a copy back, with the files beside it", file_.string(),
                            words);
      throw StoreBroken{broken_, 74};
    case SQLITE_CANTOPEN:
    case SQLITE_READONLY:
    case SQLITE_PERM:
      throw StoreBroken{
          fmt::format("cannot open {}: {}; it and its folder must be ours", file_.string(), words), 73};
    case SQLITE_BUSY:
      throw StoreBroken{fmt::format("cannot use {}: {} for {}; somebody else writes it", file_.string(),
                                    words, human(kBusy)),
                        75};
    case SQLITE_NOMEM:
      throw std::bad_alloc{};
    default:
      throw std::logic_error{fmt::format("{}: {}", file_.string(), words)};
  }
}

Transaction::Transaction(Db& db, Kind kind) : db_{db} {
  if (!db.broken_.empty()) throw StoreBroken{db.broken_, 74};
  db_.run(kind == Kind::Write ? "BEGIN IMMEDIATE" : "BEGIN");
}

Transaction::~Transaction() {
  if (!sqlite3_get_autocommit(db_.db_.get()))
    sqlite3_exec(db_.db_.get(), "ROLLBACK", nullptr, nullptr, nullptr);
}

void Transaction::commit() {
  db_.run("COMMIT");
}

}  // namespace wanspool::sqlite
