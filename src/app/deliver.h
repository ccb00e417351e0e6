#pragma once

#include <compare>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "app/paper.h"
#include "app/screen.h"
#include "app/signals.h"
#include "engine/spool.h"

namespace wanspool::app {

// A manifest that lies in the inbox, and what the spool said of its name before, so that a new word about it
// is not taken for an old one.
struct Delivery {
  struct Mark {
    std::uint64_t inode = 0;
    std::int64_t changed = 0;
    bool operator==(Mark const&) const = default;
  };
  std::string source;  // its name
  Mark receipt, error;
};

// Puts a copy into the inbox by one rename, with the files it names where there are any. Throws Quit if
// another file of that name still waits there, and std::system_error.
Delivery deliver(Spool const& spool, Paper const& paper);
// A text that is to have this name.
Delivery deliver(Spool const& spool, std::string const& name, std::string_view text);

enum class Fate { Waiting, Accepted, Rejected };
struct Became {
  Fate fate = Fate::Waiting;
  std::string text;         // the receipt, or the complaints
  std::string counts = {};  // of a command's receipt: its rows
};
Became what_became(Spool const& spool, Delivery const& delivery);

struct Sorted {
  std::size_t accepted = 0, rejected = 0, waiting = 0;
  bool interrupted = false;
};
// Waits until the daemon has taken or rejected each, for `most` at the longest (0: without an end), and says
// what became of it.
Sorted await(Spool const& spool, std::vector<Delivery> deliveries, milliseconds most, Screen& screen,
             Signals& signals);

}  // namespace wanspool::app
