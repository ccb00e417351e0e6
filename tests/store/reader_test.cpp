#include <doctest/doctest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>

#include "store/support.h"

TEST_SUITE_BEGIN("store");

using namespace wanspool;

namespace {

std::vector<std::string> listed(Reader& reader, std::string const& of = {}) {
  std::vector<std::string> names;
  reader.jobs(of, [&](JobRow const& row) {
    names.push_back(row.manifest + "/" + row.job);
    return true;
  });
  return names;
}

}  // namespace

TEST_CASE("where no queue is yet a reader says so and makes none") {
  TempFolder const folder;
  try {
    open_reader(folder / "wanspool.db");
    FAIL("it was opened");
  } catch (StoreBroken const& broken) {
    CHECK(broken.exit_code == 2);
    CHECK(std::string{broken.what()} == "no queue yet at " + (folder / "wanspool.db").string());
  }
  CHECK(std::filesystem::is_empty(folder.path()));
}

TEST_CASE("a reader knows the ids of tasks that were followed by others, those of late") {
  TempFolder const folder;
  auto const store = open_store(folder / "wanspool.db");
  auto const reader = open_reader(folder / "wanspool.db");
  take_in(*store, "cats", jobs(1));
  auto task = all_queued(*store).front();
  task.state = State::Submitted;
  task.task_id = "first";
  task.times.sent = at(1);
  task.times.accepted = at(2);
  store->commit({{task}, {}});
  CHECK(reader->former_ids({}).empty());
  task.task_id = "second";
  task.times.sent = task.times.accepted = at(9);
  store->commit({{task}, {}});
  CHECK(reader->former_ids(at(2)) == std::vector<std::string>{"first"});
  CHECK(reader->former_ids(at(3)).empty());
}

TEST_CASE("a reader beside the daemon sees each turn as soon as it is committed") {
  TempFolder const folder;
  auto const store = open_store(folder / "wanspool.db");
  auto const reader = open_reader(folder / "wanspool.db");
  CHECK(reader->tally().total() == 0);
  take_in(*store, "cats", jobs(2));
  store->set_fact("region", "intl");
  CHECK(reader->tally()[State::Queued] == 2);
  CHECK(reader->fact("region") == "intl");

  auto task = distinct(all_queued(*store).front());
  task.state = State::Running;
  store->commit({{task}, {{"wan2.6-image", {Weather::Kind::Throttled, at(1), at(0), 1, "r"}}}});
  auto const row = reader->job("cats", "1");
  REQUIRE(row);
  CHECK(row->task == task);
  CHECK(row->fingerprint == "fingerprint-1");
  CHECK(row->source == "cats.yaml");
  CHECK(row->line == 1);
  CHECK(reader->body(task.id) == store->body(task.id));
  CHECK(reader->lanes().front().weather.kind == Weather::Kind::Throttled);
  CHECK_FALSE(reader->job("cats", "3"));
}

TEST_CASE("a reader lists the jobs of live manifests in the order of their files") {
  TempFolder const folder;
  auto const store = open_store(folder / "wanspool.db");
  take_in(*store, "dogs", {job("rex", 3)});
  take_in(*store, "cats", {job("tom", 1), job("minka", 2)});
  auto const id = store->begin_manifest(manifest("ants", "a"));
  store->add_jobs(id, std::vector{job("ant")});
  take_in(*store, "dogs", {job("rex", 9), job("bello", 10)});

  auto const reader = open_reader(folder / "wanspool.db");
  CHECK(listed(*reader) == std::vector<std::string>{"cats/tom", "cats/minka", "dogs/rex", "dogs/bello"});
  CHECK(listed(*reader, "dogs") == std::vector<std::string>{"dogs/rex", "dogs/bello"});
  CHECK(listed(*reader, "ants").empty());
  CHECK_FALSE(reader->job("ants", "ant"));
  CHECK_FALSE(reader->taken("a")->live);
  CHECK(reader->job("dogs", "rex")->line == 9);
}

