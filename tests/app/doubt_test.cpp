#include "app/doubt.h"

#include <doctest/doctest.h>

#include "app/concerns.h"
#include "app/made_up.h"
#include "support/place.h"

using namespace wanspool;
using namespace wanspool::app;
using test::done_job;
using test::doubtful_task;
using test::Environment;
using test::kNow;
using test::orphan_task;

TEST_SUITE_BEGIN("app");

namespace {

Spool const kSpool = Spool::at("/srv/wan");

Whole whole(Task task) {
  Whole all;
  all.row = done_job().row;
  all.row.task = std::move(task);
  return all;
}

Whole held() {
  auto task = doubtful_task();
  task.state = State::Held;
  return whole(task);
}

std::string text_of(std::vector<Said> const& lines) {
  std::string text;
  for (auto const& each : lines) text += each.name + "|" + each.text + "\n";
  return text;
}

std::string doubt(Whole const& all) {
  return text_of(words_of_doubt(all, kSpool, "CNY", seconds{60}, kNow + minutes{1}));
}

// The zone of what is compared here.
struct Utc {
  Environment zone{{{"TZ", "UTC"}}};
  Utc() { ::tzset(); }
};

}  // namespace

TEST_CASE("of a job in doubt it is said when the account's list is read") {
  Utc const utc;
  CHECK(doubt(whole(doubtful_task())) ==
        "doubt|sent and unanswered; the account's list is read at 22:14:25 UTC\n"
        "|and says whether it was bought; until then it is not sent again\n");
  CHECK(doubt(whole(done_job().row.task)).empty());
}

TEST_CASE("of a held job each candidate is shown with its pictures and the line to type") {
  Utc const utc;
  auto all = held();
  all.candidates = {orphan_task("t7")};
  CHECK(doubt(all) ==
        "doubt|its order was sent at 22:13:20 UTC and its answer was lost\n"
        "|it was accepted before 22:13:25 UTC, or never\n"
        "|0.20 CNY stay reserved; it is never sent again\n"
        "|by itself, for that could pay twice\n"
        "candidate|t7: done, made 22:13:20 UTC, 0.20 CNY\n"
        "|/srv/wan/orphans/t7/image-1.png\n"
        "|if it is this one:  wanspool adopt cats/hero t7\n"
        "|to buy it anew:     wanspool redo cats/hero   (may pay twice)\n");
}

TEST_CASE("of a held job without candidates both ways out are shown all the same") {
  auto const text = doubt(held());
  CHECK(text.find("wanspool adopt cats/hero TASK_ID") != std::string::npos);
  CHECK(text.find("wanspool redo cats/hero ") != std::string::npos);
}

TEST_CASE("refills and older takes are shown with what they cost") {
  auto all = whole(done_job().row.task);
  all.row.takes = all.row.task.take = 2;
  auto refill = all.row.task;
  refill.task_id = "t2";
  refill.first = 2;
  refill.pictures = {test::picture(2, "two")};
  all.purchases.refills = {refill};
  auto older = done_job().row.task;
  older.task_id = "t0";
  all.purchases.replaced = {older};
  CHECK(text_of(words_of_purchases(all, kSpool, "CNY")) ==
        "refill|1 picture from picture 2 on: done, 0.20 CNY, task t2\n"
        "|/srv/wan/out/cats/hero/image-2.png\n"
        "earlier|take 1: done, 0.20 CNY, task t0\n");
}

TEST_CASE("machines get candidates, refills and older takes as well") {
  auto all = held();
  all.candidates = {orphan_task("t7")};
  auto const text = whole_json(all, kSpool, "CNY");
  CHECK(text.find(R"("candidates":[{"task_id":"t7","state":"done")") != std::string::npos);
  CHECK(text.find(R"("file":"/srv/wan/orphans/t7/image-1.png")") != std::string::npos);
  CHECK(text.find(R"("refills":[],"replaced":[])") != std::string::npos);
  CHECK(text.find(R"("take":1)") != std::string::npos);
  CHECK(text.find(R"("possible_until":"2023-11-14T22:13:25.000Z")") != std::string::npos);
}

TEST_CASE("pictures of a shared purchase lie in the job's own folder once they were delivered") {
  auto row = done_job().row;
  row.job = "twin";
  CHECK(folder_of_pictures(row, kSpool) == "/srv/wan/out/cats/twin");
  row.task.state = State::Downloading;
  row.delivered = false;
  CHECK_FALSE(has_its_pictures(row));
  CHECK(folder_of_pictures(row, kSpool) == "/srv/wan/out/cats/hero");
}

TEST_CASE("what came of a job's own purchase is there before the whole of it is") {
  auto row = done_job().row;
  row.task.state = State::Failed;
  row.delivered = false;
  CHECK(folder_of_pictures(row, kSpool) == "/srv/wan/out/cats/hero");
}

TEST_CASE("pictures whose address dies within six hours are a warning, within one hour urgent") {
  auto task = done_job().row.task;
  task.state = State::Downloading;
  Picture coming{2, "https://x", kNow + hours{5}, "", "", 0, 0, 0, 0, ""};
  task.pictures.push_back(coming);
  coming.number = 3;
  coming.expires = kNow + hours{8};
  task.pictures.push_back(coming);
  Concerns concerns;
  concerns.add(task);
  auto const words = [&](Instant now) { return text_of(words_of_concerns(concerns, 0, kSpool, "CNY", now)); };
  CHECK(words(kNow - hours{2}).empty());
  CHECK(words(kNow) ==
        "expiring|1 picture must be fetched within 5 h 0 min, cats/hero first;\n"
        "|keep a daemon or a run at work\n");
  CHECK(words(kNow + hours{4}).starts_with("expiring|URGENT: 2 pictures must be fetched within 1 h 0 min"));
  CHECK(words(kNow + hours{6}).find("has died") != std::string::npos);
}

TEST_CASE("that the key is shared is told with the time of the last stranger") {
  CHECK(words_of_shared_key("").empty());
  Utc const utc;
  CHECK(text_of(words_of_shared_key("2023-11-14T22:13:20.000Z")).find("last seen 2023-11-14 22:13:20 UTC;") !=
        std::string::npos);
}

TEST_CASE("doubts, held jobs and orphans are counted where there are some") {
  Concerns concerns;
  concerns.add(doubtful_task());
  concerns.add(orphan_task("t7"));
  auto const text = text_of(words_of_concerns(concerns, 2, kSpool, "CNY", kNow));
  CHECK(text.find("doubts|1 order sent and unanswered") != std::string::npos);
  CHECK(text.find("held|2 jobs may have been bought or not") != std::string::npos);
  CHECK(text.find("orphans|1 task, 0.20 CNY, paid for and no job's:\n|/srv/wan/orphans\n") !=
        std::string::npos);
  CHECK(words_of_concerns({}, 0, kSpool, "CNY", kNow).empty());
}

TEST_SUITE_END();
