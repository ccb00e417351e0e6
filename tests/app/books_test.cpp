#include "app/books.h"

#include <doctest/doctest.h>

using namespace wanspool;
using namespace wanspool::app;

TEST_SUITE_BEGIN("app");

namespace {

LedgerRow row(std::string key, std::int64_t tasks, std::int64_t cents) {
  return {std::move(key), tasks, tasks, {}, {cents * 10'000}, {}};
}

}  // namespace

TEST_CASE("rows of one key become one, in the order of keys") {
  auto const rows = merged({row("2026-11-22", 1, 20), row("2026-11-21", 1, 40), row("2026-11-22", 2, 60)});
  REQUIRE(rows.size() == 2);
  CHECK(rows[0].key == "2026-11-21");
  CHECK(rows[1].tasks == 3);
  CHECK(decimal(rows[1].spent) == "0.80");
}

TEST_CASE("jobs add up to their manifests, and what is nobody's to orphans") {
  auto const rows = by_manifest({row("cats/hero", 1, 20), row("cats/a/b", 1, 20), row("orphans", 1, 40)});
  REQUIRE(rows.size() == 2);
  CHECK(rows[0].key == "cats");
  CHECK(rows[0].tasks == 2);
  CHECK(rows[1].key == "orphans");
}

TEST_CASE("the table has its numbers below each other, a total and the currency in each line") {
  std::vector<LedgerRow> const rows{row("2026-11-21", 1, 20), row("2026-11-22", 12, 123'456)};
  CHECK(ledger_table(LedgerBy::Day, rows, total_of(rows), "CNY", 80) ==
        "day           spent  reserved  uncertain  CNY  pictures  tasks\n"
        "2026-11-21     0.20      0.00       0.00  CNY         1      1\n"
        "2026-11-22  1234.56      0.00       0.00  CNY        12     12\n"
        "total       1234.76      0.00       0.00  CNY        13     13\n");
}

TEST_CASE("on a narrow terminal names give way, on none they do not, and wide letters count twice") {
  std::vector<LedgerRow> const rows{row("cats/" + std::string(90, 'x'), 1, 20), row("番茄/炒蛋", 1, 20)};
  auto const narrow = ledger_table(LedgerBy::Job, rows, total_of(rows), "CNY", 80);
  CHECK(narrow.substr(0, narrow.find('\n')).size() == 80);
  CHECK(narrow.find("番茄/炒蛋" + std::string(20, ' ')) != std::string::npos);
  auto const whole = ledger_table(LedgerBy::Job, rows, total_of(rows), "CNY", 1000);
  CHECK(whole.find(rows[0].key + "   0.20") != std::string::npos);
}

TEST_CASE("programs get the ledger as CSV or as one object a line") {
  std::vector<LedgerRow> const rows{row("a,\"b\"", 2, 40)};
  CHECK(ledger_csv(LedgerBy::Job, rows, "CNY") ==
        "job,spent,reserved,uncertain,currency,pictures,tasks\r\n"
        "\"a,\"\"b\"\"\",0.40,0.00,0.00,CNY,2,2\r\n");
  CHECK(ledger_json(LedgerBy::Model, {row("wan2.6-t2i", 2, 40)}, "CNY") ==
        R"({"schema":1,"model":"wan2.6-t2i","cost":{"spent":"0.40","reserved":"0.00","uncertain":"0.00",)"
        R"("currency":"CNY"},"pictures":2,"tasks":2})"
        "\n");
}

TEST_SUITE_END();
