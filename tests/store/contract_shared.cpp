#include <doctest/doctest.h>

#include "store/contract.h"
#include "store/support.h"

namespace wanspool {
namespace {

Task done(Task task) {
  task.state = State::Done;
  task.spent = task.price * 2;
  task.pictures = {{1, "", at(9), "image-1.png", "sha", 5, 6, 7, 0, ""}};
  return task;
}

std::vector<std::string> names(std::vector<Undelivered> const& jobs) {
  std::vector<std::string> found;
  for (auto const& each : jobs) found.push_back(each.name + " of " + each.task.name);
  return found;
}

using Names = std::vector<std::string>;

}  // namespace

void contract_of_shared_purchases(OpenStore const& open) {
  auto store = open();
  take_in(*store, "cats", {job("a", 1), job("b", 2)});

  SUBCASE("a request that is known under another name is bought once, for both") {
    auto const taken = take_in(*store, "dogs", {job("rex", 1, "a"), job("bello", 2)});
    CHECK(taken.jobs == 2);
    CHECK(taken.fresh == 2);
    CHECK(taken.pictures == 2);
    CHECK(all_queued(*store).size() == 3);
    CHECK(store->tally()[State::Queued] == 3);
    CHECK(store->wanted("dogs/rex")->task == store->wanted("cats/a")->task);
    CHECK(store->wanted("dogs/rex")->task.name == "cats/a");
    CHECK(store->wanted("dogs/rex")->job != store->wanted("cats/a")->job);
  }
  SUBCASE("a request that is twice in a manifest is bought once") {
    auto const taken = take_in(*store, "dogs", {job("rex", 1), job("bello", 2, "rex")});
    CHECK(taken.jobs == 2);
    CHECK(taken.fresh == 2);
    CHECK(taken.pictures == 2);
    CHECK(store->wanted("dogs/bello")->task.name == "dogs/rex");
  }
  SUBCASE("a slice with shared requests that comes twice counts once") {
    auto const id = store->begin_manifest(manifest("dogs", "x"));
    for (int i = 0; i < 2; ++i) store->add_jobs(id, std::vector{job("rex", 1, "a"), job("bello", 2)});
    auto const taken = store->publish_manifest(id, at(1));
    CHECK(taken.jobs == 2);
    CHECK(taken.fresh == 2);
    CHECK(taken.pictures == 2);
  }
  SUBCASE("who shares a purchase gets its copies when it is done, but not its own job") {
    take_in(*store, "dogs", {job("rex", 1, "a"), job("bello", 2, "a")});
    CHECK(store->undelivered(9).empty());
    store->commit({{done(store->wanted("cats/a")->task)}, {}});
    CHECK(names(store->undelivered(9)) == Names{"dogs/rex of cats/a", "dogs/bello of cats/a"});
    CHECK(store->undelivered(1).size() == 1);
    CHECK(store->undelivered(1)[0].task.pictures.size() == 1);
    store->commit({.tasks = {}, .lanes = {}, .delivered = {store->undelivered(1)[0].job}});
    CHECK(names(store->undelivered(9)) == Names{"dogs/bello of cats/a"});
  }
  SUBCASE("who comes when it is done gets copies too, once the manifest is live") {
    store->commit({{done(store->wanted("cats/a")->task)}, {}});
    auto const id = store->begin_manifest(manifest("dogs", "x"));
    store->add_jobs(id, std::vector{job("rex", 1, "a")});
    CHECK(store->undelivered(9).empty());
    store->publish_manifest(id, at(1));
    CHECK(names(store->undelivered(9)) == Names{"dogs/rex of cats/a"});
  }
  SUBCASE("a manifest that is dropped takes its jobs and only its own tasks with it") {
    auto const id = store->begin_manifest(manifest("dogs", "x"));
    store->add_jobs(id, std::vector{job("rex", 1, "a"), job("bello", 2)});
    store->drop_manifest(id);
    CHECK_FALSE(store->wanted("dogs/rex"));
    CHECK(all_queued(*store).size() == 2);
    store->commit({{done(store->wanted("cats/a")->task)}, {}});
    CHECK(store->undelivered(9).empty());
    CHECK(take_in(*store, "dogs", {job("rex", 1), job("bello", 2)}).fresh == 2);
  }
  SUBCASE("what two arriving manifests want stays with the one that becomes live") {
    auto const first = store->begin_manifest(manifest("dogs", "x"));
    auto const second = store->begin_manifest(manifest("ants", "y"));
    store->add_jobs(first, std::vector{job("rex", 1)});
    store->add_jobs(second, std::vector{job("ant", 1, "rex")});
    SUBCASE("the second, and the first is dropped before") {
      store->drop_manifest(first);
      store->publish_manifest(second, at(1));
      CHECK(store->wanted("ants/ant")->task.name == "ants/ant");
    }
    SUBCASE("the second, and the first is dropped later") {
      store->publish_manifest(second, at(1));
      CHECK(store->wanted("ants/ant")->task.name == "ants/ant");
      store->drop_manifest(first);
      CHECK(store->wanted("ants/ant"));
    }
    SUBCASE("the first, and the second is dropped") {
      store->publish_manifest(first, at(1));
      store->drop_manifest(second);
      CHECK(store->wanted("dogs/rex")->task.name == "dogs/rex");
    }
    SUBCASE("both") {
      store->publish_manifest(second, at(1));
      store->publish_manifest(first, at(1));
      CHECK(store->wanted("dogs/rex")->task == store->wanted("ants/ant")->task);
    }
    CHECK(store->tally()[State::Queued] == 3);
    CHECK(all_queued(*store).size() == 3);
  }
  SUBCASE("what failed for nothing is queued again for whoever else wants it, once") {
    auto failed = store->wanted("cats/a")->task;
    failed.state = State::Failed;
    failed.size = "8*8";
    store->commit({{failed}, {}});
    CHECK(take_in(*store, "dogs", {job("rex", 1, "a"), job("bello", 2, "a")}, at(5)).pictures == 2);
    CHECK(store->tally()[State::Queued] == 2);
    CHECK(store->wanted("dogs/rex")->task.due == at(5));
  }
  SUBCASE("what was given up was perhaps bought and is not queued again") {
    auto failed = store->wanted("cats/a")->task;
    failed.state = State::Failed;
    failed.error.code = "GivenUp";
    store->commit({{failed}, {}});
    CHECK(take_in(*store, "dogs", {job("rex", 1, "a")}, at(5)).again == 0);
  }
  SUBCASE("a purchase that its job has moved on from is made in the name of who wants it next") {
    auto failed = store->wanted("cats/a")->task;
    failed.state = State::Failed;
    store->commit({{failed}, {}});
    store->apply({"redo", at(1), {{"cats/a", 2, "fingerprint-a-2", "{}"}}, {}});
    take_in(*store, "dogs", {job("rex", 1, "a")}, at(5));
    auto const task = store->wanted("dogs/rex")->task;
    CHECK(task.id == failed.id);
    CHECK(task.state == State::Queued);
    CHECK(task.name == "dogs/rex");
  }
  SUBCASE("what a manifest and a job say is in the tasks it brings, and only there") {
    auto more = manifest("dogs", "x");
    more.terms.on_doubt = OnDoubt::Resubmit;
    more.terms.refill = true;
    auto sized = job("rex", 1);
    sized.size = "960*1280";
    auto const id = store->begin_manifest(more);
    store->add_jobs(id, std::vector{sized, job("bello", 2, "a")});
    store->publish_manifest(id, at(1));
    auto const task = store->wanted("dogs/rex")->task;
    CHECK(task.on_doubt == OnDoubt::Resubmit);
    CHECK(task.refill);
    CHECK(task.size == "960*1280");
    CHECK(store->wanted("dogs/bello")->task.on_doubt == OnDoubt::Adopt);
    CHECK_FALSE(store->wanted("dogs/bello")->task.refill);
  }
}

}  // namespace wanspool
