#include <doctest/doctest.h>
#include <sqlite3.h>

#include <fstream>

#include "store/support.h"

TEST_SUITE_BEGIN("store");

using namespace wanspool;

namespace {

void run_sql(std::filesystem::path const& file, std::string const& sql) {
  sqlite3* db = nullptr;
  REQUIRE(sqlite3_open(file.c_str(), &db) == SQLITE_OK);
  REQUIRE(sqlite3_exec(db, sql.c_str(), nullptr, nullptr, nullptr) == SQLITE_OK);
  sqlite3_close(db);
}

// The first page of a table or an index.
int root_of(std::filesystem::path const& file, std::string const& name) {
  sqlite3* db = nullptr;
  REQUIRE(sqlite3_open(file.c_str(), &db) == SQLITE_OK);
  int page = 0;
  auto const take = [](void* to, int, char** values, char**) {
    *static_cast<int*>(to) = std::stoi(values[0]);
    return 0;
  };
  auto const sql = "SELECT rootpage FROM sqlite_schema WHERE name = '" + name + "'";
  REQUIRE(sqlite3_exec(db, sql.c_str(), take, &page, nullptr) == SQLITE_OK);
  sqlite3_close(db);
  REQUIRE(page > 1);
  return page;
}

// A task in each state, as the engine leaves them.
void fill(std::filesystem::path const& file) {
  auto const store = open_store(file);
  take_in(*store, "cats", jobs(kStates));
  take_in(*store, "dogs", {job("rex", 1, "6")});
  auto tasks = all_queued(*store);
  for (int state = 1; state < kStates; ++state) {
    auto& task = tasks[static_cast<std::size_t>(state)];
    task.state = static_cast<State>(state);
    if (!is_final(task.state)) task.reserved = task.price * task.wanted;
    if (task.state == State::Held || task.state == State::Submitting) continue;
    task.task_id = "id-" + std::to_string(state);
    task.pictures = {{1, "", {}, "image-1.png", "", 1, 1, 1, 0, ""}};
  }
  Batch batch{tasks, {}};
  batch.orphans = {{{"O", "", "wan2.6-image", "", "", "", at(1)}, at(1), Money{1}, 1, {tasks[8].id}}};
  batch.refills = {{tasks[5].id, 1, 2, "refill", "{}"}};
  store->commit(batch);
}

std::vector<std::string> findings(std::filesystem::path const& file) {
  std::vector<std::string> found;
  for (auto const& each : open_reader(file)->audit()) {
    CHECK_FALSE(each.advice.empty());
    found.push_back(each.what);
  }
  return found;
}

}  // namespace

TEST_CASE("a queue that the store has kept is in order") {
  TempFolder const folder;
  fill(folder / "wanspool.db");
  CHECK(findings(folder / "wanspool.db").empty());
  open_store(folder / "empty.db");
  CHECK(findings(folder / "empty.db").empty());
}

