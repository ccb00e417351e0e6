#include <doctest/doctest.h>

#include "store/contract.h"
#include "store/support.h"

namespace wanspool {
namespace {

Task sent(Task task, State state, int when, std::string const& task_id = {}) {
  task.state = state;
  task.times.sent = at(when);
  task.reserved = task.price * task.wanted;
  task.task_id = task_id;
  return task;
}

NewOrphan found(std::string const& task_id, std::vector<std::int64_t> const& candidate_for = {}) {
  return {{task_id, "request of " + task_id, "wan2.6-image", "SUCCEEDED", "key", "account", at(3)},
          at(4),
          Money{100000},
          3,
          candidate_for};
}

std::vector<Task> find(Store& store, std::vector<NewOrphan> const& orphans) {
  Batch batch{{}, {}};
  batch.orphans = orphans;
  batch.at = at(50);
  return store.commit(batch);
}

std::vector<std::string> ids(std::vector<KnownTask> const& known) {
  std::vector<std::string> found;
  for (auto const& each : known) found.push_back(each.task_id);
  return found;
}

using Names = std::vector<std::string>;

}  // namespace

void contract_of_doubts(OpenStore const& open) {
  auto store = open();
  take_in(*store, "cats", jobs(4));
  auto const tasks = all_queued(*store);

  SUBCASE("doubts are active until they end") {
    auto doubt = sent(tasks[0], State::Submitting, 1);
    doubt.possible_until = at(301);
    store->commit({{doubt}, {}});
    CHECK(store->active() == std::vector{doubt});
    CHECK(store->active()[0].in_doubt());
  }
  SUBCASE("held tasks since a moment are found, by id") {
    store->commit({{sent(tasks[2], State::Held, 10), sent(tasks[1], State::Held, 20),
                    sent(tasks[0], State::Held, 5), sent(tasks[3], State::Submitted, 20, "t")},
                   {}});
    auto const held = store->held(at(10));
    REQUIRE(held.size() == 2);
    CHECK(held[0].id == tasks[1].id);
    CHECK(held[1].id == tasks[2].id);
  }
  SUBCASE("every task of the account that we know by its id is found, and when it was made if we can tell") {
    auto a = sent(tasks[0], State::Submitted, 1, "A"), b = sent(tasks[1], State::Done, 12, "B"),
         c = sent(tasks[2], State::Running, 2, "C");
    a.times.accepted = at(2);
    b.times.accepted = at(13);
    c.times.accepted = at(14);
    c.adopted = true;
    store->commit({{a, b, c, sent(tasks[3], State::Held, 20)}, {}});
    find(*store, {found("O")});
    auto const known = store->known(at(2));
    REQUIRE(ids(known) == Names{"A", "O", "B", "C"});
    CHECK(known[0].sent == at(1));
    CHECK(known[0].accepted == at(2));
    CHECK_FALSE(known[0].orphan);
    CHECK(known[1].orphan);
    for (auto const n : {1u, 3u}) {
      CHECK(known[n].sent == Instant{});
      CHECK(known[n].accepted == Instant{});
    }
    CHECK_FALSE(known[3].orphan);
    CHECK(ids(store->known(at(13))) == Names{"B", "C"});
  }
  SUBCASE("an id that a task had before it was sent again is still ours") {
    auto task = sent(tasks[0], State::Running, 1, "A");
    task.times.accepted = at(2);
    store->commit({{task}, {}});
    SUBCASE("sent again") {
      auto again = sent(tasks[0], State::Submitted, 8, "B");
      store->commit({{tasks[0]}, {}});
      store->commit({{again}, {}});
      auto const known = store->known(at(0));
      REQUIRE(ids(known) == Names{"B", "A"});
      CHECK(known[1].sent == at(1));
      CHECK(known[1].accepted == at(2));
      CHECK(ids(store->known(at(3))) == Names{"B"});
    }
    SUBCASE("unless it is an orphan's now") {
      Batch batch{{sent(tasks[0], State::Held, 1)}, {}};
      batch.orphans = {found("A")};
      store->commit(batch);
      CHECK(ids(store->known(at(0))) == Names{"A"});
      CHECK(store->known(at(0))[0].orphan);
    }
    SUBCASE("dropped again after it failed for nothing") {
      task.state = State::Failed;
      task.reserved = {};
      store->commit({{task}, {}});
      CHECK(take_in(*store, "cats", jobs(4)).again == 1);
      CHECK(ids(store->known(at(0))) == Names{"A"});
    }
  }
  SUBCASE("an orphan is a purchase that is paid and nobody's") {
    auto const before = store->tally();
    auto const made = find(*store, {found("O")});
    REQUIRE(made.size() == 1);
    Task orphan;
    orphan.id = made[0].id;
    orphan.name = "orphans/O";
    orphan.model = "wan2.6-image";
    orphan.state = State::Submitted;
    orphan.due = orphan.times.queued = at(50);
    orphan.times.accepted = at(4);
    orphan.wanted = 3;
    orphan.price = Money{100000};
    orphan.reserved = Money{300000};
    orphan.task_id = "O";
    orphan.request_id = "request of O";
    orphan.orphan = true;
    CHECK(made[0] == orphan);
    CHECK(store->orphan({}, "O") == orphan);
    CHECK(store->active() == made);
    CHECK(store->tally()[State::Submitted] == before[State::Submitted] + 1);
    CHECK(store->tally().reserved == before.reserved + Money{300000});
    CHECK_FALSE(store->orphan({}, "P"));
    CHECK_FALSE(store->orphan({}, ""));
  }
  SUBCASE("an orphan that is known stays as it is") {
    auto orphan = find(*store, {found("O")})[0];
    orphan.state = State::Done;
    orphan.spent = orphan.reserved;
    orphan.reserved = {};
    store->commit({{orphan}, {}});
    CHECK(find(*store, {found("O", {tasks[0].id}), found("P")}).size() == 1);
    CHECK(store->orphan({}, "O") == orphan);
    CHECK(store->tally().spent == orphan.spent);
  }
  SUBCASE("what belongs to a job never becomes an orphan") {
    store->commit({{sent(tasks[0], State::Submitted, 1, "A")}, {}});
    CHECK(find(*store, {found("A")}).empty());
    CHECK_FALSE(store->orphan({}, "A"));
    CHECK(store->active().size() == 1);
  }
  SUBCASE("a task may give its id to an orphan in the same commit") {
    auto task = sent(tasks[0], State::Running, 1, "A");
    store->commit({{task}, {}});
    task = sent(tasks[0], State::Held, 1);
    Batch batch{{task}, {}};
    batch.orphans = {found("A", {task.id})};
    CHECK(store->commit(batch).size() == 1);
    CHECK(store->orphan({}, "A"));
  }
  SUBCASE("two tasks never have one id") {
    store->commit({{sent(tasks[0], State::Submitted, 1, "A")}, {}});
    CHECK_THROWS(store->commit({{sent(tasks[1], State::Submitted, 1, "A")}, {}}));
    CHECK(store->active().size() == 1);
  }
  SUBCASE("what is not done is found by its fingerprint") {
    CHECK(store->unfinished("fingerprint-1") == tasks[0]);
    CHECK_FALSE(store->unfinished("other"));
    store->commit({{sent(tasks[0], State::Done, 1, "A"), sent(tasks[1], State::Failed, 1)}, {}});
    CHECK_FALSE(store->unfinished("fingerprint-1"));
    CHECK(store->unfinished("fingerprint-2")->id == tasks[1].id);
  }
}

void contract_of_refills(OpenStore const& open) {
  auto store = open();
  auto more = manifest("cats", "x");
  more.terms.on_doubt = OnDoubt::Hold;
  more.terms.refill = true;
  auto sized = job("tom", 1);
  sized.size = "8*9";
  auto const id = store->begin_manifest(more);
  store->add_jobs(id, std::vector{sized});
  store->publish_manifest(id, at(1));
  auto parent = all_queued(*store)[0];
  parent.state = State::Downloading;
  Batch batch{{parent}, {}};
  batch.refills = {{parent.id, 1, 2, "fingerprint-refill", "{}"}};
  batch.at = at(7);
  auto const made = store->commit(batch);
  REQUIRE(made.size() == 1);

  SUBCASE("a refill is a queued purchase in its parent's name") {
    Task refill;
    refill.id = made[0].id;
    refill.name = "cats/tom";
    refill.model = parent.model;
    refill.due = refill.times.queued = at(7);
    refill.size = "8*9";
    refill.price = parent.price;
    refill.on_doubt = OnDoubt::Hold;
    refill.refill = true;
    refill.refills = 1;
    refill.parent = parent.id;
    refill.first = 2;
    CHECK(made[0] == refill);
    CHECK(all_queued(*store) == made);
    CHECK(store->refills_of(parent.id) == made);
    CHECK(store->refills_of(0).empty());
    CHECK(store->body(refill.id) == "{}");
    CHECK(store->fingerprint(refill.id) == "fingerprint-refill");
    CHECK(store->tally().total() == 2);
  }
  SUBCASE("the refill of a refill is the next one") {
    Batch next{{}, {}};
    next.refills = {{made[0].id, 1, 3, "fingerprint-refill-2", "{}"}};
    auto const second = store->commit(next);
    CHECK(second[0].refills == 2);
    CHECK(store->refills_of(made[0].id) == second);
    CHECK(store->refills_of(parent.id) == made);
  }
  SUBCASE("nothing is refilled for a job that was changed or is gone meanwhile") {
    SUBCASE("changed") {
      take_in(*store, "cats", {job("tom", 1, "other")}, at(8));
    }
    SUBCASE("gone") {
      take_in(*store, "cats", {job("kit")}, at(8));
    }
    auto const before = store->tally().total();
    parent.state = State::Done;
    parent.pictures = {{1, "", at(9), "image-1.png", "sha", 5, 6, 7, 0, ""}};
    Batch late{{parent}, {}};
    late.refills = {{parent.id, 1, 3, "fingerprint-late", "{}"},
                    {made[0].id, 1, 3, "fingerprint-later", "{}"}};
    CHECK(store->commit(late).empty());
    CHECK(store->tally().total() == before);
    CHECK(store->tally()[State::Done] == 1);
    CHECK(all_queued(*store).size() == 1);
  }
  SUBCASE("what somebody else still wants is refilled") {
    take_in(*store, "dogs", {job("rex", 1, "tom")}, at(8));
    take_in(*store, "cats", {job("kit")}, at(9));
    Batch late{{}, {}};
    late.refills = {{parent.id, 1, 3, "fingerprint-late", "{}"}};
    CHECK(store->commit(late).size() == 1);
  }
  SUBCASE("a changed job waits for a refill that is on its way, though its parent is over") {
    auto refill = made[0];
    refill.state = State::Running;
    store->commit({{refill}, {}});
    auto const finish = [&] {
      parent.state = State::Done;
      parent.pictures = {{1, "", at(9), "image-1.png", "sha", 5, 6, 7, 0, ""}};
      store->commit({{parent}, {}});
    };
    SUBCASE("before the change") {
      finish();
      take_in(*store, "cats", {job("tom", 1, "other")}, at(8));
    }
    SUBCASE("after the change") {
      take_in(*store, "cats", {job("tom", 1, "other")}, at(8));
      finish();
    }
    CHECK(all_queued(*store).empty());
    refill.state = State::Failed;
    store->commit({{refill}, {}});
    REQUIRE(all_queued(*store).size() == 1);
    CHECK(all_queued(*store)[0].name == "cats/tom");
  }
  SUBCASE("a refill is no take of its job") {
    CHECK(store->wanted("cats/tom")->task.id == parent.id);
    CHECK(store->wanted("cats/tom")->takes == 1);
  }
  SUBCASE("a refill of nothing is refused with all that came with it") {
    Batch bad{{}, {}};
    bad.refills = {{made[0].id, 1, 3, "one", "{}"}, {4711, 1, 1, "two", "{}"}};
    CHECK_THROWS(store->commit(bad));
    CHECK(store->tally().total() == 2);
  }
}

}  // namespace wanspool
