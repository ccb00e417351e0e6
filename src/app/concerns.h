#pragma once

#include <string>
#include <vector>

#include "app/doubt.h"
#include "core/tally.h"
#include "store/store.h"

// What a status line must not keep to itself.
namespace wanspool::app {

// Pictures at the provider whose addresses die soon.
struct Expiring {
  std::int64_t pictures = 0;
  Instant first;    // the soonest of all; "never" where none is still to come
  std::string job;  // whose that is
};

struct Concerns {
  std::int64_t doubts = 0;  // sent, unanswered, and not yet settled
  Tally orphans;
  // By the time its address dies, of every task that is being fetched.
  std::vector<std::pair<Instant, std::string>> addresses;

  void add(Task const& task);
  Expiring expiring(Instant now) const;  // within 6 hours
};
// Looks at the jobs only where the tally says that there is something to find.
Concerns concerns_of(Reader& reader, Tally const& tally);

std::vector<Said> words_of_concerns(Concerns const& concerns, std::int64_t held, Spool const& spool,
                                    std::string const& currency, Instant now);
// `seen`: RFC 3339, or "".
std::vector<Said> words_of_shared_key(std::string const& seen);

}  // namespace wanspool::app
