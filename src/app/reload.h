#pragma once

#include <string>
#include <vector>

#include "app/context.h"

// A configuration that is read anew while the house works.
namespace wanspool::app {

// What of it holds from now on.
struct Reload {
  Context context;                   // the running one, with what may change
  std::vector<std::string> changed;  // keys of the configuration, in the order of the manual
  std::vector<std::string> kept;     // keys that say something else now, and need a new start
};
// Pure. Where things are, whose they are and by which key stays as it is.
Reload reloaded(Context const& running, Context fresh);

// "now as the configuration says: limits, budget", and what needs a new start; one line each.
std::string words_of_changes(std::vector<std::string> const& changed);
std::string words_of_kept(std::vector<std::string> const& kept);

}  // namespace wanspool::app
