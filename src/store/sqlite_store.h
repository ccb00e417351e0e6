#pragma once

#include <map>
#include <optional>
#include <string>
#include <utility>

#include "store/ballast.h"
#include "store/hooks.h"
#include "store/joining.h"
#include "store/lock.h"
#include "store/sqlite.h"
#include "store/store.h"

namespace wanspool {

// What undelivered() said of jobs whose delivery has not been committed: their task and its pictures' place.
using HandedOut = std::map<std::int64_t, std::pair<std::int64_t, std::string>>;

class SqliteStore final : public Store {
 public:
  explicit SqliteStore(std::filesystem::path const& file);

  std::vector<Task> commit(Batch const& batch) override;
  std::vector<Task> active() override;
  std::vector<Task> queued(std::string const& model, std::size_t limit,
                           std::function<bool(std::int64_t)> const& except, Rooms const& rooms) override;
  std::vector<Line> lines(std::string const& model, std::size_t most) override;
  std::vector<Task> queued_in(std::string const& model, Line const& line, std::size_t limit,
                              std::function<bool(std::int64_t)> const& except, Rooms const& rooms) override;
  std::vector<std::string> queued_models() override;
  std::vector<Task> created_since(LaneKey const& lane, Instant since) override;
  std::string body(std::int64_t task) override;
  std::string fingerprint(std::int64_t task) override;
  std::vector<LaneRow> lanes() override;
  Tally tally() override;
  Standing standing(std::string const& manifest) override;
  Spent spent_on(std::string const& day) override;
  Instant next_deadline(Instant now) override;
  std::vector<Stop> stops() override;
  std::vector<Task> held(Instant since) override;
  std::vector<KnownTask> known(Instant since) override;
  std::vector<Task> refills_of(std::int64_t task) override;
  std::optional<Upload> upload(std::string const& account, std::string const& model,
                               std::string const& sha256) override;
  std::optional<Fetched> fetched(std::string const& address) override;
  std::vector<Task> purchase(std::string const& fingerprint) override;
  std::string bought_for(std::string const& manifest, std::string const& job,
                         std::string const& asked) override;
  std::vector<Undelivered> undelivered(std::size_t limit) override;
  std::optional<Wanted> wanted(std::string const& job) override;
  std::optional<Task> orphan(std::string const& account, std::string const& task_id) override;
  std::vector<Task> apply(Effects const& effects) override;
  void run_errand(Errand const& errand, ErrandLog& log, std::size_t rows, Instant at) override;
  std::vector<std::int64_t> canceled() override;
  bool has_had_effect(std::string const& command) override;
  std::optional<Task> unfinished(std::string const& fingerprint) override;

  std::int64_t begin_manifest(NewManifest const& manifest) override;
  std::vector<Clash> add_jobs(std::int64_t manifest, std::span<NewJob const> jobs) override;
  bool join_purchases(std::int64_t manifest, std::size_t limit) override;
  Taken preview_manifest(std::int64_t manifest) override;
  Taken estimate_manifest(std::int64_t manifest) override;
  Taken publish_manifest(std::int64_t manifest, Instant now) override;
  void drop_manifest(std::int64_t manifest) override;
  void drop_arriving() override;
  std::optional<Taken> taken(std::string const& claim) override;
  std::optional<std::int64_t> owner_of(std::string const& manifest) override;
  LedgerRow spent_by(std::string const& manifest) override;
  void jobs(std::string const& manifest, std::function<bool(JobRow const&)> const& take) override;
  std::optional<JobRow> job(std::string const& manifest, std::string const& job) override;
  std::optional<std::string> place(std::string const& manifest, std::string const& job) override;
  std::vector<std::string> jobs_of(std::int64_t task) override;

  void watch_hooks(std::vector<HookEvent> const& events, Instant now) override;
  std::vector<HookRow> hooks(std::size_t limit) override;
  void end_hooks(std::span<HookEnd const> ends, std::vector<Fact> const& facts) override;

  std::string fact(std::string const& key) override;
  void rest() override;
  void set_fact(std::string const& key, std::string const& value) override;

 private:
  void set_rooms(Rooms const& rooms);

  // In this order: the lock is the first to come and the last to go.
  LockFile lock_;
  Ballast ballast_;
  sqlite::Db db_;
  HandedOut handed_out_;
  std::optional<Rooms> rooms_;  // that the temporary tables hold; only queued() and queued_in() need them
  HookWatch hook_watch_;
  std::map<std::int64_t, Joining> joining_;  // by the drop that is arriving
};

}  // namespace wanspool
