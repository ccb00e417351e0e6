#pragma once

#include <vector>

#include "store/sqlite.h"
#include "store/store.h"

namespace wanspool {

// Within one transaction, so that all of it is of one moment.
std::vector<Finding> audit(sqlite::Db& db);

}  // namespace wanspool
