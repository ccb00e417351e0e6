#pragma once

#include <string>
#include <vector>

#include "store/sqlite.h"
#include "store/store.h"

// The pictures that tasks work on, as the queue knows them.
namespace wanspool {

// A condition on the queued task `t`, with an AND before it: all that it is made from is over.
extern std::string const kWaitsForNoSource;

// One without an address is forgotten; so are those that no provider keeps any more.
void write_upload(sqlite::Db& db, Upload const& upload);
void write_fetched(sqlite::Db& db, Fetched const& fetched);
std::string read_bought_for(sqlite::Db& db, std::string const& manifest, std::string const& job,
                            std::string const& asked);
// Jobs in whose names the unfinished sources of a task are bought.
std::vector<std::string> read_awaited(sqlite::Db& db, std::int64_t task);

}  // namespace wanspool
