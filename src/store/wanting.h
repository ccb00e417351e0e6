#pragma once

#include <cstdint>

#include "store/changes.h"
#include "store/sqlite.h"

// Which jobs want a purchase, and what follows from that for it.
namespace wanspool {

// A condition on "jobs j" whose manifest is live: it wants its purchase, if only later.
inline constexpr char kWants[] = "j.retired = 0 AND j.wish <> 2";

// A job of a live manifest that wants it; 0: none.
std::int64_t heir_of(sqlite::Db& db, std::int64_t task);
// What is still to be bought is bought in the name of a job that wants it: in this one's, unless its owner
// does.
void own(sqlite::Db& db, Changes& changes, std::int64_t task, std::int64_t heir);
// A purchase is paused, its refills with it, while every job that wants it is.
void agree_on_pause(sqlite::Db& db, std::int64_t task);
// The paused jobs that this drop has named again are paused with what they want now.
void keep_paused(sqlite::Db& db, std::string const& manifest, std::int64_t drop);
// As it was when it was new, but for what is counted over its whole life and what the limits remember.
Task queued_anew(Task const& old, Instant now);

}  // namespace wanspool
