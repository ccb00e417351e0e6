#include <fmt/format.h>

#include <stdexcept>

#include "store/rows.h"
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
  bool live = false;
};

std::optional<Drop> find_drop(Db& db, std::int64_t id) {
  auto rows = db.query("SELECT id, name, taken_at, live FROM manifests WHERE id = ?", id);
  if (!rows.next()) return {};
  Drop drop;
  rows.take(drop.id);
  rows.take(drop.name);
  rows.take(drop.at);
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
  std::string fingerprint;
  std::int64_t taken = 0, arriving = 0;  // by these drops
  bool live = false;                     // the first of them
};

std::optional<Known> find_job(Db& db, std::string const& manifest, std::string const& name) {
  auto rows = db.query(
      "SELECT j.id, t.fingerprint, j.taken, ifnull(j.arriving, 0), m.live"
      " FROM jobs j JOIN tasks t ON t.id = j.task JOIN manifests m ON m.id = j.taken"
      " WHERE j.manifest = ? AND j.name = ?",
      manifest, name);
  if (!rows.next()) return {};
  Known known;
  rows.take(known.job);
  rows.take(known.fingerprint);
  rows.take(known.taken);
  rows.take(known.arriving);
  rows.take(known.live);
  return known;
}

std::string who_wants(Db& db, std::string const& fingerprint) {
  return db.value<std::string>(
      "SELECT j.manifest || '/' || j.name FROM tasks t JOIN jobs j ON j.task = t.id"
      " WHERE t.fingerprint = ? ORDER BY j.id",
      fingerprint);
}

// One slice of one drop.
class Slice {
 public:
  Slice(Db& db, Drop const& drop) : db_{db}, drop_{drop} {}

  // Words for a person if it cannot be taken.
  std::string take(NewJob const& job) {
    if (auto const known = find_job(db_, drop_.name, job.name)) return take_known(*known, job);
    if (auto const other = who_wants(db_, job.fingerprint); !other.empty())
      return fmt::format(
          "asks for the same pictures as '{}', which are bought once; change the prompt or the seed", other);
    insert(job);
    return {};
  }
  void write_sums() const {
    db_.run("UPDATE manifests SET jobs = jobs + ?, fresh = fresh + ? WHERE id = ?", jobs_, fresh_, drop_.id);
  }

 private:
  std::string take_known(Known const& known, NewJob const& job) {
    if (known.fingerprint != job.fingerprint)
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
  void insert(NewJob const& job) {
    db_.run(
        "INSERT INTO tasks (fingerprint, taken, model, due, queued, wanted, price) VALUES (?, ?, ?, ?, ?, ?, "
        "?)",
        job.fingerprint, drop_.id, job.model, drop_.at, drop_.at, job.wanted, job.price);
    auto const task = db_.last_id();
    db_.run("INSERT INTO requests (task, body) VALUES (?, ?)", task, job.body);
    db_.run("INSERT INTO jobs (manifest, name, task, taken, line) VALUES (?, ?, ?, ?, ?)", drop_.name,
            job.name, task, drop_.id, job.line);
    ++jobs_;
    ++fresh_;
  }

  Db& db_;
  Drop const& drop_;
  std::int64_t jobs_ = 0, fresh_ = 0;
};

// Those of its known jobs that cost nothing when they ended and may go better this time. What an inspection
// refused would only be refused again (contract §4).
std::vector<Task> worth_again(Db& db, Drop const& drop) {
  static auto const sql =
      "SELECT " + task_columns() +
      " FROM jobs j JOIN tasks t ON t.id = j.task WHERE j.arriving = ?"
      " AND t.state IN (6, 7) AND t.spent = 0 AND t.uncertain = 0 AND t.error_code NOT IN"
      " ('DataInspectionFailed', 'IPInfringementSuspect', 'CustomRoleBlocked', 'FaqRuleBlocked')"
      " ORDER BY j.id";
  std::vector<Task> tasks;
  auto rows = db.query(sql, drop.id);
  while (rows.next()) tasks.push_back(read_task(rows, db));
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
  task.price = old.price;
  task.creates = old.creates;
  task.polls = old.polls;
  task.times.queued = now;
  return task;
}

void remove(Db& db, std::int64_t drop) {
  db.run("UPDATE jobs SET arriving = NULL, arriving_line = 0 WHERE arriving = ?", drop);
  db.run("DELETE FROM tasks WHERE taken = ?", drop);
  db.run("DELETE FROM manifests WHERE id = ?", drop);
}

}  // namespace

std::int64_t SqliteStore::begin_manifest(NewManifest const& manifest) {
  Transaction transaction{db_, Transaction::Kind::Write};
  db_.run("INSERT INTO manifests (name, claim, source, sha256, taken_at) VALUES (?, ?, ?, ?, ?)",
          manifest.name, manifest.claim, manifest.source, manifest.sha256, manifest.at);
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
  Changes changes{db_};
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
  db_.run(
      "UPDATE jobs SET taken = arriving, line = arriving_line, arriving = NULL, arriving_line = 0"
      " WHERE arriving = ?",
      drop.id);
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
