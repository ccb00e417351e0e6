#include <doctest/doctest.h>

#include "store/contract.h"
#include "store/support.h"

TEST_SUITE_BEGIN("store");

using namespace wanspool;

namespace {

// Whatever states a test makes up, sums, entries and references agree with them.
void keep(void (*contract)(OpenStore const&)) {
  TempFolder const folder;
  auto const file = folder / "wanspool.db";
  contract([&] { return open_store(file); });
  open_store(file)->drop_arriving();
  for (auto const& finding : open_reader(file)->audit()) {
    CAPTURE(finding.what);
    bool const is_of_states = finding.what.rfind("task ", 0) == 0;
    CHECK(is_of_states);
  }
}

}  // namespace

TEST_CASE("the queue in SQLite keeps what a store promises about tasks") {
  keep(&contract_of_tasks);
}

TEST_CASE("the queue in SQLite keeps what a store promises about manifests") {
  keep(&contract_of_intake);
}

TEST_CASE("the queue in SQLite keeps what a store promises about known jobs") {
  keep(&contract_of_known_jobs);
}

TEST_CASE("the queue in SQLite keeps what a store promises about shared purchases") {
  keep(&contract_of_shared_purchases);
}

TEST_CASE("the queue in SQLite keeps what a store promises about what is asked of many jobs") {
  keep(&contract_of_errands);
}

TEST_CASE("the queue in SQLite keeps what a store promises about doubts and orphans") {
  keep(&contract_of_doubts);
}

TEST_CASE("the queue in SQLite keeps what a store promises about refills") {
  keep(&contract_of_refills);
}

TEST_CASE("the queue in SQLite keeps what a store promises about wishes") {
  keep(&contract_of_wishes);
}

TEST_CASE("the queue in SQLite keeps what a store promises about dropping a manifest again") {
  keep(&contract_of_dropping_again);
}

TEST_CASE("the queue in SQLite keeps what a store promises about accounts") {
  keep(&contract_of_accounts);
}

TEST_CASE("the queue in SQLite keeps what a store promises about terms") {
  keep(&contract_of_terms);
}

TEST_CASE("the queue in SQLite keeps what a store promises about pictures that go in") {
  keep(&contract_of_inputs);
}
