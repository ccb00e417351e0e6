#include <doctest/doctest.h>
#include <sqlite3.h>

#include <algorithm>
#include <fstream>
#include <set>

#include "base/sha256.h"
#include "store/glance.h"
#include "store/support.h"

TEST_SUITE_BEGIN("store");

using namespace wanspool;

namespace {

// Every statement that any connection of this process runs while one of these is there.
class Overheard {
 public:
  Overheard() {
    statements().clear();
    sqlite3_auto_extension(reinterpret_cast<void (*)()>(&listen));
  }
  Overheard(Overheard const&) = delete;
  Overheard& operator=(Overheard const&) = delete;
  ~Overheard() { sqlite3_cancel_auto_extension(reinterpret_cast<void (*)()>(&listen)); }
  static std::set<std::string>& statements() {
    static std::set<std::string> all;
    return all;
  }

 private:
  static int listen(sqlite3* db, char**, void const*) {
    return sqlite3_trace_v2(db, SQLITE_TRACE_STMT, &hear, nullptr);
  }
  static int hear(unsigned, void*, void* statement, void*) {
    statements().insert(sqlite3_sql(static_cast<sqlite3_stmt*>(statement)));
    return 0;
  }
};

// How many steps of its machine SQLite has gone, in all statements of this process that are over.
class Steps {
 public:
  Steps() {
    gone() = 0;
    sqlite3_auto_extension(reinterpret_cast<void (*)()>(&listen));
  }
  Steps(Steps const&) = delete;
  Steps& operator=(Steps const&) = delete;
  ~Steps() { sqlite3_cancel_auto_extension(reinterpret_cast<void (*)()>(&listen)); }
  static std::int64_t& gone() {
    static std::int64_t all = 0;
    return all;
  }

