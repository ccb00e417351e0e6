#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

#include "core/caps.h"
#include "core/controller.h"
#include "core/lane.h"
#include "core/pace.h"
#include "core/settle.h"
#include "core/tally.h"
#include "core/task.h"
#include "core/terms.h"
#include "core/turns.h"

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

struct LaneRow {
  std::string model;
  Weather weather;
  ControllerMemory memory = {};
  std::map<std::string, ServiceTimes> service = {};  // by mode
};

// A task of the account that is nobody's here, found in its list.
struct NewOrphan {
  ListRow row;
  Instant accepted;  // by our clock
  Money price;       // of one picture
  int wanted = 1;
  std::vector<std::int64_t> candidate_for;  // held tasks that it may belong to
};

// The pictures that a task's answer lacked, bought as a purchase of their own. What it does not say is its
// parent's.
struct NewRefill {
  std::int64_t parent = 0;
  int wanted = 1, first = 1;
  std::string fingerprint, body;
};

// Something about the whole spool; see Store::fact().
struct Fact {
  std::string key, value;
};

// A picture that lies at the provider (contract §7), for one model's requests and for 48 hours.
struct Upload {
  std::string account;  // the main one, as far as it is known
  std::string model;
  std::string sha256;   // of its bytes
  std::string address;  // "oss://…"; "": it is gone
  Instant at;           // when it came there

  bool operator==(Upload const&) const = default;
};

// A picture of the web that was fetched here.
struct Fetched {
  std::string address;
  std::string file;  // in the folder of input pictures, "SHA256.EXT"
  Instant at;

  bool operator==(Fetched const&) const = default;
};

// All of one turn.
struct Batch {
  std::vector<Task> tasks;  // each replaces the row of its id
  std::vector<LaneRow> lanes;
  std::vector<NewOrphan> orphans = {};
  std::vector<NewRefill> refills = {};
  std::vector<std::int64_t> delivered = {};  // jobs whose copies are in their folders
  std::vector<Fact> facts = {};
  std::vector<Upload> uploads = {};   // each replaces what is known of its picture
  std::vector<Fetched> fetched = {};  // the same of its address
  Instant at = {};                    // when its money moved
  std::string day = {};  // "2026-11-23": on which what it reserves counts; "": that of `at` by UTC
  Caps caps = {};        // that hold for it, beside the manifests' own
  std::optional<std::vector<Stop>> stops = {};  // all there are now; none: as they were

  bool empty() const {
    return tasks.empty() && lanes.empty() && orphans.empty() && refills.empty() && delivered.empty() &&
           facts.empty() && uploads.empty() && fetched.empty() && !stops;
  }
};

// What a person asked for. It happens once, however often its file is read.
struct NewTake {  // bought anew for this job; a held purchase before it ends as paid, perhaps
  std::string job;
  int take = 2;
  std::string fingerprint, body;
};
struct Adoption {  // this task of the account is what the held job bought
  std::string job;
  std::string task_id, request_id;
  Instant accepted;  // by our clock
};
struct Effects {
  std::string id;  // of the command
  Instant at;
  std::vector<NewTake> takes;
  std::vector<Adoption> adoptions;
  std::vector<Fact> facts = {};
  std::vector<std::string> forgiven = {};  // manifests whose failed jobs are no reason to wait any more
};

// A job as a command finds it.
struct Wanted {
  std::int64_t job = 0;
  Task task;
  std::string base;  // the fingerprint of its first take
  std::string body;  // of the task
  int takes = 1;     // the highest take that was ever bought of it
};

// A job whose purchase is done, and whose own folder has no copy of it yet.
struct Undelivered {
  std::int64_t job = 0;
  std::string name;        // MANIFEST/JOB
  Task task;               // under whose name the pictures lie
  std::string place = {};  // of its own pictures, as Task's
};

struct NewManifest {
  std::string name;
  std::string claim;   // its file's name in state/claims: the key under which taking it happens once
  std::string source;  // the name it was dropped under
  std::string sha256;  // of the file
  Instant at;
  Terms terms = {};
  std::int64_t owner = -1;  // the user id of whoever dropped it; -1: nobody knows
  bool partial = false;     // a part of its jobs (--only, --sample): nothing is retired
};

// What a job is made from: a picture of another one of its manifest.
struct JobSource {
  std::string job;          // below the manifest
  std::string fingerprint;  // of the purchase that is meant
};

