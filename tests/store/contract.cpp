#include "store/contract.h"

#include <doctest/doctest.h>

#include <algorithm>

#include "store/support.h"

namespace wanspool {
namespace {

std::vector<std::string> names(std::vector<Task> const& tasks) {
  std::vector<std::string> found;
  for (auto const& each : tasks) found.push_back(each.name);
  return found;
}

bool same(Tally const& a, Tally const& b) {
  return a.tasks == b.tasks && a.pictures == b.pictures && a.reserved == b.reserved && a.spent == b.spent &&
         a.uncertain == b.uncertain;
}

void commit(Store& store, Task const& task) {
  store.commit({{task}, {}});
}

Task in_state(Task task, State state) {
  task.state = state;
  return task;
}

}  // namespace

void contract_of_tasks(OpenStore const& open) {
  auto store = open();
  take_in(*store, "cats", jobs(4));
  auto tasks = all_queued(*store);
  REQUIRE(tasks.size() == 4);

  SUBCASE("a new task is queued as its job says") {
    Task fresh;
    fresh.id = tasks[2].id;
    fresh.name = "cats/3";
    fresh.model = "wan2.6-image";
    fresh.due = fresh.times.queued = at(0);
    fresh.wanted = 2;
    fresh.price = Money{200000};
    CHECK(tasks[2] == fresh);
    CHECK(store->body(fresh.id) == "{\"prompt\":\"3\"}");
    CHECK(store->fingerprint(fresh.id) == "fingerprint-3");
    CHECK(store->body(99).empty());
  }
  SUBCASE("every field of a task and of its pictures survives") {
    for (auto const state : {State::Submitting, State::Submitted, State::Running, State::Downloading}) {
      auto const task = distinct(in_state(tasks[1], state));
      commit(*store, task);
      CHECK(store->active() == std::vector{task});
    }
    store.reset();
    CHECK(open()->active() == std::vector{distinct(in_state(tasks[1], State::Downloading))});
  }
  SUBCASE("pictures that changed, came or went are as the task says") {
    auto task = distinct(in_state(tasks[0], State::Downloading));
    commit(*store, task);
    task.pictures[1].file = "image-2.png";
    task.pictures.pop_back();
    commit(*store, task);
    CHECK(store->active() == std::vector{task});
    task.pictures.push_back({7, "u", at(1), "", "s", 1, 2, 3, 4, "l"});
    commit(*store, task);
    CHECK(store->active() == std::vector{task});
  }
  SUBCASE("a commit is all or nothing") {
    auto const before = store->tally();
    Task unknown = tasks[1];
    unknown.id = 4711;
    CHECK_THROWS(store->commit({{in_state(tasks[0], State::Running), unknown}, {{"m", {}}}}));
    CHECK(all_queued(*store) == tasks);
    CHECK(same(store->tally(), before));
    CHECK(store->lanes().empty());
    commit(*store, in_state(tasks[0], State::Running));
    CHECK(store->active().size() == 1);
  }
  SUBCASE("active tasks are those between queued and an end, by id") {
    store->commit({{in_state(tasks[3], State::Submitting), in_state(tasks[1], State::Downloading),
                    in_state(tasks[0], State::Done), in_state(tasks[2], State::Held)},
                   {}});
    CHECK(names(store->active()) == std::vector<std::string>{"cats/2", "cats/4"});
    CHECK(all_queued(*store).empty());
    CHECK(store->queued_models().empty());
  }
  SUBCASE("queued tasks come by due and id, as many as asked for, without those left out") {
    tasks[0].due = at(50);
    tasks[2].due = at(-50);
    store->commit({tasks, {}});
    CHECK(names(all_queued(*store)) == std::vector<std::string>{"cats/3", "cats/2", "cats/4", "cats/1"});
    auto const first = tasks[2].id;
    auto const two = store->queued("wan2.6-image", 2, [&](std::int64_t id) { return id == first; });
    CHECK(names(two) == std::vector<std::string>{"cats/2", "cats/4"});
    CHECK(store->queued("wan2.6-image", 0, nullptr).empty());
    CHECK(store->queued("wan2.6-t2i", 9, nullptr).empty());
  }
  SUBCASE("queued models are named once each") {
    auto other = job("t", 9);
    other.model = "wan2.6-t2i";
    take_in(*store, "texts", {other});
    CHECK(store->queued_models() == std::vector<std::string>{"wan2.6-image", "wan2.6-t2i"});
  }
  SUBCASE("creates since a moment are found by when they left or were answered") {
    tasks[0].times.sent = at(10);
    tasks[1].times.sent = at(5);
    tasks[1].answered = at(12);
    tasks[2].times.sent = tasks[2].answered = at(9);
    tasks[1].state = State::Failed;
    store->commit({tasks, {}});
    CHECK(names(store->created_since({{}, "wan2.6-image"}, at(10))) ==
          std::vector<std::string>{"cats/1", "cats/2"});
    CHECK(store->created_since({{}, "wan2.6-image"}, Instant{}).size() == 3);
    CHECK(store->created_since({{}, "wan2.6-t2i"}, at(0)).empty());
  }
  SUBCASE("the tally is the sum over all tasks, through every change") {
    for (int turn = 0; turn < 40; ++turn) {
      auto& task = tasks[static_cast<std::size_t>(turn % 4)];
      task.state = static_cast<State>(turn * 7 % kStates);
      task.reserved = Money{turn};
      task.spent = Money{turn * 100};
      task.uncertain = Money{turn * 10000};
      task.pictures.resize(static_cast<std::size_t>(turn % 3));
      for (std::size_t i = 0; i < task.pictures.size(); ++i) {
        task.pictures[i].number = static_cast<int>(i) + 1;
        task.pictures[i].file = turn % 2 ? "there.png" : "";
      }
      commit(*store, task);
      Tally sum;
      for (auto const& each : tasks) sum.add(each);
      REQUIRE(same(store->tally(), sum));
    }
    auto const last = store->tally();
    store.reset();
    CHECK(same(open()->tally(), last));
  }
  SUBCASE("what was learned of a lane is there again") {
    LaneRow lane{"wan2.6-image", {}, {5, 2, 4, 3, 6, at(9), 1}, {}};
    lane.service["edit"].add(milliseconds{12'345});
    lane.service["edit"].add(milliseconds{54'321});
    lane.service[""].add(milliseconds{7});
    store->commit({.tasks = {}, .lanes = {lane}});
    REQUIRE(store->lanes().size() == 1);
    CHECK(store->lanes().front().memory == lane.memory);
    CHECK(store->lanes().front().service == lane.service);
  }
  SUBCASE("lanes and facts are replaced by name") {
    LaneRow const lane{"wan2.6-image", {Weather::Kind::OutOfQuota, at(1), at(2), 3, "reason"}};
    store->commit({{}, {{"wan2.6-image", {}}, {"a", {}}}});
    store->commit({{}, {lane}});
    REQUIRE(store->lanes().size() == 2);
    CHECK(store->lanes()[1].model == "wan2.6-image");
    CHECK(store->lanes()[1].weather == lane.weather);
    CHECK(store->lanes()[1].memory == ControllerMemory{});
    CHECK(store->fact("region").empty());
    store->set_fact("region", "intl");
    store->set_fact("region", "beijing");
    CHECK(store->fact("region") == "beijing");
  }
}

void contract_of_intake(OpenStore const& open) {
  auto store = open();

  SUBCASE("what is arriving is invisible until it is published") {
    auto const id = store->begin_manifest(manifest("cats", "0001-cats.yaml"));
    CHECK(store->add_jobs(id, jobs(3)).empty());
    CHECK(all_queued(*store).empty());
    CHECK(store->queued_models().empty());
    CHECK(store->tally().total() == 0);
    CHECK_FALSE(store->taken("0001-cats.yaml")->live);
    auto const taken = store->publish_manifest(id, at(1));
    CHECK(taken.live);
    CHECK(taken.manifest == "cats");
    CHECK(taken.source == "cats.yaml");
    CHECK(taken.jobs == 3);
    CHECK(taken.fresh == 3);
    CHECK(taken.again == 0);
    CHECK(all_queued(*store).size() == 3);
    CHECK(store->tally()[State::Queued] == 3);
    CHECK(store->taken("0001-cats.yaml")->jobs == 3);
    CHECK_FALSE(store->taken("0002-cats.yaml"));
  }
  SUBCASE("the queue goes on beside what is arriving, even if that is older") {
    take_in(*store, "cats", {job("tabby")}, at(100));
    auto const id = store->begin_manifest(manifest("dogs", "d", at(0)));
    store->add_jobs(id, jobs(20));
    CHECK(names(all_queued(*store)) == std::vector<std::string>{"cats/tabby"});
    store->publish_manifest(id, at(101));
    CHECK(all_queued(*store).front().name == "dogs/1");
  }
  SUBCASE("what waits is told drop by drop, the urgent first, and what arrives is left out") {
    take_in(*store, "cats", jobs(3), at(1));
    auto urgent = manifest("dogs", "d", at(2));
    urgent.terms.priority = Priority::High;
    auto const dogs = store->begin_manifest(urgent);
    store->add_jobs(dogs, std::vector{job("rex", 1), job("bello", 2)});
    CHECK(store->lines("wan2.6-image", 10).size() == 1);
    store->publish_manifest(dogs, at(3));
    take_in(*store, "birds", {job("kiwi")}, at(4));
    auto const lines = store->lines("wan2.6-image", 10);
    REQUIRE(lines.size() == 3);
    CHECK(lines[0] == Line{dogs, Priority::High, 2});
    CHECK(lines[1].left == 3);
    CHECK(lines[2].left == 1);
    CHECK(store->lines("wan2.6-image", 1).size() == 1);
    CHECK(store->lines("another", 10).empty());
    auto const all = store->queued_in("wan2.6-image", lines[1], 10, {});
    CHECK(names(all) == std::vector<std::string>{"cats/1", "cats/2", "cats/3"});
    CHECK(store->queued_in("wan2.6-image", lines[1], 2, {}).size() == 2);
    auto const but_one =
        store->queued_in("wan2.6-image", lines[1], 10, [&](std::int64_t id) { return id == all[0].id; });
    CHECK(names(but_one) == std::vector<std::string>{"cats/2", "cats/3"});
  }
  SUBCASE("a dropped manifest leaves no trace") {
    take_in(*store, "cats", {job("a", 1), job("b", 2)});
    auto const before = all_queued(*store);
    auto const id = store->begin_manifest(manifest("cats", "again"));
    CHECK(store->add_jobs(id, std::vector{job("a", 7), job("c", 8), job("d", 9, "b"), job("b", 4, "other")})
              .empty());
    store->drop_manifest(id);
    CHECK(all_queued(*store) == before);
    CHECK_FALSE(store->taken("again"));
    CHECK(take_in(*store, "dogs", {job("c")}).fresh == 1);
    CHECK(take_in(*store, "cats", {job("a"), job("b"), job("c", 1, "other")}).fresh == 1);
    store->drop_manifest(4711);
  }
  SUBCASE("what was arriving when the program died goes at the next start") {
    take_in(*store, "cats", {job("a")});
    auto const id = store->begin_manifest(manifest("cats", "half"));
    store->add_jobs(id, std::vector{job("a"), job("b")});
    store.reset();
    store = open();
    store->drop_arriving();
    CHECK_FALSE(store->taken("half"));
    CHECK(all_queued(*store).size() == 1);
    CHECK(take_in(*store, "cats", {job("a"), job("b")}).fresh == 1);
  }
  SUBCASE("a claim is taken once") {
    store->begin_manifest(manifest("cats", "claim"));
    CHECK_THROWS(store->begin_manifest(manifest("cats", "claim")));
  }
  SUBCASE("what is live can neither grow nor go") {
    auto const id = store->begin_manifest(manifest("cats", "claim"));
    store->publish_manifest(id, at(0));
    CHECK_THROWS(store->add_jobs(id, jobs(1)));
    CHECK_THROWS(store->publish_manifest(id, at(0)));
    CHECK_THROWS(store->drop_manifest(id));
    CHECK(store->taken("claim")->live);
  }
}

void contract_of_known_jobs(OpenStore const& open) {
  auto store = open();
  take_in(*store, "cats", {job("a", 1), job("b", 2)});
  auto const tasks = all_queued(*store);

  SUBCASE("a known job with the same request is kept as it is") {
    auto const paid = distinct(in_state(tasks[0], State::Done));
    commit(*store, paid);
    auto const taken = take_in(*store, "cats", {job("a", 5), job("b", 6), job("c", 7)}, at(9));
    CHECK(taken.jobs == 3);
    CHECK(taken.fresh == 1);
    CHECK(taken.again == 0);
    CHECK(names(all_queued(*store)) == std::vector<std::string>{"cats/b", "cats/c"});
    CHECK(store->tally()[State::Done] == 1);
  }
  SUBCASE("a job that another copy is just bringing is not lost with that copy") {
    auto const first = store->begin_manifest(manifest("cats", "x"));
    auto const second = store->begin_manifest(manifest("cats", "y"));
    store->add_jobs(first, std::vector{job("a", 1), job("new", 2)});
    CHECK(store->add_jobs(second, std::vector{job("a", 1), job("new", 2)}).size() == 2);
  }
  SUBCASE("a slice that comes twice counts once") {
    auto const id = store->begin_manifest(manifest("cats", "x"));
    for (int i = 0; i < 2; ++i) CHECK(store->add_jobs(id, std::vector{job("a", 1), job("new", 2)}).empty());
    CHECK(store->publish_manifest(id, at(1)).jobs == 2);
  }
  SUBCASE("a job that failed for nothing is queued again when it is dropped again") {
    auto failed = distinct(in_state(tasks[0], State::Failed));
    failed.reserved = failed.spent = failed.uncertain = {};
    auto canceled = in_state(tasks[1], State::Canceled);
    store->commit({{failed, canceled}, {}});
    auto const taken = take_in(*store, "cats", {job("a", 1), job("b", 2)}, at(500));
    CHECK(taken.fresh == 0);
    CHECK(taken.again == 2);
    auto const again = all_queued(*store);
    REQUIRE(again.size() == 2);
    CHECK(again[0].name == "cats/a");
    CHECK(again[0].due == at(500));
    CHECK(again[0].times == Times{at(500), {}, {}, {}, {}, {}, "", "", ""});
    CHECK(again[0].failures == 0);
    CHECK(again[0].misses == 0);
    CHECK(again[0].error == Trouble{});
    CHECK(again[0].task_id.empty());
    CHECK(again[0].pictures.empty());
    CHECK(store->tally()[State::Queued] == 2);
    CHECK(store->tally().pictures == 0);
    // The limits remember its last create.
    CHECK(store->created_since({failed.account, "wan2.6-image"}, failed.answered).size() == 1);
  }
  SUBCASE("a failed job is left alone until the manifest is live") {
    commit(*store, in_state(tasks[0], State::Failed));
    auto const id = store->begin_manifest(manifest("cats", "x"));
    store->add_jobs(id, std::vector{job("a", 1)});
    CHECK(store->tally()[State::Failed] == 1);
    store->drop_manifest(id);
    CHECK(store->tally()[State::Failed] == 1);
  }
  SUBCASE("what may have cost something or was refused by an inspection is not sent again") {
    auto failed = in_state(tasks[0], State::Failed);
    SUBCASE("spent") {
      failed.spent = Money{1};
    }
    SUBCASE("uncertain") {
      failed.uncertain = Money{1};
    }
    SUBCASE("inspection") {
      failed.error.code = "DataInspectionFailed";
    }
    SUBCASE("infringement") {
      failed.error.code = "IPInfringementSuspect";
    }
    SUBCASE("role") {
      failed.error.code = "CustomRoleBlocked";
    }
    SUBCASE("rule") {
      failed.error.code = "FaqRuleBlocked";
    }
    SUBCASE("held") {
      failed.state = State::Held;
    }
    commit(*store, failed);
    CHECK(take_in(*store, "cats", {job("a"), job("b")}).again == 0);
    CHECK(store->tally()[failed.state] == 1);
  }
}

}  // namespace wanspool
