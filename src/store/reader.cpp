#include "store/audit.h"
#include "store/backup.h"
#include "store/comparison.h"
#include "store/database.h"
#include "store/hooks.h"
#include "store/inputs.h"
#include "store/jobs.h"
#include "store/ledger.h"
#include "store/rows.h"
#include "store/selection.h"
#include "store/spending.h"
#include "store/store.h"
#include "store/waiting.h"

namespace wanspool {
namespace {

using sqlite::Db;
using sqlite::Transaction;

constexpr std::size_t kPage = 500;

class SqliteReader final : public Reader {
 public:
  explicit SqliteReader(std::filesystem::path const& file) : db_{open_for_reading(file)} {}

  Tally tally() override { return read_tally(db_); }
  std::vector<LaneRow> lanes() override { return read_lanes(db_); }
  std::map<LaneKey, Tally> tallies() override { return read_tallies(db_); }
  std::vector<std::int64_t> in_line(std::string const& model) override { return read_line(db_, model); }
  std::vector<Waiting> waiting(std::string const& model) override { return read_waiting(db_, model); }
  std::vector<Work> work(LaneKey const& lane, Instant since) override { return read_work(db_, lane, since); }
  std::vector<Stop> stops() override { return read_stops(db_); }
  Standing standing(std::string const& manifest) override {
    Transaction transaction{db_, Transaction::Kind::Read};
    return read_standing(db_, manifest);
  }
  bool means_some(std::string const& word) override { return wanspool::means_some(db_, word); }
  std::int64_t paused() override { return read_paused(db_); }
  std::string body(std::int64_t task) override { return read_body(db_, task); }
  std::optional<Taken> taken(std::string const& claim) override { return read_taken(db_, claim); }
  std::string fact(std::string const& key) override { return read_fact(db_, key); }
  std::int64_t hooks_waiting() override { return count_hooks(db_); }

  std::vector<Task> candidates(std::int64_t task) override {
    static auto const sql =
        select_tasks("JOIN candidates c ON c.orphan = t.id WHERE c.task = ? ORDER BY c.orphan");
    return at_once(sql, task);
  }
  std::vector<std::string> former_ids(Instant since) override {
    std::vector<std::string> found;
    auto rows = db_.query(
        "SELECT task_id FROM former_ids INDEXED BY former_ids_known WHERE max(sent, accepted) >= ?", since);
    while (rows.next()) rows.take(found.emplace_back());
    return found;
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
  std::unique_ptr<Comparison> compare(std::string const& manifest) override {
    return std::make_unique<SqliteComparison>(db_, manifest);
  }
  void gone(Comparison const& comparison, std::function<bool(JobRow const&)> const& take) override {
    dynamic_cast<SqliteComparison const&>(comparison).gone(take);
  }
  std::string bought_for(std::string const& manifest, std::string const& job,
                         std::string const& asked) override {
    return read_bought_for(db_, manifest, job, asked);
  }
  std::vector<std::string> waits_for(std::int64_t task) override {
    Transaction transaction{db_, Transaction::Kind::Read};
    return read_awaited(db_, task);
  }
  LedgerRow spent_by(std::string const& manifest) override { return read_spent(db_, manifest); }
  std::optional<std::int64_t> owner_of(std::string const& manifest) override {
    return read_owner(db_, manifest);
  }
  std::vector<Finding> audit() override { return wanspool::audit(db_); }
  void backup(std::filesystem::path const& file, Instant now) override { back_up(db_, file, now); }

  void jobs(std::string const& manifest, std::function<bool(JobRow const&)> const& take) override {
    list_jobs(db_, manifest, [&](std::int64_t, JobRow const& row) { return take(row); });
  }
  std::optional<JobRow> job(std::string const& manifest, std::string const& job) override {
    return find_job(db_, manifest, job);
  }

 private:
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
