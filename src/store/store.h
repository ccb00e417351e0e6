#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

#include "core/hooks.h"
#include "core/tally.h"
#include "core/turns.h"
#include "store/reader.h"
#include "store/records.h"

// The room of SQLite and the third seam: what must survive. One writer, and only one (design §5).
namespace wanspool {

// The disk or the quota is full: nothing of the call happened; the same call may be made again.
struct StoreFull : std::runtime_error {
  using std::runtime_error::runtime_error;
};
// The database cannot be trusted or opened. `exit_code` is what the program should end with (design §1).
struct StoreBroken : std::runtime_error {
  StoreBroken(std::string const& what, int code) : std::runtime_error{what}, exit_code{code} {}
  int exit_code;
};

class Store {
 public:
  virtual ~Store() = default;

  // One transaction: all of it or, after a throw, nothing; with it the ledger gets an entry for each task
  // whose money moved. Returns what it made: its orphans (submitted, but for those that were known) and then
  // its refills (queued), in their order, but for those whose parent nobody wants any more. A task that
  // becomes done makes its own job delivered; one of `delivered` whose purchase or place has changed since
  // undelivered() told of it stays undelivered. Throws StoreFull or StoreBroken, and std::logic_error where
  // what it reserves exceeds a cap of the batch or the budget of a manifest, or where a task that was sent
  // would go over to another account.
  virtual std::vector<Task> commit(Batch const& batch) = 0;

  // Tasks in submitting, submitted, running or downloading, by id.
  virtual std::vector<Task> active() = 0;
  // At most `limit` queued tasks of live manifests of this model, by (priority, due, id), those in `except`
  // left out, and those that wait for an older purchase of their job or for what they are made from: it is
  // over when it is done, failed or canceled, and none of its refills is to come. Nor what has no room in
  // `rooms`, but for what is overdue.
  virtual std::vector<Task> queued(std::string const& model, std::size_t limit,
                                   std::function<bool(std::int64_t)> const& except,
                                   Rooms const& rooms = {}) = 0;
  // The drops that have queued tasks of this model, by (priority, age), at most `most` of them; `left` counts
  // those that wait for others too, and no further than a few hundred.
  virtual std::vector<Line> lines(std::string const& model, std::size_t most) = 0;
  // As queued(), of one line.
  virtual std::vector<Task> queued_in(std::string const& model, Line const& line, std::size_t limit,
                                      std::function<bool(std::int64_t)> const& except,
                                      Rooms const& rooms = {}) = 0;
  // Models that have queued tasks.
  virtual std::vector<std::string> queued_models() = 0;
  // Tasks of this lane whose create left or was answered at or after `since`: what the limits must remember.
  virtual std::vector<Task> created_since(LaneKey const& lane, Instant since) = 0;
  virtual std::string body(std::int64_t task) = 0;
  virtual std::string fingerprint(std::int64_t task) = 0;
  virtual std::vector<LaneRow> lanes() = 0;
  virtual Tally tally() = 0;

  // How a manifest stands against the terms of its newest drop.
  virtual Standing standing(std::string const& manifest) = 0;
  // What counts on this day and in its month; without their ends.
  virtual Spent spent_on(std::string const& day) = 0;
  // The first deadline of a manifest after this moment; "never": there is none.
  virtual Instant next_deadline(Instant now) = 0;
  // As the last batch told, but for those of manifests that were taken in or forgiven since.
  virtual std::vector<Stop> stops() = 0;

  // Held tasks whose create left at or after `since`, by id.
  virtual std::vector<Task> held(Instant since) = 0;
  // Every task with a task_id that was sent or found at or after `since`, and likewise the ids that tasks had
  // before they were sent again.
  virtual std::vector<KnownTask> known(Instant since) = 0;
  // Its refills, by id.
  virtual std::vector<Task> refills_of(std::int64_t task) = 0;
  // The newest of this picture that is thought to lie there still, for this account's requests alone.
  virtual std::optional<Upload> upload(std::string const& account, std::string const& model,
                                       std::string const& sha256) = 0;
  virtual std::optional<Fetched> fetched(std::string const& address) = 0;
  // The purchase with this fingerprint, and then all of its refills.
  virtual std::vector<Task> purchase(std::string const& fingerprint) = 0;
  // The fingerprint of what the job has bought in the end for the one that its manifest `asked` for (another
  // take, perhaps); "" where it never asked for that.
  virtual std::string bought_for(std::string const& manifest, std::string const& job,
                                 std::string const& asked) = 0;
  // At most `limit` jobs, by id.
  virtual std::vector<Undelivered> undelivered(std::size_t limit) = 0;

  // A job of a live manifest by its whole name.
  virtual std::optional<Wanted> wanted(std::string const& job) = 0;
  // The orphan with this id of this account.
  virtual std::optional<Task> orphan(std::string const& account, std::string const& task_id) = 0;
  // One transaction with remembering the command's id. Returns the tasks that changed or were made; none if
  // the command has had its effect before. A job's adopted orphan becomes its purchase: ids, state, money and
  // pictures (as files in orphans/) go over, and the orphan is no more.
  virtual std::vector<Task> apply(Effects const& effects) = 0;
  // A piece of it: about `rows` jobs in one transaction; the command's id is remembered with the last piece.
  // Begun anew after a stop it does nothing twice. What waits is canceled at once, unless another job wants
  // it; of what was sent only the wish is noted (canceled()). Whoever holds queued tasks in memory has to
  // read them again.
  virtual void run_errand(Errand const& errand, ErrandLog& log, std::size_t rows, Instant at) = 0;
  // Tasks as in active() that a job of a live manifest wanted until a person canceled it, and that no other
  // wants.
  virtual std::vector<std::int64_t> canceled() = 0;
  virtual bool has_had_effect(std::string const& command) = 0;
  // After an older copy was put back: the task with this fingerprint, if it is not done.
  virtual std::optional<Task> unfinished(std::string const& fingerprint) = 0;

