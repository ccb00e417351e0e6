#pragma once

namespace wanspool::emulator {

// The whole program; gives its exit code: 0, 2 for a wrong command line, 73 if the port or a file cannot be
// had.
int run(int argc, char const* const* argv);

}  // namespace wanspool::emulator