TEST_CASE("whatever is wrong in the tables is named") {
  struct Case {
    char const* sql;
    char const* found;
  };
  for (auto const& [sql, found] : {
           Case{"UPDATE tasks SET task_id = 'x' WHERE id = 1",
                "task 1 (cats/1) is queued and has a task_id already"},
           Case{"UPDATE tasks SET state = 0 WHERE id = 2",
                "task 2 (cats/2) is queued and reserves money already"},
           Case{"UPDATE tasks SET reserved = 0 WHERE id = 2",
                "task 2 (cats/2) is about to be sent and reserves no money"},
           Case{"UPDATE tasks SET reserved = 0 WHERE id = 9; DELETE FROM candidates",
                "task 9 (cats/9) is held, may be paid for, and reserves no money"},
           Case{"UPDATE tasks SET task_id = '' WHERE id = 4",
                "task 4 (cats/4) is at the provider and has no task_id"},
           Case{"UPDATE pictures SET file = '' WHERE task = 6",
                "task 6 (cats/6) is done and lacks a picture"},
           Case{"UPDATE tasks SET reserved = 1 WHERE id = 7",
                "task 7 (cats/7) is at its end and still reserves money"},
           Case{"UPDATE tasks SET spent = -1 WHERE id = 8", "task 8 (cats/8) has cost less than nothing"},
           Case{"UPDATE tasks SET owner = 99 WHERE id = 3", "task 3 () belongs to no job and is no orphan"},
           Case{"UPDATE tasks SET owner = 1 WHERE orphan = 1",
                "task 10 (orphans/O) is an orphan that is somebody's or has no task_id"},
           Case{"UPDATE tasks SET parent = 99 WHERE id = 11",
                "task 11 (cats/6) is the refill of a task that is not there"},
           Case{"DELETE FROM fingerprints WHERE task = 3",
                "task 3 (cats/3) is not found by its fingerprint, so that its request may be bought twice"},
           Case{"UPDATE tasks SET fingerprint = (SELECT fingerprint FROM tasks WHERE id = 3) WHERE id = 4",
                "task 4 (cats/4) has the fingerprint of another task"},
           Case{"UPDATE ledger SET spent = 5 WHERE task = 4",
                "the ledger differs from task 4; spent 0.000005 there, 0.00 here"},
           Case{"DELETE FROM ledger WHERE task = 5",
                "the ledger differs from task 5; reserved 0.00 there, 0.40 here"},
           Case{"UPDATE jobs SET delivered = 0 WHERE manifest = 'dogs'",
                "job dogs/rex waits for pictures that are there already"},
           Case{"UPDATE jobs SET delivered = 1 WHERE id = 1",
                "job cats/1 counts as delivered before its pictures are there"},
           Case{"UPDATE tallies SET queued = 5, pictures = 1",
                "the sums of model 'wan2.6-image' differ from its tasks; queued: 5 kept, 2 counted; "
                "pictures: 1 "
                "kept, 6 counted"},
           Case{"UPDATE tallies SET account = 'studio'",
                "the sums of model 'studio/wan2.6-image' differ from its tasks; queued: 2 kept, 0 counted; "
                "submitting: 1 kept, 0 counted; submitted: 2 kept, 0 counted; running: 1 kept, 0 counted; "
                "downloading: 1 kept, 0 counted; done: 1 kept, 0 counted; failed: 1 kept, 0 counted; "
                "canceled: 1 "
                "kept, 0 counted; held: 1 kept, 0 counted; pictures: 6 kept, 0 counted; reserved: 2000001 "
                "kept, 0 "
                "counted"},
           Case{"UPDATE ledger SET account = 'studio'",
                "the sums of day 1970-01-01 of studio/wan2.6-image differ from the ledger; pictures: 0 kept, "
                "11 "
                "counted; reserved: 0.00 kept, 2.000001 counted"},
           Case{"PRAGMA writable_schema = ON; UPDATE sqlite_schema SET sql = replace(sql, 'state = 8', "
                "'state = 7')"
                " WHERE name = 'tasks_held'",
                "the database is damaged: row 8 missing from index tasks_held"},
           Case{"UPDATE spending SET reserved = reserved + 5 WHERE scope = 0",
                "the sums of manifest cats differ from its tasks; reserved: 2.000005 kept, 2.00 counted"},
           Case{"DELETE FROM spending WHERE scope = 1",
                "the sums of day 1970-01-01 of wan2.6-image differ from the ledger; pictures: 0 kept, 11 "
                "counted; reserved: 0.00 kept, 2.000001 counted"},
           Case{"UPDATE ledger SET pictures = 7 WHERE task = 3",
                "the ledger differs from task 3; pictures 7 there, 2 here"},
           Case{"UPDATE outcomes SET failed = 3",
                "manifest cats has other numbers of jobs that are over; done: 1 kept, 1 counted; failed: 3 "
                "kept, 1 counted"},
           Case{"DELETE FROM tasks WHERE id = 9",
                "row 9 of table requests refers to a row of tasks that is not there"},
       }) {
    TempFolder const folder;
    fill(folder / "wanspool.db");
    run_sql(folder / "wanspool.db", sql);
    auto const all = findings(folder / "wanspool.db");
    std::string said;
    for (auto const& each : all) said += each + "\n";
    CAPTURE(std::string{sql});
    CAPTURE(said);
    CHECK(std::count(all.begin(), all.end(), found) == 1);
  }
}

TEST_CASE("damaged pages are named, and nothing is concluded from them") {
  TempFolder const folder;
  auto const file = folder / "wanspool.db";
  fill(file);
  run_sql(file, "PRAGMA wal_checkpoint(TRUNCATE)");
  std::fstream bytes{file, std::ios::in | std::ios::out | std::ios::binary};
  bytes.seekp(4096 * (root_of(file, "jobs_task") - 1));
  bytes << std::string(64, 'x');
  bytes.close();
  auto const all = open_reader(file)->audit();
  REQUIRE_FALSE(all.empty());
  for (auto const& each : all) CHECK(each.advice.find("backup") != std::string::npos);
}
