#pragma once

#include "store/sqlite.h"

namespace wanspool {

// The version of the tables that this program writes (PRAGMA user_version).
int newest_version();

// The one connection that writes: made if it is not there, brought up to newest_version() if it is older.
// Throws StoreBroken.
sqlite::Db open_for_writing(std::filesystem::path const& file);

// Only reads, and only what newest_version() knows. Throws StoreBroken, 2 if there is no queue yet.
sqlite::Db open_for_reading(std::filesystem::path const& file);

}  // namespace wanspool
