#include "store/joining.h"

#include <algorithm>
#include <tuple>

#include "store/drop.h"
#include "store/sqlite_store.h"

// Equal requests become one purchase (manifest.md, Identity). Fingerprints are random, and to look each of
// them up as it comes in would touch another page of the index for each row: so they are looked up in their
// own order, once all are there.
namespace wanspool {
namespace {

using sqlite::Db;
using sqlite::Transaction;

class Joiner {
 public:
  Joiner(Db& db, std::int64_t drop) : db_{db}, drop_{drop} {}

  void join(FreshTask const& fresh) {
    std::string const prefix{fresh.prefix.begin(), std::find(fresh.prefix.begin(), fresh.prefix.end(), '\0')};
    auto const older = db_.value<std::int64_t>(
        "SELECT t.id FROM fingerprints f JOIN tasks t ON t.id = f.task"
        " WHERE f.prefix = ? AND t.fingerprint = (SELECT fingerprint FROM tasks WHERE id = ?)",
        prefix, fresh.task);
    if (older != 0) return give_up(fresh.task, older);
    db_.run("INSERT INTO fingerprints (prefix, task) VALUES (?, ?)", prefix, fresh.task);
  }
  void write_sums() const { add_bought(db_, drop_, bought_); }

 private:
  // A job that shares a purchase is marked like a known one, for it has to be looked at when it becomes
  // visible.
  void give_up(std::int64_t task, std::int64_t older) {
    db_.run("UPDATE jobs SET task = ?, arriving = taken, arriving_line = line WHERE task = ?", older, task);
    db_.run("UPDATE jobs SET arriving_task = ? WHERE arriving_task = ?", older, task);
    auto rows = db_.query("DELETE FROM tasks WHERE id = ? RETURNING wanted, wanted * price", task);
    if (!rows.next()) return;
    bought_.pictures -= rows.take<std::int64_t>();
    bought_.price += rows.take<Money>() * -1;
    rows.next();
  }

  Db& db_;
  std::int64_t drop_;
  NewlyBought bought_;
};

}  // namespace

bool SqliteStore::join_purchases(std::int64_t manifest, std::size_t limit) {
  auto& [tasks, sorted] = joining_[manifest];
  if (!sorted) {
    std::sort(tasks.begin(), tasks.end(), [](FreshTask const& a, FreshTask const& b) {
      return std::tie(a.prefix, a.task) < std::tie(b.prefix, b.task);
    });
    sorted = true;
  }
  auto const end = tasks.begin() + static_cast<std::ptrdiff_t>(std::min(limit, tasks.size()));
  if (end == tasks.begin()) return false;
  sqlite::Unsynced const unsynced{db_};
  Transaction transaction{db_, Transaction::Kind::Write};
  Joiner joiner{db_, manifest};
  std::for_each(tasks.begin(), end, [&](FreshTask const& each) { joiner.join(each); });
  joiner.write_sums();
  transaction.commit();
  tasks.erase(tasks.begin(), end);
  return !tasks.empty();
}

}  // namespace wanspool
