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

TEST_CASE("the queue in SQLite keeps what a store promises about shared purchases") {
  TempFolder const folder;
  contract_of_shared_purchases([&] { return open_store(folder / "wanspool.db"); });
}

TEST_CASE("the queue in SQLite keeps what a store promises about doubts and orphans") {
  TempFolder const folder;
  contract_of_doubts([&] { return open_store(folder / "wanspool.db"); });
}

TEST_CASE("the queue in SQLite keeps what a store promises about refills") {
  TempFolder const folder;
  contract_of_refills([&] { return open_store(folder / "wanspool.db"); });
}

TEST_CASE("the queue in SQLite keeps what a store promises about wishes") {
  TempFolder const folder;
  contract_of_wishes([&] { return open_store(folder / "wanspool.db"); });
}
