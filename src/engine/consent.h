#pragma once

#include <optional>
#include <string>

#include "core/terms.h"

namespace wanspool {

// What a manifest would newly cost, and who has said yes to what (manifest.md, Said price).
struct Bill {
  Money price;                // newly, at most
  std::int64_t pictures = 0;  // likewise
  Money before;               // spent in its name, reserved or waiting to be
  std::int64_t pictures_before = 0;
  Budget budget = {};                // its own
  std::optional<Money> agreed = {};  // by whoever handed it over
  Money ask_above = {};              // up to this nobody is asked
  std::string currency = {};
};

// Why it is not taken, with the very line to add to it; "" where it may be. A budget that is smaller is no
// reason: what is beyond it waits.
std::string why_not_taken(Bill const& bill);

}  // namespace wanspool
