#include "store/inputs.h"

#include "store/rows.h"
#include "store/sqlite_store.h"

namespace wanspool {
namespace {

// Contract §7.
constexpr hours kUploadLife{48};

// Of the source `s`: its purchase, if that is not over or has a refill to come (a refill may have one too).
std::string const kUnfinishedSource =
    " JOIN fingerprints f ON f.prefix = substr(s.source, 1, 16)"
    " JOIN tasks o ON o.id = f.task AND o.fingerprint = s.source"
    " WHERE s.task = t.id AND (o.state NOT IN (5, 6, 7)"
    " OR EXISTS (SELECT 1 FROM tasks r WHERE r.parent = o.id AND r.parent <> 0 AND r.state BETWEEN 0 AND 4)"
    " OR EXISTS (SELECT 1 FROM tasks p JOIN tasks r ON r.parent = p.id WHERE p.parent = o.id AND p.parent <> "
    "0"
    " AND r.parent <> 0 AND r.state BETWEEN 0 AND 4))";

}  // namespace

std::string const kWaitsForNoSource =
    " AND (t.inputs & 4 = 0 OR NOT EXISTS (SELECT 1 FROM sources s" + kUnfinishedSource + "))";

void write_upload(sqlite::Db& db, Upload const& upload) {
  if (upload.address.empty())
    return db.run("DELETE FROM uploads WHERE model = ? AND sha256 = ? AND account = ?", upload.model,
                  upload.sha256, upload.account);
  db.run("DELETE FROM uploads WHERE at < ?", upload.at - kUploadLife);
  db.run("INSERT OR REPLACE INTO uploads (model, sha256, account, address, at) VALUES (?, ?, ?, ?, ?)",
         upload.model, upload.sha256, upload.account, upload.address, upload.at);
}

void write_fetched(sqlite::Db& db, Fetched const& fetched) {
  db.run("INSERT OR REPLACE INTO fetched (address, file, at) VALUES (?, ?, ?)", fetched.address, fetched.file,
         fetched.at);
}

std::string read_bought_for(sqlite::Db& db, std::string const& manifest, std::string const& job,
                            std::string const& asked) {
  return db.value<std::string>(
      "SELECT t.fingerprint FROM jobs j JOIN tasks t ON t.id = j.task"
      " JOIN manifests m ON m.id = j.taken AND m.live = 1"
      " WHERE j.manifest = ? AND j.name = ? AND j.asked = ?",
      manifest, job, asked);
}

std::vector<std::string> read_awaited(sqlite::Db& db, std::int64_t task) {
  static auto const sql =
      "SELECT (SELECT manifest || '/' || name FROM jobs WHERE id = o.owner) FROM tasks t"
      " JOIN sources s ON s.task = t.id" +
      kUnfinishedSource + " AND t.id = ? AND t.state = 0";
  std::vector<std::string> names;
  auto rows = db.query(sql, task);
  while (rows.next()) names.push_back(rows.take<std::string>());
  return names;
}

std::optional<Upload> SqliteStore::upload(std::string const& account, std::string const& model,
                                          std::string const& sha256) {
  auto rows =
      db_.query("SELECT account, address, at FROM uploads WHERE model = ? AND sha256 = ? AND account = ?",
                model, sha256, account);
  if (!rows.next()) return {};
  Upload upload;
  upload.model = model;
  upload.sha256 = sha256;
  rows.take(upload.account);
  rows.take(upload.address);
  rows.take(upload.at);
  return upload;
}

std::optional<Fetched> SqliteStore::fetched(std::string const& address) {
  auto rows = db_.query("SELECT address, file, at FROM fetched WHERE address = ?", address);
  if (!rows.next()) return {};
  Fetched fetched;
  rows.take(fetched.address);
  rows.take(fetched.file);
  rows.take(fetched.at);
  return fetched;
}

std::vector<Task> SqliteStore::purchase(std::string const& fingerprint) {
  static auto const sql = select_tasks(
      "JOIN fingerprints f ON f.task = t.id WHERE f.prefix = substr(?1, 1, 16) AND t.fingerprint = ?1");
  auto family = read_tasks(db_, sql, fingerprint);
  for (std::size_t at = 0; at < family.size(); ++at)
    for (auto& refill : read_refills(db_, family[at].id)) family.push_back(std::move(refill));
  return family;
}

std::string SqliteStore::bought_for(std::string const& manifest, std::string const& job,
                                    std::string const& asked) {
  return read_bought_for(db_, manifest, job, asked);
}

}  // namespace wanspool