 private:
  static int listen(sqlite3* db, char**, void const*) {
    return sqlite3_trace_v2(db, SQLITE_TRACE_PROFILE, &count, nullptr);
  }
  static int count(unsigned, void*, void* statement, void*) {
    gone() += sqlite3_stmt_status(static_cast<sqlite3_stmt*>(statement), SQLITE_STMTSTATUS_VM_STEP, 1);
    return 0;
  }
};

std::vector<std::string> plan_of(sqlite3* db, std::string const& sql) {
  std::vector<std::string> plan;
  sqlite3_stmt* statement = nullptr;
  REQUIRE(sqlite3_prepare_v2(db, ("EXPLAIN QUERY PLAN " + sql).c_str(), -1, &statement, nullptr) ==
          SQLITE_OK);
  while (sqlite3_step(statement) == SQLITE_ROW)
    plan.emplace_back(reinterpret_cast<char const*>(sqlite3_column_text(statement, 3)));
  sqlite3_finalize(statement);
  return plan;
}

bool holds(std::string const& text, std::string const& part) {
  return text.find(part) != std::string::npos;
}

void use_doubts(Store& store, Task task) {
  task.state = State::Held;
  task.reserved = Money{1};
  Batch batch{{task}, {}};
  for (auto const* id : {"O", "P"})
    batch.orphans.push_back({{id, "", task.model, "", "", "", at(1)}, at(1), Money{1}, 1, {task.id}});
  batch.refills = {{task.id, 1, 2, "refill", "{}"}};
  batch.delivered = {1};
  store.commit(batch);
  store.held(at(0));
  store.known(at(0));
  store.refills_of(task.id);
  store.undelivered(9);
  store.orphan({}, "O");
  store.unfinished("fingerprint-1");
  auto const job = "cats/3";
  store.apply({"adopt", at(1), {}, {{job, "O", "", at(1)}}});
  auto wanted = store.wanted(job)->task;
  wanted.state = State::Held;
  store.commit({{wanted}, {}});
  store.apply({"redo", at(1), {{job, 2, "another", "{}"}}, {}});
  wanted = store.wanted(job)->task;
  wanted.state = State::Done;
  store.commit({{wanted}, {}});
  wanted.state = State::Failed;
  store.commit({{wanted}, {}});
}

void use_caps(Store& store) {
  take_in(store, "nuts", {job("nut")});
  auto task = store.wanted("nuts/nut")->task;
  task.state = State::Submitting;
  task.reserved = task.price * task.wanted;
  Batch batch{{task}, {}};
  batch.caps.all.day = {1000, {}};
  batch.caps.accounts["studio"].all.day = {1000, {}};
  batch.stops = {{Stop{}}};
  batch.uploads = {{"studio", "wan2.6-image", "sha", "oss://1", at(0)}};
  store.commit(batch);
  batch.uploads[0].address.clear();
  store.commit({.tasks = {}, .lanes = {}, .uploads = batch.uploads});
  store.upload("studio", "wan2.6-image", "sha");
  store.stops();
  store.spent_on("2026-11-23");
  store.next_deadline(at(0));
  store.apply({"forgive", at(1), {}, {}, {}, {"cats"}});
  store.queued("wan2.6-image", 9, {}, {{1, {}}, {{"cats", {1, {}}}}, at(1)});
}

void use_errands(Store& store, Reader& reader) {
  take_in(store, "birds", {job("tit", 1), job("owl", 2), job("wren", 3, "tit"), job("lark", 4)});
  auto task = store.wanted("birds/lark")->task;
  task.state = State::Submitted;
  task.task_id = "lark";
  store.commit({{task}, {}});
  int ids = 0;
  std::vector<std::string> const words{"birds", "birds/owl", "birds/t*", "b*/*"};
  for (auto const verb : {Errand::Verb::Pause, Errand::Verb::Priority, Errand::Verb::Resume,
                          Errand::Verb::Pause, Errand::Verb::Cancel, Errand::Verb::Retry}) {
    for (auto const& word : words) {
      ErrandLog log;
      store.run_errand({"errand-" + std::to_string(++ids), verb, {word}}, log, 100, at(1));
    }
    store.canceled();
    reader.paused();
    take_in(store, "birds", {job("tit", 1), job("owl", 2, "another"), job("wren", 3, "tit"), job("lark", 4)});
  }
  Errand failed{"failed", Errand::Verb::Retry, {}};
  failed.failed = true;
  ErrandLog log;
  store.run_errand(failed, log, 100, at(1));
  for (auto const& word : words) reader.means_some(word);
}

// All that a store and a reader can be asked.
void use_everything(std::filesystem::path const& file) {
  auto const store = open_store(file);
  take_in(*store, "cats", jobs(3));
  auto tasks = all_queued(*store);
  tasks[0] = distinct(tasks[0]);
  tasks[0].state = State::Running;
  tasks[1].state = State::Failed;
  store->commit({tasks, {{"wan2.6-image", {}}}});
  store->active();
  store->created_since({{}, "wan2.6-image"}, at(0));
  store->queued_models();
  store->body(1);
  store->fingerprint(1);
  store->lanes();
  store->tally();
  store->set_fact("a", store->fact("a"));
  use_doubts(*store, tasks[2]);
  take_in(*store, "cats", jobs(3));
  auto urgent = manifest("cats", "urgent");
  urgent.terms.priority = Priority::High;
  auto const again = store->begin_manifest(urgent);
  store->add_jobs(again, std::vector{job("1", 1, "2"), job("2", 2, "new"), job("4", 3, "2")});
  store->preview_manifest(again);
  store->publish_manifest(again, at(9));
  take_in(*store, "dogs", {job("rex", 1, "new")});
  store->owner_of("cats");
  store->spent_by("cats");
  store->jobs("cats", [](JobRow const&) { return true; });
  store->job("cats", "1");
  store->jobs_of(1);
  store->drop_manifest(store->begin_manifest(manifest("dogs", "x")));
  store->drop_arriving();
  auto const reader = open_reader(file);
  for (auto const* name : {"", "cats"}) reader->jobs(name, [](JobRow const&) { return true; });
  reader->job("cats", "1");
  reader->candidates(1);
  auto const comparison = reader->compare("cats");
  for (auto const& each : jobs(5)) comparison->judge(each);
  reader->gone(*comparison, [](JobRow const&) { return true; });
  reader->spent_by("cats");
  reader->owner_of("cats");
  reader->orphans([](Task const&) { return true; });
  reader->refills_of(1);
  reader->replaced("cats/3");
  reader->stops();
  reader->tallies();
  reader->work({{}, "wan2.6-image"}, at(0));
  reader->standing("cats");
  use_errands(*store, *reader);
  use_caps(*store);
  auto const glance = open_glance(file);
  glance->newest({{}, "wan2.6-image"}, 9);
  glance->active(9);
  for (auto const state : {State::Done, State::Failed}) glance->latest(state, 9);
  glance->spent_on("2026-11-01", "2026-11-30");
}

// As many tasks as a large manifest has, in slices as the engine takes them in.
void take_in_many(Store& store, int count) {
  auto const id = store.begin_manifest(manifest("many", "many"));
  for (int from = 0; from < count; from += 1000) {
    std::vector<NewJob> slice;
    for (int i = from; i < from + 1000; ++i) {
      slice.push_back(job("a picture of cat number " + std::to_string(i), i));
      slice.back().fingerprint =
          sha256_hex(slice.back().name);  // in life they differ from their first digits on
    }
    store.add_jobs(id, slice);
  }
  store.publish_manifest(id, at(1));
}

}  // namespace

