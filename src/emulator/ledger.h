#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "emulator/faults.h"
#include "emulator/tasks.h"

// Who was created, charged and fetched, so that a test can say "charged exactly once".
namespace wanspool::emulator {

struct Ledger {
  Instant begun;
  std::uint64_t creates = 0;  // received, whatever became of them
  std::uint64_t accepted = 0;
  std::uint64_t queries = 0;
  std::uint64_t lists = 0;
  std::uint64_t cancels = 0;
  std::uint64_t canceled = 0;
  std::uint64_t policies = 0;
  std::uint64_t uploads = 0;
  std::uint64_t downloads = 0;
  std::uint64_t web = 0;  // pictures that jobs name, fetched by whoever
  std::uint64_t shots = 0;
  std::uint64_t strangers = 0;  // tasks of others, which are in no sum
  std::uint64_t strangers_own_key = 0;
  std::map<std::string, std::uint64_t> refused;  // creates, by code
};

// The document of GET /__emulator/ledger. `per_task` false leaves the tasks out.
std::string ledger_json(Ledger const& ledger, World& world, std::uint64_t faults, bool per_task, Instant now);
std::string ledger_table(Ledger const& ledger, World& world, std::uint64_t faults, Instant now);

// Millionths of a CNY as "12.60": two digits after the point at least.
std::string money(long long millionths);

}  // namespace wanspool::emulator
