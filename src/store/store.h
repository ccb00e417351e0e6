#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

#include "core/lane.h"
#include "core/tally.h"
#include "core/task.h"

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
};

// All of one turn.
struct Batch {
  std::vector<Task> tasks;  // each replaces the row of its id
  std::vector<LaneRow> lanes;

  bool empty() const { return tasks.empty() && lanes.empty(); }
};

struct NewManifest {
  std::string name;
  std::string claim;   // its file's name in state/claims: the key under which taking it happens once
  std::string source;  // the name it was dropped under
  std::string sha256;  // of the file
  Instant at;
};

struct NewJob {
  std::string name;  // below its manifest
  int line = 0;
  std::string fingerprint;
  std::string body;  // as it will be sent
  std::string model;
  int wanted = 1;
  Money price;
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
  std::int64_t jobs = 0, fresh = 0, again = 0;  // all; never seen before; queued again after a failure
};

class Store {
 public:
  virtual ~Store() = default;

  // One transaction: all of it or, after a throw, nothing. Throws StoreFull or StoreBroken.
  virtual void commit(Batch const& batch) = 0;

  // Tasks in submitting, submitted, running or downloading, by id.
  virtual std::vector<Task> active() = 0;
  // At most `limit` queued tasks of live manifests of this model, by (due, id), those in `except` left out.
  virtual std::vector<Task> queued(std::string const& model, std::size_t limit,
                                   std::function<bool(std::int64_t)> const& except) = 0;
  // Models that have queued tasks.
  virtual std::vector<std::string> queued_models() = 0;
  // Tasks of this model whose create left or was answered at or after `since`: what the limits must remember.
  virtual std::vector<Task> created_since(std::string const& model, Instant since) = 0;
  virtual std::string body(std::int64_t task) = 0;
  virtual std::string fingerprint(std::int64_t task) = 0;
  virtual std::vector<LaneRow> lanes() = 0;
  virtual Tally tally() = 0;

  // Taking a manifest in, in slices. Jobs of one that is not live are invisible everywhere else.
  virtual std::int64_t begin_manifest(NewManifest const& manifest) = 0;
  // A job whose name is known with the same fingerprint is kept as it is; with another one, or whose request
  // is known under another name, it is a clash. Clashes leave the rest of the slice in.
  virtual std::vector<Clash> add_jobs(std::int64_t manifest, std::span<NewJob const> jobs) = 0;
  // Makes it live, in one transaction with queueing again those known jobs of it that failed or were canceled
  // and are known to be uncharged (nothing spent, nothing uncertain), but for those an inspection refused.
  // Returns the tasks that are queued now by it.
  virtual Taken publish_manifest(std::int64_t manifest, Instant now) = 0;
  virtual void drop_manifest(std::int64_t manifest) = 0;
  // After a start: what was not live before the stop.
  virtual void drop_arriving() = 0;
  virtual std::optional<Taken> taken(std::string const& claim) = 0;

  // Facts about the whole spool ("origin", "region"); "" where never set.
  virtual std::string fact(std::string const& key) = 0;
  virtual void set_fact(std::string const& key, std::string const& value) = 0;
};

// Opens or makes the database. Throws StoreBroken: 75 another process has it (its pid is named), 78 the
// version is newer than this program or the folder lies on a network file system, 74 it is damaged, 73 it
// cannot be made.
std::unique_ptr<Store> open_store(std::filesystem::path const& file);

struct JobRow {
  std::string manifest, job;
  std::string fingerprint;
  std::string source;  // the file it came from
  int line = 0;
  Task task;
};

// Reads beside a running daemon or without one; never writes, and holds no transaction between calls.
class Reader {
 public:
  virtual ~Reader() = default;
  virtual Tally tally() = 0;
  virtual std::vector<LaneRow> lanes() = 0;
  // In the order of manifests and of jobs within them; `take` says false to stop. `manifest` "" means all.
  virtual void jobs(std::string const& manifest, std::function<bool(JobRow const&)> const& take) = 0;
  virtual std::optional<JobRow> job(std::string const& manifest, std::string const& job) = 0;
  virtual std::string body(std::int64_t task) = 0;
  virtual std::optional<Taken> taken(std::string const& claim) = 0;
  virtual std::string fact(std::string const& key) = 0;
};

// Throws StoreBroken like open_store; 2 if there is no database yet.
std::unique_ptr<Reader> open_reader(std::filesystem::path const& file);

}  // namespace wanspool
