#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "core/caps.h"
#include "store/sqlite.h"
#include "store/store.h"

// The sums that caps are held against (schema/queue-5.sql, queue-6.sql and queue-8.sql).
namespace wanspool {

// Where a task's money counts. What was entered before stays where it was.
struct Books {
  std::string manifest;  // in whose name it is bought; "": nobody's
  LaneKey lane;
  std::string day;
  std::int64_t submitter = kUnknownSubmitter;  // who owned the manifest's name when it was reserved
  bool is_orphan = false;                      // which counts for no person
  bool is_job = true;                          // and no refill
};
Books read_books(sqlite::Db& db, std::int64_t task);

struct Amounts {
  std::int64_t pictures = 0;
  Money reserved, spent, uncertain;

  explicit Amounts(Task const& task);
  Amounts() = default;
  bool operator==(Amounts const&) const = default;
  Amounts& operator+=(Amounts const& other);
  Amounts& operator-=(Amounts const& other);
};

// What one transaction does to them.
class Spending {
 public:
  explicit Spending(sqlite::Db& db) : db_{db} {}

  void add_to_day(std::string const& day, LaneKey const& lane, Amounts const& change);
  void add_to_manifest(std::string const& manifest, Amounts const& change);
  void add_to_submitter(std::string const& day, std::int64_t submitter, Amounts const& change);
  // One that is over, or that is wanted again: +1, -1.
  void add_outcome(std::string const& manifest, State state, int number);
  // May be called more than once.
  void write();

 private:
  sqlite::Db& db_;
  std::map<std::pair<std::string, LaneKey>, Amounts> days_;
  std::map<std::string, Amounts> manifests_;
  std::map<std::pair<std::string, std::int64_t>, Amounts> submitters_;
  std::map<std::string, std::pair<std::int64_t, std::int64_t>> outcomes_;  // done, failed
};

Standing read_standing(sqlite::Db& db, std::string const& manifest);
// Without the ends of day and month.
Spent read_spent_on(sqlite::Db& db, std::string const& day);
// What was newly reserved.
struct Reservations {
  std::map<std::string, Counted> manifests;
  std::map<LaneKey, Counted> lanes;
  std::map<std::int64_t, Counted> submitters;

  void add(Task const& task, Books const& books);
};
// Throws std::logic_error where these exceed a manifest's budget or one of `caps` on this day.
void check_caps(sqlite::Db& db, Caps const& caps, std::string const& day, Reservations const& reserved);
void forgive(sqlite::Db& db, std::string const& manifest);

// Whoever looks before they are found again must not take them for true.
void forget_stops(sqlite::Db& db, std::string const& manifest);
void write_stops(sqlite::Db& db, std::vector<Stop> const& stops);
std::vector<Stop> read_stops(sqlite::Db& db);

// Where they differ from what the tasks and the ledger say.
std::vector<std::string> audit_spending(sqlite::Db& db);

}  // namespace wanspool
