#include <stdexcept>

#include "store/changes.h"
#include "store/rows.h"
#include "store/selection.h"
#include "store/sqlite_store.h"
#include "store/terms.h"
#include "store/wanting.h"

// What a person asks of many jobs, a piece at a time.
namespace wanspool {
namespace {

using sqlite::Db;
using sqlite::Transaction;
using Verb = Errand::Verb;

constexpr std::size_t kExamples = 5;
constexpr char kByPerson[] = "canceled by a person before it was bought";

class Runner {
 public:
  Runner(Db& db, Errand const& errand, ErrandLog& log, Instant at)
      : db_{db}, errand_{errand}, log_{log}, at_{at}, changes_{db, at} {}

  void run(std::vector<Selected> const& jobs) {
    for (auto const& job : jobs) run(fresh(job));
    changes_.write_sums();
  }

 private:
  // What shares a purchase with an earlier one of the piece may stand otherwise by now.
  Selected fresh(Selected job) {
    auto rows = db_.query(
        "SELECT j.wish, t.owner = j.id, t.state, t.reserved, t.spent, t.uncertain FROM jobs j"
        " JOIN tasks t ON t.id = j.task WHERE j.id = ?",
        job.job);
    if (!rows.next()) throw std::logic_error{"the queue has lost a job"};
    rows.take(job.wish);
    rows.take(job.owns);
    rows.take(job.state);
    rows.take(job.reserved);
    rows.take(job.spent);
    rows.take(job.uncertain);
    return job;
  }

  void run(Selected const& job) {
    // What its manifest does not want any more is nobody's to ask for.
    if (job.retired) {
      ++log_.over;
      return;
    }
    switch (errand_.verb) {
      case Verb::Cancel:
        return cancel(job);
      case Verb::Retry:
        return retry(job);
      case Verb::Pause:
        return pause(job);
      case Verb::Resume:
        return resume(job);
      case Verb::Priority:
        return hurry(job);
    }
  }

  void set_wish(Selected const& job, Wish wish) {
    db_.run("UPDATE jobs SET wish = ? WHERE id = ?", wish, job.job);
  }
  // Whoever still wants it keeps it, on terms of its own.
  void leave_to(std::int64_t task, std::int64_t heir) {
    own(db_, changes_, task, heir);
    agree_on_terms(db_, task);
    agree_on_pause(db_, task);
  }

  void cancel(Selected const& job) {
    switch (job.state) {
      case State::Queued:
        if (job.wish == Wish::Canceled) return static_cast<void>(++log_.over);
        set_wish(job, Wish::Canceled);
        ++log_.changed;
        return leave(job);
      case State::Submitting:
      case State::Submitted:
      case State::Running:
        return ask(job);
      case State::Downloading:
      case State::Done:
        if (job.wish == Wish::Canceled) return static_cast<void>(++log_.over);
        ++log_.paid;
        return cancel_refills(job);
      case State::Failed:
      case State::Canceled:
        return static_cast<void>(++log_.over);
      case State::Held:
        return static_cast<void>(++log_.held);
    }
  }
  void leave(Selected const& job) {
    auto const heir = heir_of(db_, job.task);
    if (heir == 0) return changes_.cancel_waiting(job.task, kByPerson);
    leave_to(job.task, heir);
    ++log_.shared;
  }
  void ask(Selected const& job) {
    if (job.wish != Wish::Canceled) set_wish(job, Wish::Canceled);
    log_.under_way = true;
    if (heir_of(db_, job.task) != 0) {
      agree_on_pause(db_, job.task);
      log_.changed += job.wish != Wish::Canceled;
      log_.shared += job.wish != Wish::Canceled;
      return;
    }
    auto const count = [&](std::int64_t& number, Money& cost) {
      ++number;
      cost += job.reserved;
    };
    if (job.state == State::Submitting) return count(log_.unanswered, log_.unanswered_cost);
    if (job.state == State::Submitted) return count(log_.asked, log_.asked_cost);
    count(log_.drawn, log_.drawn_cost);
  }
  // What its answer lacked and nobody has bought yet.
  void cancel_refills(Selected const& job) {
    bool const is_shared =
        db_.value<bool>("SELECT 1 FROM jobs WHERE task = ? AND id <> ?", job.task, job.job);
    if (!is_shared) changes_.cancel_waiting(job.task, kByPerson);
  }

