#include <doctest/doctest.h>
#include <sqlite3.h>

#include "base/files.h"
#include "store/support.h"

// A database of every version that was ever released opens for ever.
TEST_SUITE_BEGIN("store");

using namespace wanspool;

namespace {

void restore(std::filesystem::path const& file, std::string const& dump) {
  auto const sql = read_file(std::filesystem::path{WANSPOOL_SOURCE_DIR} / "tests/store" / dump);
  sqlite3* db = nullptr;
  REQUIRE(sqlite3_open(file.c_str(), &db) == SQLITE_OK);
  REQUIRE(sqlite3_exec(db, sql.c_str(), nullptr, nullptr, nullptr) == SQLITE_OK);
  sqlite3_close(db);
}

}  // namespace

TEST_CASE("a reader leaves an older queue alone") {
  TempFolder const folder;
  restore(folder / "wanspool.db", "version-1.sql");
  CHECK_THROWS_AS(open_reader(folder / "wanspool.db"), StoreBroken);
}

TEST_CASE("a queue of version 1 goes on as it was") {
  TempFolder const folder;
  auto const file = folder / "wanspool.db";
  restore(file, "version-1.sql");
  auto store = open_store(file);
  auto reader = open_reader(file);

  SUBCASE("nothing is wrong with it") {
    CHECK(reader->audit().empty());
    store->drop_arriving();
    CHECK(reader->audit().empty());
  }
  SUBCASE("every task is where it was, under its name") {
    auto const tally = store->tally();
    CHECK(tally.total() == 11);
    CHECK(tally[State::Done] == 2);
    CHECK(tally.pictures == 4);
    CHECK(store->active().size() == 4);
    CHECK(store->active()[1].task_id == "id-3");
    CHECK(all_queued(*store)[0].name == "cats/1");
    CHECK(all_queued(*store).size() == 1);
    CHECK(store->lanes()[0].weather.misses == 2);
    CHECK(store->fact("origin") == "emulator");
    CHECK(store->taken("0001-cats.yaml")->jobs == 10);
  }
  SUBCASE("a held task is in doubt without an end, and may be bought anew") {
    auto const held = store->held(Instant{});
    REQUIRE(held.size() == 1);
    CHECK(held[0].possible_until == Instant{});
    CHECK(held[0].on_doubt == OnDoubt::Adopt);
    CHECK(store->apply({"c", at(0), {{"cats/10", 2, "f", "{}"}}, {}}).size() == 2);
    CHECK(reader->audit().empty());
  }
  SUBCASE("what is done is delivered") {
    CHECK(store->undelivered(9).empty());
    CHECK(reader->job("cats", "6")->delivered);
    CHECK(reader->job("cats", "6")->task.state == State::Done);
    CHECK_FALSE(reader->job("cats", "5")->delivered);
  }
  SUBCASE("its money is in the ledger on the days it last moved") {
    auto const days = reader->ledger(LedgerBy::Model);
    REQUIRE(days.size() == 2);
    CHECK(days[0].reserved == store->tally().reserved);
    CHECK(days[0].spent == store->tally().spent);
    CHECK(days[1].uncertain == Money{400000});
  }
  SUBCASE("an id that an emulator gave twice is the later task's") {
    CHECK(reader->job("cats", "6")->task.task_id.empty());
    CHECK(reader->job("cats", "7")->task.task_id == "id-6");
    CHECK(store->known(Instant{}).size() == 6);
  }
  SUBCASE("its jobs are known when they come again, and others share them") {
    NewJob again = job("6");
    again.fingerprint = "fingerprint-6";
    CHECK(take_in(*store, "cats", {again}).fresh == 0);
    CHECK(take_in(*store, "ants", {again}).pictures == 0);
    CHECK(store->undelivered(9).size() == 1);
  }
}

TEST_CASE("a queue of version 2 goes on as it was") {
  TempFolder const folder;
  auto const file = folder / "wanspool.db";
  restore(file, "version-2.sql");
  auto store = open_store(file);
  auto reader = open_reader(file);

  SUBCASE("nothing is wrong with it") {
    for (auto const& finding : reader->audit()) CHECK(finding.what == "");
    store->drop_arriving();
    for (auto const& finding : reader->audit()) CHECK(finding.what == "");
  }
  SUBCASE("what it knew of takes, shared purchases, doubts and orphans is there") {
    CHECK(reader->job("cats", "8")->task.take == 2);
    CHECK(reader->job("cats", "8")->takes == 2);
    REQUIRE(reader->replaced("cats/8").size() == 1);
    CHECK(store->undelivered(9).size() == 1);
    CHECK(reader->candidates(10).size() == 1);
    CHECK(store->orphan({}, "O"));
    CHECK(store->has_had_effect("redo-1"));
    CHECK(store->wanted("ants/14")->task.on_doubt == OnDoubt::Resubmit);
    CHECK_FALSE(store->owner_of("cats"));
  }
  SUBCASE("a job with another take asks for what its manifest asked for") {
    store->drop_arriving();
    NewJob again = job("8");
    auto const comparison = reader->compare("cats");
    CHECK(comparison->judge(again).kind == Judgement::Kind::Same);
    again.fingerprint = "fingerprint-8-2";
    CHECK(comparison->judge(again).kind == Judgement::Kind::Changed);
  }
  SUBCASE("what is gone from its manifests is retired") {
    store->drop_arriving();
    CHECK(take_in(*store, "ants", {job("14")}).retired == 1);
    CHECK(reader->job("ants", "6")->retired);
    for (auto const& finding : reader->audit()) CHECK(finding.what == "");
  }
}

