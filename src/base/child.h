#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/time.h"

// Another program, run to its end.
namespace wanspool {

struct ChildCall {
  std::vector<std::string> arguments;    // the program's absolute path first
  std::vector<std::string> environment;  // "NAME=value": all it gets
  std::filesystem::path folder;          // where it runs
  std::string input;                     // its standard input, a file, so that nobody waits for its reading
  milliseconds limit{seconds{30}};       // then it gets SIGTERM, and SIGKILL a little later
  milliseconds grace{seconds{2}};        // between the two
  // A descriptor that is readable when it has to end at once; -1: none.
  int stop = -1;
};

struct ChildEnd {
  std::string trouble;  // why it could not be started; "" if it was
  int code = 0;         // that it has ended with
  int signal = 0;       // that has ended it; 0: none
  bool timed_out = false, stopped = false;
  std::string output;  // the beginning of what it has said, on standard output and error

  bool is_well() const { return trouble.empty() && code == 0 && signal == 0 && !timed_out && !stopped; }
};

// Blocks the thread that calls it until the program has ended, at most a few seconds beyond its limit: one
// that cannot even be killed is left alone. It runs in a process group of its own, all of which gets the
// signals, without any descriptor of ours, and with all signals as they are by default.
ChildEnd run_child(ChildCall const& call);

}  // namespace wanspool
