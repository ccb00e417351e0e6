#include "store/dropping.h"

namespace wanspool {

// What an inspection refused would only be refused again (contract §4), and what was given up was perhaps
// bought.
std::string const kWorthAgain =
    "(t.state IN (6, 7) AND t.spent = 0 AND t.uncertain = 0 AND t.error_code NOT IN"
    " ('DataInspectionFailed', 'IPInfringementSuspect', 'CustomRoleBlocked', 'FaqRuleBlocked', 'GivenUp'))";

std::optional<KnownJob> find_known(sqlite::Db& db, std::string const& manifest, std::string const& name) {
  static auto const sql =
      "SELECT j.id, j.asked, j.taken, ifnull(j.arriving, 0), m.live, j.retired, t.id, t.state, " +
      kWorthAgain +
      " FROM jobs j JOIN tasks t ON t.id = j.task JOIN manifests m ON m.id = j.taken"
      " WHERE j.manifest = ? AND j.name = ?";
  auto rows = db.query(sql, manifest, name);
  if (!rows.next()) return {};
  KnownJob known;
  rows.take(known.id);
  rows.take(known.asked);
  rows.take(known.taken);
  rows.take(known.arriving);
  rows.take(known.live);
  rows.take(known.retired);
  rows.take(known.task);
  rows.take(known.state);
  rows.take(known.worth_again);
  return known;
}

Judgement::Kind kind_of(KnownJob const& known, NewJob const& job) {
  if (known.asked != job.fingerprint) return Judgement::Kind::Changed;
  return known.worth_again ? Judgement::Kind::Again : Judgement::Kind::Same;
}

std::optional<Purchase> find_purchase(sqlite::Db& db, std::string const& fingerprint) {
  static auto const sql = "SELECT t.id, m.live, " + kWorthAgain +
                          " FROM fingerprints f JOIN tasks t ON t.id = f.task"
                          " JOIN manifests m ON m.id = t.taken"
                          " WHERE f.prefix = substr(?1, 1, 16) AND t.fingerprint = ?1";
  auto rows = db.query(sql, fingerprint);
  if (!rows.next()) return {};
  Purchase purchase;
  rows.take(purchase.task);
  rows.take(purchase.live);
  rows.take(purchase.worth_again);
  return purchase;
}

}  // namespace wanspool
