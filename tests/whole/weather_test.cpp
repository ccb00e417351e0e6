#include <doctest/doctest.h>

#include "whole/books.h"

using namespace wanspool;
using namespace wanspool::whole;

TEST_SUITE_BEGIN("whole");

TEST_CASE("where nobody answers run says so and waits, and it finishes when somebody does") {
  auto const port = closed_port();
  House const house{"http://127.0.0.1:" + std::to_string(port) + "/api/v1"};
  // Without -v a line comes every five seconds.
  auto run = house.start({"run", "-v", house.write("cats.yaml", manifest_of(3))});
  run.await_err("unreachable");
  CHECK(run.is_running());
  CHECK(house.tally()[State::Held] == 0);
  Emulator const emulator{{"--port", std::to_string(port)}};
  CHECK(run.wait() == 0);
  CHECK(lines_of(run.out()).size() == 3);
  check_books(house, emulator);
}
