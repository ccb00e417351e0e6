#include "store/database.h"
#include "store/rows.h"
#include "store/store.h"

namespace wanspool {
namespace {

using sqlite::Db;
using sqlite::Rows;
using sqlite::Transaction;

constexpr std::size_t kPage = 500;

std::string const& job_columns() {
  static auto const columns = "SELECT j.id, j.manifest, j.name, t.fingerprint, m.source, j.line, " +
                              task_columns() +
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
  job.row.task = read_task(rows, db);
  return job;
}

class SqliteReader final : public Reader {
 public:
  explicit SqliteReader(std::filesystem::path const& file) : db_{open_for_reading(file)} {}

  Tally tally() override { return read_tally(db_); }
  std::vector<LaneRow> lanes() override { return read_lanes(db_); }
  std::string body(std::int64_t task) override { return read_body(db_, task); }
  std::optional<Taken> taken(std::string const& claim) override { return read_taken(db_, claim); }
  std::string fact(std::string const& key) override { return read_fact(db_, key); }

  std::vector<Task> candidates(std::int64_t) override { return {}; }
  void orphans(std::function<bool(Task const&)> const&) override {}
  std::vector<Task> refills_of(std::int64_t) override { return {}; }
  std::vector<Task> replaced(std::string const&) override { return {}; }
  std::vector<LedgerRow> ledger(LedgerBy, std::string const&) override { return {}; }
  std::vector<Finding> audit() override { return {}; }
  void backup(std::filesystem::path const&, Instant) override {}

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

  Db db_;
};

}  // namespace

std::unique_ptr<Reader> open_reader(std::filesystem::path const& file) {
  return std::make_unique<SqliteReader>(std::filesystem::absolute(file));
}

}  // namespace wanspool