TEST_CASE("no statement of the store walks a whole table or sorts") {
  TempFolder const folder;
  auto const file = folder / "wanspool.db";
  open_store(file);  // what makes it and brings it up may walk as it likes
  {
    Overheard const overheard;
    use_everything(file);
  }
  sqlite3* db = nullptr;
  REQUIRE(sqlite3_open(file.c_str(), &db) == SQLITE_OK);
  // What a connection has for itself.
  REQUIRE(
      sqlite3_exec(db,
                   "CREATE TEMP TABLE rooms (manifest TEXT PRIMARY KEY, pictures INTEGER, cost INTEGER)"
                   " WITHOUT ROWID;"
                   "CREATE TEMP TABLE people (submitter INTEGER PRIMARY KEY, pictures INTEGER, cost INTEGER)",
                   nullptr, nullptr, nullptr) == SQLITE_OK);
  int explained = 0;
  for (auto const& sql : Overheard::statements()) {
    bool const asks =
        sql.rfind("SELECT", 0) == 0 || sql.rfind("UPDATE", 0) == 0 || sql.rfind("DELETE", 0) == 0;
    if (!asks || holds(sql, "sqlite_")) continue;
    ++explained;
    for (auto const& step : plan_of(db, sql)) {
      CAPTURE(sql);
      CAPTURE(step);
      bool const small = holds(step, "SCAN temp.people") || holds(step, "SCAN tallies") ||
                         holds(step, "SCAN stops") || holds(step, "SCAN lanes") ||
                         holds(step, "INDEX tasks_active") || holds(step, "INDEX manifests_arriving") ||
                         holds(step, "INDEX tasks_held") || holds(step, "INDEX jobs_undelivered") ||
                         holds(step, "INDEX tasks_paused") ||
                         (holds(step, "INDEX tasks_failed") && holds(sql, "LIMIT"));
      CHECK((small || !holds(step, "SCAN")));
      CHECK_FALSE(holds(step, "TEMP B-TREE"));
    }
  }
  sqlite3_close(db);
  CHECK(explained > 20);
}

TEST_CASE("a hundred thousand jobs are paused, and canceled, in pieces that each take a moment") {
  TempFolder const folder;
  Steps const steps;
  auto const store = open_store(folder / "wanspool.db");
  take_in_many(*store, 100'000);
  take_in(*store, "few", jobs(2));
  auto const longest_of = [&](Errand const& errand) {
    milliseconds longest{0};
    ErrandLog log;
    for (int pieces = 0; !log.done; ++pieces) {
      REQUIRE(pieces < 1000);
      auto const before = BootClock{}.now();
      store->run_errand(errand, log, 500, at(1));
      longest = std::max<milliseconds>(longest, BootClock{}.now() - before);
    }
    CHECK(log.changed == 100'000);
    return longest;
  };
  sqlite3_memory_highwater(1);
  auto const pause = longest_of({"pause", Errand::Verb::Pause, {"many"}});
  // Whoever is not paused is found at once, though a hundred thousand stand before it.
  auto const before = Steps::gone();
  CHECK(store->queued("wan2.6-image", 9, nullptr).size() == 2);
  CHECK(store->lines("wan2.6-image", 9).size() == 1);
  CHECK(Steps::gone() > before);
  CHECK(Steps::gone() - before < 1000);
  auto const cancel = longest_of({"cancel", Errand::Verb::Cancel, {"m*/**"}});
  MESSAGE("the longest piece took ", pause.count(), " ms to pause and ", cancel.count(), " ms to cancel");
  CHECK(store->tally()[State::Canceled] == 100'000);
  CHECK(sqlite3_memory_highwater(0) < 16 << 20);
}

TEST_CASE("a hundred thousand queued jobs cost SQLite little memory") {
  TempFolder const folder;
  auto const store = open_store(folder / "wanspool.db");
  sqlite3_memory_highwater(1);
  take_in_many(*store, 100'000);
  CHECK(store->tally()[State::Queued] == 100'000);
  auto some = store->queued("wan2.6-image", 100, nullptr);
  REQUIRE(some.size() == 100);
  for (auto& task : some) task.state = State::Submitting;
  store->commit({some, {}});
  CHECK(store->active() == some);
  CHECK(store->queued("wan2.6-image", 1, nullptr).front().id == some.back().id + 1);
  CHECK(sqlite3_memory_highwater(0) < 16 << 20);
}
