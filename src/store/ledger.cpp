#include "store/ledger.h"

#include <fmt/format.h>

namespace wanspool {
namespace {

// A task belongs to the job in whose name it is bought.
constexpr char const* kManifest = "CASE t.orphan WHEN 1 THEN 'orphans' ELSE j.manifest END";
constexpr char const* kJob = "CASE t.orphan WHEN 1 THEN 'orphans' ELSE j.manifest || '/' || j.name END";
constexpr char const* kMoved = "(t.reserved <> 0 OR t.spent <> 0 OR t.uncertain <> 0)";
constexpr char const* kSafe = "(SELECT count(*) FROM pictures p WHERE p.task = t.id AND p.file <> '')";
constexpr char const* kFilter = "(? = '' OR ? = ";

std::string sums_by(char const* key) {
  return fmt::format(
      "SELECT {0} AS key, sum({1}) AS tasks, sum({2}) AS pictures, sum(t.reserved) AS reserved,"
      " sum(t.spent) AS spent, sum(t.uncertain) AS uncertain"
      " FROM tasks t LEFT JOIN jobs j ON j.id = t.owner WHERE {3}{4}) GROUP BY 1",
      key, kMoved, kSafe, kFilter, kManifest);
}

// Spent is what was spent on that day. A task itself, its pictures and what it still reserves stand on the
// day on which its money last moved, so that they are counted once.
std::string sums_by_day() {
  return fmt::format(
      "SELECT date(l.at / 1000, 'unixepoch', 'localtime') AS key, sum(l.last AND {0}) AS tasks,"
      " sum(CASE WHEN l.last THEN {1} ELSE 0 END) AS pictures,"
      " sum(CASE WHEN l.last THEN t.reserved ELSE 0 END) AS reserved, sum(l.spent) AS spent,"
      " sum(l.uncertain) AS uncertain"
      " FROM (SELECT *, id = (SELECT max(id) FROM ledger n WHERE n.task = ledger.task) AS last FROM ledger) l"
      " JOIN tasks t ON t.id = l.task LEFT JOIN jobs j ON j.id = t.owner WHERE {2}{3}) GROUP BY 1",
      kMoved, kSafe, kFilter, kManifest);
}

// Each entry under the account or the person that it was made for; what is one for each task stands under the
// last.
std::string sums_by_entry(char const* key) {
  return fmt::format(
      "SELECT {4} AS key, sum(l.last AND {0}) AS tasks,"
      " sum(CASE WHEN l.last THEN {1} ELSE 0 END) AS pictures, sum(l.reserved) AS reserved,"
      " sum(l.spent) AS spent, sum(l.uncertain) AS uncertain"
      " FROM (SELECT *, id = (SELECT max(id) FROM ledger n WHERE n.task = ledger.task) AS last FROM ledger) l"
      " JOIN tasks t ON t.id = l.task LEFT JOIN jobs j ON j.id = t.owner WHERE {2}{3}) GROUP BY 1",
      kMoved, kSafe, kFilter, kManifest, key);
}

std::string sums(LedgerBy by) {
  switch (by) {
    case LedgerBy::Day:
      return sums_by_day();
    case LedgerBy::Model:
      return sums_by("t.model");
    case LedgerBy::Manifest:
      return sums_by(kManifest);
    case LedgerBy::Job:
      return sums_by(kJob);
    case LedgerBy::Account:
      return sums_by_entry("iif(l.account = '', 'main', l.account)");
    case LedgerBy::Submitter:
      return sums_by_entry("iif(t.orphan = 1, 'orphans', l.submitter)");
  }
  return {};
}

}  // namespace

std::vector<LedgerRow> read_ledger(sqlite::Db& db, LedgerBy by, std::string const& manifest) {
  auto const sql =
      "SELECT * FROM (" + sums(by) +
      ") WHERE tasks <> 0 OR pictures <> 0 OR reserved <> 0 OR spent <> 0 OR uncertain <> 0 ORDER BY key";
  std::vector<LedgerRow> found;
  auto rows = db.query(sql, manifest, manifest);
  while (rows.next()) {
    auto& row = found.emplace_back();
    rows.take(row.key);
    rows.take(row.tasks);
    rows.take(row.pictures);
    rows.take(row.reserved);
    rows.take(row.spent);
    rows.take(row.uncertain);
  }
  return found;
}

}  // namespace wanspool
