#include "store/drop.h"

#include <fmt/format.h>

#include <stdexcept>

namespace wanspool {
namespace {

template <typename T>
std::optional<T> capped(T const& value) {
  return value < T{} ? std::nullopt : std::optional{value};
}

}  // namespace

std::int64_t insert_drop(sqlite::Db& db, Drop const& drop, std::string const& source,
                         std::string const& sha256, std::int64_t owner) {
  auto const& terms = drop.terms;
  auto const share = terms.max_failures.value_or(Share{-1, false});
  db.run(
      "INSERT INTO manifests (name, claim, source, sha256, taken_at, owner, partial, on_doubt, refill,"
      " fetch, priority, deadline, budget_pictures, budget_cost, max_failures, max_failures_percent)"
      " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
      drop.name, drop.claim, source, sha256, drop.at, owner, drop.partial, terms.on_doubt, terms.refill,
      terms.fetch, terms.priority, terms.deadline, terms.budget.pictures.value_or(-1),
      terms.budget.cost.value_or(Money{-1}), share.amount, share.percent);
  return db.last_id();
}

std::optional<Drop> find_drop(sqlite::Db& db, std::int64_t id) {
  auto rows = db.query(
      "SELECT id, name, claim, taken_at, live, partial, on_doubt, refill, fetch, priority, deadline,"
      " budget_pictures, budget_cost, max_failures, max_failures_percent FROM manifests WHERE id = ?",
      id);
  if (!rows.next()) return {};
  Drop drop;
  rows.take(drop.id);
  rows.take(drop.name);
  rows.take(drop.claim);
  rows.take(drop.at);
  rows.take(drop.live);
  rows.take(drop.partial);
  rows.take(drop.terms.on_doubt);
  rows.take(drop.terms.refill);
  rows.take(drop.terms.fetch);
  rows.take(drop.terms.priority);
  rows.take(drop.terms.deadline);
  drop.terms.budget.pictures = capped(rows.take<std::int64_t>());
  drop.terms.budget.cost = capped(rows.take<Money>());
  Share share;
  rows.take(share.amount);
  rows.take(share.percent);
  if (share.amount >= 0) drop.terms.max_failures = share;
  return drop;
}

Drop need_arriving(sqlite::Db& db, std::int64_t id) {
  auto drop = find_drop(db, id);
  if (!drop || drop->live) throw std::logic_error{fmt::format("no manifest {} is arriving", id)};
  return std::move(*drop);
}

std::int64_t newest_drop(sqlite::Db& db, std::string const& manifest, std::int64_t other_than) {
  return db.value<std::int64_t>("SELECT max(id) FROM manifests WHERE name = ? AND live = 1 AND id <> ?",
                                manifest, other_than);
}

void add_bought(sqlite::Db& db, std::int64_t drop, NewlyBought const& bought) {
  if (bought.pictures == 0 && bought.price == Money{}) return;
  db.run("UPDATE manifests SET pictures = pictures + ?, price = price + ? WHERE id = ?", bought.pictures,
         bought.price, drop);
}

}  // namespace wanspool
