#include <fmt/format.h>

#include <stdexcept>

#include "store/drop.h"
#include "store/dropping.h"
#include "store/rows.h"
#include "store/sqlite_store.h"

// Manifests come in: what is arriving is marked by rows of its own or in columns of their own, so that
// publishing it is a flip and dropping it leaves no trace.
namespace wanspool {
namespace {

using sqlite::Db;
using sqlite::Transaction;

std::string const& base_of(NewJob const& job) {
  return job.base.empty() ? job.fingerprint : job.base;
}

// One slice of one drop. Ids are given here, so that a job and its task name each other at once. Each job
// that is new or changed has a task of its own until join_purchases().
class Slice {
 public:
  Slice(Db& db, Drop const& drop)
      : db_{db},
        drop_{drop},
        is_known_{db.value<bool>("SELECT 1 FROM manifests WHERE name = ? AND id <> ?", drop.name, drop.id)},
        job_{db.value<std::int64_t>("SELECT max(id) FROM jobs")},
        task_{db.value<std::int64_t>("SELECT max(id) FROM tasks")} {}

  // Words for a person if it cannot be taken.
  std::string take(NewJob const& job) {
    // Of a manifest that is new the conflict tells which job comes twice.
    if (!is_known_)
      return insert(job) ? std::string{} : take_known(find_known(db_, drop_.name, job.name), job);
    auto const known = find_known(db_, drop_.name, job.name);
    if (known) return take_known(known, job);
    insert(job);
    return {};
  }
  void write_sums() const {
    db_.run("UPDATE manifests SET jobs = jobs + ?, fresh = fresh + ?, changed = changed + ? WHERE id = ?",
            jobs_, fresh_, changed_, drop_.id);
    add_bought(db_, drop_.id, bought_);
  }
  std::vector<FreshTask> const& fresh_tasks() const { return fresh_tasks_; }

 private:
  std::string take_known(std::optional<KnownJob> const& known, NewJob const& job) {
    if (known->taken == drop_.id || known->arriving == drop_.id) return {};
    if (!known->live || known->arriving != 0)
      return fmt::format(
          "job '{}' is just arriving with another copy of this manifest; drop this one again later",
          job.name);
    kind_of(*known, job) == Judgement::Kind::Changed ? change(*known, job) : name_again(*known, job);
    ++jobs_;
    return {};
  }
  void name_again(KnownJob const& known, NewJob const& job) {
    db_.run(
        "UPDATE jobs SET arriving = ?, arriving_line = ?, arriving_place = nullif(?, place),"
        " arriving_vars = nullif(?, vars) WHERE id = ?",
        drop_.id, job.line, job.place, job.vars, known.id);
  }
  void change(KnownJob const& known, NewJob const& job) {
    auto const task = buy(job, known.id);
    db_.run(
        "UPDATE jobs SET arriving = ?, arriving_line = ?, arriving_task = ?, arriving_asked = ?,"
        " arriving_place = nullif(?, place), arriving_vars = nullif(?, vars) WHERE id = ?",
        drop_.id, job.line, task, job.fingerprint, job.place, job.vars, known.id);
    ++changed_;
  }
  // false where its name is known.
  bool insert(NewJob const& job) {
    auto const before = bought_;
    auto const task = buy(job, job_ + 1);
    db_.run(
        "INSERT INTO jobs (id, manifest, name, task, taken, line, asked, place, vars)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (manifest, name) DO NOTHING",
        job_ + 1, drop_.name, job.name, task, drop_.id, job.line, job.fingerprint, job.place, job.vars);
    if (db_.changes() == 0) {
      db_.run("DELETE FROM tasks WHERE id = ?", task);
      fresh_tasks_.pop_back();
      bought_ = before;
      return false;
    }
    ++job_;
    ++jobs_;
    ++fresh_;
    return true;
  }

  // What a queued task does not say here is as its columns are without it.
  std::int64_t buy(NewJob const& job, std::int64_t owner) {
    db_.run(
        "INSERT INTO tasks (id, fingerprint, base, taken, owner, rank, model, due, queued, wanted, price,"
        " size, mode, take, on_doubt, refill, fetch, inputs, deadline)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        ++task_, job.fingerprint, base_of(job), drop_.id, owner, drop_.terms.priority, job.model, drop_.at,
        drop_.at, job.wanted, job.price, job.size, job.mode, job.take, drop_.terms.on_doubt,
        drop_.terms.refill, drop_.terms.fetch, job.inputs, drop_.terms.deadline);
    db_.run("INSERT INTO requests (task, body) VALUES (?, ?)", task_, job.body);
    for (auto const& source : job.sources)
      db_.run("INSERT OR IGNORE INTO sources (task, source) VALUES (?, ?)", task_, source.fingerprint);
    fresh_tasks_.emplace_back(job.fingerprint, task_);
    bought_.pictures += job.wanted;
    bought_.price += job.price * job.wanted;
    return task_;
  }

