#pragma once

#include <cstdint>

namespace wanspool {

// Bytes that stay free on the disk beside all that is under way: pictures are bought only where there is
// more.
inline constexpr std::uintmax_t kReserve = 64u << 20;

}  // namespace wanspool
