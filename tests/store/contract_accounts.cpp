#include <doctest/doctest.h>

#include <algorithm>
#include <stdexcept>

#include "store/contract.h"
#include "store/support.h"

namespace wanspool {
namespace {

constexpr Money kPrice{200'000};  // of a picture of job(), which wants two

Task sent(Task task, std::string const& account, State state, int when, std::string const& task_id = {}) {
  task.account = account;
  task.state = state;
  task.times.sent = at(when);
  task.reserved = task.price * task.wanted;
  task.task_id = task_id;
  return task;
}

Task refused(Task task) {
  task.state = State::Queued;
  task.reserved = {};
  return task;
}

std::vector<Task> commit(Store& store, std::vector<Task> const& tasks,
                         std::string const& day = "2026-11-23") {
  Batch batch{tasks, {}};
  batch.day = day;
  return store.commit(batch);
}

Task found(Store& store, std::string const& account, std::string const& task_id,
           std::vector<std::int64_t> const& candidate_for = {}) {
  Batch batch;
  batch.day = "2026-11-24";
  batch.orphans = {
      {{task_id, "", "wan2.6-image", "", "", "", at(3)}, at(4), kPrice, 1, candidate_for, account}};
  auto const made = store.commit(batch);
  REQUIRE(made.size() == 1);
  return made[0];
}

std::int64_t pictures(Store& store, std::string const& day, std::string const& account) {
  return sum_of(store.spent_on(day).day, {}, account).pictures;
}

std::vector<std::string> ids(std::vector<Task> const& tasks) {
  std::vector<std::string> found;
  for (auto const& each : tasks) found.push_back(each.task_id);
  return found;
}

using Ids = std::vector<std::string>;

}  // namespace

void contract_of_accounts(OpenStore const& open) {
  auto store = open();
  take_in(*store, "cats", jobs(4));
  auto const tasks = all_queued(*store);

  SUBCASE(
      "what nobody has sent is no account's yet, and a refused task keeps the one that it was sent under") {
    CHECK(tasks[0].account.empty());
    auto task = sent(tasks[0], "studio", State::Submitting, 1);
    commit(*store, {task});
    commit(*store, {refused(task)});
    store.reset();
    CHECK(open()->wanted("cats/1")->task.account == "studio");
  }
  SUBCASE("two accounts may have the same id, and one account may not") {
    commit(*store,
           {sent(tasks[0], "", State::Submitted, 1, "A"), sent(tasks[1], "studio", State::Running, 1, "A")});
    CHECK(ids(store->active()) == Ids{"A", "A"});
    CHECK_THROWS(commit(*store, {sent(tasks[2], "studio", State::Submitted, 1, "A")}));
    auto const known = store->known(at(0));
    REQUIRE(known.size() == 2);
    CHECK(known[0].account != known[1].account);
  }
  SUBCASE("an id that a task had before stays its account's when it is sent again under another") {
    auto const task = sent(tasks[0], "studio", State::Submitted, 1, "A");
    commit(*store, {task});
    auto again = refused(task);
    again.task_id.clear();
    commit(*store, {again});
    commit(*store, {sent(again, "", State::Submitted, 2, "A")});
    auto const known = store->known(at(0));
    REQUIRE(known.size() == 2);
    CHECK(known[0].account.empty());
    CHECK(known[1].account == "studio");
    CHECK(known[1].task_id == "A");
  }
  SUBCASE("what was sent stays with its account until it is queued again") {
    for (auto const state : {State::Submitting, State::Submitted, State::Running, State::Held}) {
      auto const task = sent(tasks[0], "studio", state, 1, "A");
      commit(*store, {task});
      CHECK_THROWS_AS(commit(*store, {sent(task, "", State::Running, 1, "A")}), std::logic_error);
      CHECK(store->wanted("cats/1")->task.account == "studio");
    }
  }
  SUBCASE("an orphan is its account's, whatever others have the same id") {
    auto const mine = found(*store, "", "O"), theirs = found(*store, "studio", "O");
    CHECK(mine.id != theirs.id);
    CHECK(theirs.account == "studio");
    CHECK(store->orphan("", "O") == mine);
    CHECK(store->orphan("studio", "O") == theirs);
    CHECK_FALSE(store->orphan("lab", "O"));
  }
  SUBCASE("creates since a moment are those of one account") {
    commit(*store,
           {sent(tasks[0], "", State::Running, 10, "A"), sent(tasks[1], "studio", State::Running, 10, "B"),
            sent(tasks[2], "studio", State::Running, 5, "C")});
    CHECK(ids(store->created_since({{}, "wan2.6-image"}, at(0))) == Ids{"A"});
    CHECK(ids(store->created_since({"studio", "wan2.6-image"}, at(0))) == Ids{"C", "B"});
    CHECK(ids(store->created_since({"studio", "wan2.6-image"}, at(6))) == Ids{"B"});
    CHECK(store->created_since({"studio", "wan2.6-t2i"}, at(0)).empty());
  }
  SUBCASE("limits remember under whose key a job was sent that failed and is queued again") {
    auto task = sent(tasks[0], "studio", State::Submitting, 10);
    commit(*store, {task});
    task.state = State::Failed;
    task.reserved = {};
    commit(*store, {task});
    CHECK(take_in(*store, "cats", jobs(4)).again == 1);
    CHECK(store->created_since({"studio", "wan2.6-image"}, at(10)).size() == 1);
    CHECK(store->created_since({{}, "wan2.6-image"}, at(0)).empty());
  }
  SUBCASE("lanes and what was learned of them are apart") {
    LaneRow mine{
        "wan2.6-image", {Weather::Kind::Throttled, at(1), at(2), 3, "reason"}, {5, 2, 4, 3, 6, at(9), 1}};
    mine.service["edit"].add(milliseconds{1'000});
    LaneRow theirs{"wan2.6-image", {}, {7, 0, 0, 0, 0, at(0), 0}};
    theirs.account = "studio";
    theirs.service["edit"].add(milliseconds{2'000});
    store->commit({.tasks = {}, .lanes = {theirs, mine}});
    store.reset();
    auto const lanes = open()->lanes();
    REQUIRE(lanes.size() == 2);
    CHECK(lanes[0].key() == mine.key());
    CHECK(lanes[0].weather == mine.weather);
    CHECK(lanes[0].service == mine.service);
    CHECK(lanes[1].key() == LaneKey{"studio", "wan2.6-image"});
    CHECK(lanes[1].memory == theirs.memory);
    CHECK(lanes[1].service == theirs.service);
  }
  SUBCASE("a refill is decided anew") {
    auto parent = sent(tasks[0], "studio", State::Downloading, 1, "A");
    commit(*store, {parent});
    Batch batch;
    batch.refills = {{parent.id, 1, 2, "refill", "{}"}};
    CHECK(store->commit(batch).at(0).account.empty());
  }
  SUBCASE("money stays where it was entered when its task is sent again under another account") {
    auto task = sent(tasks[0], "studio", State::Submitting, 1);
    commit(*store, {task}, "2026-11-23");
    CHECK(pictures(*store, "2026-11-23", "studio") == 2);
    CHECK(pictures(*store, "2026-11-23", "") == 0);
    task = refused(task);
    task.uncertain = kPrice * 2;
    commit(*store, {task}, "2026-11-23");
    task = sent(task, "", State::Submitting, 2);
    commit(*store, {task}, "2026-11-23");
    CHECK(pictures(*store, "2026-11-23", "studio") == 2);
    CHECK(pictures(*store, "2026-11-23", "") == 2);
    CHECK(sum_of(store->spent_on("2026-11-23").month).pictures == 4);
    commit(*store, {refused(task)}, "2026-11-24");
    CHECK(pictures(*store, "2026-11-23", "studio") == 2);
    CHECK(pictures(*store, "2026-11-23", "") == 0);
  }
  SUBCASE(
      "what is given back goes to the account that has reserved it, though nobody is decided on any more") {
    auto task = sent(tasks[0], "studio", State::Submitting, 1);
    commit(*store, {task});
    task = refused(task);
    task.account.clear();
    commit(*store, {task});
    CHECK(pictures(*store, "2026-11-23", "studio") == 0);
    CHECK(pictures(*store, "2026-11-23", "") == 0);
  }
  SUBCASE("a held job adopts what its own account has, and nothing of another's") {
    auto const held = sent(tasks[0], "studio", State::Held, 1);
    commit(*store, {held});
    auto const mine = found(*store, "", "O", {}), theirs = found(*store, "studio", "O", {held.id});
    CHECK_THROWS_AS(store->apply({"b", at(9), {}, {{"cats/1", "O", "", at(1), ""}}}), std::logic_error);
    auto const adopted = store->apply({"c", at(9), {}, {{"cats/1", "O", "", at(1)}}}).at(0);
    CHECK(adopted.account == "studio");
    CHECK(adopted.task_id == "O");
    CHECK(store->orphan("", "O") == mine);
    CHECK_FALSE(store->orphan("studio", "O"));
    CHECK(pictures(*store, "2026-11-23", "studio") == 0);
    CHECK(pictures(*store, "2026-11-24", "studio") == 1);
    CHECK(pictures(*store, "2026-11-24", "") == 1);
  }
  SUBCASE("a held job that an id is given by hand stays with its account") {
    commit(*store, {sent(tasks[0], "studio", State::Held, 1), sent(tasks[1], "", State::Running, 1, "X")});
    CHECK(store->apply({"c", at(9), {}, {{"cats/1", "X", "", at(1)}}}).at(0).account == "studio");
  }
  SUBCASE("what waits in an older copy of the queue adopts from whichever account has it") {
    found(*store, "studio", "O");
    CHECK_THROWS_AS(store->apply({"b", at(9), {}, {{"cats/1", "O", "", at(1)}}}), std::logic_error);
    auto const adopted = store->apply({"c", at(9), {}, {{"cats/1", "O", "", at(1), "studio"}}}).at(0);
    CHECK(adopted.account == "studio");
    CHECK(adopted.reserved == kPrice);
    CHECK(pictures(*store, "2026-11-24", "studio") == 1);
  }
  SUBCASE("what an heir had entered under several accounts is taken back from each") {
    auto task = sent(tasks[0], "studio", State::Submitting, 1);
    commit(*store, {task}, "2026-11-22");
    task = refused(task);
    task.uncertain = kPrice * 2;
    commit(*store, {task}, "2026-11-22");
    task = sent(task, "", State::Held, 2);
    commit(*store, {task}, "2026-11-23");
    found(*store, "", "O", {task.id});
    store->apply({"c", at(9), {}, {{"cats/1", "O", "", at(1)}}});
    CHECK(pictures(*store, "2026-11-22", "studio") == 0);
    CHECK(pictures(*store, "2026-11-23", "") == 0);
    CHECK(pictures(*store, "2026-11-24", "") == 1);
  }
  SUBCASE("a cap of one account stops what is bought under it, and no other") {
    Batch batch{{sent(tasks[0], "studio", State::Submitting, 1)}, {}};
    batch.day = "2026-11-23";
    batch.caps.accounts["studio"].all.day = {3, {}};
    batch.caps.accounts["lab"].models["wan2.6-image"].month = {{}, kPrice * 3};
    store->commit(batch);
    batch.tasks = {sent(tasks[1], "studio", State::Submitting, 1)};
    CHECK_THROWS_AS(store->commit(batch), std::logic_error);
    batch.tasks = {sent(tasks[1], "lab", State::Submitting, 1)};
    store->commit(batch);
    batch.tasks = {sent(tasks[2], "lab", State::Submitting, 1)};
    CHECK_THROWS_AS(store->commit(batch), std::logic_error);
    batch.tasks = {sent(tasks[2], "", State::Submitting, 1)};
    store->commit(batch);
    batch.caps.all.day = {7, {}};
    batch.tasks = {sent(tasks[3], "", State::Submitting, 1)};
    CHECK_THROWS_AS(store->commit(batch), std::logic_error);
  }
  SUBCASE("a stop of all accounts is another one than the main account's") {
    Stop all, main, studio;
    all.scope = main.scope = studio.scope = Stop::Scope::Day;
    main.account = "";
    studio.account = "studio";
    Batch batch;
    batch.stops = {all, main, studio};
    store->commit(batch);
    auto const stops = store->stops();
    REQUIRE(stops.size() == 3);
    for (auto const& each : {all, main, studio})
      CHECK(std::find(stops.begin(), stops.end(), each) != stops.end());
  }
}

}  // namespace wanspool
