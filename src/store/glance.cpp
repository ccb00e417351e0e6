#include "store/glance.h"

#include <algorithm>
#include <utility>

#include "store/database.h"
#include "store/rows.h"
#include "store/spending.h"

namespace wanspool {
namespace {

using sqlite::Db;
using sqlite::Transaction;

// How far back of each lane the last ones that are over are looked for.
constexpr std::size_t kBack = 300;

using Over = std::pair<Instant, std::int64_t>;  // when, and the task

void take_over(sqlite::Rows rows, State over, std::vector<Over>& found) {
  while (rows.next()) {
    auto const id = rows.take<std::int64_t>();
    auto const state = rows.take<State>();
    auto const at = rows.take<Instant>();
    if (state == over) found.emplace_back(at, id);
  }
}

std::vector<Task> read_newest(Db& db, LaneKey const& lane, std::size_t most) {
  static auto const sql = select_tasks(
      "INDEXED BY tasks_created WHERE t.account = ? AND t.model = ? AND max(t.sent, t.answered) > 0"
      " ORDER BY max(t.sent, t.answered) DESC LIMIT ?");
  return read_tasks(db, sql, lane.account, lane.model, most);
}

std::vector<Task> read_active(Db& db, std::size_t most) {
  static auto const sql =
      select_tasks("INDEXED BY tasks_active WHERE t.state BETWEEN 1 AND 4 ORDER BY t.id LIMIT ?");
  return read_tasks(db, sql, most);
}

// No index has the end of a task in it; what ended last was sent of late, or failed before it could be.
std::vector<Task> read_latest(Db& db, State over, std::size_t most) {
  std::vector<Over> found;
  for (auto const& [lane, tally] : read_tallies(db))
    if (tally[over] > 0)
      take_over(db.query("SELECT id, state, done FROM tasks INDEXED BY tasks_created WHERE account = ? AND"
                         " model = ? AND max(sent, answered) > 0 ORDER BY max(sent, answered) DESC LIMIT ?",
                         lane.account, lane.model, kBack),
                over, found);
  if (over == State::Failed)
    take_over(db.query("SELECT id, state, done FROM tasks INDEXED BY tasks_failed WHERE state = 6"
                       " ORDER BY id DESC LIMIT ?",
                       kBack),
              over, found);
  std::sort(found.begin(), found.end(), std::greater<>{});
  found.erase(std::unique(found.begin(), found.end()), found.end());
  if (found.size() > most) found.resize(most);
  std::vector<Task> tasks;
  for (auto const& [at, id] : found) tasks.push_back(need_task(db, id));
  return tasks;
}

// Of the one row there may be: a number, and the three amounts.
void take_sums(sqlite::Rows& rows, std::int64_t& number, LedgerRow& sums) {
  if (!rows.next()) return;
  rows.take(number);
  rows.take(sums.reserved);
  rows.take(sums.spent);
  rows.take(sums.uncertain);
}

LedgerRow read_sums_of(Db& db, std::string const& first, std::string const& last) {
  LedgerRow sums;
  sums.key = first;
  auto rows = db.query(
      "SELECT ifnull(sum(pictures), 0), ifnull(sum(reserved), 0), ifnull(sum(spent), 0),"
      " ifnull(sum(uncertain), 0) FROM spending WHERE scope = 1 AND key BETWEEN ? AND ?",
      first, last);
  take_sums(rows, sums.pictures, sums);
  return sums;
}

LedgerRow read_sums_of_job(Db& db, JobRow const& job) {
  LedgerRow sums;
  sums.key = job.manifest + "/" + job.job;
  auto rows = db.query(
      "SELECT ifnull(sum(t.reserved <> 0 OR t.spent <> 0 OR t.uncertain <> 0), 0),"
      " ifnull(sum(t.reserved), 0), ifnull(sum(t.spent), 0), ifnull(sum(t.uncertain), 0)"
      " FROM tasks t INDEXED BY tasks_owner"
      " WHERE t.owner = (SELECT id FROM jobs WHERE manifest = ? AND name = ?)"
      " AND (t.state <> 0 OR t.creates > 0)",
      job.manifest, job.job);
  take_sums(rows, sums.tasks, sums);
  return sums;
}

class SqliteGlance final : public Glance {
 public:
  explicit SqliteGlance(std::filesystem::path const& file) : db_{open_for_reading(file)} {}

  std::vector<Task> newest(LaneKey const& lane, std::size_t most) override {
    Transaction transaction{db_, Transaction::Kind::Read};
    return read_newest(db_, lane, most);
  }
  std::vector<Task> active(std::size_t most) override {
    Transaction transaction{db_, Transaction::Kind::Read};
    return read_active(db_, most);
  }
  std::vector<Task> latest(State over, std::size_t most) override {
    Transaction transaction{db_, Transaction::Kind::Read};
    return read_latest(db_, over, most);
  }
  LedgerRow spent_on(std::string const& first, std::string const& last) override {
    return read_sums_of(db_, first, last);
  }
  Spent counted_on(std::string const& day) override {
    Transaction transaction{db_, Transaction::Kind::Read};
    return read_spent_on(db_, day);
  }
  LedgerRow spent_on(JobRow const& job) override { return read_sums_of_job(db_, job); }
  std::string quick_check() override {
    auto said = db_.value<std::string>("PRAGMA quick_check(1)");
    return said == "ok" ? std::string{} : said;
  }

 private:
  Db db_;
};

}  // namespace

std::unique_ptr<Glance> open_glance(std::filesystem::path const& file) {
  return std::make_unique<SqliteGlance>(std::filesystem::absolute(file));
}

}  // namespace wanspool
