#include "core/policy.h"

#include <algorithm>

namespace wanspool {
namespace {

// splitmix64: a well-mixed number for each salt (Steele, Lea, Flood 2014).
std::uint64_t mixed(std::uint64_t x) {
  x += 0x9e3779b97f4a7c15;
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9;
  x = (x ^ (x >> 27)) * 0x94d049bb133111eb;
  return x ^ (x >> 31);
}

milliseconds whole_of(Backoff backoff, int n) {
  auto whole = backoff.first;
  for (int i = 0; i < n && whole < backoff.most; ++i) whole *= 2;
  return std::min(whole, backoff.most);
}

// Anywhere between the two, by the salt and the turn.
milliseconds between(milliseconds least, milliseconds most, int n, std::uint64_t salt) {
  auto const share = static_cast<std::int64_t>(mixed(salt * 64 + static_cast<std::uint64_t>(n)) % 1024);
  return least + (most - least) * share / 1023;
}

}  // namespace

milliseconds wait_of(Backoff backoff, int n, std::uint64_t salt) {
  auto const whole = whole_of(backoff, n);
  return between(whole / 2, whole, n, salt);
}

milliseconds any_wait_of(Backoff backoff, int n, std::uint64_t salt) {
  return between(backoff.first / 2, whole_of(backoff, n), n, salt);
}

}  // namespace wanspool
