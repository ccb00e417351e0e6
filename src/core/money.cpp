#include "core/money.h"

#include <fmt/format.h>

#include <charconv>
#include <system_error>

namespace wanspool {

std::string decimal(Money amount) {
  auto size = static_cast<std::uint64_t>(amount.micros);
  if (amount.micros < 0) size = 0 - size;  // the smallest amount has no positive counterpart
  auto text = fmt::format("{}{}.{:06}", amount.micros < 0 ? "-" : "", size / 1'000'000, size % 1'000'000);
  while (text.back() == '0' && text[text.size() - 3] != '.') text.pop_back();
  return text;
}

std::optional<Money> read_money(std::string_view text) {
  auto const dot = text.find('.');
  auto const whole = text.substr(0, dot);
  auto fraction = std::string{dot == text.npos ? std::string_view{} : text.substr(dot + 1)};
  if (whole.empty() || whole.size() > 13 || fraction.size() > 6 || (dot != text.npos && fraction.empty()))
    return {};
  fraction.resize(6, '0');
  auto const digits = std::string{whole} + fraction;
  if (digits.find_first_not_of("0123456789") != digits.npos) return {};
  Money amount;
  auto const result = std::from_chars(digits.data(), digits.data() + digits.size(), amount.micros);
  if (result.ec != std::errc{}) return {};
  return amount;
}

}  // namespace wanspool
