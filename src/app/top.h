#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "app/context.h"
#include "app/keeper.h"
#include "app/lanes.h"
#include "store/glance.h"

// `wanspool top`: what a look at a spool finds, and how it is drawn.
namespace wanspool::app {

struct View {
  struct Running {
    std::string job, what;            // "cats/hero", "being drawn"
    Instant since;                    // of its create
    std::optional<Instant> expected;  // its end at the provider
  };
  struct Over {
    Instant at;
    std::string job, words;
  };

  Instant now;
  std::string root, currency;
  Keeper keeper;
  Tally tally;
  std::int64_t inbox = 0;
  LedgerRow today, month;
  std::vector<LaneFacts> lanes;
  std::vector<std::string> concerns;  // what a person should know, each a line
  std::vector<Running> running;       // what ends next first
  std::vector<Over> done, failed;     // the last one first; as many as there is room for
};

// Looks again and again, reading only; however many jobs are over, a look takes no longer.
class Lookout {
 public:
  explicit Lookout(Context const& context) : context_{context} {}

  // At most so many of what runs, is done and has failed. Throws StoreBroken.
  View look(Instant now, std::size_t most);

 private:
  void look_at_jobs(View& view, std::size_t most);
  void tell_concerns(View& view, std::vector<Task> const& active);

  Context const& context_;
  std::unique_ptr<Reader> reader_;
  std::unique_ptr<Glance> glance_;
};

enum class Colours { No, Yes };

// So many lines at most, each ended by "\n", of so many columns at most of a terminal. Lanes and what a
// person should know come first, then, as far as there is room, what runs, what has failed, what is done.
// Pure but for the time zone.
std::string frame(View const& view, int columns, int rows, Colours colours = Colours::No);

}  // namespace wanspool::app
