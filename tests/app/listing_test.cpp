#include "app/listing.h"

#include <doctest/doctest.h>

#include "app/made_up.h"

using namespace wanspool;
using namespace wanspool::app;
using test::done_job;
using test::doubtful_task;
using test::kNow;

TEST_SUITE_BEGIN("app");

namespace {

constexpr seconds kDelay{60};

ListRow row(std::string const& task_id, std::string const& key = "ours", Instant created = kNow) {
  return {task_id, "r-" + task_id, "wan2.6-t2i", "SUCCEEDED", key, "", created};
}

OurTasks ours(std::initializer_list<Task> tasks) {
  OurTasks all;
  for (auto const& each : tasks) all.add(each);
  return all;
}

Listing listing(std::vector<ListRow> rows, Instant read_at = kNow + hours{1}) {
  return {read_at, std::move(rows), {}};
}

}  // namespace

TEST_CASE("an answer to the question for the list is read, and anything else is none") {
  auto const read = read_listing(R"({"schema":1,"read_at":"2023-11-14T22:13:20.500Z","rows":[
      {"task_id":"t1","request_id":"r1","model":"m","status":"RUNNING","api_key_id":"7","created":"2023-11-14T22:13:20Z"}]})");
  REQUIRE(read);
  CHECK(read->read_at == kNow + milliseconds{500});
  CHECK(read->rows == std::vector<ListRow>{{"t1", "r1", "m", "RUNNING", "7", "", kNow}});
  CHECK(read_listing(R"({"schema":1,"error":"no key"})")->error == "no key");
  for (auto const* const wrong :
       {"", "{}", "[]", R"({"schema":2,"read_at":"2023-11-14T22:13:20Z","rows":[]})",
        R"({"schema":1,"read_at":"soon","rows":[]})", R"({"schema":1,"read_at":"2023-11-14T22:13:20Z"})",
        R"({"schema":1,"read_at":"2023-11-14T22:13:20Z","rows":[{"status":"x"}]})"})
    CHECK_FALSE(read_listing(wrong));
}

TEST_CASE("a list that shows our tasks and strangers' has nothing to say") {
  CHECK(compare(listing({row("t1"), row("x", "theirs")}), ours({done_job().row.task}), kDelay).empty());
}

TEST_CASE("a task of ours that the list lacks is named with its job") {
  auto const found = compare(listing({}), ours({done_job().row.task}), kDelay);
  REQUIRE(found.size() == 1);
  CHECK(found.front().what.starts_with("task t1 of cats/hero, accepted "));
  CHECK(found.front().advice.find("wanspool show cats/hero") != std::string::npos);
}

TEST_CASE("the list need not show what is too young or a day old") {
  auto const task = ours({done_job().row.task});
  CHECK(compare(listing({}, kNow + seconds{59}), task, kDelay).empty());
  CHECK(compare(listing({}, kNow + seconds{61}), task, kDelay).size() == 1);
  CHECK(compare(listing({}, kNow + hours{23}), task, kDelay).size() == 1);
  CHECK(compare(listing({}, kNow + hours{24}), task, kDelay).empty());
}

TEST_CASE("a task of our key that nobody knows is named") {
  auto const found = compare(listing({row("t1"), row("t2")}), ours({done_job().row.task}), kDelay);
  REQUIRE(found.size() == 1);
  CHECK(found.front().what.starts_with("task t2 (wan2.6-t2i, SUCCEEDED, made "));
}

TEST_CASE("what an unanswered create may have made is no stranger, what came before or long after is") {
  auto const known = ours({done_job().row.task, doubtful_task()});
  CHECK(compare(listing({row("t1"), row("t2", "ours", kNow + seconds{3})}), known, kDelay).empty());
  CHECK(compare(listing({row("t1"), row("t2", "ours", kNow - hours{1})}), known, kDelay).size() == 1);
  CHECK(compare(listing({row("t1"), row("t2", "ours", kNow + minutes{50})}), known, kDelay).size() == 1);
  auto other = row("t2");
  other.model = "wan2.6-image";
  CHECK(compare(listing({row("t1"), other}), known, kDelay).size() == 1);
}

TEST_CASE("a create that is still in flight may have made any later task") {
  auto flying = doubtful_task();
  flying.possible_until = {};
  auto const known = ours({done_job().row.task, flying});
  CHECK(compare(listing({row("t1"), row("t2", "ours", kNow + minutes{50})}), known, kDelay).empty());
}

TEST_CASE("without a row of ours nobody can tell which key is ours") {
  CHECK(compare(listing({row("t2")}), ours({}), kDelay).empty());
}

TEST_CASE("a task that failed and whose job was bought anew is no stranger's, nor looked for") {
  auto known = ours({done_job().row.task});
  known.former = {"first-try", "not-listed"};
  auto const id = done_job().row.task.task_id;
  CHECK(compare(listing({row(id), row("first-try")}), known, kDelay).empty());
  CHECK(compare(listing({row(id), row("first-try"), row("strange")}), known, kDelay).size() == 1);
}

TEST_SUITE_END();
