#include "app/audit.h"

#include <doctest/doctest.h>

#include "app/made_up.h"
#include "engine/output.h"

using namespace wanspool;
using namespace wanspool::app;
using test::done_job;
using test::orphan_task;
using test::picture;
using test::Scene;

TEST_SUITE_BEGIN("app");

namespace {

// Whether this is the only thing that was found, and something helps.
bool found_only(Look const& look, std::string const& words) {
  return look.findings.size() == 1 && look.findings.front().what.find(words) != std::string::npos &&
         !look.findings.front().advice.empty();
}

}  // namespace

TEST_CASE("a job whose files are as they were stored is right, and its pictures are counted") {
  Scene scene;
  auto const look = look_at_job(done_job(), scene.spool);
  CHECK(look.findings.empty());
  CHECK(look.pictures == 1);
  CHECK(look.bytes == 3);
}

TEST_CASE("a picture that is gone, cut, or of other bytes is found") {
  Scene scene;
  scene.write("out/cats/hero/image-1.png", "two");
  CHECK(found_only(look_at_job(done_job(), scene.spool), "image-1.png does not hold the bytes"));
  scene.write("out/cats/hero/image-1.png", "on");
  CHECK(found_only(look_at_job(done_job(), scene.spool), "image-1.png has 2 bytes, 3 were stored"));
  scene.remove("out/cats/hero/image-1.png");
  auto const look = look_at_job(done_job(), scene.spool);
  CHECK(found_only(look, "image-1.png is missing"));
  CHECK(look.findings.front().advice.find("wanspool redo cats/hero") != std::string::npos);
  CHECK(look.pictures == 0);
}