TEST_CASE("a queue of version 3 goes on as it was") {
  TempFolder const folder;
  auto const file = folder / "wanspool.db";
  restore(file, "version-3.sql");
  auto store = open_store(file);
  auto reader = open_reader(file);

  SUBCASE("nothing is wrong with it") {
    for (auto const& finding : reader->audit()) CHECK(finding.what == "");
  }
  SUBCASE("what waits is sent as it was meant then") {
    auto const queued = all_queued(*store);
    REQUIRE(queued.size() == 1);
    CHECK(queued[0].name == "cats/2");
    CHECK_FALSE(queued[0].brings_inputs());
    CHECK(queued[0].fetch == FetchInputs::OnFailure);
    CHECK(queued[0].refill);
    CHECK(reader->waits_for(queued[0].id).empty());
  }
  SUBCASE("its terms and owner hold, and its pictures are known") {
    CHECK(store->owner_of("cats") == 1000);
    CHECK(store->tally()[State::Done] == 1);
    CHECK(reader->job("cats", "1")->task.pictures_safe() == 1);
    CHECK(store->bought_for("cats", "1", "f1") == "f1");
  }
}

TEST_CASE("a queue of version 4 goes on as it was, and its money is counted") {
  TempFolder const folder;
  auto const file = folder / "wanspool.db";
  restore(file, "version-4.sql");
  auto store = open_store(file);
  auto reader = open_reader(file);

  SUBCASE("nothing is wrong with it") {
    for (auto const& finding : reader->audit()) CHECK(finding.what == "");
  }
  SUBCASE("by manifest, with the terms that hold") {
    auto const cats = store->standing("cats"), dogs = store->standing("dogs");
    CHECK(cats.counted == Counted{1, Money{200'000}});
    CHECK_FALSE(cats.has_terms());
    CHECK(cats.outcomes == Outcomes{1, 1, 0});
    CHECK(dogs.counted == Counted{6, Money{800'000}});
    CHECK(dogs.budget == Budget{20, Money{4'000'000}});
    CHECK(dogs.max_failures == Share{5, true});
    CHECK(dogs.outcomes == Outcomes{1, 1, 0});
  }
  SUBCASE("by the day of UTC on which it was sent, orphans by the one on which they were found") {
    auto const first = store->spent_on("2023-11-14"), next = store->spent_on("2023-11-15");
    CHECK(sum_of(first.day) == Counted{3, Money{600'000}});
    CHECK(sum_of(next.day, "wan2.6-image") == Counted{3, Money{600'000}});
    CHECK(sum_of(next.day, "free") == Counted{2, {}});
    CHECK(sum_of(next.month) == Counted{8, Money{1'200'000}});
  }
  SUBCASE("what is under way is settled on its day") {
    auto running = store->active()[0];
    running.state = State::Failed;
    running.reserved = {};
    Batch batch{{running}, {}};
    batch.day = "2023-11-17";
    store->commit(batch);
    CHECK(sum_of(store->spent_on("2023-11-15").day, "wan2.6-image") == Counted{1, Money{200'000}});
    for (auto const& finding : reader->audit()) CHECK(finding.what == "");
  }
}

TEST_CASE("a queue of version 5 goes on as it was, and all of it is the main account's") {
  TempFolder const folder;
  auto const file = folder / "wanspool.db";
  restore(file, "version-5.sql");
  auto store = open_store(file);
  auto reader = open_reader(file);

  SUBCASE("nothing is wrong with it") {
    for (auto const& finding : reader->audit()) CHECK(finding.what == "");
  }
  SUBCASE("tasks, orphans and ids of before") {
    REQUIRE(store->active().size() == 1);
    CHECK(store->active()[0].account.empty());
    CHECK(store->created_since({{}, "wan2.6-image"}, at(0)).size() == 3);
    CHECK(store->orphan("", "O"));
    auto const known = store->known(Instant{});
    CHECK(known.size() == 6);
    for (auto const& each : known) CHECK(each.account.empty());
  }
  SUBCASE("lanes and what was learned of them") {
    REQUIRE(store->lanes().size() == 1);
    auto const lane = store->lanes()[0];
    CHECK(lane.key() == LaneKey{{}, "wan2.6-image"});
    CHECK(lane.weather.misses == 2);
    CHECK(lane.memory.most == 7);
    CHECK(lane.memory.creates == 4);
    CHECK(lane.service.at("edit").samples() == 3);
    CHECK(reader->tallies().at({{}, "wan2.6-image"})[State::Running] == 1);
  }
  SUBCASE("money and stops, which are of all accounts") {
    CHECK(sum_of(store->spent_on("2023-11-15").day, "wan2.6-image", "") == Counted{3, Money{600'000}});
    auto const rows = reader->ledger(LedgerBy::Account);
    REQUIRE(rows.size() == 1);
    CHECK(rows[0].key == "main");
    CHECK(rows[0].spent == store->tally().spent);
    REQUIRE(store->stops().size() == 3);
    for (auto const& each : store->stops()) CHECK_FALSE(each.account);
    CHECK(store->stops()[2].model == "wan2.6-image");
  }
  SUBCASE("of a picture that lies there twice, the newer one") {
    CHECK(store->upload("", "wan2.6-image", "sha")->address == "oss://y");
    CHECK(store->upload("", "wan2.6-image", "shb")->address == "oss://z");
  }
}

TEST_CASE("a queue of version 6 goes on as it was, and nothing of it is paused or to be canceled") {
  TempFolder const folder;
  auto const file = folder / "wanspool.db";
  restore(file, "version-6.sql");
  auto store = open_store(file);
  auto reader = open_reader(file);

  SUBCASE("nothing is wrong with it") {
    for (auto const& finding : reader->audit()) CHECK(finding.what == "");
    CHECK(reader->paused() == 0);
    CHECK(store->canceled().empty());
    for (auto const& each : store->active()) CHECK(each.cancel == Cancel::None);
  }
  SUBCASE("tasks of both accounts are there, and what waits is in line") {
    REQUIRE(store->active().size() == 2);
    CHECK(store->active()[1].account == "studio");
    CHECK(store->job("cats", "4")->task.state == State::Canceled);
    CHECK(store->job("cats", "4")->wish == Wish::Wanted);
    CHECK(all_queued(*store).size() == 1);
    CHECK(store->tally()[State::Submitted] == 1);
  }
  SUBCASE("its jobs can be canceled, paused and retried like all others") {
    ErrandLog canceled, paused, retried;
    store->run_errand({"c", Errand::Verb::Cancel, {"dogs"}}, canceled, 100, at(1));
    CHECK(canceled.asked == 1);
    CHECK(canceled.drawn == 1);
    CHECK(store->canceled().size() == 2);
    store->run_errand({"p", Errand::Verb::Pause, {"cats/2", "birds"}}, paused, 100, at(1));
    CHECK(paused.changed == 2);
    CHECK(all_queued(*store).empty());
    CHECK(reader->paused() == 1);
    store->run_errand({"r", Errand::Verb::Retry, {"cats"}}, retried, 100, at(1));
    CHECK(retried.changed == 2);
    for (auto const& finding : reader->audit()) CHECK(finding.what == "");
  }
}

TEST_CASE("a queue of version 7 goes on as it was, and its money counts for the owners of its manifests") {
  TempFolder const folder;
  auto const file = folder / "wanspool.db";
  restore(file, "version-7.sql");
  auto store = open_store(file);
  auto reader = open_reader(file);

  SUBCASE("nothing is wrong with it") {
    for (auto const& finding : reader->audit()) CHECK(finding.what == "");
    CHECK(reader->paused() == 1);
  }
  SUBCASE("each person has what was bought in his name, on its day") {
    auto const first = store->spent_on("2023-11-14"), second = store->spent_on("2023-11-15");
    CHECK(sum_of(first.day_by, 1000) == Counted{1, Money{200'000}});
    CHECK(sum_of(first.day_by, 1001) == Counted{2, Money{400'000}});
    CHECK(sum_of(second.day_by, 1001) == Counted{5, Money{600'000}});
    CHECK(sum_of(second.month_by, 1001) == Counted{7, Money{1'000'000}});
    auto const rows = reader->ledger(LedgerBy::Submitter);
    REQUIRE(rows.size() == 3);
    CHECK(rows[0].key == "1000");
    CHECK(rows[1].uncertain == Money{400'000});
    CHECK(rows[2].key == "orphans");
  }
  SUBCASE("what stopped is told, and is no person's") {
    REQUIRE(store->stops().size() == 3);
    for (auto const& each : store->stops()) CHECK_FALSE(each.submitter);
  }
}

TEST_CASE("a queue of version 8 has nothing to tell of its past") {
  TempFolder const folder;
  auto const file = folder / "wanspool.db";
  restore(file, "version-8.sql");
  auto store = open_store(file);
  auto reader = open_reader(file);
  for (auto const& finding : reader->audit()) CHECK(finding.what == "");
  store->watch_hooks({HookEvent::Job, HookEvent::Manifest, HookEvent::Failure}, at(0));
  CHECK(reader->hooks_waiting() == 0);
  auto task = store->active().at(0);
  task.state = State::Failed;
  task.reserved = {};
  store->commit({{task}, {}});
  CHECK(reader->hooks_waiting() > 0);
}
