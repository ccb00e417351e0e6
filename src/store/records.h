#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/caps.h"
#include "core/controller.h"
#include "core/lane.h"
#include "core/pace.h"
#include "core/settle.h"
#include "core/task.h"
#include "core/terms.h"

// What goes into the store and what comes out of it.
namespace wanspool {

struct LaneRow {
  std::string model;
  Weather weather;
  ControllerMemory memory = {};
  std::map<std::string, ServiceTimes> service = {};  // by mode
  std::string account = {};                          // as LaneKey's

  LaneKey key() const { return {account, model}; }
};

// A task of one of our accounts that is nobody's here, found in its list.
struct NewOrphan {
  ListRow row;
  Instant accepted;  // by our clock
  Money price;       // of one picture
  int wanted = 1;
  std::vector<std::int64_t> candidate_for;  // held tasks that it may belong to
  std::string account = {};                 // in whose list it was found; its name, as Task's
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

// A picture that lies at the provider (contract §7), for one model's requests under one account and for 48
// hours.
struct Upload {
  std::string account;  // under whose key it came there; its name, as Task's
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
// This task is what the held job bought, under the account that it was sent under.
struct Adoption {
  std::string job;
  std::string task_id, request_id;
  Instant accepted;  // by our clock
  // Where an older copy of the queue was put back, what waits may have been bought under another one.
  std::optional<std::string> account = {};
};
// What is done with every job that these words mean.
struct Errand {
  enum class Verb { Cancel, Retry, Pause, Resume, Priority };
  std::string id;  // of the command
  Verb verb = Verb::Cancel;
  // Names, which mean everything below them too, or globs (base/glob.h), normalised. None: all that has
  // failed, for Retry alone.
  std::vector<std::string> words;
  bool failed = false;  // Retry: of these, what has failed
  wanspool::Priority priority = wanspool::Priority::Normal;
  std::vector<std::string> forgiven = {};  // Resume: as Effects'
};
// How far it is, and what it has met. Each job is counted once, wherever it fits first.
struct ErrandLog {
  std::int64_t changed = 0;     // stopped, queued again, paused, resumed, given the priority
  std::int64_t asked = 0;       // Cancel: at the provider, which is asked; others: there, and goes on
  std::int64_t drawn = 0;       // Cancel: being drawn
  std::int64_t unanswered = 0;  // sent, and nobody knows yet whether it was accepted
  std::int64_t paid = 0;        // pictures are here or on their way
  std::int64_t over = 0;        // there is nothing to do
  std::int64_t held = 0;
  std::int64_t shared = 0;   // of those that were changed: another job wants the same purchase, which goes on
  std::int64_t overdue = 0;  // Retry: its deadline has passed
  std::int64_t lost = 0;     // Retry: it was paid for, perhaps, and not delivered
  Money asked_cost, drawn_cost, unanswered_cost;
  std::vector<std::string> examples;  // names of some that are lost
  std::vector<std::string> strange;   // words that mean no job
  bool under_way = false;             // the last piece met what was sent
  bool done = false;

  // Where the next piece begins.
  std::size_t word = 0, range = 0;
  std::string manifest, name;
  std::int64_t task = 0;
  bool found = false;  // the word has meant something
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
  Wish wish = Wish::Wanted;     // of a canceled one the task is shown as canceled unless it may still come
  bool delivered = true;  // its own folder has the pictures; until then a done task shows as downloading
  Task task;
};

// What caps leave to jobs that wait.
struct Rooms {
  Budget all = {};                               // to each
  std::map<std::string, Budget> manifests = {};  // and to those of these manifests
  Instant now = {};
  bool plain = false;                              // for those alone that bring no input picture
  std::map<std::int64_t, Budget> submitters = {};  // and to those of manifests whose names are these users'
};

enum class LedgerBy { Day, Model, Manifest, Job, Account, Submitter };
struct LedgerRow {
  // "2026-11-22" by local time, a model, an account ("main"), a manifest ("orphans" for what is nobody's),
  // MANIFEST/JOB, a submitter's user id ("-1": nobody knows)
  std::string key;
  std::int64_t tasks = 0, pictures = 0;  // purchases that cost or reserve something; pictures that are safe
  Money reserved, spent, uncertain;
  // Only spent_by() tells: what is queued in its name, and pictures of that and of what is under way.
  Money waiting = {};
  std::int64_t to_come = 0;
};

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

}  // namespace wanspool
