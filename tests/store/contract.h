#pragma once

#include <functional>
#include <memory>

#include "store/store.h"

// What every store must keep, whatever stands behind it.
namespace wanspool {

// Opens the same store again after the one before is gone; nothing in it at first.
using OpenStore = std::function<std::unique_ptr<Store>()>;

void contract_of_tasks(OpenStore const& open);
void contract_of_intake(OpenStore const& open);
void contract_of_known_jobs(OpenStore const& open);
void contract_of_shared_purchases(OpenStore const& open);
void contract_of_doubts(OpenStore const& open);
void contract_of_refills(OpenStore const& open);
void contract_of_wishes(OpenStore const& open);
void contract_of_dropping_again(OpenStore const& open);
void contract_of_terms(OpenStore const& open);
void contract_of_inputs(OpenStore const& open);
void contract_of_accounts(OpenStore const& open);
void contract_of_errands(OpenStore const& open);

}  // namespace wanspool