TEST_CASE("a reader pages through many jobs and holds no transaction while it calls") {
  TempFolder const folder;
  auto const store = open_store(folder / "wanspool.db");
  take_in(*store, "cats", jobs(1000));
  take_in(*store, "dogs", {job("rex"), job("bello")});
  auto const reader = open_reader(folder / "wanspool.db");
  CHECK(listed(*reader).size() == 1002);
  CHECK(listed(*reader, "cats").size() == 1000);

  auto tasks = all_queued(*store);
  for (auto& task : tasks) task.state = State::Done;
  std::size_t called = 0, done = 0;
  reader->jobs("", [&](JobRow const& row) {
    if (called == 0) store->commit({tasks, {}});
    done += row.task.state == State::Done;
    CHECK(reader->tally()[State::Done] == 1002);
    CHECK(reader->job(row.manifest, row.job)->task.state == State::Done);
    return ++called < 700;
  });
  CHECK(called == 700);
  CHECK(done == 200);
}

TEST_CASE("a job is not shown as done before its own folder has the pictures") {
  TempFolder const folder;
  auto const store = open_store(folder / "wanspool.db");
  take_in(*store, "cats", {job("a")});
  take_in(*store, "dogs", {job("rex", 1, "a")});
  auto const reader = open_reader(folder / "wanspool.db");
  CHECK_FALSE(reader->job("cats", "a")->delivered);
  auto task = all_queued(*store).front();
  task.state = State::Done;
  store->commit({{task}, {}});
  CHECK(reader->job("cats", "a")->delivered);
  CHECK(reader->job("cats", "a")->task.state == State::Done);
  CHECK_FALSE(reader->job("dogs", "rex")->delivered);
  CHECK(reader->job("dogs", "rex")->task.state == State::Downloading);
  store->commit({.tasks = {}, .lanes = {}, .delivered = {store->undelivered(1)[0].job}});
  CHECK(reader->job("dogs", "rex")->task.state == State::Done);
}

TEST_CASE("a reader shows what a job had before, and how many takes there were") {
  TempFolder const folder;
  auto const store = open_store(folder / "wanspool.db");
  take_in(*store, "cats", {job("a"), job("b")});
  take_in(*store, "dogs", {job("rex", 1, "a")});
  auto const reader = open_reader(folder / "wanspool.db");
  CHECK(reader->replaced("cats/a").empty());
  for (int take = 2; take <= 3; ++take) {
    auto task = store->wanted("cats/a")->task;
    task.state = State::Done;
    store->commit({{task}, {}});
    auto const n = std::to_string(take);
    store->apply({n, at(take), {{"cats/a", take, "fingerprint-a-" + n, "{}"}}, {}});
  }
  auto const before = reader->replaced("cats/a");
  REQUIRE(before.size() == 2);
  CHECK(before[0].take == 1);
  CHECK(before[1].take == 2);
  CHECK(reader->job("cats", "a")->takes == 3);
  CHECK(reader->job("cats", "a")->task.take == 3);
  CHECK(reader->job("dogs", "rex")->takes == 3);
  CHECK(reader->job("cats", "b")->takes == 1);
  CHECK(reader->replaced("dogs/rex").empty());
  CHECK(reader->replaced("cats/c").empty());
}

