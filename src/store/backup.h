#pragma once

#include <filesystem>

#include "store/sqlite.h"

namespace wanspool {

// What Reader::backup() promises.
void back_up(sqlite::Db& db, std::filesystem::path const& file, Instant now);

}  // namespace wanspool
