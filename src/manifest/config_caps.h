#pragma once

#include <string_view>

#include "core/caps.h"
#include "core/model.h"
#include "manifest/complaints.h"
#include "manifest/node.h"

namespace wanspool::yaml {

// The `budget` of the configuration or of one of its accounts: { day: …, month: …, models: { NAME: { day: …,
// month: … } } }, each of them like a manifest's. `currency` is the one that prices are in. The
// configuration's own also has { submitter: { day: …, month: … } }, read into `submitter`; null: there is
// none to be read.
Purse read_purse(View map, Models const& models, std::string_view currency, Complaints& complaints,
                 Purse::Periods* submitter = nullptr);

}  // namespace wanspool::yaml
