#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <type_traits>

#include "base/time.h"
#include "core/money.h"

struct sqlite3;
struct sqlite3_stmt;

// SQLite, thin: every call ends in one check() that throws what store.h promises.
namespace wanspool::sqlite {

class Db;

// One run of a prepared statement. Values are put in the order of its question marks and taken in the order
// of its columns; the end of the run resets it, so that no transaction stays open behind it.
class Rows {
 public:
  Rows(Db& db, sqlite3_stmt* statement);
  Rows(Rows&& other) noexcept;
  Rows& operator=(Rows&&) = delete;
  ~Rows();

  template <typename T>
  void put(T const& value) {
    if constexpr (std::is_convertible_v<T const&, std::string_view>)
      put_text(value);
    else if constexpr (std::is_same_v<T, Instant>)
      put_integer(value.time_since_epoch().count());
    else if constexpr (std::is_same_v<T, milliseconds>)
      put_integer(value.count());
    else if constexpr (std::is_same_v<T, Money>)
      put_integer(value.micros);
    else
      put_integer(static_cast<std::int64_t>(value));
  }

  bool next();  // false: no more rows

  template <typename T>
  void take(T& value) {
    if constexpr (std::is_same_v<T, std::string>)
      value = take_text();
    else if constexpr (std::is_same_v<T, Instant>)
      value = Instant{milliseconds{take_integer()}};
    else if constexpr (std::is_same_v<T, milliseconds>)
      value = milliseconds{take_integer()};
    else if constexpr (std::is_same_v<T, Money>)
      value = Money{take_integer()};
    else
      value = static_cast<T>(take_integer());
  }
  template <typename T>
  T take() {
    T value{};
    take(value);
    return value;
  }

 private:
  void put_integer(std::int64_t value);
  void put_text(std::string_view value);
  std::int64_t take_integer();
  std::string take_text();

  Db& db_;
  sqlite3_stmt* statement_;
  int put_ = 0, taken_ = 0;
};

// A connection with the statements it has prepared so far.
class Db {
 public:
  enum class Access { ReadOnly, ReadWrite };
  Db(std::filesystem::path const& file, Access access);

  // Runs one prepared statement; the same text must not run twice at a time.
  template <typename... Values>
  Rows query(std::string_view sql, Values const&... values) {
    Rows rows{*this, prepared(sql)};
    (rows.put(values), ...);
    return rows;
  }
  template <typename... Values>
  void run(std::string_view sql, Values const&... values) {
    auto rows = query(sql, values...);
    while (rows.next()) continue;
  }
  // The first column of the first row; T{} where there is no row.
  template <typename T, typename... Values>
  T value(std::string_view sql, Values const&... values) {
    auto rows = query(sql, values...);
    return rows.next() ? rows.template take<T>() : T{};
  }
  // Several statements that are not kept.
  void execute(std::string const& script);
  // The -wal and -shm files stay when the last connection closes: who may not write the folder still reads.
  void keep_log_files();

  // Brings the log over and cuts it to nothing, unless somebody reads just now or the disk is full.
  void empty_log();

  // All pages, over whatever `target` holds.
  void copy_to(Db& target);

  std::int64_t last_id() const;
  // Rows that the last statement wrote.
  std::int64_t changes() const;
  std::filesystem::path const& file() const { return file_; }
  void check(int code);

 private:
  friend class Transaction;
  struct Close {
    void operator()(sqlite3* db) const noexcept;
  };
  struct Finalize {
    void operator()(sqlite3_stmt* statement) const noexcept;
  };
  sqlite3_stmt* prepared(std::string_view sql);
  [[noreturn]] void fail(int code);

  std::filesystem::path file_;
  std::unique_ptr<sqlite3, Close> db_;
  std::map<std::string, std::unique_ptr<sqlite3_stmt, Finalize>, std::less<>> statements_;
  std::string broken_;  // the words of the first fatal error
};

// Its commits do not wait for the disk: for what is dropped after a crash anyway. The log keeps its order:
// the next commit that does wait brings all before it to the disk.
class Unsynced {
 public:
  explicit Unsynced(Db& db) : db_{db} { db_.run("PRAGMA synchronous = NORMAL"); }
  Unsynced(Unsynced const&) = delete;
  Unsynced& operator=(Unsynced const&) = delete;
  ~Unsynced() { db_.run("PRAGMA synchronous = FULL"); }

 private:
  Db& db_;
};

// Rolls back unless it was committed.
class Transaction {
 public:
  enum class Kind { Read, Write };
  Transaction(Db& db, Kind kind);
  Transaction(Transaction const&) = delete;
  Transaction& operator=(Transaction const&) = delete;
  ~Transaction();
  void commit();

 private:
  Db& db_;
};

}  // namespace wanspool::sqlite
