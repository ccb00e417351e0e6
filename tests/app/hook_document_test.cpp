#include "app/hook_document.h"

#include <doctest/doctest.h>

#include "store/support.h"

using namespace wanspool;
using namespace wanspool::app;

TEST_SUITE_BEGIN("app");

namespace {

struct Desk {
  Desk() { take_in(*store, "cats", jobs(1)); }
  std::string document(HookRow row) {
    row.id = "0f";
    row.at = at(0);
    return hook_document(row, *store, Spool::at("/spool"), "CNY");
  }

  TempFolder folder;
  std::unique_ptr<Store> store = open_store(folder / "wanspool.db");
};

bool holds(std::string const& text, std::string const& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("a hook is told of a job as it is now, in one line") {
  Desk desk;
  auto task = desk.store->wanted("cats/1")->task;
  task.state = State::Done;
  task.task_id = "t-1";
  task.spent = task.price * task.wanted;
  task.reserved = {};
  desk.store->commit({{task}, {}});
  HookRow row;
  row.event = HookEvent::Job;
  row.manifest = "cats";
  row.job = "1";
  row.tries = 2;
  auto const said = desk.document(row);
  CHECK(said.starts_with(R"({"schema":1,"id":"0f","event":"job","time":"2023-11-14T22:13:20.000Z","try":3,)"
                         R"("root":"/spool","manifest":"cats","submitter_id":null,"job":"cats/1",)"
                         R"("state":"done",)"));
  CHECK(holds(said, R"("account":"main","task_id":"t-1","take":1,"folder":"/spool/out/cats/1",)"));
  CHECK(holds(said, R"("cost":{"spent":"0.40","reserved":"0.00","uncertain":"0.00","currency":"CNY"}})"));
  CHECK(said.find('\n') == said.size() - 1);
}

TEST_CASE("a hook is told that a copy of another job's pictures cost nothing") {
  Desk desk;
  take_in(*desk.store, "twins", {job("2", 1, "1")});
  auto task = desk.store->wanted("cats/1")->task;
  task.state = State::Done;
  task.spent = task.price * task.wanted;
  desk.store->commit({{task}, {}});
  HookRow row;
  row.event = HookEvent::Job;
  row.manifest = "twins";
  row.job = "2";
  CHECK(holds(desk.document(row), R"("cost":{"spent":"0.00",)"));
}

TEST_CASE("of a job that is no more there is nothing to tell") {
  Desk desk;
  HookRow row;
  row.manifest = "cats";
  row.job = "2";
  CHECK(desk.document(row).empty());
}

TEST_CASE("what a hook is told holds no signed address, and nothing that steers a terminal") {
  Desk desk;
  HookRow row;
  row.event = HookEvent::Failure;
  row.manifest = "cats";
  row.job = "1";
  row.held = true;
  row.code = "Bad\x1b[31mCode";
  row.message = "cannot fetch https://h.example/a.png?Signature=s3cret&Expires=1\xff";
  auto const said = desk.document(row);
  CHECK(
      holds(said, R"("failure":"held","error":{"code":"Bad [31mCode","message":"cannot fetch https://h.ex)"));
  CHECK_FALSE(holds(said, "s3cret"));
  CHECK_FALSE(holds(said, "u001b"));
}

TEST_CASE("a stop names the account, its models and the code of the refusal") {
  Desk desk;
  HookRow row;
  row.event = HookEvent::Stopped;
  row.models = {"a", "b"};
  row.message = "Arrearage: pay the bill: now";
  CHECK(holds(desk.document(row), R"("root":"/spool","account":"main","models":["a","b"],)"
                                  R"("error":{"code":"Arrearage","message":"pay the bill: now"}})"));
  row.account = "studio";
  row.message = "there is no key";
  CHECK(holds(desk.document(row), R"("account":"studio","models":["a","b"],)"
                                  R"("error":{"code":null,"message":"there is no key"}})"));
}

TEST_SUITE_END();
