#include <fmt/format.h>

#include <set>
#include <stdexcept>

#include "store/changes.h"
#include "store/sqlite_store.h"

// Manifests come in: what is arriving is marked by rows of its own or in columns of their own, so that
// publishing it is a flip and dropping it leaves no trace.
namespace wanspool {
namespace {

using sqlite::Db;
using sqlite::Transaction;

struct Drop {
  std::int64_t id = 0;
  std::string name;
  Instant at;
  OnDoubt on_doubt = OnDoubt::Adopt;
  bool refill = false;
  bool live = false;
};

std::optional<Drop> find_drop(Db& db, std::int64_t id) {
  auto rows = db.query("SELECT id, name, taken_at, on_doubt, refill, live FROM manifests WHERE id = ?", id);
  if (!rows.next()) return {};
  Drop drop;
  rows.take(drop.id);
  rows.take(drop.name);
  rows.take(drop.at);
  rows.take(drop.on_doubt);
  rows.take(drop.refill);
  rows.take(drop.live);
  return drop;
}

Drop arriving(Db& db, std::int64_t id) {
  auto const drop = find_drop(db, id);
  if (!drop || drop->live) throw std::logic_error{fmt::format("no manifest {} is arriving", id)};
  return *drop;
}

struct Known {
  std::int64_t job = 0;
  std::string base;                      // of all takes of what it wants
  std::string fingerprint;               // of the one it has
  std::int64_t taken = 0, arriving = 0;  // by these drops
  bool live = false;                     // the first of them
};

std::optional<Known> find_job(Db& db, std::string const& manifest, std::string const& name) {
  auto rows = db.query(
      "SELECT j.id, t.base, t.fingerprint, j.taken, ifnull(j.arriving, 0), m.live"
      " FROM jobs j JOIN tasks t ON t.id = j.task JOIN manifests m ON m.id = j.taken"
      " WHERE j.manifest = ? AND j.name = ?",
      manifest, name);
  if (!rows.next()) return {};
  Known known;
  rows.take(known.job);
  rows.take(known.base);
  rows.take(known.fingerprint);
  rows.take(known.taken);
  rows.take(known.arriving);
  rows.take(known.live);
  return known;
}

// One slice of one drop.
class Slice {
 public:
  Slice(Db& db, Drop const& drop) : db_{db}, drop_{drop} {}

  // Words for a person if it cannot be taken.
  std::string take(NewJob const& job) {
    if (auto const known = find_job(db_, drop_.name, job.name)) return take_known(*known, job);
    auto const task = task_of(job.fingerprint);
    task == 0 ? insert(job) : subscribe(job, task);
    return {};
  }
  void write_sums() const {
    db_.run("UPDATE manifests SET jobs = jobs + ?, fresh = fresh + ? WHERE id = ?", jobs_, fresh_, drop_.id);
  }

 private:
  std::string take_known(Known const& known, NewJob const& job) {
    if (known.base != job.fingerprint && known.fingerprint != job.fingerprint)
      return fmt::format(
          "job '{}' is known with another request; give the changed one a new id "
          "(this version does not replace jobs)",
          job.name);
    if (known.taken == drop_.id || known.arriving == drop_.id) return {};
    if (!known.live || known.arriving != 0)
      return fmt::format(
          "job '{}' is just arriving with another copy of this manifest; drop this one again later",
          job.name);
    db_.run("UPDATE jobs SET arriving = ?, arriving_line = ? WHERE id = ?", drop_.id, job.line, known.job);
    ++jobs_;
    return {};
  }
  // The task with this fingerprint, whoever wants it; 0 if there is none.
  std::int64_t task_of(std::string const& fingerprint) {
    return db_.value<std::int64_t>("SELECT id FROM tasks WHERE fingerprint = ?", fingerprint);
  }
  // It is marked like a known job, for it has to be looked at when it becomes visible.
  void subscribe(NewJob const& job, std::int64_t task) {
    db_.run(
        "INSERT INTO jobs (manifest, name, task, taken, line, arriving, arriving_line)"
        " VALUES (?, ?, ?, ?, ?, ?, ?)",
        drop_.name, job.name, task, drop_.id, job.line, drop_.id, job.line);
    ++jobs_;
  }
  void insert(NewJob const& job) {
    Task task;
    task.model = job.model;
    task.due = task.times.queued = drop_.at;
    task.wanted = job.wanted;
    task.size = job.size;
    task.price = job.price;
    task.on_doubt = drop_.on_doubt;
    task.refill = drop_.refill;
    auto const id = insert_task(db_, task, {job.fingerprint, job.fingerprint, drop_.id, 0, job.body});
    db_.run("INSERT INTO jobs (manifest, name, task, taken, line) VALUES (?, ?, ?, ?, ?)", drop_.name,
            job.name, id, drop_.id, job.line);
    db_.run("UPDATE tasks SET owner = ? WHERE id = ?", db_.last_id(), id);
    ++jobs_;
    ++fresh_;
  }

