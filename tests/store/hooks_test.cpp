#include <doctest/doctest.h>

#include <algorithm>
#include <fstream>
#include <set>

#include "store/hooks.h"
#include "store/support.h"

// What commands are to be told of is written with what it tells of.
TEST_SUITE_BEGIN("store");

using namespace wanspool;

namespace {

std::vector<HookEvent> const kAll{HookEvent::Job, HookEvent::Manifest, HookEvent::Failure,
                                  HookEvent::Stopped};

struct Place {
  Place() : store{open_store(folder / "wanspool.db")} { store->watch_hooks(kAll, at(0)); }

  // Opens it again, as after a crash.
  void again(std::vector<HookEvent> const& events = kAll) {
    store.reset();
    store = open_store(folder / "wanspool.db");
    store->watch_hooks(events, at(900));
  }
  Task put(std::string const& name, State state, Instant when = at(1)) {
    auto task = store->wanted(name)->task;
    task.state = state;
    task.reserved = task.spent = {};
    if (state == State::Held) task.reserved = task.price * task.wanted;
    if (state == State::Done) task.spent = task.price * task.wanted;
    if (state == State::Failed) task.error = {Trouble::Kind::Fatal, "Refused", "the prompt is bad"};
    Batch batch{{task}, {}};
    batch.at = when;
    store->commit(batch);
    return store->wanted(name)->task;
  }
  // "job cats/1", in the order of what is due.
  std::vector<std::string> told() {
    std::vector<std::string> words;
    for (auto const& each : store->hooks(1000))
      words.push_back(std::string{name_of(each.event)} + " " + each.manifest +
                      (each.job.empty() ? "" : "/" + each.job));
    return words;
  }
  void forget() {
    for (auto const& each : store->hooks(1000)) {
      HookEnd const end{each.number, true, {}, 1};
      store->end_hooks({&end, 1}, {});
    }
  }
  void obey(Errand::Verb verb, std::vector<std::string> words) {
    static int ids = 0;
    ErrandLog log;
    while (!log.done) store->run_errand({"e" + std::to_string(++ids), verb, words}, log, 100, at(50));
  }

  TempFolder folder;
  std::unique_ptr<Store> store;
};

using Words = std::vector<std::string>;

LaneRow stopped(std::string const& model, std::string const& reason, std::string const& account = {}) {
  LaneRow row;
  row.model = model;
  row.account = account;
  row.weather = {Weather::Kind::Account, at(60), at(1), 1, reason};
  return row;
}

}  // namespace

TEST_CASE("a job that is done is told of once, and its manifest when the last one is over") {
  Place place;
  take_in(*place.store, "cats", jobs(3));
  auto const done = place.put("cats/1", State::Done, at(7));
  CHECK(place.told() == Words{"job cats/1"});
  auto const row = place.store->hooks(1).at(0);
  CHECK(row.at == at(7));
  CHECK(row.due == at(7));
  CHECK(row.tries == 0);
  CHECK(row.task == done.id);
  CHECK(row.id.size() == 24);
  place.put("cats/1", State::Done);
  place.put("cats/3", State::Running);
  CHECK(place.told() == Words{"job cats/1"});
  place.put("cats/3", State::Done);
  CHECK(place.told().size() == 2);
  place.put("cats/2", State::Done);
  CHECK(place.told() == Words{"job cats/3", "job cats/2", "manifest cats", "job cats/1"});
  auto const last = place.store->hooks(9);
  auto const manifest = std::find_if(last.begin(), last.end(),
                                     [](HookRow const& each) { return each.event == HookEvent::Manifest; });
  REQUIRE(manifest != last.end());
  CHECK(manifest->manifest == "cats");
  CHECK(manifest->done == 3);
  CHECK(manifest->failed + manifest->canceled + manifest->on_hold == 0);
  CHECK(manifest->spent == Money{1'200'000});
  std::set<std::string> ids;
  for (auto const& each : last) ids.insert(each.id);
  CHECK(ids.size() == 4);
}

