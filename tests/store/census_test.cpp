#include <doctest/doctest.h>

#include "store/housekeeping.h"
#include "store/support.h"

TEST_SUITE_BEGIN("store");

using namespace wanspool;

namespace {

// Counted by looking at each.
Census by_walking(Reader& reader, std::string const& manifest) {
  Census census;
  reader.jobs(manifest, [&](JobRow const& row) {
    census.is_known = true;
    if (row.retired)
      ++census.retired;
    else
      ++census.jobs[static_cast<int>(row.task.state)];
    return true;
  });
  return census;
}

void check_count(Reader& reader, Housekeeping& house, std::string const& manifest) {
  auto const counted = house.census(manifest, 5), walked = by_walking(reader, manifest);
  CHECK(counted.is_known == walked.is_known);
  CHECK(counted.retired == walked.retired);
  for (int state = 0; state < kStates; ++state) {
    CAPTURE(state);
    CHECK(counted.jobs[state] == walked.jobs[state]);
  }
}

void wish(Store& store, std::string const& id, Errand::Verb verb, std::string const& word) {
  ErrandLog log;
  Errand errand;
  errand.id = id;
  errand.verb = verb;
  errand.words = {word};
  while (!log.done) store.run_errand(errand, log, 100, at(9));
}

}  // namespace

TEST_CASE("a census counts what a walk over the jobs shows, whatever was done with them") {
  TempFolder const folder;
  auto const store = open_store(folder / "wanspool.db");
  auto const reader = open_reader(folder / "wanspool.db");
  auto const house = open_housekeeping(folder / "wanspool.db");
  CHECK_FALSE(house->census("cats", 5).is_known);
  take_in(*store, "cats", jobs(8));
  take_in(*store, "dogs", {job("same", 1, "1"), job("own", 2), job("1", 3, "2")});
  for (auto const state : {State::Done, State::Failed, State::Running, State::Held, State::Downloading}) {
    auto task = all_queued(*store).front();
    task.state = state;
    task.creates = 1;
    task.task_id = "id-" + std::to_string(task.id);
    if (state == State::Failed) task.error = {Trouble::Kind::Fatal, "Refused", "no"};
    store->commit({{task}, {}});
    check_count(*reader, *house, "cats");
    check_count(*reader, *house, "dogs");
  }
  wish(*store, "a", Errand::Verb::Pause, "cats/8");
  wish(*store, "b", Errand::Verb::Cancel, "dogs");
  wish(*store, "c", Errand::Verb::Cancel, "cats/4");
  check_count(*reader, *house, "cats");
  check_count(*reader, *house, "dogs");
  CHECK(house->census("cats", 5).paused == 1);
  auto const cats = house->census("cats", 5);
  REQUIRE(cats.failed.size() == 1);
  CHECK(cats.failed.front().task.error.code == "Refused");
  CHECK(cats.held.size() == 1);
  CHECK(house->census("cats", 0).failed.empty());
  take_in(*store, "cats", jobs(7), at(20));
  check_count(*reader, *house, "cats");
  CHECK(house->census("cats", 5).retired == 1);
}

TEST_CASE("manifests are named in their order, and those that share a purchase are found by it") {
  TempFolder const folder;
  auto const store = open_store(folder / "wanspool.db");
  auto const reader = open_reader(folder / "wanspool.db");
  auto const house = open_housekeeping(folder / "wanspool.db");
  CHECK(house->manifests().empty());
  take_in(*store, "dogs", jobs(2));
  take_in(*store, "cats", {job("same", 1, "1")});
  take_in(*store, "ants", {job("ant")});
  CHECK(house->manifests() == std::vector<std::string>{"ants", "cats", "dogs"});
  auto const shared = reader->job("cats", "same")->task.id;
  CHECK(house->manifests_of({shared}) == std::vector<std::string>{"cats", "dogs"});
  CHECK(house->manifests_of({shared + 1'000}).empty());
}

TEST_CASE("bodies are needed while their jobs may be sent, and for a while after they are done") {
  TempFolder const folder;
  auto const store = open_store(folder / "wanspool.db");
  auto const reader = open_reader(folder / "wanspool.db");
  auto const house = open_housekeeping(folder / "wanspool.db");
  auto const bodies = [&](Instant since) {
    std::vector<std::string> found;
    house->bodies_in_need(since, [&](std::string const& body) { found.push_back(body); });
    return found.size();
  };
  auto brings = jobs(2);
  for (auto& each : brings) each.inputs = kLocalInput;
  take_in(*store, "cats", brings);
  take_in(*store, "dogs", {job("plain")});
  CHECK(bodies(at(100)) == 2);
  auto task = all_queued(*store).front();
  task.state = State::Done;
  task.times.done = at(50);
  store->commit({{task}, {}});
  CHECK(bodies(at(50)) == 2);
  CHECK(bodies(at(51)) == 1);
  auto failed = all_queued(*store).front();
  REQUIRE(failed.inputs == kLocalInput);
  failed.state = State::Failed;
  store->commit({{failed}, {}});
  CHECK(bodies(at(51)) == 1);
  // Nobody can ask for it any more: a drop that names it again brings its pictures along.
  take_in(*store, "cats", {job("other", 7)}, at(60));
  CHECK(bodies(at(51)) == 0);
}

TEST_SUITE_END();