  Db& db_;
  Drop const& drop_;
  std::int64_t jobs_ = 0, fresh_ = 0;
};

// What a drop wants that others brought, where that cost nothing when it ended and may go better this time.
// What an inspection refused would only be refused again (contract §4), and what was given up was perhaps
// bought.
std::vector<Task> worth_again(Db& db, Drop const& drop) {
  static auto const sql =
      "SELECT " + task_columns() +
      " FROM jobs j JOIN tasks t ON t.id = j.task WHERE j.arriving = ?"
      " AND t.state IN (6, 7) AND t.spent = 0 AND t.uncertain = 0 AND t.error_code NOT IN"
      " ('DataInspectionFailed', 'IPInfringementSuspect', 'CustomRoleBlocked', 'FaqRuleBlocked', 'GivenUp')"
      " ORDER BY j.id";
  std::vector<Task> tasks;
  std::set<std::int64_t> seen;
  for (auto& task : read_tasks(db, sql, drop.id))
    if (seen.insert(task.id).second) tasks.push_back(std::move(task));
  return tasks;
}

// As it was when it was new, but for what is counted over its whole life and what the limits remember.
Task queued_anew(Task const& old, Instant now) {
  Task task;
  task.id = old.id;
  task.name = old.name;
  task.model = old.model;
  task.due = now;
  task.answered = std::max(old.answered, old.times.sent);
  task.wanted = old.wanted;
  task.size = old.size;
  task.price = old.price;
  task.take = old.take;
  task.on_doubt = old.on_doubt;
  task.refill = old.refill;
  task.creates = old.creates;
  task.polls = old.polls;
  task.times.queued = now;
  return task;
}

// What it wants and another drop, which is not live, has brought: it cannot wait for that one.
void take_over(Db& db, Drop const& drop) {
  db.run(
      "UPDATE tasks SET taken = ? WHERE id IN (SELECT j.task FROM jobs j JOIN tasks t ON t.id = j.task"
      " WHERE j.arriving = ? AND t.taken IN (SELECT id FROM manifests WHERE live = 0 AND id <> ?))",
      drop.id, drop.id, drop.id);
}

// What it wants that is bought in the name of a job that has moved on to another take, or that may yet be
// dropped, is bought in the name of one of its own.
void own(Db& db, Drop const& drop) {
  db.run(
      "UPDATE tasks SET owner = (SELECT min(id) FROM jobs WHERE task = tasks.id AND arriving = ?)"
      " WHERE id IN (SELECT j.task FROM jobs j JOIN tasks t ON t.id = j.task WHERE j.arriving = ?"
      " AND t.state IN (0, 6, 7) AND NOT EXISTS (SELECT 1 FROM jobs o JOIN manifests m ON m.id = o.taken"
      " WHERE o.id = t.owner AND o.task = t.id AND (m.live = 1 OR m.id = ?)))",
      drop.id, drop.id, drop.id);
}

// From now on its jobs are like all others; those whose pictures are there already get copies.
void settle_jobs(Db& db, Drop const& drop) {
  db.run(
      "UPDATE jobs SET taken = arriving, line = arriving_line, arriving = NULL, arriving_line = 0,"
      " delivered = CASE WHEN delivered = 0 AND (SELECT state FROM tasks WHERE id = jobs.task) = 5 THEN 2"
      " ELSE delivered END WHERE arriving = ?",
      drop.id);
}

// Its own tasks stay where another drop wants them too.
void hand_on(Db& db, std::int64_t drop) {
  db.run(
      "UPDATE tasks SET taken = (SELECT taken FROM jobs WHERE task = tasks.id ORDER BY id LIMIT 1),"
      " owner = (SELECT min(id) FROM jobs WHERE task = tasks.id)"
      " WHERE taken = ? AND EXISTS (SELECT 1 FROM jobs WHERE task = tasks.id)",
      drop);
}

void remove(Db& db, std::int64_t drop) {
  db.run("UPDATE jobs SET arriving = NULL, arriving_line = 0 WHERE arriving = ?", drop);
  db.run("DELETE FROM jobs WHERE taken = ?", drop);
  hand_on(db, drop);
  db.run("DELETE FROM tasks WHERE taken = ?", drop);
  db.run("DELETE FROM manifests WHERE id = ?", drop);
}

}  // namespace

std::int64_t SqliteStore::begin_manifest(NewManifest const& manifest) {
  Transaction transaction{db_, Transaction::Kind::Write};
  db_.run(
      "INSERT INTO manifests (name, claim, source, sha256, taken_at, on_doubt, refill)"
      " VALUES (?, ?, ?, ?, ?, ?, ?)",
      manifest.name, manifest.claim, manifest.source, manifest.sha256, manifest.at, manifest.terms.on_doubt,
      manifest.terms.refill);
  auto const id = db_.last_id();
  transaction.commit();
  return id;
}

std::vector<Clash> SqliteStore::add_jobs(std::int64_t manifest, std::span<NewJob const> jobs) {
  Transaction transaction{db_, Transaction::Kind::Write};
  auto const drop = arriving(db_, manifest);
  Slice slice{db_, drop};
  std::vector<Clash> clashes;
  for (auto const& job : jobs)
    if (auto words = slice.take(job); !words.empty()) clashes.push_back({job.line, std::move(words)});
  slice.write_sums();
  transaction.commit();
  return clashes;
}

Taken SqliteStore::publish_manifest(std::int64_t manifest, Instant now) {
  Transaction transaction{db_, Transaction::Kind::Write};
  auto const drop = arriving(db_, manifest);
  Changes changes{db_, now};
  take_over(db_, drop);
  own(db_, drop);
  auto const again = worth_again(db_, drop);
  for (auto const& task : again) changes.replace(queued_anew(task, now));
  {
    auto rows = db_.query("SELECT model, count(*) FROM tasks WHERE taken = ? GROUP BY model", drop.id);
    while (rows.next()) {
      auto const model = rows.take<std::string>();
      changes.appear(model, rows.take<std::int64_t>());
    }
  }
  changes.write_sums();
  settle_jobs(db_, drop);
  db_.run("UPDATE manifests SET live = 1, again = ? WHERE id = ?", again.size(), drop.id);
  auto const claim = db_.value<std::string>("SELECT claim FROM manifests WHERE id = ?", drop.id);
  auto const taken = read_taken(db_, claim);
  transaction.commit();
  return *taken;
}

void SqliteStore::drop_manifest(std::int64_t manifest) {
  Transaction transaction{db_, Transaction::Kind::Write};
  auto const drop = find_drop(db_, manifest);
  if (!drop) return;
  if (drop->live) throw std::logic_error{fmt::format("manifest {} is live and cannot be dropped", manifest)};
  remove(db_, manifest);
  transaction.commit();
}

void SqliteStore::drop_arriving() {
  Transaction transaction{db_, Transaction::Kind::Write};
  std::vector<std::int64_t> drops;
  {
    auto rows = db_.query("SELECT id FROM manifests WHERE live = 0");
    while (rows.next()) drops.push_back(rows.take<std::int64_t>());
  }
  for (auto const drop : drops) remove(db_, drop);
  transaction.commit();
}

}  // namespace wanspool