TEST_CASE("a reader shows orphans, whose they may be, and refills") {
  TempFolder const folder;
  auto const store = open_store(folder / "wanspool.db");
  take_in(*store, "cats", jobs(2));
  auto held = all_queued(*store);
  for (auto& task : held) task.state = State::Held;
  Batch batch{held, {}};
  auto const orphan = [](std::string const& id, std::vector<std::int64_t> const& candidate_for) {
    return NewOrphan{{id, "", "wan2.6-image", "", "", "", at(1)}, at(1), Money{1}, 1, candidate_for};
  };
  batch.orphans = {orphan("O", {held[0].id}), orphan("P", {held[0].id, held[1].id})};
  batch.refills = {{held[0].id, 1, 2, "refill", "{}"}};
  auto const made = store->commit(batch);
  batch = {{}, {}};
  batch.orphans = {orphan("O", {held[1].id, held[0].id})};
  store->commit(batch);

  auto const reader = open_reader(folder / "wanspool.db");
  CHECK(reader->candidates(held[0].id) == std::vector{made[0], made[1]});
  CHECK(reader->candidates(held[1].id) == std::vector{made[0], made[1]});
  CHECK(reader->candidates(made[0].id).empty());
  CHECK(reader->refills_of(held[0].id) == std::vector{made[2]});
  std::vector<Task> seen;
  reader->orphans([&](Task const& each) {
    seen.push_back(each);
    return seen.size() < 2;
  });
  CHECK(seen == std::vector{made[0], made[1]});
  // Adopted by one it is nobody's candidate any more.
  store->apply({"c", at(1), {}, {{"cats/1", "O", "", at(1)}}});
  CHECK(reader->candidates(held[0].id).empty());
  CHECK(reader->candidates(held[1].id) == std::vector{made[1]});
}

TEST_CASE("a reader works when no daemon runs") {
  TempFolder const folder;
  take_in(*open_store(folder / "wanspool.db"), "cats", jobs(3));
  CHECK(listed(*open_reader(folder / "wanspool.db")).size() == 3);
}

TEST_CASE(
    "a reader works for somebody who may write nothing here, with a daemon, without and after a crash") {
  TempFolder const folder;
  auto const file = folder / "wanspool.db";
  take_in(*open_store(file), "cats", jobs(3));
  if (::geteuid() != 0) {
    MESSAGE("only root can become somebody else");
    return;
  }
  ::chmod(folder.path().c_str(), 0755);
  auto const as_nobody = [&](std::size_t expected) {
    return in_child([&] {
      if (::setgid(65534) != 0 || ::setuid(65534) != 0) throw std::runtime_error{"cannot become nobody"};
      if (::access(folder.path().c_str(), W_OK) == 0) throw std::runtime_error{"nobody may write here"};
      if (listed(*open_reader(file)).size() != expected) throw std::runtime_error{"jobs are missing"};
    });
  };
  CHECK(as_nobody(3) == "");
  CHECK(in_child([&] {
          static std::unique_ptr<Store> store;
          store = open_store(file);
          take_in(*store, "ants", {job("killed before its log was tidied up")});
        }) == "");
  CHECK(as_nobody(4) == "");
  auto const store = open_store(file);
  take_in(*store, "dogs", {job("rex")});
  CHECK(as_nobody(5) == "");
}

TEST_CASE("a reader tells tasks and their work by account") {
  TempFolder const folder;
  auto const store = open_store(folder / "wanspool.db");
  take_in(*store, "cats", jobs(3));
  auto tasks = all_queued(*store);
  tasks[0].account = "studio";
  tasks[0].state = State::Running;
  tasks[0].times.sent = at(5);
  tasks[0].polls = 7;
  store->commit({{tasks[0]}, {}});
  auto const reader = open_reader(folder / "wanspool.db");
  auto const tallies = reader->tallies();
  CHECK(tallies.at({"studio", "wan2.6-image"})[State::Running] == 1);
  CHECK(tallies.at({"studio", "wan2.6-image"})[State::Queued] == 0);
  CHECK(tallies.at({{}, "wan2.6-image"})[State::Queued] == 2);
  CHECK(reader->tally().total() == 3);
  CHECK(store->queued_models() == std::vector<std::string>{"wan2.6-image"});
  REQUIRE(reader->work({"studio", "wan2.6-image"}, at(0)).size() == 1);
  CHECK(reader->work({"studio", "wan2.6-image"}, at(0))[0].polls == 7);
  CHECK(reader->work({{}, "wan2.6-image"}, at(0)).empty());
}
