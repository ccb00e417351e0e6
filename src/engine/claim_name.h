#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/time.h"

// How a claim's file is called: "0001789…-NAME", by the time of the claim, and "0001789…+UID.KEY-NAME" where
// it had to be copied.
namespace wanspool {

// What is known of the original of a copy, whatever crashes.
struct CopiedFrom {
  std::int64_t owner = -1;  // the user id
  std::string key;          // tells it from every other file, and from itself with other contents

  bool operator==(CopiedFrom const&) const = default;
};

std::string claim_name(Instant at, int number, std::string const& source);
std::string claim_name(Instant at, int number, std::string const& source, CopiedFrom const& original);

// "0001789…-NAME" → "NAME"
std::string source_of(std::string const& claim);
std::optional<CopiedFrom> copied_from(std::string const& claim);
// When it was made; none where the name does not tell.
std::optional<Instant> claimed_at(std::string const& claim);
// Of a command that gives none: a name of its own for each time a file is dropped, and the same one for a
// file that has to be copied and is found again because it could not be removed.
std::string command_id(std::string const& claim);

}  // namespace wanspool
