#include "store/terms.h"

#include <vector>

namespace wanspool {
namespace {

// Its refills with it.
void write(sqlite::Db& db, std::int64_t task, Priority priority, Instant deadline) {
  db.run(
      "UPDATE tasks SET rank = ?1, deadline = ?2 WHERE id = ?3 AND state = 0 AND (rank <> ?1 OR deadline <> "
      "?2)",
      priority, deadline, task);
  db.run("UPDATE tasks SET rank = ?1, deadline = ?2 WHERE parent = ?3 AND parent <> 0 AND state = 0",
         priority, deadline, task);
}

}  // namespace

void agree_on_terms(sqlite::Db& db, std::int64_t task) {
  Priority priority{};
  Instant first, last;
  {
    auto rows = db.query(
        "SELECT min(m.priority), min(m.deadline), max(m.deadline) FROM jobs j"
        " JOIN manifests d ON d.id = j.taken AND d.live = 1"
        " JOIN manifests m ON m.id = (SELECT max(id) FROM manifests WHERE name = j.manifest AND live = 1)"
        " WHERE j.task = ? AND j.retired = 0 AND j.wish <> 2 HAVING count(*) > 0",
        task);
    if (!rows.next()) return;
    rows.take(priority);
    rows.take(first);
    rows.take(last);
  }
  write(db, task, priority, first == Instant{} ? first : last);
}

void apply_terms(sqlite::Db& db, Drop const& before, Drop const& after) {
  auto const &was = before.terms, &is = after.terms;
  if (was.priority == is.priority && was.deadline == is.deadline && was.on_doubt == is.on_doubt &&
      was.refill == is.refill && was.fetch == is.fetch)
    return;
  db.run(
      "UPDATE tasks SET rank = ?1, deadline = ?2, on_doubt = ?3, refill = ?4, fetch = ?6 WHERE state = 0"
      " AND id IN (SELECT task FROM jobs WHERE manifest = ?5 UNION ALL SELECT r.id FROM jobs j"
      "  JOIN tasks r ON r.parent = j.task AND r.parent <> 0 WHERE j.manifest = ?5)"
      " AND (SELECT manifest FROM jobs WHERE id = tasks.owner) = ?5"
      " AND (rank, deadline, on_doubt, refill, fetch) <> (?1, ?2, ?3, ?4, ?6)",
      is.priority, is.deadline, is.on_doubt, is.refill, after.name, is.fetch);
  std::vector<std::int64_t> shared;
  {
    auto rows = db.query(
        "SELECT j.task FROM jobs j WHERE j.manifest = ?1 AND j.retired = 0 AND j.wish <> 2 AND EXISTS"
        " (SELECT 1 FROM jobs o WHERE o.task = j.task AND o.manifest <> ?1)",
        after.name);
    while (rows.next()) shared.push_back(rows.take<std::int64_t>());
  }
  for (auto const task : shared) agree_on_terms(db, task);
}

}  // namespace wanspool
