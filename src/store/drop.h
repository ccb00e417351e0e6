#pragma once

#include <optional>
#include <string>

#include "core/terms.h"
#include "store/sqlite.h"

// One drop of a manifest, a row of schema/queue.sql's manifests.
namespace wanspool {

struct Drop {
  std::int64_t id = 0;
  std::string name, claim;
  Instant at;
  bool live = false;
  bool partial = false;
  Terms terms;
};

std::int64_t insert_drop(sqlite::Db& db, Drop const& drop, std::string const& source,
                         std::string const& sha256, std::int64_t owner);
std::optional<Drop> find_drop(sqlite::Db& db, std::int64_t id);
// Throws std::logic_error for what is not arriving.
Drop need_arriving(sqlite::Db& db, std::int64_t id);
// The one of this manifest whose terms hold, `other_than` left out; 0: there is none.
std::int64_t newest_drop(sqlite::Db& db, std::string const& manifest, std::int64_t other_than = 0);

// Pictures that a drop newly buys, at most, and what all of them may cost.
struct NewlyBought {
  std::int64_t pictures = 0;
  Money price;
};
void add_bought(sqlite::Db& db, std::int64_t drop, NewlyBought const& bought);

}  // namespace wanspool
