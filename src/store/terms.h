#pragma once

#include "store/drop.h"
#include "store/sqlite.h"

// What manifests say of all their jobs, as it stands in the tasks that are queued.
namespace wanspool {

// A purchase has the highest priority and the latest deadline of the manifests that want it; no deadline is
// the latest. Only while it is queued.
void agree_on_terms(sqlite::Db& db, std::int64_t task);
// The terms of `after` hold instead of those of `before`, both drops of one manifest and live.
void apply_terms(sqlite::Db& db, Drop const& before, Drop const& after);

}  // namespace wanspool
