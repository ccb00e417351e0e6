#include <doctest/doctest.h>

#include <random>
#include <set>

#include "store/support.h"

TEST_SUITE_BEGIN("store");

using namespace wanspool;

namespace {

using Kind = Judgement::Kind;

// A manifest of a few of ten names, each with one of a few requests that two manifests share.
std::vector<NewJob> random_jobs(std::mt19937& random) {
  std::vector<NewJob> made;
  for (int name = 0; name < 10; ++name)
    if (random() % 3 != 0)
      made.push_back(job(std::to_string(name), name, "r" + std::to_string((name + random() % 3) % 12)));
  return made;
}

void live_on(Store& store, std::mt19937& random) {
  for (auto task : all_queued(store)) {
    if (random() % 2) continue;
    constexpr State kEnds[] = {State::Running, State::Done, State::Failed, State::Held};
    task.state = kEnds[random() % 4];
    auto const cost = task.price * task.wanted;
    if (task.state == State::Running) task.task_id = "id-" + std::to_string(task.id);
    if (task.state == State::Running || task.state == State::Held) task.reserved = cost;
    if (task.state == State::Done) task.spent = cost;
    if (task.state == State::Failed && random() % 2) task.uncertain = cost;
    store.commit({{task}, {}});
  }
  for (auto task : store.active()) {
    if (random() % 2) continue;
    task.state = State::Done;
    task.spent = task.reserved;
    task.reserved = {};
    store.commit({{task}, {}});
  }
}

}  // namespace

TEST_CASE("a comparison says of each job what dropping it would do") {
  TempFolder const folder;
  auto const store = open_store(folder / "wanspool.db");
  take_in(*store, "cats", {job("a", 1), job("b", 2), job("c", 3), job("d", 4)});
  auto task = store->wanted("cats/b")->task;
  task.state = State::Failed;
  store->commit({{task}, {}});
  auto const reader = open_reader(folder / "wanspool.db");
  auto const comparison = reader->compare("cats");
  CHECK(comparison->judge(job("a")).kind == Kind::Same);
  CHECK_FALSE(comparison->judge(job("a")).buys);
  auto const again = comparison->judge(job("b"));
  CHECK(again.kind == Kind::Again);
  CHECK(again.buys);
  CHECK(again.state == State::Failed);
  CHECK(comparison->judge(job("c", 1, "x")).kind == Kind::Changed);
  auto const shared = comparison->judge(job("new", 1, "x"));
  CHECK(shared.kind == Kind::New);
  CHECK_FALSE(shared.buys);
  std::vector<std::string> gone;
  reader->gone(*comparison, [&](JobRow const& row) { return gone.push_back(row.job), true; });
  CHECK(gone == std::vector<std::string>{"d"});
  CHECK(all_queued(*store).size() == 3);
}

TEST_CASE("a comparison and the drop agree, whatever was there before") {
  for (unsigned seed = 1; seed <= 12; ++seed) {
    CAPTURE(seed);
    TempFolder const folder;
    auto const store = open_store(folder / "wanspool.db");
    auto const reader = open_reader(folder / "wanspool.db");
    std::mt19937 random{seed};
    for (int turn = 0; turn < 12; ++turn) {
      std::string const name = random() % 2 ? "cats" : "dogs";
      auto const jobs = random_jobs(random);
      auto const comparison = reader->compare(name);
      Taken said;
      for (auto const& each : jobs) {
        auto const judgement = comparison->judge(each);
        said.fresh += judgement.kind == Kind::New;
        said.changed += judgement.kind == Kind::Changed;
        said.again += judgement.kind == Kind::Again;
        if (!judgement.buys) continue;
        said.pictures += each.wanted;
        said.price += each.price * each.wanted;
      }
      reader->gone(*comparison, [&](JobRow const&) { return ++said.retired > 0; });
      auto const taken = take_in(*store, name, jobs, at(turn));
      REQUIRE(taken.jobs == static_cast<std::int64_t>(jobs.size()));
      REQUIRE(taken.fresh == said.fresh);
      REQUIRE(taken.changed == said.changed);
      REQUIRE(taken.again == said.again);
      REQUIRE(taken.retired == said.retired);
      REQUIRE(taken.pictures == said.pictures);
      REQUIRE(taken.price == said.price);
      for (auto const& finding : reader->audit()) FAIL(finding.what);
      live_on(*store, random);
    }
  }
}