TEST_CASE("a failure is told of with its reason, and one that a person decides") {
  Place place;
  take_in(*place.store, "cats", jobs(2));
  place.put("cats/1", State::Failed);
  place.put("cats/2", State::Held);
  auto const rows = place.store->hooks(9);
  REQUIRE(rows.size() == 3);
  CHECK(rows[0].event == HookEvent::Failure);
  CHECK_FALSE(rows[0].held);
  CHECK(rows[0].code == "Refused");
  CHECK(rows[0].message == "the prompt is bad");
  auto const held = std::find_if(rows.begin(), rows.end(), [](HookRow const& each) { return each.held; });
  REQUIRE(held != rows.end());
  CHECK(held->job == "2");
  auto const over = std::find_if(rows.begin(), rows.end(),
                                 [](HookRow const& each) { return each.event == HookEvent::Manifest; });
  REQUIRE(over != rows.end());
  CHECK(over->failed == 1);
  CHECK(over->on_hold == 1);
  CHECK(over->reserved == Money{400'000});
}

TEST_CASE("a person who gives a held job up or asks for another take is not told that it failed") {
  Place place;
  take_in(*place.store, "cats", jobs(1));
  place.put("cats/1", State::Held);
  place.forget();
  place.store->apply({"redo", at(3), {{"cats/1", 2, "f2", "{}"}}, {}});
  CHECK(place.told().empty());
}

TEST_CASE("a manifest is over again when what was retried or came anew is over") {
  Place place;
  take_in(*place.store, "cats", jobs(2));
  place.put("cats/1", State::Done);
  place.put("cats/2", State::Failed);
  place.forget();
  SUBCASE("retried") {
    place.obey(Errand::Verb::Retry, {"cats"});
    CHECK(place.told().empty());
    place.put("cats/2", State::Done);
  }
  SUBCASE("dropped again, one job longer") {
    take_in(*place.store, "cats", jobs(3));
    place.put("cats/2", State::Done);
    CHECK(place.told() == Words{"job cats/2"});
    place.forget();
    place.put("cats/3", State::Done);
  }
  SUBCASE("paused is not over") {
    place.obey(Errand::Verb::Retry, {"cats"});
    place.obey(Errand::Verb::Pause, {"cats"});
    CHECK(place.told().empty());
    place.obey(Errand::Verb::Resume, {"cats"});
    place.put("cats/2", State::Done);
  }
  auto const told = place.told();
  CHECK(told.size() == 2);
  CHECK(std::count(told.begin(), told.end(), "manifest cats") == 1);
}

TEST_CASE("a manifest whose last open jobs are canceled or taken out of it is over") {
  Place place;
  take_in(*place.store, "cats", jobs(3));
  place.put("cats/1", State::Done);
  place.forget();
  SUBCASE("canceled") {
    place.obey(Errand::Verb::Cancel, {"cats/2"});
    CHECK(place.told().empty());
    place.obey(Errand::Verb::Cancel, {"cats/3"});
    CHECK(place.store->hooks(1).at(0).canceled == 2);
  }
  SUBCASE("taken out") {
    take_in(*place.store, "cats", jobs(1));
    CHECK(place.store->hooks(1).at(0).canceled == 0);
  }
  SUBCASE("canceled while it was out there: it may still come") {
    place.put("cats/2", State::Running);
    place.put("cats/3", State::Failed);
    place.forget();
    place.obey(Errand::Verb::Cancel, {"cats/2"});
    CHECK(place.told().empty());
    place.put("cats/2", State::Canceled);
  }
  CHECK(place.told() == Words{"manifest cats"});
  CHECK(place.store->hooks(1).at(0).done == 1);
}

TEST_CASE("the jobs that share a purchase are told of one by one, each when it has its pictures") {
  Place place;
  take_in(*place.store, "cats", {job("a", 1, "same")});
  take_in(*place.store, "dogs", {job("b", 1, "same")});
  place.put("cats/a", State::Done);
  auto told = place.told();
  std::sort(told.begin(), told.end());
  CHECK(told == Words{"job cats/a", "manifest cats"});
  place.forget();
  auto const waiting = place.store->undelivered(9);
  REQUIRE(waiting.size() == 1);
  Batch batch;
  batch.delivered = {waiting[0].job};
  place.store->commit(batch);
  told = place.told();
  std::sort(told.begin(), told.end());
  CHECK(told == Words{"job dogs/b", "manifest dogs"});
  SUBCASE("and of a failure as well") {
    Place other;
    take_in(*other.store, "cats", {job("a", 1, "same")});
    take_in(*other.store, "dogs", {job("b", 1, "same")});
    other.put("cats/a", State::Failed);
    auto const failed = other.told();
    CHECK(std::count(failed.begin(), failed.end(), "failure cats/a") == 1);
    CHECK(std::count(failed.begin(), failed.end(), "failure dogs/b") == 1);
  }
}

TEST_CASE("a job that joins a purchase which has failed is told of when it is its manifest's, and once") {
  Place place;
  take_in(*place.store, "cats", {job("a", 1, "same")});
  place.put("cats/a", State::Held);
  place.forget();
  take_in(*place.store, "dogs", {job("b", 1, "same")});
  auto told = place.told();
  std::sort(told.begin(), told.end());
  CHECK(told == Words{"failure dogs/b", "manifest dogs"});
  place.forget();
  take_in(*place.store, "dogs", {job("b", 1, "same")});
  CHECK(place.told().empty());
}

TEST_CASE("one that joins a purchase which is bought again for it has not failed") {
  Place place;
  take_in(*place.store, "cats", {job("a", 1, "same")});
  place.put("cats/a", State::Failed);
  place.forget();
  take_in(*place.store, "dogs", {job("b", 1, "same")});
  REQUIRE(place.store->wanted("dogs/b")->task.state == State::Queued);
  CHECK(place.told().empty());
}

TEST_CASE("jobs of a manifest that is still arriving are told of when it has arrived") {
  Place place;
  take_in(*place.store, "cats", {job("a", 1, "same")});
  auto const dogs = place.store->begin_manifest(manifest("dogs", "dogs.yaml"));
  place.store->add_jobs(dogs, std::vector{job("b", 1, "same")});
  place.store->join_purchases(dogs, 100);
  place.put("cats/a", State::Held);
  auto told = place.told();
  std::sort(told.begin(), told.end());
  CHECK(told == Words{"failure cats/a", "manifest cats"});
  place.forget();
  place.store->publish_manifest(dogs, at(2));
  CHECK(place.told().size() == 2);
}

TEST_CASE(
    "a job whose missing pictures are bought again is told of again, and its manifest after that alone") {
  Place place;
  take_in(*place.store, "cats", jobs(1));
  auto task = place.store->wanted("cats/1")->task;
  task.state = State::Done;
  Batch batch{{task}, {}};
  batch.at = at(1);
  batch.refills = {{task.id, 1, 2, "refill", "{}"}};
  auto const refill = place.store->commit(batch).at(0);
  CHECK(place.told() == Words{"job cats/1"});
  place.forget();
  auto rest = refill;
  SUBCASE("done") {
    rest.state = State::Done;
    place.store->commit({{rest}, {}});
    auto told = place.told();
    std::sort(told.begin(), told.end());
    CHECK(told == Words{"job cats/1", "manifest cats"});
  }
  SUBCASE("failed") {
    rest.state = State::Failed;
    place.store->commit({{rest}, {}});
    auto told = place.told();
    std::sort(told.begin(), told.end());
    CHECK(told == Words{"failure cats/1", "manifest cats"});
  }
}

TEST_CASE("a manifest is over when the job that alone was still to get pictures is dropped from it") {
  Place place;
  take_in(*place.store, "cats", jobs(2));
  Batch batch;
  for (auto const* const name : {"cats/1", "cats/2"}) {
    auto task = place.store->wanted(name)->task;
    task.state = State::Done;
    batch.tasks.push_back(task);
  }
  batch.at = at(1);
  batch.refills = {{batch.tasks[1].id, 1, 2, "refill", "{}"}};
  place.store->commit(batch);
  place.forget();
  take_in(*place.store, "cats", jobs(1));
  CHECK(place.told() == Words{"manifest cats"});
}

TEST_CASE("an account that stops is told of once, with all its models, and again after it went well") {
  Place place;
  auto const commit = [&](std::vector<LaneRow> lanes) {
    Batch batch{{}, std::move(lanes)};
    batch.at = at(3);
    place.store->commit(batch);
  };
  commit({stopped("wan2.6-image", "InvalidApiKey: no"), stopped("wan2.6-t2i", "InvalidApiKey: no"),
          stopped("wan2.6-t2i", "Arrearage: pay", "studio")});
  auto rows = place.store->hooks(9);
  REQUIRE(rows.size() == 2);
  CHECK(rows[0].event == HookEvent::Stopped);
  CHECK(rows[0].account.empty());
  CHECK(rows[0].models == Words{"wan2.6-image", "wan2.6-t2i"});
  CHECK(rows[0].message == "InvalidApiKey: no");
  CHECK(rows[1].account == "studio");
  commit({stopped("wan2.6-image", "InvalidApiKey: still no")});
  CHECK(place.store->hooks(9).size() == 2);
  place.again();
  commit({stopped("wan2.6-image", "InvalidApiKey: still no")});
  CHECK(place.store->hooks(9).size() == 2);
  LaneRow fair;
  fair.model = "wan2.6-image";
  commit({fair});
  commit({stopped("wan2.6-image", "Arrearage: pay")});
  CHECK(place.store->hooks(9).size() == 3);
}

TEST_CASE("what is not told yet is there after a crash, under the same id, and due at once") {
  Place place;
  take_in(*place.store, "cats", jobs(1));
  place.put("cats/1", State::Failed);
  auto rows = place.store->hooks(9);
  REQUIRE(rows.size() == 2);
  HookEnd const late{rows[0].number, false, at(100'000), 2}, over{rows[1].number, true, {}, 1};
  place.store->end_hooks(std::vector{late, over}, {{"hooks", "3"}});
  auto const id = rows[0].id;
  place.again();
  rows = place.store->hooks(9);
  REQUIRE(rows.size() == 1);
  CHECK(rows[0].id == id);
  CHECK(rows[0].tries == 2);
  CHECK(rows[0].due == at(900));
  CHECK(place.store->fact("hooks") == "3");
  CHECK(open_reader(place.folder / "wanspool.db")->hooks_waiting() == 1);
}

// A statement would fail: there is no table at all.
TEST_CASE("where nothing is watched the end of a transaction asks nothing, and nothing listens") {
  TempFolder const folder;
  std::ofstream{folder / "blank.db"};
  sqlite::Db db{folder / "blank.db", sqlite::Db::Access::ReadWrite};
  HookWatch watch;
  watch.collect(db, at(0));
  watch.watch(db, {});
  watch.collect(db, at(0));
  CHECK(db.value<int>("SELECT count(*) FROM sqlite_temp_schema") == 0);
  CHECK_THROWS(watch.watch(db, {HookEvent::Job}));
}

TEST_CASE("what nobody watches is not written, and what nobody watches any more is dropped") {
  Place place;
  place.store->watch_hooks({}, at(0));
  take_in(*place.store, "cats", jobs(2));
  place.put("cats/1", State::Done);
  place.store->commit({{}, {stopped("wan2.6-t2i", "Arrearage: pay")}});
  CHECK(place.told().empty());
  place.store->watch_hooks({HookEvent::Manifest, HookEvent::Failure}, at(0));
  CHECK(place.told().empty());
  place.put("cats/2", State::Failed);
  auto told = place.told();
  std::sort(told.begin(), told.end());
  CHECK(told == Words{"failure cats/2", "manifest cats"});
  place.again({HookEvent::Failure});
  CHECK(place.told() == Words{"failure cats/2"});
}

TEST_CASE("the end of what was dropped while it ran does not end what has happened since") {
  Place place;
  take_in(*place.store, "cats", jobs(2));
  place.put("cats/1", State::Failed);
  HookEnd const end{place.store->hooks(1).at(0).number, true, {}, 1};
  place.store->watch_hooks({HookEvent::Job}, at(0));
  place.store->watch_hooks({HookEvent::Failure}, at(0));
  place.put("cats/2", State::Failed);
  place.store->end_hooks({&end, 1}, {});
  CHECK(place.told() == Words{"failure cats/2"});
}

TEST_CASE("what did not happen in the end is not told") {
  Place place;
  take_in(*place.store, "cats", jobs(1));
  auto task = place.store->wanted("cats/1")->task;
  task.state = State::Done;
  Task strange;
  strange.id = 4711;
  CHECK_THROWS(place.store->commit({{task, strange}, {}}));
  CHECK(place.told().empty());
  place.put("cats/1", State::Failed);
  CHECK(place.told().size() == 2);
}

TEST_CASE("of a long manifest no job is looked at for every one that ends") {
  Place place;
  constexpr int kJobs = 3000;
  take_in(*place.store, "cats", jobs(kJobs));
  for (int i = 1; i <= kJobs; i += 100) {
    Batch batch;
    batch.at = at(1);
    for (int k = i; k < i + 100; ++k) {
      batch.tasks.push_back(place.store->wanted("cats/" + std::to_string(k))->task);
      batch.tasks.back().state = State::Failed;
    }
    place.store->commit(batch);
  }
  auto const told = place.store->hooks(kJobs + 9);
  CHECK(told.size() == kJobs + 1);
  CHECK(std::count_if(told.begin(), told.end(),
                      [](HookRow const& each) { return each.event == HookEvent::Manifest; }) == 1);
}

TEST_SUITE_END();
