#pragma once

#include <string>
#include <vector>

#include "app/context.h"
#include "engine/bundle.h"

namespace wanspool::app {

struct RunOptions {
  Where where;
  std::vector<std::string> files;
  Selection selection;
  bool until_idle = false, verbose = false, yes = false;
};

// Shows the price, takes the files and the inbox, works until all is finished or only waits for a person;
// where somebody else has the spool, hands over and watches. Returns what the program ends with.
int run(RunOptions const& options);

}  // namespace wanspool::app
