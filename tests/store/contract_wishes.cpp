#include <doctest/doctest.h>

#include "store/contract.h"
#include "store/support.h"

namespace wanspool {
namespace {

Task held(Task task) {
  task.state = State::Held;
  task.times.sent = at(1);
  task.possible_until = at(2);
  task.reserved = task.price * task.wanted;
  return task;
}

Task find_orphan(Store& store, std::string const& task_id, std::int64_t candidate_for) {
  Batch batch{{}, {}};
  batch.orphans = {{{task_id, "request", "wan2.6-image", "SUCCEEDED", "key", "account", at(3)},
                    at(4),
                    Money{200000},
                    2,
                    {candidate_for}}};
  return store.commit(batch)[0];
}

NewTake take(std::string const& job, int number) {
  auto const n = std::to_string(number);
  return {job, number, "fingerprint of " + job + n, "body of " + job + n};
}

std::vector<Task> redo(Store& store, std::string const& job, int number) {
  return store.apply({"redo " + job + std::to_string(number), at(60), {take(job, number)}, {}});
}

std::vector<Task> adopt(Store& store, std::string const& job, std::string const& task_id) {
  return store.apply({"adopt " + job + task_id, at(60), {}, {{job, task_id, "its request", at(40)}}});
}

}  // namespace

void contract_of_wishes(OpenStore const& open) {
  auto store = open();
  auto sized = job("a", 1);
  sized.size = "8*9";
  take_in(*store, "cats", {sized, job("b/c", 2)});
  auto const task = all_queued(*store)[0], other = all_queued(*store)[1];

  SUBCASE("a job is found by its whole name") {
    auto const wanted = store->wanted("cats/b/c");
    REQUIRE(wanted);
    CHECK(wanted->task == other);
    CHECK(wanted->base == "fingerprint-b/c");
    CHECK(wanted->body == store->body(other.id));
    CHECK(wanted->takes == 1);
    for (auto const* name : {"cats", "cats/", "cats/b", "b/c", ""}) CHECK_FALSE(store->wanted(name));
    auto const id = store->begin_manifest(manifest("ants", "x"));
    store->add_jobs(id, std::vector{job("ant")});
    CHECK_FALSE(store->wanted("ants/ant"));
  }
  SUBCASE("a command has its effect once") {
    auto doubt = held(task);
    store->commit({{doubt}, {}});
    CHECK_FALSE(store->has_had_effect("redo cats/a2"));
    CHECK(redo(*store, "cats/a", 2).size() == 2);
    CHECK(store->has_had_effect("redo cats/a2"));
    CHECK(redo(*store, "cats/a", 2).empty());
    CHECK(store->tally().total() == 3);
  }
  SUBCASE("the next take is a new purchase in the job's name") {
    auto bought = task;
    bought.state = State::Done;
    bought.spent = Money{7};
    store->commit({{bought}, {}});
    auto const changed = redo(*store, "cats/a", 2);
    REQUIRE(changed.size() == 1);
    auto fresh = task;
    fresh.id = changed[0].id;
    fresh.take = 2;
    fresh.due = fresh.times.queued = at(60);
    CHECK(changed[0] == fresh);
    CHECK(fresh.size == "8*9");
    auto const wanted = store->wanted("cats/a");
    CHECK(wanted->task == fresh);
    CHECK(wanted->base == "fingerprint-a");
    CHECK(wanted->body == "body of cats/a2");
    CHECK(wanted->takes == 2);
    CHECK(store->tally().spent == Money{7});
    CHECK(store->tally()[State::Queued] == 2);
  }
  SUBCASE("a job with a later take is known when its manifest comes again") {
    auto bought = task;
    bought.state = State::Done;
    store->commit({{bought}, {}});
    redo(*store, "cats/a", 2);
    auto const taken = take_in(*store, "cats", {job("a"), job("b/c")}, at(70));
    CHECK(taken.jobs == 2);
    CHECK(taken.fresh == 0);
    CHECK(taken.again == 0);
    CHECK(store->wanted("cats/a")->task.take == 2);
  }
  SUBCASE("takes are counted over all jobs that share a purchase") {
    take_in(*store, "dogs", {job("rex", 1, "a")});
    auto bought = task;
    bought.state = State::Done;
    store->commit({{bought}, {}});
    redo(*store, "cats/a", 2);
    CHECK(store->wanted("dogs/rex")->takes == 2);
    CHECK(store->wanted("dogs/rex")->task.take == 1);
    redo(*store, "dogs/rex", 3);
    CHECK(store->wanted("cats/a")->takes == 3);
    CHECK(store->wanted("cats/a")->task.take == 2);
    CHECK(store->wanted("dogs/rex")->task.name == "dogs/rex");
    // What was still to be copied for it is not wanted any more.
    CHECK(store->undelivered(9).empty());
  }
  SUBCASE("a doubt that ends by another take was perhaps paid") {
    store->commit({{held(task)}, {}});
    auto const changed = redo(*store, "cats/a", 2);
    REQUIRE(changed.size() == 2);
    CHECK(changed[0].id == task.id);
    CHECK(changed[0].state == State::Failed);
    CHECK(changed[0].error.code == "GivenUp");
    CHECK(changed[0].uncertain == Money{400000});
    CHECK(changed[0].reserved == Money{});
    CHECK(changed[0].possible_until == Instant{});
    CHECK(store->tally().uncertain == Money{400000});
    CHECK(store->tally().reserved == Money{});
  }
  SUBCASE("what it may have bought carries the money if it is there") {
    store->commit({{held(task)}, {}});
    find_orphan(*store, "O", task.id);
    auto const changed = redo(*store, "cats/a", 2);
    CHECK(changed[0].uncertain == Money{});
    CHECK(store->tally().uncertain == Money{});
    CHECK(store->tally().reserved == Money{400000});
    CHECK(store->orphan({}, "O"));
  }
  SUBCASE("what still comes is not bought again") {
    CHECK_THROWS_AS(redo(*store, "cats/a", 2), std::logic_error);
    auto running = task;
    running.state = State::Running;
    store->commit({{running}, {}});
    CHECK_THROWS_AS(redo(*store, "cats/a", 2), std::logic_error);
    auto in_flight = task;
    in_flight.state = State::Submitting;
    store->commit({{in_flight}, {}});
    CHECK_THROWS_AS(redo(*store, "cats/a", 2), std::logic_error);
    in_flight.possible_until = at(5);
    store->commit({{in_flight}, {}});
    CHECK(redo(*store, "cats/a", 2).size() == 2);
  }
  SUBCASE("an id that nobody knew becomes the held job's own") {
    store->commit({{held(task)}, {}});
    auto const changed = adopt(*store, "cats/a", "T");
    auto expected = held(task);
    expected.state = State::Submitted;
    expected.task_id = "T";
    expected.request_id = "its request";
    expected.adopted = true;
    expected.possible_until = {};
    expected.times.accepted = at(40);
    expected.due = at(60);
    CHECK(changed == std::vector{expected});
    CHECK(store->active() == changed);
    CHECK(store->tally().reserved == Money{400000});
  }
  SUBCASE("an adopted orphan that runs goes on as the job's purchase") {
    store->commit({{held(task)}, {}});
    auto orphan = find_orphan(*store, "O", task.id);
    orphan.state = State::Running;
    orphan.times.running = at(30);
    orphan.due = at(31);
    store->commit({{orphan}, {}});
    auto const changed = adopt(*store, "cats/a", "O");
    auto expected = task;
    expected.state = State::Running;
    expected.due = at(31);
    expected.task_id = "O";
    expected.request_id = "request";
    expected.adopted = true;
    expected.reserved = Money{400000};
    expected.times.sent = at(1);
    expected.times.accepted = at(4);
    expected.times.running = at(30);
    CHECK(changed == std::vector{expected});
    CHECK(store->active() == changed);
    CHECK_FALSE(store->orphan({}, "O"));
    CHECK(store->tally().reserved == Money{400000});
    CHECK(store->tally().total() == 2);
  }
  SUBCASE("an adopted orphan that is done has to be brought to the job's folder") {
    store->commit({{held(task)}, {}});
    auto orphan = distinct(find_orphan(*store, "O", task.id));
    orphan.account.clear();
    orphan.state = State::Done;
    orphan.task_id = "O";
    orphan.reserved = {};
    orphan.spent = Money{400000};
    orphan.uncertain = {};
    store->commit({{orphan}, {}});
    auto const changed = adopt(*store, "cats/a", "O");
    REQUIRE(changed.size() == 1);
    CHECK(changed[0].state == State::Downloading);
    CHECK(changed[0].due == at(60));
    CHECK(changed[0].times.done == Instant{});
    CHECK(changed[0].spent == Money{400000});
    CHECK(changed[0].document == orphan.document);
    CHECK(changed[0].usage == orphan.usage);
    CHECK(changed[0].image_count == orphan.image_count);
    REQUIRE(changed[0].pictures.size() == 3);
    CHECK(changed[0].pictures[1].file.empty());
    CHECK(changed[0].pictures[1].sha256 == orphan.pictures[1].sha256);
    CHECK(store->tally().pictures == 0);
    CHECK(store->tally().spent == Money{400000});
    CHECK(store->tally().reserved == Money{});
    CHECK(store->tally()[State::Downloading] == 1);
  }
  SUBCASE("a job that waits can adopt an orphan, and no task that is not known") {
    store->commit({{held(other)}, {}});
    find_orphan(*store, "O", other.id);
    CHECK_THROWS_AS(adopt(*store, "cats/a", "U"), std::logic_error);
    auto const changed = adopt(*store, "cats/a", "O");
    REQUIRE(changed.size() == 1);
    CHECK(changed[0].id == task.id);
    CHECK(changed[0].task_id == "O");
    CHECK(changed[0].adopted);
    CHECK(store->tally()[State::Queued] == 0);
  }
  SUBCASE("nothing is adopted where there is no doubt, and nothing that is another job's") {
    auto theirs = other;
    theirs.state = State::Running;
    theirs.task_id = "T";
    store->commit({{theirs}, {}});
    CHECK_THROWS_AS(adopt(*store, "cats/a", "U"), std::logic_error);
    store->commit({{held(task)}, {}});
    CHECK_THROWS_AS(adopt(*store, "cats/a", "T"), std::logic_error);
    CHECK_THROWS_AS(adopt(*store, "cats/x", "U"), std::logic_error);
    CHECK_THROWS_AS(redo(*store, "cats/x", 2), std::logic_error);
    CHECK_FALSE(store->has_had_effect("adopt cats/aT"));
    CHECK(adopt(*store, "cats/a", "U").size() == 1);
  }
  SUBCASE("a command is all or nothing") {
    store->commit({{held(task)}, {}});
    Effects const effects{"both", at(1), {take("cats/a", 2), take("cats/b/c", 2)}, {}};
    CHECK_THROWS(store->apply(effects));
    CHECK(store->held(Instant{}).size() == 1);
    CHECK(store->tally().uncertain == Money{});
    CHECK(store->wanted("cats/a")->takes == 1);
  }
}

}  // namespace wanspool
