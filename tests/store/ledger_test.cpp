#include <doctest/doctest.h>

#include <utility>

#include "store/support.h"
#include "support/zone.h"

TEST_SUITE_BEGIN("store");

using namespace wanspool;
using test::TimeZone;

namespace {

constexpr Instant kNoon{seconds{1'700'049'600}};  // 2023-11-15T12:00:00Z

std::string text(std::vector<LedgerRow> const& rows) {
  std::string all;
  for (auto const& row : rows)
    all += row.key + " " + std::to_string(row.tasks) + " " + std::to_string(row.pictures) + " " +
           decimal(row.reserved) + " " + decimal(row.spent) + " " + decimal(row.uncertain) + "\n";
  return all;
}

void commit(Store& store, Task const& task, Instant when) {
  Batch batch{{task}, {}};
  batch.at = when;
  store.commit(batch);
}

Task sent(Task task) {
  task.state = State::Submitting;
  task.reserved = task.price * task.wanted;
  return task;
}

Task done(Task task) {
  task.state = State::Done;
  task.reserved = {};
  task.spent = task.price * 2;
  task.pictures = {{1, "", {}, "image-1.png", "", 1, 1, 1, 0, ""}, {2, "", {}, "2.png", "", 1, 1, 1, 0, ""}};
  return task;
}

}  // namespace

TEST_CASE("the ledger tells a purchase's money by day, model, manifest and job") {
  TimeZone const zone{"UTC"};
  TempFolder const folder;
  auto const store = open_store(folder / "wanspool.db");
  auto small = job("rex", 1);
  small.model = "wan2.6-t2i";
  small.price = Money{70000};
  take_in(*store, "cats", {job("a"), job("b"), job("free")});
  take_in(*store, "dogs", {small, job("bello", 2, "a")});
  auto const a = store->wanted("cats/a")->task, b = store->wanted("cats/b")->task,
             rex = store->wanted("dogs/rex")->task;
  commit(*store, sent(a), kNoon - hours{24});
  commit(*store, done(a), kNoon);
  commit(*store, sent(b), kNoon);
  commit(*store, sent(rex), kNoon + hours{1});
  auto lost = sent(rex);
  lost.state = State::Failed;
  lost.uncertain = lost.reserved;
  lost.reserved = {};
  commit(*store, lost, kNoon + hours{13});
  Batch more{{}, {}};
  more.at = kNoon + hours{14};
  more.orphans = {{{"O", "", "wan2.6-image", "", "", "", kNoon}, kNoon, Money{10000}, 3, {}}};
  more.refills = {{a.id, 1, 3, "refill", "{}"}};
  auto const made = store->commit(more);
  commit(*store, sent(made[1]), kNoon + hours{48});

  auto const reader = open_reader(folder / "wanspool.db");
  SUBCASE("by day: what was spent on it, and what stands since then") {
    CHECK(text(reader->ledger(LedgerBy::Day)) ==
          "2023-11-15 2 2 0.40 0.40 0.00\n"
          "2023-11-16 2 0 0.03 0.00 0.14\n"
          "2023-11-17 1 0 0.20 0.00 0.00\n");
  }
  SUBCASE("by day of where we are") {
    TimeZone const far{"XXX-14"};
    CHECK(text(reader->ledger(LedgerBy::Day)).substr(0, 10) == "2023-11-16");
  }
  SUBCASE("by model") {
    CHECK(text(reader->ledger(LedgerBy::Model)) ==
          "wan2.6-image 4 2 0.63 0.40 0.00\n"
          "wan2.6-t2i 1 0 0.00 0.00 0.14\n");
  }
  SUBCASE("by manifest, which is the one in whose name it was bought") {
    CHECK(text(reader->ledger(LedgerBy::Manifest)) ==
          "cats 3 2 0.60 0.40 0.00\n"
          "dogs 1 0 0.00 0.00 0.14\n"
          "orphans 1 0 0.03 0.00 0.00\n");
  }
  SUBCASE("by job, refills with it") {
    CHECK(text(reader->ledger(LedgerBy::Job)) ==
          "cats/a 2 2 0.20 0.40 0.00\n"
          "cats/b 1 0 0.40 0.00 0.00\n"
          "dogs/rex 1 0 0.00 0.00 0.14\n"
          "orphans 1 0 0.03 0.00 0.00\n");
  }
  SUBCASE("of one manifest") {
    CHECK(text(reader->ledger(LedgerBy::Model, "cats")) == "wan2.6-image 3 2 0.60 0.40 0.00\n");
    CHECK(text(reader->ledger(LedgerBy::Day, "dogs")) == "2023-11-16 1 0 0.00 0.00 0.14\n");
    CHECK(text(reader->ledger(LedgerBy::Job, "orphans")) == "orphans 1 0 0.03 0.00 0.00\n");
    CHECK(reader->ledger(LedgerBy::Job, "ants").empty());
  }
  SUBCASE("however it is asked, the sum is the same") {
    auto const tally = reader->tally();
    for (auto const by :
         {LedgerBy::Day, LedgerBy::Model, LedgerBy::Manifest, LedgerBy::Job, LedgerBy::Account}) {
      LedgerRow sum;
      for (auto const& row : reader->ledger(by)) {
        sum.tasks += row.tasks;
        sum.pictures += row.pictures;
        sum.reserved += row.reserved;
        sum.spent += row.spent;
        sum.uncertain += row.uncertain;
      }
      CHECK(sum.tasks == 5);
      CHECK(sum.pictures == tally.pictures);
      CHECK(sum.reserved == tally.reserved);
      CHECK(sum.spent == tally.spent);
      CHECK(sum.uncertain == tally.uncertain);
    }
  }
}

TEST_CASE("what costs nothing leaves no entry") {
  TempFolder const folder;
  auto const store = open_store(folder / "wanspool.db");
  take_in(*store, "cats", jobs(2));
  auto const task = all_queued(*store).front();
  commit(*store, sent(task), kNoon);
  commit(*store, task, kNoon);
  auto const reader = open_reader(folder / "wanspool.db");
  CHECK(reader->ledger(LedgerBy::Day).empty());
  CHECK(reader->ledger(LedgerBy::Job).empty());
}

TEST_CASE("an adopted orphan's entries are its job's, and the job's own reservation is released") {
  TimeZone const zone{"UTC"};
  TempFolder const folder;
  auto const store = open_store(folder / "wanspool.db");
  take_in(*store, "cats", {job("a")});
  auto held = sent(all_queued(*store).front());
  held.state = State::Held;
  Batch batch{{held}, {}};
  batch.at = kNoon;
  batch.orphans = {{{"O", "", "wan2.6-image", "", "", "", kNoon}, kNoon, Money{200000}, 2, {held.id}}};
  auto const orphan = store->commit(batch)[0];
  commit(*store, done(orphan), kNoon + hours{24});
  auto const reader = open_reader(folder / "wanspool.db");
  CHECK(text(reader->ledger(LedgerBy::Manifest)) == "cats 1 0 0.40 0.00 0.00\norphans 1 2 0.00 0.40 0.00\n");
  store->apply({"c", kNoon + hours{48}, {}, {{"cats/a", "O", "", kNoon}}});
  CHECK(text(reader->ledger(LedgerBy::Job)) == "cats/a 1 0 0.00 0.40 0.00\n");
  CHECK(text(reader->ledger(LedgerBy::Day)) ==
        "2023-11-16 0 0 0.00 0.40 0.00\n2023-11-17 1 0 0.00 0.00 0.00\n");
  CHECK(reader->audit().empty());
}

TEST_CASE("the ledger by account tells each entry where it was made, and a task where it went last") {
  TempFolder const folder;
  auto const store = open_store(folder / "wanspool.db");
  take_in(*store, "cats", {job("a"), job("b")});
  auto a = sent(store->wanted("cats/a")->task);
  a.account = "studio";
  commit(*store, a, kNoon);
  a.state = State::Queued;
  a.uncertain = std::exchange(a.reserved, {});
  commit(*store, a, kNoon);
  a = sent(a);
  a.account.clear();
  commit(*store, a, kNoon);
  commit(*store, sent(store->wanted("cats/b")->task), kNoon);
  auto const reader = open_reader(folder / "wanspool.db");
  CHECK(text(reader->ledger(LedgerBy::Account)) ==
        "main 2 0 0.80 0.00 0.00\n"
        "studio 0 0 0.00 0.00 0.40\n");
  CHECK(reader->ledger(LedgerBy::Account, "dogs").empty());
}