  // Taking a manifest in, in slices. Jobs of one that is not live are invisible everywhere else.
  virtual std::int64_t begin_manifest(NewManifest const& manifest) = 0;
  // A job whose name is known with the same fingerprint is kept as it is; with another one it is changed when
  // the manifest becomes live. A request that is known under another name is bought once, for both. A clash
  // (the job is just arriving with another drop) leaves the rest of the slice in.
  virtual std::vector<Clash> add_jobs(std::int64_t manifest, std::span<NewJob const> jobs) = 0;
  // Has equal requests share one purchase, for up to `limit` more of the jobs that were added; false when
  // none is left. preview_manifest and publish_manifest do what is left of it at once.
  virtual bool join_purchases(std::int64_t manifest, std::size_t limit) = 0;
  // What publishing it would do. `live` is false. It takes as long as publishing.
  virtual Taken preview_manifest(std::int64_t manifest) = 0;
  // Only `price` and `pictures`, as preview_manifest, and `waiting` and `to_come`, which may be too high
  // here; in a fraction of its time.
  virtual Taken estimate_manifest(std::int64_t manifest) = 0;
  // Makes it live, in one transaction with all of manifest.md's table of dropping again:
  // a known job that failed or was canceled and is known to be uncharged (nothing spent, nothing uncertain)
  // is queued again, unless an inspection refused it; of a changed job the old purchase ends as canceled if
  // it was not sent and nobody else wants it, one that is under way is finished before queued() shows the new
  // one, and its pictures stay until the new ones are there; unless the drop is partial, jobs that are gone
  // from the manifest are retired: one that waits ends as canceled unless somebody else wants its purchase.
  // The terms hold for all jobs of the manifest from now on, priority and deadline also for what is queued. A
  // job whose `place` has changed is delivered anew. Whoever holds queued tasks in memory has to read them
  // again.
  virtual Taken publish_manifest(std::int64_t manifest, Instant now) = 0;
  virtual void drop_manifest(std::int64_t manifest) = 0;
  // After a start: what was not live before the stop.
  virtual void drop_arriving() = 0;
  virtual std::optional<Taken> taken(std::string const& claim) = 0;
  // The user id of whoever first used this manifest's name; none where it is new or nobody knows.
  virtual std::optional<std::int64_t> owner_of(std::string const& manifest) = 0;
  // What was spent, is reserved and is uncertain in the name of this manifest's jobs, and its pictures.
  virtual LedgerRow spent_by(std::string const& manifest) = 0;
  // As Reader's.
  virtual void jobs(std::string const& manifest, std::function<bool(JobRow const&)> const& take) = 0;
  virtual std::optional<JobRow> job(std::string const& manifest, std::string const& job) = 0;
  // Of such a row only the place: it is asked for at each step of each task.
  virtual std::optional<std::string> place(std::string const& manifest, std::string const& job) = 0;
  // Names of the jobs that subscribe to this task and have its pictures.
  virtual std::vector<std::string> jobs_of(std::int64_t task) = 0;

  // From now on what happens of these is written down with what it tells of, for commands to be told; what
  // waits for others is dropped, and what waits for these is due now at the latest. None at first: what has
  // happened before is not told.
  virtual void watch_hooks(std::vector<HookEvent> const& events, Instant now) = 0;
  // At most `limit` of what is to be told, those first that are due first.
  virtual std::vector<HookRow> hooks(std::size_t limit) = 0;
  // One transaction.
  virtual void end_hooks(std::span<HookEnd const> ends, std::vector<Fact> const& facts) = 0;

  // Facts about the whole spool: "origin", "region", "account" and "account:NAME" (their own ids, once a
  // list has shown them), "key_taken" and "key_taken:NAME" (RFC 3339: when a daemon was told last that the
  // key is a right one), "shared_key" (RFC 3339: when a task of nobody's was last seen under our key),
  // "uploads" (why no input picture goes up), "results" (why what is paid is not fetched), "stamp" (of a
  // backup: when it was made), "paused" (why nothing is bought until a person says so), "pause" (the same,
  // where a person has asked for it), "program" (the version of whoever opened it last), "hooks" (how many
  // commands were given up since one ended well); "" where never set.
  virtual std::string fact(std::string const& key) = 0;
  virtual void set_fact(std::string const& key, std::string const& value) = 0;

  // Nothing will be asked of it for a while: what it keeps only to be quicker may go.
  virtual void rest() {}
};

// Opens or makes the database. Throws StoreBroken: 75 another process has it (its pid is named), 78 the
// version is newer than this program or the folder lies on a network file system, 74 it is damaged, 73 it
// cannot be made.
std::unique_ptr<Store> open_store(std::filesystem::path const& file);

}  // namespace wanspool