struct NewJob {
  std::string name;  // below its manifest
  int line = 0;
  std::string fingerprint;  // of this take; a hash, so that few share their first digits
  std::string body;         // as it will be sent
  std::string model;
  int wanted = 1;
  Money price;
  std::string size = {};  // "W*H" where the request fixes it
  std::string mode = {};  // of its model's row
  std::string base = {};  // the fingerprint of take 1; "": the same
  int take = 1;
  std::string place = {};  // of its pictures, as Task's
  std::string vars = {};   // what it was made of, as a JSON object; "" where there is none
  int inputs = 0;          // as Task's
  std::vector<JobSource> sources = {};
};

// Why a job cannot be taken in: the line in its manifest and words for a person.
struct Clash {
  int line = 0;
  std::string text;
};

struct Taken {
  std::string manifest;
  std::string source;
  bool live = false;
  std::int64_t jobs = 0;      // all
  std::int64_t fresh = 0;     // never seen before under this name
  std::int64_t changed = 0;   // known with another request
  std::int64_t again = 0;     // queued again after a failure that cost nothing, or after a cancel
  std::int64_t retired = 0;   // no longer wanted
  std::int64_t pictures = 0;  // that are newly bought, at most
  Money price;                // of these, at most
  // Only preview_manifest() and estimate_manifest() tell: beside these, what is queued in its name, and
  // pictures of that and of what is under way.
  Money waiting = {};
  std::int64_t to_come = 0;
};

// What a drop of a manifest would make of one job (manifest.md, the table of dropping again).
struct Judgement {
  enum class Kind {
    New,      // its name was never seen
    Same,     // nothing happens: bought, on its way, or over with a cost
    Again,    // canceled, or failed and known to be uncharged: queued again
    Changed,  // known with another request
  };
  Kind kind = Kind::New;
  // false where a purchase with its fingerprint is there, or was judged before in this drop
  bool buys = true;
  State state = State::Queued;  // of what it has, where it is known
  bool retired = false;         // it had gone from the manifest and comes back
};

// What a drop of one manifest would do, job by job, without doing it.
class Comparison {
 public:
  virtual ~Comparison() = default;
  virtual Judgement judge(NewJob const& job) = 0;
};

struct JobRow {
  std::string manifest, job;
  std::string fingerprint;
  std::string source;  // the file it came from
  int line = 0;
  int takes = 1;
  std::string manifest_sha256;  // of the drop that named it last
  std::string place, vars;      // as in NewJob
  bool retired = false;         // gone from the manifest
  bool delivered = true;  // its own folder has the pictures; until then a done task shows as downloading
  Task task;
};

// What caps leave to jobs that wait.
struct Rooms {
  Budget all = {};                               // to each
  std::map<std::string, Budget> manifests = {};  // and to those of these manifests
  Instant now = {};
};

enum class LedgerBy { Day, Model, Manifest, Job };
struct LedgerRow {
  std::string
      key;  // "2026-11-22" by local time, a model, a manifest ("orphans" for what is nobody's), MANIFEST/JOB
  std::int64_t tasks = 0, pictures = 0;  // purchases that cost or reserve something; pictures that are safe
  Money reserved, spent, uncertain;
  // Only spent_by() tells: what is queued in its name, and pictures of that and of what is under way.
  Money waiting = {};
  std::int64_t to_come = 0;
};

class Store {
 public:
  virtual ~Store() = default;

  // One transaction: all of it or, after a throw, nothing; with it the ledger gets an entry for each task
  // whose money moved. Returns what it made: its orphans (submitted, but for those that were known) and then
  // its refills (queued), in their order, but for those whose parent nobody wants any more. A task that
  // becomes done makes its own job delivered; one of `delivered` whose purchase or place has changed since
  // undelivered() told of it stays undelivered. Throws StoreFull or StoreBroken, and std::logic_error where
  // what it reserves exceeds a cap of the batch or the budget of a manifest.
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
  // Tasks of this model whose create left or was answered at or after `since`: what the limits must remember.
  virtual std::vector<Task> created_since(std::string const& model, Instant since) = 0;
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
  // The newest of this picture that is thought to lie there still.
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
  // The orphan with this id.
  virtual std::optional<Task> orphan(std::string const& task_id) = 0;
  // One transaction with remembering the command's id. Returns the tasks that changed or were made; none if
  // the command has had its effect before. A job's adopted orphan becomes its purchase: ids, state, money and
  // pictures (as files in orphans/) go over, and the orphan is no more.
  virtual std::vector<Task> apply(Effects const& effects) = 0;
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
  // Names of the jobs that subscribe to this task and have its pictures.
  virtual std::vector<std::string> jobs_of(std::int64_t task) = 0;

