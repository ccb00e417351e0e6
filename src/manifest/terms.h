#pragma once

#include <optional>

#include "core/terms.h"
#include "manifest/complaints.h"
#include "manifest/fields.h"
#include "manifest/manifest.h"

namespace wanspool::yaml {

// Reads one of the keys that are about the buying of all jobs (core/terms.h); false for any other key.
// `currency` is the one that prices are in.
bool read_term(Field const& field, std::string_view currency, ManifestHead& head, Complaints& complaints);

// "10h", "3d", "90m" or a date and time with its zone, such as 2026-12-01T08:00+01:00.
std::optional<Instant> read_moment(std::string_view text);
std::optional<milliseconds> read_length(std::string_view text);

// "40 CNY". Complains where it returns nothing.
std::optional<Money> read_price(View value, std::string_view what, std::string_view currency,
                                Complaints& complaints);

// { pictures: 200, cost: 40 CNY }
void read_budget(View map, std::string_view currency, Budget& budget, Complaints& complaints);

}  // namespace wanspool::yaml