  void retry(Selected const& job) {
    if (errand_.failed && job.state != State::Failed) return;
    bool const was_canceled = job.wish == Wish::Canceled;
    if (was_canceled) set_wish(job, Wish::Wanted);
    switch (job.state) {
      case State::Failed:
      case State::Canceled:
        return buy_again(job);
      case State::Held:
        return static_cast<void>(++log_.held);
      case State::Downloading:
      case State::Done:
        was_canceled ? take_copy(job) : static_cast<void>(++log_.paid);
        return;
      case State::Queued:
      case State::Submitting:
      case State::Submitted:
      case State::Running:
        if (!was_canceled) return static_cast<void>(++log_.over);
        leave_to(job.task, job.job);
        ++log_.changed;
        log_.under_way = log_.under_way || job.state != State::Queued;
        return;
    }
  }
  // It was bought for another job meanwhile.
  void take_copy(Selected const& job) {
    if (job.state == State::Done)
      db_.run("UPDATE jobs SET delivered = 2 WHERE id = ? AND delivered <> 1", job.job);
    ++log_.changed;
  }
  void buy_again(Selected const& job) {
    if (job.spent > Money{} || job.uncertain > Money{} || job.error_code == "GivenUp") {
      if (log_.examples.size() < kExamples) log_.examples.push_back(job.manifest + "/" + job.name);
      return static_cast<void>(++log_.lost);
    }
    if (job.deadline != Instant{} && job.deadline <= at_) return static_cast<void>(++log_.overdue);
    own(db_, changes_, job.task, job.job);
    changes_.replace(queued_anew(need_task(db_, job.task), at_));
    db_.run("UPDATE tasks SET after = 0 WHERE id = ?", job.task);
    agree_on_terms(db_, job.task);
    agree_on_pause(db_, job.task);
    ++log_.changed;
  }

  void pause(Selected const& job) {
    if (is_final(job.state) || job.wish != Wish::Wanted) return static_cast<void>(++log_.over);
    if (job.state == State::Held) return static_cast<void>(++log_.held);
    set_wish(job, Wish::Paused);
    agree_on_pause(db_, job.task);
    if (job.state != State::Queued) return static_cast<void>(++log_.asked);
    ++log_.changed;
    log_.shared += db_.value<bool>("SELECT 1 FROM tasks WHERE id = ? AND paused = 0", job.task);
  }
  void resume(Selected const& job) {
    if (job.wish != Wish::Paused) return static_cast<void>(++log_.over);
    set_wish(job, Wish::Wanted);
    agree_on_pause(db_, job.task);
    ++log_.changed;
  }

  // In its lane; its refills with it.
  void hurry(Selected const& job) {
    if (is_final(job.state) || job.state == State::Held || job.wish == Wish::Canceled)
      return static_cast<void>(++log_.over);
    db_.run("UPDATE tasks SET rank = ?1 WHERE id = ?2 AND rank <> ?1", errand_.priority, job.task);
    db_.run("UPDATE tasks SET rank = ?1 WHERE parent = ?2 AND parent <> 0 AND rank <> ?1", errand_.priority,
            job.task);
    ++(job.state == State::Queued ? log_.changed : log_.asked);
  }

  Db& db_;
  Errand const& errand_;
  ErrandLog& log_;
  Instant at_;
  Changes changes_;
};

}  // namespace

void SqliteStore::run_errand(Errand const& errand, ErrandLog& log, std::size_t rows, Instant at) {
  if (log.done) return;
  auto next = log;
  next.under_way = false;
  Transaction transaction{db_, Transaction::Kind::Write};
  std::vector<Selected> jobs;
  if (!errand.words.empty()) {
    jobs = select_jobs(db_, errand.words, next, rows);
    next.done = next.word == errand.words.size();
  } else if (errand.verb == Verb::Retry) {
    jobs = select_failed(db_, next, rows);
  } else {
    next.done = true;
  }
  Runner{db_, errand, next, at}.run(jobs);
  if (next.done) {
    for (auto const& manifest : errand.forgiven) forgive(db_, manifest);
    // One whose words mean nothing is refused, and may come again when they do.
    bool const meant = errand.words.empty() || next.strange.size() < errand.words.size();
    if (meant) db_.run("INSERT OR IGNORE INTO commands (id, at) VALUES (?, ?)", errand.id, at);
  }
  hook_watch_.collect(db_, at);
  transaction.commit();
  log = std::move(next);
}

std::vector<std::int64_t> SqliteStore::canceled() {
  static auto const sql =
      std::string{
          "SELECT t.id FROM tasks t INDEXED BY tasks_active WHERE t.state BETWEEN 1 AND 4 AND EXISTS"
          " (SELECT 1 FROM jobs j JOIN manifests m ON m.id = j.taken AND m.live = 1 WHERE j.task = t.id"
          " AND j.wish = 2) AND NOT EXISTS"
          " (SELECT 1 FROM jobs j JOIN manifests m ON m.id = j.taken AND m.live = 1 WHERE j.task = t.id "
          "AND "} +
      kWants + ") ORDER BY t.id";
  std::vector<std::int64_t> tasks;
  auto rows = db_.query(sql);
  while (rows.next()) tasks.push_back(rows.take<std::int64_t>());
  return tasks;
}

}  // namespace wanspool
