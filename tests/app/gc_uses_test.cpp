#include <doctest/doctest.h>

#include <algorithm>

#include "app/gc.h"
#include "app/shell.h"
#include "engine/steps.h"

// What gc leaves, for something may still be made of it, and that one that was stopped has lost nothing.

using namespace wanspool;
using app::Kind;

namespace fs = std::filesystem;

TEST_SUITE_BEGIN("app");

namespace {

constexpr Instant kThen{seconds{1'700'000'000}};
constexpr char kBytes[] = "123456789012";  // as many as the queue says
constexpr int kPictures = 260;             // more than are noted at once

std::unique_ptr<Store> store_of(test::Place const& place) {
  return open_store(place / "spool/state/wanspool.db");
}

// All of this kind that may go, whatever its age; returns how many files went.
std::int64_t collect(test::Place const& place, Kind kind, std::vector<std::string> manifests = {}) {
  auto const spool = Spool::at(place / "spool");
  auto const reader = open_reader(spool.database);
  auto const house = open_housekeeping(spool.database);
  auto const later = BootClock{}.now() + hours{1};
  app::GcWishes wishes;
  wishes.before[static_cast<std::size_t>(kind)] = later;
  wishes.manifests = std::move(manifests);
  app::Gc gc{spool, *reader, *house, wishes, later};
  auto const findings = gc.survey();
  auto const swept = gc.remove(findings);
  for (std::size_t i = 0; i < findings.size(); ++i)
    if (findings[i].kind == kind) return swept[i].files;
  return -1;
}

NewJob job(std::string const& name, std::string const& fingerprint) {
  NewJob job;
  job.name = name;
  job.fingerprint = fingerprint;
  job.body = R"({"model":"m"})";
  job.model = "wan2.6-t2i";
  job.price = {200'000};
  return job;
}

// Wants the same as cats/hero, and rex is made of it.
void add_dogs(Store& store) {
  auto rex = job("rex", "g1");
  rex.body =
      R"({"model":"m","input":{"messages":[{"role":"user","content":[{"image":"job:f1#1"},{"text":"x"}]}]}})";
  rex.inputs = kJobInput;
  rex.sources = {{"pup", "f1"}};
  auto const manifest = store.begin_manifest({"dogs", "2-dogs.yaml", "dogs.yaml", "01", kThen});
  std::vector<NewJob> const jobs{job("pup", "f1"), rex};
  store.add_jobs(manifest, jobs);
  store.publish_manifest(manifest, kThen);
}

void deliver(Store& store) {
  Batch batch;
  for (auto const& each : store.undelivered(10)) batch.delivered.push_back(each.job);
  REQUIRE(batch.delivered.size() == 1);
  store.commit(batch);
}

Task rex_of(Store& store) {
  return store.job("dogs", "rex").value().task;
}

void end(Store& store, Task task, State state) {
  task.state = state;
  if (state == State::Failed) task.error = {Trouble::Kind::Fatal, "Refused", "no"};
  store.commit({{task}, {}});
}

// cats/hero has its picture, dogs/pup a copy, and dogs/rex is still to be sent.
void fill_with_dogs(test::Place const& place) {
  test::fill(place);
  for (auto const* const name : {"cats/hero", "dogs/pup"})
    place.write(std::string{"spool/out/"} + name + "/image-1.png", kBytes);
  auto const store = store_of(place);
  add_dogs(*store);
  deliver(*store);
}

std::int64_t add_orphan(Store& store, std::string const& id) {
  NewOrphan found;
  found.row.task_id = id;
  found.row.model = "wan2.6-t2i";
  found.accepted = kThen;
  found.price = {200'000};
  Batch batch;
  batch.orphans = {found};
  auto task = store.commit(batch).at(0);
  task.state = State::Done;
  task.pictures = {{1, "", {}, "image-1.png", "cd", 12, 3, 4, 0, ""}};
  store.commit({{task}, {}});
  return task.id;
}

bool misses_a_picture(test::Place const& place) {
  return test::wanspool_says(place, {"verify"}).out.find(".png is missing") != std::string::npos;
}

}  // namespace

TEST_CASE("gc keeps a picture until the other job that shares its purchase has its copy") {
  test::Place const place;
  test::fill(place);
  auto const hero = place.write("spool/out/cats/hero/image-1.png", kBytes);
  auto const old = place.write("spool/old/cats/hero/f1/image-1.png", kBytes);
  auto const store = store_of(place);
  auto const manifest = store->begin_manifest({"dogs", "2-dogs.yaml", "dogs.yaml", "01", kThen});
  std::vector<NewJob> const jobs{job("pup", "f1")};
  store->add_jobs(manifest, jobs);
  store->publish_manifest(manifest, kThen);
  CHECK(collect(place, Kind::Pictures, {"cats"}) == 0);
  CHECK(collect(place, Kind::Old) == 0);
  deliver(*store);
  auto const copy = place.write("spool/out/dogs/pup/image-1.png", kBytes);
  CHECK(collect(place, Kind::Old) == 1);
  CHECK(collect(place, Kind::Pictures, {"cats"}) == 1);
  CHECK_FALSE(fs::exists(hero));
  CHECK_FALSE(fs::exists(old));
  CHECK(fs::exists(copy));
  CHECK_FALSE(misses_a_picture(place));
  fs::remove(copy);  // not by gc
  CHECK(misses_a_picture(place));
}

TEST_CASE("gc keeps what a job is made from where that was bought, also in another manifest's folder") {
  test::Place const place;
  fill_with_dogs(place);
  auto const store = store_of(place);
  // Something newer has come to its place, or another job's picture.
  place.write("spool/old/cats/hero/f1/image-1.png", kBytes);
  place.write("spool/old/cats/.displaced/ab.png", kBytes);
  auto const keeps = [&] {
    CHECK(collect(place, Kind::Pictures, {"cats", "dogs"}) == 0);
    CHECK(collect(place, Kind::Old) == 0);
  };
  keeps();
  end(*store, rex_of(*store), State::Failed);  // it may be tried again
  keeps();
  end(*store, store->job("cats", "two").value().task, State::Failed);
  keeps();
  end(*store, rex_of(*store), State::Done);
  CHECK(collect(place, Kind::Old) == 2);
  CHECK(collect(place, Kind::Pictures, {"cats"}) == 1);
  CHECK(collect(place, Kind::Pictures, {"dogs"}) == 1);
}

TEST_CASE("gc keeps what a refill of a finished job is still to be made from") {
  test::Place const place;
  fill_with_dogs(place);
  auto const store = store_of(place);
  auto rex = rex_of(*store);
  rex.state = State::Downloading;
  Batch batch;
  batch.tasks = {rex};
  batch.refills = {{rex.id, 1, 1, "g1/refill", store->body(rex.id)}};
  auto const refill = store->commit(batch).at(0);
  end(*store, rex, State::Done);
  CHECK(collect(place, Kind::Pictures, {"cats", "dogs"}) == 0);
  // And a refill's refill.
  Batch more;
  more.tasks = {refill};
  more.tasks.front().state = State::Downloading;
  more.refills = {{refill.id, 1, 1, "g1/refill/refill", store->body(rex.id)}};
  auto const second = store->commit(more).at(0);
  end(*store, refill, State::Done);
  CHECK(collect(place, Kind::Pictures, {"cats", "dogs"}) == 0);
  end(*store, second, State::Done);
  CHECK(collect(place, Kind::Pictures, {"cats", "dogs"}) == 2);
}

TEST_CASE("gc keeps what was in another job's way until all of that manifest is over") {
  test::Place const place;
  test::fill(place);
  auto const displaced = place.write("spool/old/cats/.displaced/ab.png", kBytes);
  CHECK(collect(place, Kind::Old) == 0);
  auto const store = store_of(place);
  end(*store, store->job("cats", "two").value().task, State::Failed);
  CHECK(collect(place, Kind::Old) == 1);
  CHECK_FALSE(fs::exists(displaced));
}

TEST_CASE("gc keeps the picture of a task that was nobody's until the job that adopts it has it") {
  test::Place const place;
  test::fill(place);
  place.write("spool/out/cats/hero/image-1.png", kBytes);
  auto const picture = place.write("spool/orphans/nobodys/image-1.png", kBytes);
  auto const store = store_of(place);
  add_orphan(*store, "nobodys");
  store->apply({"adopt-1", kThen, {}, {{"cats/two", "nobodys", {}, kThen}}});
  auto two = store->job("cats", "two").value().task;
  REQUIRE(two.task_id == "nobodys");
  REQUIRE_FALSE(is_final(two.state));
  CHECK(collect(place, Kind::Orphans) == 0);
  CHECK(fs::exists(picture));
  two.state = State::Done;
  two.pictures = {{1, "", {}, "image-1.png", "cd", 12, 3, 4, 0, ""}};
  store->commit({{two}, {}});
  place.write("spool/out/cats/two/image-1.png", kBytes);
  CHECK(collect(place, Kind::Orphans) == 1);
  CHECK_FALSE(misses_a_picture(place));
}

namespace {

// Three orphans, and a job with very many pictures.
void fill_for_a_stop(test::Place const& place) {
  test::fill(place);
  auto const store = store_of(place);
  for (auto const* const id : {"one", "two", "three"}) {
    add_orphan(*store, id);
    place.write(std::string{"spool/orphans/"} + id + "/image-1.png", kBytes);
  }
  auto hero = store->job("cats", "hero").value().task;
  hero.pictures.clear();
  for (int i = 1; i <= kPictures; ++i) {
    auto const file = "image-" + std::to_string(i) + ".png";
    hero.pictures.push_back({i, "", {}, file, "ab", 12, 3, 4, 0, ""});
    place.write("spool/out/cats/hero/" + file, kBytes);
  }
  store->commit({{hero}, {}});
}

std::int64_t files_left(test::Place const& place) {
  std::int64_t left = 0;
  for (auto const* const tree : {"spool/out/cats/hero", "spool/orphans"})
    for (auto const& each : fs::recursive_directory_iterator{place / tree}) left += each.is_regular_file();
  return left;
}

// Stops the first gc of this kind at this step; returns how many steps it takes.
int stop(Kind kind, int step, std::vector<std::int64_t>& lefts) {
  test::Place const place;
  fill_for_a_stop(place);
  auto const there = kind == Kind::Orphans ? 3 : kPictures;
  auto const all = files_left(place);
  test::Steps steps{0, step};
  test::current_steps = &steps;
  try {
    collect(place, kind, {"cats"});
  } catch (test::Crash const&) {
  }
  test::current_steps = nullptr;
  lefts.push_back(files_left(place));
  CHECK_FALSE(misses_a_picture(place));
  // The second one ends the work, and the third finds nothing.
  CHECK(collect(place, kind, {"cats"}) == there - (all - lefts.back()));
  CHECK(collect(place, kind, {"cats"}) == 0);
  CHECK(files_left(place) == all - there);
  return steps.taken;
}

}  // namespace

TEST_CASE("a gc that is stopped anywhere has removed nothing that is not noted, and a second one ends it") {
  for (auto const kind : {Kind::Orphans, Kind::Pictures}) {
    std::vector<std::int64_t> lefts;
    auto const steps = stop(kind, 0, lefts);
    CHECK(steps >= 5);
    for (int step = 1; step <= steps; ++step) {
      CAPTURE(app::name_of(kind));
      CAPTURE(step);
      stop(kind, step, lefts);
    }
    // Some of them were stopped in the middle.
    std::sort(lefts.begin(), lefts.end());
    CHECK(std::unique(lefts.begin(), lefts.end()) - lefts.begin() >= 3);
  }
}

TEST_SUITE_END();