  // Facts about the whole spool: "origin", "region", "account" (the main one, once a list has shown it),
  // "shared_key" (RFC 3339: when a task of nobody's was last seen under our key), "uploads" (why no input
  // picture goes up), "stamp" (of a backup: when it was made), "paused" (why nothing is bought until a person
  // says so); "" where never set.
  virtual std::string fact(std::string const& key) = 0;
  virtual void set_fact(std::string const& key, std::string const& value) = 0;
};

// Opens or makes the database. Throws StoreBroken: 75 another process has it (its pid is named), 78 the
// version is newer than this program or the folder lies on a network file system, 74 it is damaged, 73 it
// cannot be made.
std::unique_ptr<Store> open_store(std::filesystem::path const& file);

// What of one drop waits in a lane.
struct Waiting {
  std::string manifest;
  Instant since;
  Instant deadline;  // the latest; "never": none has one
  std::int64_t tasks = 0;
};

// A task that was sent, as far as the use of slots goes.
struct Work {
  Times times;
  State state = State::Queued;
  int polls = 0;
};

// One thing that is not as it should be.
struct Finding {
  std::string what, advice;
};

// Reads beside a running daemon or without one; never writes, and holds no transaction between calls.
class Reader {
 public:
  virtual ~Reader() = default;
  virtual Tally tally() = 0;
  virtual std::vector<LaneRow> lanes() = 0;
  virtual std::map<std::string, Tally> tallies() = 0;  // by model
  // Queued tasks of this model in the order of priority, age and due, turns left aside.
  virtual std::vector<std::int64_t> in_line(std::string const& model) = 0;
  // What waits in a lane, drop by drop, in the order of priority and age.
  virtual std::vector<Waiting> waiting(std::string const& model) = 0;
  // Tasks of this model whose create left or was answered at or after `since`.
  virtual std::vector<Work> work(std::string const& model, Instant since) = 0;
  // What keeps jobs from being bought, as it was seen last.
  virtual std::vector<Stop> stops() = 0;
  virtual Standing standing(std::string const& manifest) = 0;
  // In the order of manifests and of jobs within them; `take` says false to stop. `manifest` "" means all.
  virtual void jobs(std::string const& manifest, std::function<bool(JobRow const&)> const& take) = 0;
  virtual std::optional<JobRow> job(std::string const& manifest, std::string const& job) = 0;
  virtual std::string body(std::int64_t task) = 0;
  virtual std::optional<Taken> taken(std::string const& claim) = 0;
  virtual std::string fact(std::string const& key) = 0;

  // What a drop of this manifest would do. Lives no longer than the reader; holds no transaction open between
  // its calls, and a few dozen bytes for each job that it has judged.
  virtual std::unique_ptr<Comparison> compare(std::string const& manifest) = 0;
  // Jobs of the manifest that are not retired and that this comparison has not judged: no longer wanted.
  virtual void gone(Comparison const& comparison, std::function<bool(JobRow const&)> const& take) = 0;
  virtual LedgerRow spent_by(std::string const& manifest) = 0;
  virtual std::optional<std::int64_t> owner_of(std::string const& manifest) = 0;

  // As Store's.
  virtual std::string bought_for(std::string const& manifest, std::string const& job,
                                 std::string const& asked) = 0;
  // Names of the jobs that a queued task is made from and that are not over yet.
  virtual std::vector<std::string> waits_for(std::int64_t task) = 0;
  // Orphans that a held task may have bought.
  virtual std::vector<Task> candidates(std::int64_t task) = 0;
  virtual void orphans(std::function<bool(Task const&)> const& take) = 0;
  virtual std::vector<Task> refills_of(std::int64_t task) = 0;
  // Purchases that a job had before (an older take), oldest first.
  virtual std::vector<Task> replaced(std::string const& job) = 0;
  // In the order of keys; without rows that are all zero. `manifest` "" means all. A job's row holds every
  // purchase that was made in its name.
  virtual std::vector<LedgerRow> ledger(LedgerBy by, std::string const& manifest = {}) = 0;
  // What SQLite and our own rules say of the tables: integrity, foreign keys, each state's invariants, sums.
  virtual std::vector<Finding> audit() = 0;
  // A copy of the queue as it is now, stamped, under `file` at once or not at all. Throws std::system_error,
  // StoreBroken.
  virtual void backup(std::filesystem::path const& file, Instant now) = 0;
};

// Throws StoreBroken like open_store; 2 if there is no database yet.
std::unique_ptr<Reader> open_reader(std::filesystem::path const& file);

}  // namespace wanspool
