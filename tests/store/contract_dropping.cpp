#include <doctest/doctest.h>

#include "store/contract.h"
#include "store/support.h"

namespace wanspool {
namespace {

using Names = std::vector<std::string>;

Names names(std::vector<Task> const& tasks) {
  Names found;
  for (auto const& each : tasks) found.push_back(each.name);
  return found;
}

Task put(Store& store, std::string const& job, State state) {
  auto task = store.wanted(job)->task;
  task.state = state;
  bool const sent = state >= State::Submitting && state <= State::Downloading;
  task.reserved = sent || state == State::Held ? task.price * task.wanted : Money{};
  if (state == State::Done) {
    task.spent = task.price * task.wanted;
    task.pictures = {{1, "", at(9), "image-1.png", "sha", 5, 6, 7, 0, ""}};
  }
  store.commit({{task}, {}});
  return task;
}

Taken drop(Store& store, NewManifest const& row, std::vector<NewJob> const& jobs, Instant now = at(50)) {
  auto const id = store.begin_manifest(row);
  REQUIRE(store.add_jobs(id, jobs).empty());
  auto const before = store.tally();
  auto const guess = store.estimate_manifest(id);
  auto const said = store.preview_manifest(id);
  CHECK(store.tally().tasks == before.tasks);
  CHECK(guess.pictures == said.pictures);
  CHECK(guess.price == said.price);
  CHECK(guess.waiting >= said.waiting);
  CHECK(guess.to_come >= said.to_come);
  CHECK_FALSE(said.live);
  auto const taken = store.publish_manifest(id, now);
  CHECK(said.jobs == taken.jobs);
  CHECK(said.fresh == taken.fresh);
  CHECK(said.changed == taken.changed);
  CHECK(said.again == taken.again);
  CHECK(said.retired == taken.retired);
  CHECK(said.pictures == taken.pictures);
  CHECK(said.price == taken.price);
  return taken;
}

Taken drop(Store& store, std::string const& name, std::vector<NewJob> const& jobs, Instant now = at(50)) {
  static int claims = 0;
  return drop(store, manifest(name, "drop-" + std::to_string(++claims), now), jobs, now);
}

NewManifest with_terms(std::string const& claim, Priority priority, Instant deadline) {
  auto row = manifest("cats", claim);
  row.terms.priority = priority;
  row.terms.deadline = deadline;
  return row;
}

}  // namespace

void contract_of_dropping_again(OpenStore const& open) {
  auto store = open();
  take_in(*store, "cats", {job("a", 1), job("b", 2)});
  auto const old = store->wanted("cats/a")->task.id;

  SUBCASE("the same: nothing is bought, whatever take its job has") {
    put(*store, "cats/a", State::Done);
    store->apply({"redo", at(1), {{"cats/a", 2, "another", "{}"}}, {}});
    auto const taken = drop(*store, "cats", {job("a", 3), job("b", 4)});
    CHECK(taken.jobs == 2);
    CHECK(taken.fresh + taken.changed + taken.again + taken.retired + taken.pictures == 0);
    CHECK(store->job("cats", "a")->line == 3);
    CHECK(store->wanted("cats/a")->task.take == 2);
  }
  SUBCASE("changed, not yet sent: the old one is never bought") {
    auto const taken = drop(*store, "cats", {job("a", 1, "other"), job("b", 2)});
    CHECK(taken.changed == 1);
    CHECK(taken.pictures == 2);
    CHECK(taken.price == Money{400000});
    CHECK(store->tally()[State::Canceled] == 1);
    CHECK(names(all_queued(*store)) == Names{"cats/b", "cats/a"});
    CHECK(store->job("cats", "a")->fingerprint == "fingerprint-other");
    CHECK(store->body(store->wanted("cats/a")->task.id) == "{\"prompt\":\"other\"}");
  }
  SUBCASE("changed, not yet sent, but wanted by somebody else: it is bought in their name") {
    take_in(*store, "dogs", {job("rex", 1, "a")});
    drop(*store, "cats", {job("a", 1, "other"), job("b", 2)});
    CHECK(store->tally()[State::Canceled] == 0);
    CHECK(store->wanted("dogs/rex")->task.id == old);
    CHECK(store->wanted("dogs/rex")->task.name == "dogs/rex");
  }
  SUBCASE("changed, in flight: the new one waits until the old one is over or held") {
    for (auto const state : {State::Submitting, State::Submitted, State::Running, State::Downloading}) {
      put(*store, "cats/a", state);
    }
    auto older = store->active()[0];
    drop(*store, "cats", {job("a", 1, "other"), job("b", 2)});
    CHECK(names(all_queued(*store)) == Names{"cats/b"});
    CHECK(store->active()[0].id == old);
    CHECK(store->job("cats", "a")->task.state == State::Queued);
    SUBCASE("done") {
      older.state = State::Done;
    }
    SUBCASE("failed") {
      older.state = State::Failed;
    }
    SUBCASE("held") {
      older.state = State::Held;
    }
    store->commit({{older}, {}});
    CHECK(names(all_queued(*store)) == Names{"cats/b", "cats/a"});
    CHECK_FALSE(store->job("cats", "a")->delivered);
  }
  SUBCASE("changed, in flight, and then refused: it does not come back to the queue") {
    auto older = put(*store, "cats/a", State::Submitting);
    drop(*store, "cats", {job("a", 1, "other"), job("b", 2)});
    older.state = State::Queued;
    older.reserved = {};
    store->commit({{older}, {}});
    CHECK(names(all_queued(*store)) == Names{"cats/b", "cats/a"});
    CHECK(all_queued(*store)[1].id != old);
    CHECK(store->tally()[State::Canceled] == 1);
  }
  SUBCASE("changed, done: bought anew, and the old pictures and money stay the job's") {
    put(*store, "cats/a", State::Done);
    drop(*store, "cats", {job("a", 1, "other"), job("b", 2)});
    CHECK(all_queued(*store).size() == 2);
    auto const row = store->job("cats", "a");
    CHECK_FALSE(row->delivered);
    CHECK(row->task.state == State::Queued);
    CHECK(store->spent_by("cats").spent == Money{400000});
    CHECK(store->spent_by("cats").pictures == 1);
    CHECK(store->undelivered(9).empty());
    put(*store, "cats/a", State::Done);
    CHECK(store->job("cats", "a")->delivered);
    CHECK(store->spent_by("cats").spent == Money{800000});
  }
  SUBCASE("changed to what somebody else bought: it gets that") {
    take_in(*store, "dogs", {job("rex")});
    put(*store, "dogs/rex", State::Done);
    put(*store, "cats/a", State::Done);
    CHECK(drop(*store, "cats", {job("a", 1, "rex"), job("b", 2)}).pictures == 0);
    REQUIRE(store->undelivered(9).size() == 1);
    CHECK(store->undelivered(9)[0].name == "cats/a");
    CHECK(store->undelivered(9)[0].task.name == "dogs/rex");
  }
  SUBCASE("changed back: what was bought is delivered again") {
    put(*store, "cats/a", State::Done);
    drop(*store, "cats", {job("a", 1, "other"), job("b", 2)});
    SUBCASE("before the other one was sent") {
      CHECK(drop(*store, "cats", {job("a", 1), job("b", 2)}).pictures == 0);
      CHECK(store->tally()[State::Canceled] == 1);
    }
    SUBCASE("while the other one is on its way, which comes first and is replaced") {
      auto other = put(*store, "cats/a", State::Running);
      drop(*store, "cats", {job("a", 1), job("b", 2)});
      store->commit({.tasks = {}, .lanes = {}, .delivered = {store->undelivered(1)[0].job}});
      CHECK(store->job("cats", "a")->delivered);
      other.state = State::Done;
      other.reserved = {};
      store->commit({{other}, {}});
    }
    CHECK(store->wanted("cats/a")->task.id == old);
    REQUIRE(store->undelivered(9).size() == 1);
    CHECK(store->undelivered(9)[0].task.id == old);
  }
  SUBCASE("two jobs that exchange their requests exchange their purchases") {
    auto const other = store->wanted("cats/b")->task.id;
    auto const taken = drop(*store, "cats", {job("a", 1, "b"), job("b", 2, "a")});
    CHECK(taken.changed == 2);
    CHECK(taken.pictures == 0);
    CHECK(store->wanted("cats/a")->task.id == other);
    CHECK(store->wanted("cats/a")->task.name == "cats/a");
    CHECK(store->wanted("cats/b")->task.name == "cats/b");
    CHECK(store->tally()[State::Queued] == 2);
  }
  SUBCASE("gone, waiting: canceled, and queued again when it is named again") {
    CHECK(drop(*store, "cats", {job("b", 2)}).retired == 1);
    CHECK(store->job("cats", "a")->retired);
    CHECK(store->tally()[State::Canceled] == 1);
    CHECK(drop(*store, "cats", {job("b", 2)}).retired == 0);
    auto const taken = drop(*store, "cats", {job("a", 1), job("b", 2)});
    CHECK(taken.again == 1);
    CHECK(taken.pictures == 2);
    CHECK_FALSE(store->job("cats", "a")->retired);
    CHECK(store->tally()[State::Queued] == 2);
  }
  SUBCASE("gone, waiting, but wanted by somebody else: bought in their name") {
    take_in(*store, "dogs", {job("rex", 1, "a")});
    drop(*store, "cats", {job("b", 2)});
    CHECK(store->wanted("dogs/rex")->task.name == "dogs/rex");
    CHECK(store->tally()[State::Canceled] == 0);
  }
  SUBCASE("gone, in flight: finishes") {
    put(*store, "cats/a", State::Running);
    drop(*store, "cats", {job("b", 2)});
    CHECK(store->active().size() == 1);
    CHECK(store->jobs_of(old) == Names{"cats/a"});
  }
  SUBCASE("gone, done: stays, shown as retired") {
    put(*store, "cats/a", State::Done);
    drop(*store, "cats", {job("b", 2)});
    CHECK(store->job("cats", "a")->retired);
    CHECK(store->job("cats", "a")->delivered);
    CHECK(store->job("cats", "a")->task.state == State::Done);
    CHECK(drop(*store, "cats", {job("a", 1), job("b", 2)}).again == 0);
    CHECK_FALSE(store->job("cats", "a")->retired);
  }
  SUBCASE("a part of a manifest retires nothing") {
    auto row = manifest("cats", "part");
    row.partial = true;
    CHECK(drop(*store, row, {job("b", 2)}).retired == 0);
    CHECK_FALSE(store->job("cats", "a")->retired);
  }
  SUBCASE("a drop that is taken back leaves no trace of what it changed") {
    auto const before = all_queued(*store);
    auto const id = store->begin_manifest(manifest("cats", "x"));
    auto moved = job("b", 9);
    moved.place = "elsewhere";
    moved.vars = "{}";
    store->add_jobs(id, std::vector{job("a", 1, "other"), moved, job("c")});
    CHECK(store->job("cats", "a")->fingerprint == "fingerprint-a");
    CHECK(store->job("cats", "b")->place.empty());
    store->preview_manifest(id);
    SUBCASE("by a person") {
      store->drop_manifest(id);
    }
    SUBCASE("by a crash") {
      store.reset();
      store = open();
      store->drop_arriving();
    }
    CHECK(all_queued(*store) == before);
    CHECK(store->job("cats", "b")->line == 2);
    CHECK_FALSE(store->unfinished("fingerprint-other"));
    CHECK(drop(*store, "cats", {job("a", 1), job("b", 2)}).changed == 0);
  }
  SUBCASE("what a drop was about to buy for a changed job stays with another that wants it") {
    auto const id = store->begin_manifest(manifest("cats", "x"));
    store->add_jobs(id, std::vector{job("a", 1, "other")});
    auto const dogs = store->begin_manifest(manifest("dogs", "y"));
    store->add_jobs(dogs, std::vector{job("rex", 1, "other")});
    CHECK(store->preview_manifest(dogs).pictures == 2);
    store->drop_manifest(id);
    CHECK(store->publish_manifest(dogs, at(1)).pictures == 2);
    CHECK(store->wanted("dogs/rex")->task.name == "dogs/rex");
    CHECK(store->tally()[State::Queued] == 3);
  }
  SUBCASE("pictures that belong elsewhere are delivered anew") {
    put(*store, "cats/a", State::Done);
    auto moved = job("a", 1);
    moved.place = "elsewhere/a";
    drop(*store, "cats", {moved, job("b", 2)});
    REQUIRE(store->undelivered(9).size() == 1);
    CHECK(store->undelivered(9)[0].place == "elsewhere/a");
    CHECK(store->job("cats", "a")->task.place == "elsewhere/a");
  }
  SUBCASE("a delivery that a drop has overtaken counts for nothing") {
    put(*store, "cats/a", State::Done);
    auto moved = job("a", 1);
    moved.place = "elsewhere/a";
    drop(*store, "cats", {moved, job("b", 2)});
    auto const under_way = store->undelivered(9)[0].job;
    moved.place = "nowhere/a";
    drop(*store, "cats", {moved, job("b", 2)});
    store->undelivered(9);
    store->commit({.tasks = {}, .lanes = {}, .delivered = {under_way}});
    REQUIRE(store->undelivered(9).size() == 1);
    CHECK(store->undelivered(9)[0].place == "nowhere/a");
    store->commit({.tasks = {}, .lanes = {}, .delivered = {under_way}});
    CHECK(store->undelivered(9).empty());
    CHECK(store->job("cats", "a")->delivered);
  }
  SUBCASE("what waits in a manifest's name is counted beside what a drop newly buys") {
    put(*store, "cats/a", State::Done);
    store->apply({"redo", at(1), {{"cats/a", 2, "another", "{}"}}, {}});
    put(*store, "cats/b", State::Running);
    auto const before = store->spent_by("cats");
    CHECK(before.waiting == Money{400000});
    CHECK(before.to_come == 4);
    auto row = manifest("cats", "part");
    row.partial = true;
    auto const part = store->begin_manifest(row);
    store->add_jobs(part, std::vector{job("c")});
    CHECK(store->preview_manifest(part).price == Money{400000});
    CHECK(store->preview_manifest(part).waiting == Money{400000});
    CHECK(store->preview_manifest(part).to_come == 4);
    store->drop_manifest(part);
    auto const whole = store->begin_manifest(manifest("cats", "whole"));
    store->add_jobs(whole, std::vector{job("a", 1, "other"), job("b")});
    CHECK(store->preview_manifest(whole).price == Money{400000});
    CHECK(store->preview_manifest(whole).waiting == Money{});
    CHECK(store->preview_manifest(whole).to_come == 2);
  }
  SUBCASE("what is queued again counts as newly bought alone") {
    put(*store, "cats/a", State::Failed);
    auto const id = store->begin_manifest(manifest("cats", "again"));
    store->add_jobs(id, std::vector{job("a"), job("b")});
    auto const said = store->preview_manifest(id);
    CHECK(said.price == Money{400000});
    CHECK(said.waiting == Money{400000});
    CHECK(said.to_come == 2);
  }
  SUBCASE("takes of one request are counted together") {
    auto second = job("t2", 1, "a-2");
    second.base = "fingerprint-a";
    second.take = 2;
    drop(*store, "cats", {job("a"), job("b"), second});
    CHECK(store->wanted("cats/a")->takes == 2);
    CHECK(store->wanted("cats/t2")->base == "fingerprint-a");
    CHECK(store->wanted("cats/t2")->task.take == 2);
  }
  SUBCASE("what a job was made of is kept, and so is what its drop was") {
    auto made = job("c", 3);
    made.vars = "{\"dish\":\"rice\"}";
    made.place = "dishes/rice";
    auto row = manifest("cats", "x");
    row.owner = 1000;
    drop(*store, row, {job("a"), job("b"), made});
    CHECK(store->job("cats", "c")->vars == made.vars);
    CHECK(store->job("cats", "c")->task.place == made.place);
    CHECK(store->job("cats", "c")->manifest_sha256 == "sha-of-x");
    CHECK(store->owner_of("cats") == 1000);
    CHECK_FALSE(store->owner_of("dogs"));
    Names seen;
    store->jobs("cats", [&](JobRow const& each) { return seen.push_back(each.job), true; });
    CHECK(seen == Names{"a", "b", "c"});
  }
}

void contract_of_terms(OpenStore const& open) {
  auto store = open();
  take_in(*store, "cats", {job("a", 1), job("b", 2)});

  SUBCASE("who has priority is queued first") {
    drop(*store, with_terms("x", Priority::Low, {}), {job("a"), job("b")});
    take_in(*store, "dogs", {job("rex")}, at(60));
    CHECK(names(all_queued(*store)) == Names{"dogs/rex", "cats/a", "cats/b"});
    drop(*store, with_terms("y", Priority::High, {}), {job("a"), job("b")});
    CHECK(names(all_queued(*store)) == Names{"cats/a", "cats/b", "dogs/rex"});
  }
  SUBCASE("a deadline holds for what is queued, also where nothing else changed") {
    auto const sent = put(*store, "cats/b", State::Running);
    auto const taken = drop(*store, with_terms("x", Priority::Normal, at(99)), {job("a"), job("b")});
    CHECK(taken.changed + taken.again + taken.pictures == 0);
    CHECK(store->wanted("cats/a")->task.deadline == at(99));
    CHECK(store->active() == std::vector{sent});
    drop(*store, with_terms("y", Priority::Normal, {}), {job("a"), job("b")});
    CHECK(store->wanted("cats/a")->task.deadline == Instant{});
  }
  SUBCASE("a shared purchase has the highest priority and the latest deadline of those that want it") {
    drop(*store, with_terms("x", Priority::High, at(99)), {job("a"), job("b")});
    auto dogs = manifest("dogs", "d");
    dogs.terms.priority = Priority::Low;
    dogs.terms.deadline = at(200);
    drop(*store, dogs, {job("rex", 1, "b")});
    CHECK(store->wanted("cats/b")->task.deadline == at(200));
    CHECK(names(all_queued(*store)) == Names{"cats/a", "cats/b"});
    drop(*store, with_terms("y", Priority::Low, at(99)), {job("a"), job("b")});
    CHECK(store->wanted("cats/b")->task.deadline == at(200));
    take_in(*store, "ants", {job("ant", 1, "b")});
    CHECK(store->wanted("cats/b")->task.deadline == Instant{});
    CHECK(names(all_queued(*store)) == Names{"cats/b", "cats/a"});
  }
  SUBCASE("what is arriving is passed over, however urgent it is") {
    auto dogs = manifest("dogs", "d");
    dogs.terms.priority = Priority::High;
    auto const id = store->begin_manifest(dogs);
    store->add_jobs(id, jobs(5));
    CHECK(names(all_queued(*store)) == Names{"cats/a", "cats/b"});
    store->publish_manifest(id, at(1));
    CHECK(all_queued(*store)[0].name == "dogs/1");
  }
}

}  // namespace wanspool