  Db& db_;
  Drop const& drop_;
  bool is_known_;  // somebody has dropped its name before
  std::int64_t job_, task_;
  std::int64_t jobs_ = 0, fresh_ = 0, changed_ = 0;
  NewlyBought bought_;
  std::vector<FreshTask> fresh_tasks_;
};

// Its own tasks stay where another drop wants them too, which buys them then.
void hand_on(Db& db, std::int64_t drop) {
  struct Heir {
    std::int64_t task = 0, job = 0, drop = 0;
    NewlyBought bought;
  };
  std::vector<Heir> heirs;
  auto const find = [&](std::string const& sql) {
    auto rows = db.query(sql, drop);
    while (rows.next()) {
      auto& heir = heirs.emplace_back();
      rows.take(heir.task);
      rows.take(heir.job);
      rows.take(heir.drop);
      rows.take(heir.bought.pictures);
      rows.take(heir.bought.price);
    }
  };
  // Walks what others want that is arriving, not what this drop has brought.
  find(
      "SELECT t.id, j.id, j.taken, t.wanted, t.wanted * t.price FROM jobs j INDEXED BY jobs_arriving"
      " JOIN tasks t ON t.id = j.task WHERE j.arriving IS NOT NULL AND t.taken = ? ORDER BY j.arriving, "
      "j.id");
  find(
      "SELECT t.id, j.id, j.arriving, t.wanted, t.wanted * t.price FROM jobs j INDEXED BY"
      " jobs_arriving_task JOIN tasks t ON t.id = j.arriving_task WHERE j.arriving_task IS NOT NULL"
      " AND t.taken = ?");
  for (auto const& heir : heirs) {
    db.run("UPDATE tasks SET taken = ?, owner = ? WHERE id = ? AND taken = ?", heir.drop, heir.job, heir.task,
           drop);
    if (db.changes() > 0) add_bought(db, heir.drop, heir.bought);
  }
}

void remove(Db& db, std::int64_t drop) {
  db.run(
      "UPDATE jobs SET arriving = NULL, arriving_line = 0, arriving_task = NULL, arriving_asked = NULL,"
      " arriving_place = NULL, arriving_vars = NULL WHERE arriving = ?",
      drop);
  db.run("DELETE FROM jobs WHERE taken = ?", drop);
  hand_on(db, drop);
  db.run("DELETE FROM tasks WHERE taken = ?", drop);
  db.run("DELETE FROM manifests WHERE id = ?", drop);
}

}  // namespace

std::int64_t SqliteStore::begin_manifest(NewManifest const& manifest) {
  sqlite::Unsynced const unsynced{db_};
  Transaction transaction{db_, Transaction::Kind::Write};
  auto const id = insert_drop(
      db_, {0, manifest.name, manifest.claim, manifest.at, false, manifest.partial, manifest.terms},
      manifest.source, manifest.sha256, manifest.owner);
  transaction.commit();
  return id;
}

std::vector<Clash> SqliteStore::add_jobs(std::int64_t manifest, std::span<NewJob const> jobs) {
  sqlite::Unsynced const unsynced{db_};
  Transaction transaction{db_, Transaction::Kind::Write};
  auto const drop = need_arriving(db_, manifest);
  Slice slice{db_, drop};
  std::vector<Clash> clashes;
  for (auto const& job : jobs)
    if (auto words = slice.take(job); !words.empty()) clashes.push_back({job.line, std::move(words)});
  slice.write_sums();
  transaction.commit();
  auto& joining = joining_[manifest].tasks;
  joining.insert(joining.end(), slice.fresh_tasks().begin(), slice.fresh_tasks().end());
  return clashes;
}

void SqliteStore::drop_manifest(std::int64_t manifest) {
  Transaction transaction{db_, Transaction::Kind::Write};
  auto const drop = find_drop(db_, manifest);
  if (!drop) return;
  if (drop->live) throw std::logic_error{fmt::format("manifest {} is live and cannot be dropped", manifest)};
  remove(db_, manifest);
  transaction.commit();
  joining_.erase(manifest);
}

void SqliteStore::drop_arriving() {
  Transaction transaction{db_, Transaction::Kind::Write};
  std::vector<std::int64_t> drops;
  {
    auto rows = db_.query("SELECT id FROM manifests INDEXED BY manifests_arriving WHERE live = 0");
    while (rows.next()) drops.push_back(rows.take<std::int64_t>());
  }
  for (auto const drop : drops) remove(db_, drop);
  transaction.commit();
  joining_.clear();
}

}  // namespace wanspool
