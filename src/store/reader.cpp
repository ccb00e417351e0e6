#include "store/audit.h"
#include "store/backup.h"
#include "store/database.h"
#include "store/ledger.h"
#include "store/rows.h"
#include "store/store.h"

namespace wanspool {
namespace {

using sqlite::Db;
using sqlite::Rows;
using sqlite::Transaction;

constexpr std::size_t kPage = 500;

std::string const& job_columns() {
  static auto const columns =
      "SELECT j.id, j.manifest, j.name, t.fingerprint, m.source, j.line, j.delivered, " + takes_column() +
      ", " + task_columns() +
      " FROM jobs j JOIN tasks t ON t.id = j.task"
      " JOIN manifests m ON m.id = j.taken AND m.live = 1 ";
  return columns;
}

struct Listed {
  std::int64_t id = 0;
  JobRow row;
};

Listed read_job(Rows& rows, Db& db) {
  Listed job;
  rows.take(job.id);
  rows.take(job.row.manifest);
  rows.take(job.row.job);
  rows.take(job.row.fingerprint);
  rows.take(job.row.source);
  rows.take(job.row.line);
  job.row.delivered = rows.take<int>() == 1;
  rows.take(job.row.takes);
  job.row.task = read_task(rows, db);
  if (job.row.task.state == State::Done && !job.row.delivered) job.row.task.state = State::Downloading;
  return job;
}

// The first take is found by its fingerprint, those after it by their base.
std::vector<Task> read_replaced(Db& db, std::string const& job) {
  static auto const sql = select_tasks(
      "JOIN jobs j ON j.id = ? WHERE t.id IN (SELECT id FROM tasks WHERE fingerprint = ? UNION ALL"
      " SELECT id FROM tasks WHERE base = ? AND take > 1 AND parent = 0)"
      " AND t.owner = j.id AND t.id <> j.task ORDER BY t.id");
  auto const wanted = find_wanted(db, job);
  if (!wanted) return {};
  return read_tasks(db, sql, wanted->job, wanted->base, wanted->base);
}

class SqliteReader final : public Reader {
 public:
  explicit SqliteReader(std::filesystem::path const& file) : db_{open_for_reading(file)} {}

  Tally tally() override { return read_tally(db_); }
  std::vector<LaneRow> lanes() override { return read_lanes(db_); }
  std::string body(std::int64_t task) override { return read_body(db_, task); }
  std::optional<Taken> taken(std::string const& claim) override { return read_taken(db_, claim); }
  std::string fact(std::string const& key) override { return read_fact(db_, key); }

  std::vector<Task> candidates(std::int64_t task) override {
    static auto const sql =
        select_tasks("JOIN candidates c ON c.orphan = t.id WHERE c.task = ? ORDER BY c.orphan");
    return at_once(sql, task);
  }
  void orphans(std::function<bool(Task const&)> const& take) override {
    static auto const sql =
        select_tasks("INDEXED BY tasks_orphans WHERE t.orphan = 1 AND t.id > ? ORDER BY t.id LIMIT ?");
    for (std::int64_t last = 0;;) {
      auto const some = at_once(sql, last, kPage);
      for (auto const& each : some)
        if (!take(each)) return;
      if (some.size() < kPage) return;
      last = some.back().id;
    }
  }
  std::vector<Task> refills_of(std::int64_t task) override {
    Transaction transaction{db_, Transaction::Kind::Read};
    return read_refills(db_, task);
  }
  std::vector<Task> replaced(std::string const& job) override {
    Transaction transaction{db_, Transaction::Kind::Read};
    return read_replaced(db_, job);
  }
  std::vector<LedgerRow> ledger(LedgerBy by, std::string const& manifest) override {
    return read_ledger(db_, by, manifest);
  }
  std::unique_ptr<Comparison> compare(std::string const&) override { return nullptr; }
  void gone(Comparison const&, std::function<bool(JobRow const&)> const&) override {}
  LedgerRow spent_by(std::string const&) override { return {}; }
  std::optional<std::int64_t> owner_of(std::string const&) override { return {}; }
  std::vector<Finding> audit() override { return wanspool::audit(db_); }
  void backup(std::filesystem::path const& file, Instant now) override { back_up(db_, file, now); }

  void jobs(std::string const& manifest, std::function<bool(JobRow const&)> const& take) override {
    Listed last;
    for (;;) {
      auto const listed = manifest.empty() ? page_of_all(last) : page_of(manifest, last);
      for (auto const& each : listed)
        if (!take(each.row)) return;
      if (listed.size() < kPage) return;
      last = listed.back();
    }
  }

  std::optional<JobRow> job(std::string const& manifest, std::string const& job) override {
    static auto const sql = job_columns() + "WHERE j.manifest = ? AND j.name = ?";
    auto found = page(sql, manifest, job);
    if (found.empty()) return {};
    return std::move(found.front().row);
  }

 private:
  std::vector<Listed> page_of_all(Listed const& after) {
    static auto const sql =
        job_columns() + "WHERE (j.manifest, j.id) > (?, ?) ORDER BY j.manifest, j.id LIMIT ?";
    return page(sql, after.row.manifest, after.id, kPage);
  }
  std::vector<Listed> page_of(std::string const& manifest, Listed const& after) {
    static auto const sql = job_columns() + "WHERE j.manifest = ? AND j.id > ? ORDER BY j.id LIMIT ?";
    return page(sql, manifest, after.id, kPage);
  }
  // A job and its pictures of one moment; the transaction is over before anybody is called with them.
  template <typename... Values>
  std::vector<Listed> page(std::string const& sql, Values const&... values) {
    Transaction transaction{db_, Transaction::Kind::Read};
    std::vector<Listed> jobs;
    auto rows = db_.query(sql, values...);
    while (rows.next()) jobs.push_back(read_job(rows, db_));
    return jobs;
  }

  template <typename... Values>
  std::vector<Task> at_once(std::string const& sql, Values const&... values) {
    Transaction transaction{db_, Transaction::Kind::Read};
    return read_tasks(db_, sql, values...);
  }

  Db db_;
};

}  // namespace

std::unique_ptr<Reader> open_reader(std::filesystem::path const& file) {
  return std::make_unique<SqliteReader>(std::filesystem::absolute(file));
}

}  // namespace wanspool
