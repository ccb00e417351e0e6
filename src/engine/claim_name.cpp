#include "engine/claim_name.h"

#include <fmt/format.h>

#include <charconv>

namespace wanspool {
namespace {

constexpr std::size_t kDigits = 13;  // of milliseconds, and 4 of a counter
constexpr std::size_t kPrefix = 18;

bool is_copy(std::string const& claim) {
  return claim.size() > kPrefix && claim[kPrefix - 1] == '+' && claim.find('-', kPrefix) != claim.npos;
}

template <typename Number>
std::optional<Number> number_in(std::string_view text) {
  Number number = 0;
  auto const [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size()) return {};
  return number;
}

}  // namespace

std::string claim_name(Instant at, int number, std::string const& source) {
  return fmt::format("{:013}{:04}-{}", at.time_since_epoch().count(), number % 10000, source);
}

std::string claim_name(Instant at, int number, std::string const& source, CopiedFrom const& original) {
  return fmt::format("{:013}{:04}+{}.{}-{}", at.time_since_epoch().count(), number % 10000, original.owner,
                     original.key, source);
}

std::string source_of(std::string const& claim) {
  if (is_copy(claim)) return claim.substr(claim.find('-', kPrefix) + 1);
  return claim.size() > kPrefix ? claim.substr(kPrefix) : claim;
}

std::optional<CopiedFrom> copied_from(std::string const& claim) {
  if (!is_copy(claim)) return {};
  auto const told = std::string_view{claim}.substr(kPrefix, claim.find('-', kPrefix) - kPrefix);
  auto const dot = told.find('.');
  auto const owner = number_in<std::int64_t>(told.substr(0, dot));
  if (!owner || dot == told.npos) return {};
  return CopiedFrom{*owner, std::string{told.substr(dot + 1)}};
}

std::optional<Instant> claimed_at(std::string const& claim) {
  auto const count = number_in<std::int64_t>(std::string_view{claim}.substr(0, kDigits));
  if (!count || claim.size() <= kPrefix) return {};
  return Instant{milliseconds{*count}};
}

std::string command_id(std::string const& claim) {
  return is_copy(claim) ? "copy-" + claim.substr(kPrefix) : claim;
}

}  // namespace wanspool
