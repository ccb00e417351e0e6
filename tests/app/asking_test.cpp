#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "app/exit.h"
#include "app/shell.h"
#include "base/files.h"

using namespace wanspool;
using namespace wanspool::app;
using nlohmann::json;
using test::call;
using test::fill;
using test::Place;
using test::Process;
using test::wanspool_says;

TEST_SUITE_BEGIN("app");

namespace {

// We have the spool ourselves, as a daemon would, and answer what commands put into the inbox.
struct Keeper {
  Place place;
  Spool spool = Spool::at(place / "spool");
  std::unique_ptr<Store> store;

  Keeper() {
    fill(place);
    store = open_store(spool.database);
  }
  // The name of the file that `doer` puts into the inbox; it is taken out.
  std::string take(Process& doer) const {
    for (;;) {
      for (auto const& each : std::filesystem::directory_iterator{spool.inbox}) {
        auto name = each.path().filename().string();
        if (name.starts_with('.')) continue;
        std::filesystem::remove(each.path());
        return name;
      }
      if (!doer.is_running()) FAIL("it ended and asked for nothing: " << doer.err());
    }
  }
  void answer(std::string const& file, std::string const& text) const {
    auto const id = file.substr(5, 16);
    write_file_safely(spool.answers / (id + ".json"), text);
  }
};

}  // namespace

TEST_CASE("verify names what is wrong with a spool, each with what to do, and ends with 5") {
  Place place;
  fill(place);
  auto const said = wanspool_says(place, {"verify"});
  CHECK(said.code == kVerify);
  CHECK(said.out.find("out/cats/hero/image-1.png is missing; ") != std::string::npos);
  CHECK(said.out.find("out/cats/hero/result.json is missing; ") != std::string::npos);
  auto const machine = wanspool_says(place, {"verify", "--json"});
  CHECK(machine.code == kVerify);
  auto const document = json::parse(machine.out);
  CHECK(document.at("ok") == false);
  CHECK(document.at("jobs") == 2);
  CHECK_FALSE(document.at("findings").at(0).at("advice").get<std::string>().empty());
}

TEST_CASE("verify finds files that nobody owns, wherever they lie, but never looks into old/") {
  Place place;
  wanspool_says(place, {"init"});
  auto const good = wanspool_says(place, {"verify"});
  CHECK(good.code == 0);
  CHECK(good.out.starts_with("verified 0 jobs, 0 pictures"));
  place.write("spool/old/cats/hero/image-1.png", "x");
  CHECK(wanspool_says(place, {"verify"}).code == 0);
  fill(place);
  place.write("spool/out/dogs/rex/image-1.png", "x");
  place.write("spool/orphans/t9/image-1.png", "x");
  auto const said = wanspool_says(place, {"verify"}).out;
  CHECK(said.find("out/dogs/rex/image-1.png belongs to no job") != std::string::npos);
  CHECK(said.find("orphans/t9/image-1.png belongs to no job") != std::string::npos);
  CHECK(said.find("old/") == std::string::npos);
}

TEST_CASE("the account's list is asked for only where somebody can read it") {
  Place place;
  fill(place);
  auto const said = wanspool_says(place, {"verify", "--provider"});
  CHECK(said.code == kPerson);
  CHECK(said.err.find("start the daemon (wanspool daemon) or use wanspool run") != std::string::npos);
  CHECK(std::filesystem::is_empty(place / "spool/inbox"));
}

TEST_CASE("redo shows the price, says that it may pay twice, and needs a yes") {
  Place place;
  fill(place);
  auto const asked = wanspool_says(place, {"redo", "cats"});
  CHECK(asked.code == kPerson);
  CHECK(asked.err.find(
            "cats/two: 2 pictures, at most 0.40 CNY; it may have been bought already: this may pay twice") !=
        std::string::npos);
  CHECK(asked.err.find("2 jobs, at most 3 pictures, at most 0.60 CNY; the old pictures move to old/") !=
        std::string::npos);
  CHECK(asked.err.find("needs --yes") != std::string::npos);
  CHECK(std::filesystem::is_empty(place / "spool/inbox"));
  auto const agreed = wanspool_says(place, {"redo", "cats", "--yes"});
  CHECK(agreed.code == 0);
  CHECK(agreed.err.find("takes effect at the next wanspool run") != std::string::npos);
  std::filesystem::directory_iterator const inbox{place / "spool/inbox"};
  CHECK(inbox->path().filename().string().starts_with("redo-"));
}

TEST_CASE("redo takes the names of a review, and those whose pictures were deleted") {
  Place place;
  fill(place);
  place.write("bad.csv", "job,why\ncats/two,crooked\n");
  auto const listed = wanspool_says(place, {"redo", "--from", "bad.csv"});
  CHECK(listed.code == kPerson);
  CHECK(listed.err.find("1 job, at most 2 pictures, at most 0.40 CNY") != std::string::npos);
  auto const deleted = wanspool_says(place, {"redo", "--deleted"});
  CHECK(deleted.code == kPerson);
  CHECK(deleted.err.find("cats/hero: 1 picture, at most 0.20 CNY") != std::string::npos);
  CHECK(deleted.err.find("cats/two") == std::string::npos);
  place.write("spool/out/cats/hero/image-1.png", "x");
  CHECK(wanspool_says(place, {"redo", "--deleted"}).code == kNoSuch);
  CHECK(wanspool_says(place, {"redo", "--from", "none.csv"}).code == kWrong);
  CHECK(wanspool_says(place, {"redo"}).code == kNoSuch);
}

