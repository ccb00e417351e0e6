#pragma once

#include "engine/spool.h"

namespace wanspool::app {

// Who works on a spool now.
struct Keeper {
  bool is_there = false;
  long pid = 0;  // 0: it did not say
};
Keeper keeper_of(Spool const& spool);

}  // namespace wanspool::app
