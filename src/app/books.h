#pragma once

#include <functional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "app/names.h"
#include "store/store.h"

// The ledger as people and programs read it. Pure.
namespace wanspool::app {

std::string_view name_of(LedgerBy by);  // "day" …

// Rows of one key become one; in the order of keys.
std::vector<LedgerRow> merged(std::vector<LedgerRow> const& rows);
// "orphans" and MANIFEST/JOB become ones of their manifest.
std::vector<LedgerRow> by_manifest(std::vector<LedgerRow> const& jobs);
LedgerRow total_of(std::vector<LedgerRow> const& rows);

// Columns that fit their numbers; the key is cut so that all fits into so many columns, but for narrow ones.
std::string ledger_table(LedgerBy by, std::vector<LedgerRow> const& rows, LedgerRow const& total,
                         std::string const& currency, int columns);
std::string ledger_csv(LedgerBy by, std::vector<LedgerRow> const& rows, std::string const& currency);
// One object a line.
std::string ledger_json(LedgerBy by, std::vector<LedgerRow> const& rows, std::string const& currency);

}  // namespace wanspool::app
