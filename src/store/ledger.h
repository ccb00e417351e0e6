#pragma once

#include <string>
#include <vector>

#include "store/sqlite.h"
#include "store/store.h"

namespace wanspool {

std::vector<LedgerRow> read_ledger(sqlite::Db& db, LedgerBy by, std::string const& manifest);

}  // namespace wanspool
