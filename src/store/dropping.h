#pragma once

#include <optional>
#include <string>

#include "store/sqlite.h"
#include "store/store.h"

// What a drop of a manifest finds, judged alike by who takes it in and by who only asks (manifest.md, the
// table of dropping again).
namespace wanspool {

// Of a "tasks t": it cost nothing when it ended and may go better this time.
extern std::string const kWorthAgain;

// A job whose name is known.
struct KnownJob {
  std::int64_t id = 0;
  std::string asked;                     // the fingerprint that its manifest asks for
  std::int64_t taken = 0, arriving = 0;  // by these drops
  bool live = false;                     // the first of them
  bool retired = false;
  std::int64_t task = 0;
  State state = State::Queued;  // of its task
  bool worth_again = false;     // likewise
};
std::optional<KnownJob> find_known(sqlite::Db& db, std::string const& manifest, std::string const& name);
Judgement::Kind kind_of(KnownJob const& known, NewJob const& job);

struct Purchase {
  std::int64_t task = 0;
  bool live = false;  // the drop that brought it
  bool worth_again = false;
};
// Whoever wants it.
std::optional<Purchase> find_purchase(sqlite::Db& db, std::string const& fingerprint);

}  // namespace wanspool
