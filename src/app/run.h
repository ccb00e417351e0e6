#pragma once

#include <string>
#include <vector>

#include "app/context.h"

namespace wanspool::app {

struct RunOptions {
  Where where;
  std::vector<std::string> files;
  bool until_idle = false, verbose = false;
};

// Takes the files and the inbox, works until all is finished or only waits for a person; where somebody else
// has the spool, hands over and watches. Returns what the program ends with.
int run(RunOptions const& options);

}  // namespace wanspool::app
