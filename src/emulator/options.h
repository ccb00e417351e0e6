#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/time.h"
#include "emulator/faults.h"

namespace wanspool::emulator {

enum class OverSlots { Queue, Refuse };

struct Size {
  int width = 0;
  int height = 0;
};

// What the command line says. Lengths of time are virtual (divided by `speed`) unless it says otherwise.
struct Options {
  int port = 0;
  std::string port_file;
  std::string key;  // "": any key will do
  double speed = 1;
  milliseconds service_time{90'000};
  double spread = 0.25;
  milliseconds life{24 * 3'600'000};
  milliseconds list_delay{0};
  milliseconds clock_skew{0};  // real: its clock against the machine's
  int strangers = 0;           // tasks that other keys of the account make
  int strangers_own_key = 0;   // that somebody else makes with the asker's own key
  milliseconds upload_life{48 * 3'600'000};
  milliseconds policy_life{300'000};  // real: a client keeps it by its own clock
  std::optional<int> slots;           // of every model, 0: no end; unset: what the service gives each
  OverSlots over_slots = OverSlots::Queue;
  std::optional<int> creates_per_second;  // of every model, in real seconds as all limits; 0: none
  int queries_per_second = 20;
  int policies_per_second = 100;
  std::optional<std::uint64_t> seed;
  std::optional<Size> picture_size;
  std::size_t picture_bytes = 0;  // 0: drawn pictures
  std::size_t body_limit = 96u << 20;
  std::vector<Rule> rules;
  std::string victim_pid_file;
  bool quiet = false;
  bool verbose = false;

  milliseconds scaled(milliseconds length) const {
    return milliseconds{static_cast<long long>(static_cast<double>(length.count()) / speed)};
  }
};

// Reads the command line. An exit code instead of options means that all is said already.
struct Parsed {
  Options options;
  std::optional<int> exit_code;
};
Parsed parse_options(int argc, char const* const* argv);

}  // namespace wanspool::emulator
