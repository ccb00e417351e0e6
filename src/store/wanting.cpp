#include "store/wanting.h"

#include <algorithm>

#include "store/spending.h"

namespace wanspool {

std::int64_t heir_of(sqlite::Db& db, std::int64_t task) {
  static auto const sql =
      std::string{
          "SELECT j.id FROM jobs j JOIN manifests m ON m.id = j.taken AND m.live = 1 WHERE j.task = ? AND "} +
      kWants + " ORDER BY j.id LIMIT 1";
  return db.value<std::int64_t>(sql, task);
}

void own(sqlite::Db& db, Changes& changes, std::int64_t task, std::int64_t heir) {
  static auto const sql =
      std::string{
          "UPDATE tasks SET owner = ?1 WHERE id = ?2 AND state IN (0, 6, 7) AND NOT EXISTS"
          " (SELECT 1 FROM jobs j JOIN manifests m ON m.id = j.taken AND m.live = 1"
          " WHERE j.id = tasks.owner AND j.task = ?2 AND "} +
      kWants + ")";
  auto const before = read_books(db, task);
  db.run(sql, heir, task);
  changes.change_hands(task, before);
}

void agree_on_pause(sqlite::Db& db, std::int64_t task) {
  std::int64_t wanting = 0, unpaused = 0;
  {
    static auto const sql =
        std::string{
            "SELECT count(*), ifnull(sum(j.wish = 0), 0) FROM jobs j"
            " JOIN manifests m ON m.id = j.taken AND m.live = 1 WHERE j.task = ? AND "} +
        kWants;
    auto rows = db.query(sql, task);
    if (!rows.next()) return;
    rows.take(wanting);
    rows.take(unpaused);
  }
  bool const paused = wanting > 0 && unpaused == 0;
  std::vector<std::int64_t> family{task};
  for (std::size_t i = 0; i < family.size(); ++i) {
    auto refills = db.query("SELECT id FROM tasks WHERE parent = ? AND parent <> 0", family[i]);
    while (refills.next()) family.push_back(refills.take<std::int64_t>());
  }
  for (auto const each : family)
    db.run("UPDATE tasks SET paused = ?1 WHERE id = ?2 AND paused <> ?1", paused, each);
}

void keep_paused(sqlite::Db& db, std::string const& manifest, std::int64_t drop) {
  std::vector<std::int64_t> tasks;
  {
    auto rows = db.query(
        "SELECT j.task FROM jobs j INDEXED BY jobs_paused WHERE j.wish = 1 AND j.manifest = ? AND j.taken = ?"
        " AND (SELECT paused FROM tasks WHERE id = j.task) = 0",
        manifest, drop);
    while (rows.next()) tasks.push_back(rows.take<std::int64_t>());
  }
  for (auto const each : tasks) agree_on_pause(db, each);
}

Task queued_anew(Task const& old, Instant now) {
  Task task;
  task.id = old.id;
  task.model = old.model;
  task.account = old.account;
  task.due = now;
  task.answered = std::max(old.answered, old.times.sent);
  task.wanted = old.wanted;
  task.price = old.price;
  task.creates = old.creates;
  task.polls = old.polls;
  task.times.queued = now;
  return task;
}

}  // namespace wanspool
