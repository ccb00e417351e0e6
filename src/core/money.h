#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace wanspool {

// An amount in millionths of its currency, so that the provider's six decimals are kept exactly. The currency
// is that of the model table's prices and is named where money is shown.
struct Money {
  std::int64_t micros = 0;

  auto operator<=>(Money const&) const = default;
  Money& operator+=(Money other) { return micros += other.micros, *this; }
  Money& operator-=(Money other) { return micros -= other.micros, *this; }
  friend Money operator+(Money a, Money b) { return a += b; }
  friend Money operator*(Money price, std::int64_t count) { return {price.micros * count}; }
};

// "0.20", "1234.220177": two decimals at least, six at most, no exponent, no currency.
std::string decimal(Money amount);

// Reads what decimal() writes, and whole numbers. Empty for anything else, for a negative or for too many
// decimals.
std::optional<Money> read_money(std::string_view text);

}  // namespace wanspool
