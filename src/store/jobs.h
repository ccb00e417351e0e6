#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "store/sqlite.h"
#include "store/store.h"

// Jobs as they are shown, for the store and for readers beside it.
namespace wanspool {

// In the order of manifests and of jobs within them, each page of one moment; no transaction is open while
// `take` is called, which says false to stop. `manifest` "" means all.
void list_jobs(sqlite::Db& db, std::string const& manifest,
               std::function<bool(std::int64_t id, JobRow const&)> const& take);
std::optional<JobRow> find_job(sqlite::Db& db, std::string const& manifest, std::string const& job);
std::optional<std::string> find_place(sqlite::Db& db, std::string const& manifest, std::string const& job);
// Names of those that have this task's pictures or wait for them.
std::vector<std::string> read_subscribers(sqlite::Db& db, std::int64_t task);
// Purchases that a job had before, oldest first.
std::vector<Task> read_replaced(sqlite::Db& db, std::string const& job);

std::optional<std::int64_t> read_owner(sqlite::Db& db, std::string const& manifest);
// What is still to come in the name of this manifest's jobs, but for what this drop has brought.
struct ToCome {
  Money waiting;              // of what is queued, at most
  std::int64_t pictures = 0;  // of that, and of what is under way
};
ToCome read_to_come(sqlite::Db& db, std::string const& manifest, std::int64_t but_for = -1);
// What was bought in the name of this manifest's jobs.
LedgerRow read_spent(sqlite::Db& db, std::string const& manifest);

}  // namespace wanspool
