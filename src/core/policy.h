#pragma once

#include <cstdint>

#include "base/time.h"

namespace wanspool {

struct Backoff {
  milliseconds first, most;
};

// The n-th wait in a row (from 0): doubles from `first` up to `most`, of which a share between a half and the
// whole is taken, by `salt`, so that many who wait do not come back together.
milliseconds wait_of(Backoff backoff, int n, std::uint64_t salt);

// The same for what nobody else should meet again at one moment: anywhere up to the whole, but no sooner than
// half of `first` (full jitter: Brooker, Exponential Backoff And Jitter, 2015).
milliseconds any_wait_of(Backoff backoff, int n, std::uint64_t salt);

// When to ask for a task: `first` after it began to be worked on, then every `step` at the shortest.
struct Pace {
  milliseconds first{1000}, step{1000};
  milliseconds queue{0};  // how long it is thought to wait there before, unless its answers tell
};

// What the pure functions need to know beside the task.
struct Policy {
  Backoff lane{milliseconds{1000}, minutes{5}};
  Backoff retry{seconds{2}, minutes{5}};
  Backoff query{milliseconds{1000}, minutes{1}};
  Backoff download{milliseconds{500}, minutes{5}};
  milliseconds account_probe{minutes{5}};      // a stopped account is tried again so rarely
  milliseconds retry_after_most{minutes{10}};  // a longer Retry-After means: out of quota
  milliseconds list_delay{seconds{60}};        // how long an accepted task may be invisible
  milliseconds loss_margin{seconds{1}};        // a lost answer's task may be made so long after the loss
  milliseconds stop_margin{seconds{10}};       // after a stop, so long after the next start
  milliseconds create_life{seconds{300}};      // and after a time-out so long after it was sent
  milliseconds list_reach{hours{23}};          // a doubt older than that at its first list is beyond it
  int evidence_patience = 10;                  // list delays that a lone candidate waits for proof
  milliseconds task_life{hours{24}};           // the provider forgets it after that (contract §6)
  int failures_most = 3;                       // Retry troubles before a task is given up
  int tries_most = 10;                         // bad downloads of one picture before it is given up
  milliseconds poll_most{5000};                // the longest wait between two queries (contract §5)
  Pace pace;                                   // of the task's lane
  Instant others_answered;                     // when a query last got a normal answer for any task
};

}  // namespace wanspool