TEST_CASE("adopt is for jobs that nobody can tell the fate of") {
  Place place;
  fill(place);
  auto const done = wanspool_says(place, {"adopt", "cats/hero", "t1", "--yes"});
  CHECK(done.code == kWrong);
  CHECK(done.err.find("cats/hero is done, so there is nothing to decide") != std::string::npos);
  CHECK(wanspool_says(place, {"adopt", "cats/two", "t1"}).code == kPerson);
  CHECK(wanspool_says(place, {"adopt", "cats/two", "../t1", "--yes"}).code == kWrong);
  CHECK(std::filesystem::is_empty(place / "spool/inbox"));
  CHECK(wanspool_says(place, {"adopt", "cats/two", "t1", "--yes"}).code == 0);
  std::filesystem::directory_iterator const inbox{place / "spool/inbox"};
  CHECK(inbox->path().filename().string().starts_with("adopt-"));
}

TEST_CASE("resume says that nothing waits where nothing does, and asks where something does") {
  Place place;
  fill(place);
  CHECK(wanspool_says(place, {"resume"}).err.find("not paused") != std::string::npos);
  CHECK(std::filesystem::is_empty(place / "spool/inbox"));
  open_store(Spool::at(place / "spool").database)->set_fact("paused", "a backup was put back");
  CHECK(wanspool_says(place, {"status"}).out.find("paused    nothing is bought: a backup was put back;") !=
        std::string::npos);
  CHECK(wanspool_says(place, {"resume"}).code == 0);
  CHECK_FALSE(std::filesystem::is_empty(place / "spool/inbox"));
}

TEST_CASE("a backup is never written over the queue itself") {
  Place place;
  fill(place);
  auto const said = wanspool_says(place, {"backup", "spool/state/wanspool.db"});
  CHECK(said.code == kWrong);
  CHECK(said.err.find("where the queue itself lies") != std::string::npos);
  CHECK(wanspool_says(place, {"backup", "spool"}).code == kWrong);
}

TEST_CASE("beside a daemon a command says what became of it") {
  Keeper const keeper;
  Process accepted{call(keeper.place, {"redo", "cats/hero", "--yes"})};
  auto const file = keeper.take(accepted);
  write_file_safely(keeper.spool.accepted / (file + ".receipt.txt"), "redo  1 job\n");
  CHECK(accepted.wait() == 0);
  CHECK(accepted.err().find("accepted " + file + ": redo 1 job") != std::string::npos);

  Process rejected{call(keeper.place, {"adopt", "cats/two", "t1", "--yes"})};
  auto const other = keeper.take(rejected);
  write_file_safely(keeper.spool.rejected / (other + ".error.txt"), "task t1 belongs to cats/hero\n");
  CHECK(rejected.wait() == kFailed);
  CHECK(rejected.err().find("task t1 belongs to cats/hero") != std::string::npos);
}

TEST_CASE("the account's list is asked of whoever has the spool, compared, and put away") {
  Keeper const keeper;
  keeper.place.write("spool/out/cats/hero/image-1.png", "x");
  Process verify{call(keeper.place, {"verify", "--provider", "--json"})};
  auto const file = keeper.take(verify);
  CHECK(file.starts_with("list-"));
  keeper.answer(file, R"({"schema":1,"read_at":"2023-11-14T22:13:20Z","rows":[{"task_id":"x"}]})");
  CHECK(verify.wait() == kVerify);
  CHECK(json::parse(verify.out()).at("listed") == 1);
  CHECK(std::filesystem::is_empty(keeper.spool.answers));
}

TEST_CASE("a list that could not be read is told, with nothing compared") {
  Keeper const keeper;
  Process verify{call(keeper.place, {"verify", "--provider"})};
  keeper.answer(keeper.take(verify), R"({"schema":1,"error":"InvalidApiKey: no such key"})");
  CHECK(verify.wait() == kFailed);
  CHECK(verify.err().find("the account's list could not be read: InvalidApiKey: no such key") !=
        std::string::npos);
  CHECK(verify.out().empty());
  CHECK(std::filesystem::is_empty(keeper.spool.answers));
}

TEST_CASE("a daemon that leaves before it has answered is not waited for") {
  Keeper keeper;
  Process verify{call(keeper.place, {"verify", "--provider"})};
  verify.await_err("asking for the account's list");
  keeper.store.reset();
  CHECK(verify.wait() == kPerson);
  CHECK(std::filesystem::is_empty(keeper.spool.inbox));
}

TEST_SUITE_END();
