#include <doctest/doctest.h>

#include "store/contract.h"
#include "store/support.h"

TEST_SUITE_BEGIN("store");

using namespace wanspool;

TEST_CASE("the queue in SQLite keeps what a store promises about tasks") {
  TempFolder const folder;
  contract_of_tasks([&] { return open_store(folder / "wanspool.db"); });
}

TEST_CASE("the queue in SQLite keeps what a store promises about manifests") {
  TempFolder const folder;
  contract_of_intake([&] { return open_store(folder / "wanspool.db"); });
}

TEST_CASE("the queue in SQLite keeps what a store promises about known jobs") {
  TempFolder const folder;
  contract_of_known_jobs([&] { return open_store(folder / "wanspool.db"); });
}
