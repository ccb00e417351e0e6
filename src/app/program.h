#pragma once

namespace wanspool::app {

// The whole of `wanspool`; returns what it ends with.
int run_program(int argc, char** argv);

}  // namespace wanspool::app