TEST_CASE("a picture larger than one block is hashed whole") {
  Scene scene;
  std::string large(700'000, 'x');
  auto job = done_job();
  job.row.task.pictures = {picture(1, large)};
  scene.write("out/cats/hero/image-1.png", large);
  CHECK(look_at_job(job, scene.spool).findings.empty());
  large.back() = 'y';
  scene.write("out/cats/hero/image-1.png", large);
  CHECK(found_only(look_at_job(job, scene.spool), "does not hold the bytes"));
}

TEST_CASE("the story beside a done job is there and tells of its task") {
  Scene scene;
  scene.write("out/cats/hero/result.json", R"({"task_id":"t2"})");
  CHECK(found_only(look_at_job(done_job(), scene.spool), "result.json tells of task t2, the queue of t1"));
  scene.write("out/cats/hero/result.json", "{ torn");
  CHECK(found_only(look_at_job(done_job(), scene.spool), "tells of task none"));
  scene.remove("out/cats/hero/result.json");
  CHECK(found_only(look_at_job(done_job(), scene.spool), "result.json is missing"));
}

TEST_CASE("a picture that the job does not have is nobody's, a person's own file is not looked at") {
  Scene scene;
  scene.write("out/cats/hero/notes.txt", "mine");
  scene.write("out/cats/hero/image-of-mine.png", "mine");
  CHECK(look_at_job(done_job(), scene.spool).findings.empty());
  scene.write("out/cats/hero/image-2.png", "two");
  CHECK(found_only(look_at_job(done_job(), scene.spool), "image-2.png belongs to no job"));
}

TEST_CASE("the beginning of a file is right while its job is being fetched, and left over after that") {
  Scene scene;
  auto job = done_job();
  job.row.task.state = State::Downloading;
  job.row.task.pictures.push_back({2, "https://x", {}, "", "", 0, 0, 0, 0, ""});
  scene.remove("out/cats/hero/result.json");
  auto coming = job.row.task.pictures.back();
  coming.file = "image-2.png";
  scene.write("out/cats/hero/" + part_name(coming), "tw");
  CHECK(look_at_job(job, scene.spool).findings.empty());
  // It gets its name before the queue knows.
  scene.write("out/cats/hero/image-2.png", "two");
  CHECK(look_at_job(job, scene.spool).findings.empty());
  scene.remove("out/cats/hero/image-2.png");
  scene.write("out/cats/hero/result.json", R"({"task_id":"t1"})");
  CHECK(found_only(look_at_job(done_job(), scene.spool), ".part is the beginning of a file"));
}

TEST_CASE("a refill's pictures lie with its parent's and are looked at like them") {
  Scene scene;
  auto job = done_job();
  auto refill = job.row.task;
  refill.parent = 1;
  refill.first = 2;
  refill.pictures = {picture(2, "two")};
  job.purchases.refills = {refill};
  CHECK(found_only(look_at_job(job, scene.spool), "image-2.png is missing"));
  scene.write("out/cats/hero/image-2.png", "two");
  auto const look = look_at_job(job, scene.spool);
  CHECK(look.findings.empty());
  CHECK(look.pictures == 2);
}

TEST_CASE("an older take's pictures stay until the new ones are here, and are nobody's after that") {
  Scene scene;
  auto job = done_job();
  auto older = job.row.task;
  older.pictures.push_back(picture(2, "two"));
  job.purchases.replaced = {older};
  job.row.takes = job.row.task.take = 2;
  scene.write("out/cats/hero/image-2.png", "two");
  job.row.task.state = State::Running;
  job.row.task.pictures.clear();
  CHECK(look_at_job(job, scene.spool).findings.empty());
  auto now_done = done_job();
  now_done.purchases = job.purchases;
  CHECK(found_only(look_at_job(now_done, scene.spool), "image-2.png belongs to no job"));
}

TEST_CASE("a job that shares a purchase has its own copy once it was delivered") {
  Scene scene;
  auto job = done_job();
  job.row.job = "twin";
  job.row.delivered = false;
  job.row.task.state = State::Downloading;
  CHECK(look_at_job(job, scene.spool).findings.empty());
  job.row.delivered = true;
  job.row.task.state = State::Done;
  auto const look = look_at_job(job, scene.spool);
  REQUIRE(look.findings.size() == 2);
  CHECK(look.findings.front().what == (scene.spool.out / "cats/twin/image-1.png is missing").string());
  CHECK(look.findings.front().advice.find((scene.spool.out / "cats/hero").string()) != std::string::npos);
}

TEST_CASE("what has come of a job that is being fetched is looked at already") {
  Scene scene;
  auto job = done_job();
  job.row.delivered = false;
  job.row.task.state = State::Downloading;
  CHECK(look_at_job(job, scene.spool).pictures == 1);
  scene.remove("out/cats/hero/image-1.png");
  CHECK(found_only(look_at_job(job, scene.spool), "image-1.png is missing"));
}

TEST_CASE("a picture with a place is looked at there, and what lies in the job's folder is nobody's") {
  Scene scene;
  auto job = done_job();
  job.row.place = job.row.task.place = "marble/hero";
  job.row.task.pictures.front().file = "../marble/hero.png";
  scene.write("out/cats/marble/hero.png", "one");
  CHECK(found_only(look_at_job(job, scene.spool), "hero/image-1.png belongs to no job"));
  scene.remove("out/cats/hero/image-1.png");
  CHECK(look_at_job(job, scene.spool).pictures == 1);
  CHECK_FALSE(is_missing(job.row, scene.spool));
  scene.remove("out/cats/marble/hero.png");
  CHECK(is_missing(job.row, scene.spool));
  CHECK(found_only(look_at_job(job, scene.spool), "out/cats/marble/hero.png is missing"));
}

TEST_CASE("a copy is looked at where its own job has its place") {
  Scene scene;
  auto job = done_job();
  job.row.job = "twin";
  job.row.place = "marble/twin";
  scene.write("out/cats/twin/result.json", R"({"task_id":"t1"})");
  scene.write("out/cats/marble/twin.png", "one");
  auto const look = look_at_job(job, scene.spool);
  CHECK(look.findings.empty());
  CHECK(look.pictures == 1);
}

TEST_CASE("only what is done can be missing") {
  Scene scene;
  auto job = done_job();
  CHECK_FALSE(is_missing(job.row, scene.spool));
  scene.remove("out/cats/hero/image-1.png");
  CHECK(is_missing(job.row, scene.spool));
  job.row.task.state = State::Downloading;
  CHECK_FALSE(is_missing(job.row, scene.spool));
}

TEST_CASE("an orphan's pictures are looked at where they lie") {
  Scene scene;
  auto const orphan = orphan_task("lost/1");
  CHECK(found_only(look_at_orphan(orphan, scene.spool), "orphans/lost_1/image-1.png is missing"));
  scene.write("orphans/lost_1/image-1.png", "lost");
  CHECK(look_at_orphan(orphan, scene.spool).findings.empty());
  scene.write("orphans/lost_1/image-2.png", "more");
  CHECK(found_only(look_at_orphan(orphan, scene.spool), "image-2.png belongs to no job"));
}

TEST_CASE("only names that wanspool gives are its own") {
  for (auto const* const name :
       {"image-1.png", "image-12.png.part", "result.json", "document.md", "result.json.part"})
    CHECK(is_ours_by_name(name));
  for (auto const* const name :
       {"image-.png", "image-1", "image-a.png", "metadata.jsonl", "results.json", "notes.part", ".part"})
    CHECK_FALSE(is_ours_by_name(name));
}

TEST_CASE("folders that hold such files are found at any depth, with nothing else") {
  Scene scene;
  scene.write("out/a/b/c/image-1.png", "x");
  scene.write("out/a/b/document.md", "x");
  scene.write("out/a/notes.txt", "x");
  auto const found = found_below(scene.spool.out);
  REQUIRE(found.size() == 3);
  CHECK(found[0].folder == "a/b");
  CHECK(found[1].folder == "a/b/c");
  CHECK(found[2].folder == "cats/hero");
  CHECK(found[2].files == std::vector<std::string>{"image-1.png", "result.json"});
  CHECK(found_below(scene.spool.root / "none").empty());
}

TEST_CASE("a link in the tree is not followed, so that a loop of them ends") {
  Scene scene;
  std::filesystem::create_directory_symlink(scene.spool.out, scene.spool.out / "cats" / "loop");
  CHECK(found_below(scene.spool.out).size() == 1);
}

TEST_CASE("a ledger that does not come to what the tasks come to is named with both sums") {
  Sum const tasks{"", {}, {400'000}, {}};
  CHECK(look_at_sums(tasks, {{"by day", {}, {400'000}, {}}}).empty());
  auto const found = look_at_sums(tasks, {{"by day", {}, {400'000}, {}}, {"by job", {}, {200'000}, {}}});
  REQUIRE(found.size() == 1);
  CHECK(found.front().what ==
        "the ledger by job comes to spent 0.20, reserved 0.00, uncertain 0.00; the tasks come to spent 0.40, "
        "reserved 0.00, uncertain 0.00");
}

TEST_SUITE_END();
