#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "app/exit.h"
#include "app/shell.h"
#include "base/files.h"
#include "engine/paths.h"

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
  place.write("nothing", "");
  CHECK(wanspool_says(place, {"redo", "--from", "nothing"}).code == kNoSuch);
  auto const all = wanspool_says(place, {"redo"});
  CHECK(all.code == kWrong);
  CHECK(all.err.starts_with("wanspool: which jobs? name some, or --from a list"));
}

namespace {

// Two manifests with pictures in places of their own, one path of which both have.
void fill_with_places(Place const& place) {
  auto const spool = Spool::at(place / "spool");
  spool.make();
  auto const store = open_store(spool.database);
  Instant const now{seconds{1'700'000'000}};
  for (auto const* const name : {"cats", "dogs"}) {
    auto const manifest = store->begin_manifest({name, std::string{"1-"} + name, "m.yaml", "00", now});
    std::vector<NewJob> jobs;
    for (auto const* const job : {"a", "b", "c"}) {
      auto const key = std::string{name} + job;
      jobs.push_back({job, 3, key, R"({"model":"m"})", "wan2.6-t2i", 1, {200'000}});
      jobs.back().place = *job == 'a' ? "marble/vase" : *job == 'b' ? "marble/" + key : "";
    }
    store->add_jobs(manifest, jobs);
    store->publish_manifest(manifest, now);
  }
  Batch batch;
  for (auto task : store->queued("wan2.6-t2i", 10, [](std::int64_t) { return false; })) {
    task.state = State::Done;
    task.pictures = {{1, "", {}, PicturePaths{task}.file(1), "ab", 12, 3, 4, 0, ""}};
    task.spent = {200'000};
    batch.tasks.push_back(task);
  }
  store->commit(batch);
  store->set_fact("origin", "emulator");
}

}  // namespace

TEST_CASE("redo finds the job of a picture, whichever way its place is written") {
  Place place;
  fill_with_places(place);
  auto const meant = [&](std::string const& list) {
    place.write("list", list);
    auto const said = wanspool_says(place, {"redo", "--from", "list"});
    CHECK(said.code == kPerson);
    std::string jobs;
    for (auto const* const each : {"cats/a", "cats/b", "cats/c", "dogs/a", "dogs/b", "dogs/c"})
      if (said.err.find(std::string{each} + ": 1 picture") != std::string::npos)
        jobs += each + std::string{" "};
    return jobs;
  };
  CHECK(meant("spool/out/cats/marble/vase.png\n") == "cats/a ");
  CHECK(meant((place / "spool/out/dogs/c/image-1.png").string()) == "dogs/c ");
  CHECK(meant("cats/marble/vase.png\ndogs/c/image-1.png\n") == "cats/a dogs/c ");
  CHECK(meant("why,file_name\nbad,marble/catsb.png\nworse,cats/b\n") == "cats/b ");
  CHECK(meant(wanspool_says(place, {"list", "dogs", "--pictures", "--csv", "--bom"}).out) ==
        "dogs/a dogs/b dogs/c ");
  CHECK(meant(wanspool_says(place, {"list", "cats", "--pictures", "--json"}).out) == "cats/a cats/b cats/c ");
  CHECK(meant(wanspool_says(place, {"list", "cats/a", "--json"}).out) == "cats/a ");
  CHECK(meant(wanspool_says(place, {"list", "cats", "--pictures"}).out) == "cats/a cats/b cats/c ");
}

TEST_CASE("redo guesses at no picture, and takes no part of a list for the whole") {
  Place place;
  fill_with_places(place);
  auto const says = [&](std::string const& list, int code) {
    place.write("list", list);
    auto const said = wanspool_says(place, {"redo", "--from", "list", "--yes"});
    CHECK(said.code == code);
    CHECK(std::filesystem::is_empty(place / "spool/inbox"));
    return said.err;
  };
  CHECK(says("marble/vase.png\n", kWrong)
            .find("'marble/vase.png' is a picture of cats/a and of dogs/a; name the job instead") !=
        std::string::npos);
  CHECK(says("cats/marble/nothing.png\n", kNoSuch).find("no job is called") != std::string::npos);
  CHECK(says("job,why\ncats/a,x\ncats/b\n", kWrong).find("list:3: this row has 1 cell") != std::string::npos);
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

namespace {

// A job that wants what this fingerprint stands for.
void drop_rex(Place const& place, char const* fingerprint) {
  auto const store = open_store(Spool::at(place / "spool").database);
  Instant const now{seconds{1'700'000'000}};
  auto const manifest = store->begin_manifest({"dogs", "1-dogs.yaml", "dogs.yaml", "00", now});
  std::vector<NewJob> const jobs{{"rex", 3, fingerprint, R"({"model":"m"})", "wan2.6-t2i", 2, {200'000}}};
  store->add_jobs(manifest, jobs);
  store->publish_manifest(manifest, now);
}

}  // namespace

TEST_CASE("adopt gives a job that waits only what lies in orphans/, and says so before it asks") {
  Place place;
  fill(place);
  drop_rex(place, "f3");
  auto const said = wanspool_says(place, {"adopt", "dogs/rex", "t1", "--yes"});
  CHECK(said.code == kWrong);
  CHECK(said.err.find("dogs/rex waits to be bought, and task t1 is none of those in orphans/") !=
        std::string::npos);
  CHECK(std::filesystem::is_empty(place / "spool/inbox"));
}

TEST_CASE("status counts jobs as list does, and not what was bought for them") {
  Place place;
  fill(place);
  CHECK(wanspool_says(place, {"status"}).out.find("\njobs      2: 1 done, 1 held\n") != std::string::npos);
  drop_rex(place, "f2");  // the same request as that of cats/two
  CHECK(wanspool_says(place, {"status"}).out.find("\njobs      3: 1 done, 2 held\n") != std::string::npos);
  CHECK(json::parse(wanspool_says(place, {"status", "--json"}).out).at("jobs").at("held") == 2);
}

TEST_CASE("a file that is not there is told in the same words by all that take files") {
  Place place;
  wanspool_says(place, {"init"});
  for (auto const* const command : {"run", "submit", "check", "plan"}) {
    CAPTURE(command);
    auto const said = wanspool_says(place, {command, "nope.yaml"});
    CHECK(said.code == kWrong);
    CHECK(said.err.starts_with("nope.yaml: error: there is no such file\n"));
  }
}

TEST_CASE("top prints its page as a document for programs") {
  Place place;
  fill(place);
  auto const page = json::parse(wanspool_says(place, {"top", "--json"}).out);
  CHECK(page.at("schema") == 1);
  CHECK(page.at("tasks").at("done") == 1);
  CHECK(page.at("lanes").at(0).at("model") == "wan2.6-t2i");
  CHECK(page.at("running").is_array());
  CHECK_FALSE(page.at("concerns").empty());
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

TEST_CASE("resume is asked for where a pause may lie that nobody has taken or gone through with") {
  Place place;
  fill(place);
  auto const resume = [&] {
    return json::parse(wanspool_says(place, {"resume", "--json"}).out).at("outcome");
  };
  place.write("spool/state/claims/1-pause.yaml", "command: pause\n");
  CHECK(resume() == "waiting");
  std::filesystem::remove(place / "spool/state/claims/1-pause.yaml");
  for (auto const& each : std::filesystem::directory_iterator{place / "spool/inbox"})
    std::filesystem::remove(each.path());
  CHECK(resume() == "nothing");
  CHECK(wanspool_says(place, {"pause"}).code == 0);
  CHECK(resume() == "waiting");
  std::filesystem::directory_iterator const inbox{place / "spool/inbox"};
  CHECK(std::distance(inbox, {}) == 2);
}

TEST_CASE("a backup is never written over the queue itself") {
  Place place;
  fill(place);
  auto const said = wanspool_says(place, {"backup", "spool/state/wanspool.db"});
  CHECK(said.code == kWrong);
  CHECK(said.err.find("where the queue itself lies") != std::string::npos);
  CHECK(wanspool_says(place, {"backup", "spool"}).code == kWrong);
}

TEST_CASE("a backup is never written over a file that is there") {
  Place place;
  fill(place);
  auto const file = place.write("old.db", "old");
  auto const said = wanspool_says(place, {"backup", file.string()});
  CHECK(said.code == kWrong);
  CHECK(said.err.find("name another file") != std::string::npos);
  CHECK(read_file(file, 10) == "old");
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

TEST_CASE("a program is told in one document what became of a command, with what was counted") {
  Keeper const keeper;
  Process cancel{call(keeper.place, {"cancel", "cats", "--json"})};
  auto const file = keeper.take(cancel);
  write_file_safely(keeper.spool.accepted / (file + ".receipt.txt"),
                    "2 jobs are stopped\n\nchanged  2\ndrawn  1\ndrawn_cost  0.20\ncurrency  CNY\n");
  CHECK(cancel.wait() == 0);
  CHECK(cancel.err().find("2 jobs are stopped\n") != std::string::npos);
  CHECK(cancel.err().find("changed") == std::string::npos);
  CHECK(json::parse(cancel.out()) == json{{"schema", 1},
                                          {"command", "cancel"},
                                          {"id", file.substr(7, 16)},
                                          {"outcome", "accepted"},
                                          {"text", "2 jobs are stopped"},
                                          {"changed", 2},
                                          {"shared", 0},
                                          {"at_provider", 0},
                                          {"drawn", 1},
                                          {"drawn_cost", "0.20"},
                                          {"unanswered", 0},
                                          {"paid", 0},
                                          {"over", 0},
                                          {"held", 0},
                                          {"overdue", 0},
                                          {"not_delivered", 0},
                                          {"currency", "CNY"}});
}

TEST_CASE("a program is told of a refusal and of what waits in the same words as a person") {
  Keeper const keeper;
  Process retry{call(keeper.place, {"retry", "cats", "--json"})};
  auto const file = keeper.take(retry);
  write_file_safely(keeper.spool.rejected / (file + ".error.txt"), "cats belongs to alice\n");
  CHECK(retry.wait() == 1);
  auto const told = json::parse(retry.out());
  CHECK(told.at("outcome") == "rejected");
  CHECK(told.at("text") == "cats belongs to alice");
  CHECK_FALSE(told.contains("changed"));

  Place place;
  fill(place);
  auto const paused = json::parse(wanspool_says(place, {"pause", "--json"}).out);
  CHECK(paused.at("outcome") == "waiting");
  std::filesystem::directory_iterator const inbox{place / "spool/inbox"};
  CHECK(read_file(inbox->path()).find(paused.at("id").get<std::string>()) != std::string::npos);
  std::filesystem::remove(inbox->path());
  CHECK(json::parse(wanspool_says(place, {"resume", "--json"}).out).at("outcome") == "nothing");
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
