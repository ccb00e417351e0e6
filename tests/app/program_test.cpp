#include <doctest/doctest.h>
#include <signal.h>

#include <nlohmann/json.hpp>
#include <sstream>

#include "app/exit.h"
#include "app/shell.h"

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

constexpr char kGood[] =
    "manifest: 1\njobs:\n  - { id: hero, model: wan2.6-t2i, prompt: a red cat }\n"
    "  - { id: two, model: wan2.6-t2i, prompt: a blue cat, parameters: { n: 2 } }\n";
constexpr char kBad[] = "manifest: 1\njobs:\n  - { id: hero, modl: wan2.6-t2i, prompt: x }\n";

}  // namespace

TEST_CASE("a wrong command line ends with 2 and says what helps") {
  Place place;
  CHECK(wanspool_says(place, {}).code == kWrong);
  CHECK(wanspool_says(place, {"list", "--frob"}).code == kWrong);
  CHECK(wanspool_says(place, {"list", "--state", "dun"}).code == kWrong);
  CHECK(wanspool_says(place, {"run", "none.yaml"}).code == kWrong);
  auto const typo = wanspool_says(place, {"stats"});
  CHECK(typo.code == kWrong);
  CHECK(typo.err == "wanspool: there is no command 'stats'; did you mean 'status'?\n");
}

TEST_CASE("help and version go to standard output and end with 0") {
  Place place;
  auto const version = wanspool_says(place, {"--version"});
  CHECK(version.code == 0);
  CHECK(version.out == "wanspool " WANSPOOL_VERSION "\n");
  for (auto const* const command :
       {"run",    "daemon", "submit", "check", "plan",   "new",     "schema", "status",
        "list",   "show",   "wait",   "init",  "ledger", "verify",  "adopt",  "redo",
        "resume", "backup", "cancel", "retry", "pause",  "priority"}) {
    auto const help = wanspool_says(place, {command, "--help"});
    INFO(command);
    CHECK(help.code == 0);
    CHECK(help.out.find("Examples:") != std::string::npos);
  }
}

TEST_CASE("without a spool the commands that need one end with 2") {
  Place place;
  place.write("cats.yaml", kGood);
  for (auto const& arguments :
       {std::vector<std::string>{"status"}, {"list"}, {"submit", "cats.yaml"}, {"daemon"}}) {
    auto const said = wanspool_says(place, arguments);
    CHECK(said.code == kWrong);
    CHECK(said.err == "wanspool: no spool here: wanspool init\n");
  }
}

TEST_CASE("check says all that is wrong and needs no spool") {
  Place place;
  place.write("good.yaml", kGood);
  place.write("bad.yaml", kBad);
  auto const good = wanspool_says(place, {"check", "good.yaml"});
  CHECK(good.code == 0);
  CHECK(good.out.starts_with("good.yaml: 2 jobs, at most 3 pictures, at most "));
  CHECK(good.out.ends_with(" CNY\n"));
  auto const bad = wanspool_says(place, {"check", "good.yaml", "bad.yaml", "none.yaml"});
  CHECK(bad.code == kWrong);
  CHECK(bad.out == good.out);
  CHECK(bad.err.find("bad.yaml:3:") != std::string::npos);
  CHECK(bad.err.find("none.yaml: error: ") != std::string::npos);
}

TEST_CASE("new names the samples and prints each as it is, ready to be checked") {
  Place place;
  auto const named = wanspool_says(place, {"new"});
  CHECK(named.code == 0);
  CHECK(named.out.find("first-picture") != std::string::npos);
  CHECK(named.out.find("The smallest manifest: one picture from words alone.") != std::string::npos);
  place.write("flowers.yaml", wanspool_says(place, {"new", "first-picture"}).out);
  CHECK(wanspool_says(place, {"check", "flowers.yaml"}).code == 0);
  auto const typo = wanspool_says(place, {"new", "frist-picture"});
  CHECK(typo.code == kWrong);
  CHECK(typo.err == "wanspool: there is no sample 'frist-picture'; did you mean 'first-picture'?\n");
}

TEST_CASE("a plan needs no spool, names each job with its symbol, and makes nothing") {
  Place place;
  place.write("good.yaml", kGood);
  auto const said = wanspool_says(place, {"plan", "good.yaml", "--diff"});
  CHECK(said.code == 0);
  CHECK(
      said.out.starts_with("+ good/hero  1 picture  0.20 CNY\n+ good/two  2 pictures  0.40 CNY\n"
                           "good.yaml: 2 jobs\n"));
  CHECK(said.out.find("at most 3 pictures for 0.60 CNY") != std::string::npos);
  CHECK_FALSE(std::filesystem::exists(place / "spool"));
  place.write("bad.yaml", kBad);
  auto const wrong = wanspool_says(place, {"plan", "bad.yaml", "--diff"});
  CHECK(wrong.code == kWrong);
  CHECK(wrong.out.empty());
}

TEST_CASE("a plan tells the cap of the configuration that holds it back, and passes what is paused") {
  Place place;
  fill(place);
  place.write("pets.yaml", kGood);
  auto const dogs = [&](std::function<void(Store&)> const& act) {
    act(*open_store(Spool::at(place / "spool").database));
    return json::parse(wanspool_says(place, {"plan", "pets.yaml", "--json"}).out);
  };
  auto const waiting = dogs([](Store& store) {
    auto const manifest = store.begin_manifest({"dogs", "2-dogs.yaml", "dogs.yaml", "00", {}});
    store.add_jobs(manifest, std::vector<NewJob>{{"rex", 1, "f9", "{}", "wan2.6-t2i", 1, {200'000}}});
    store.publish_manifest(manifest, {});
  });
  CHECK(waiting["models"][0]["ahead"] == 1);
  CHECK(waiting["seconds"] == 90);
  CHECK(waiting["cap"].is_null());
  auto const paused = dogs([](Store& store) {
    ErrandLog log;
    store.run_errand({"pause-1", Errand::Verb::Pause, {"dogs"}}, log, 10, {});
  });
  CHECK(paused["models"][0]["ahead"] == 0);
  place.write("spool/config.yaml", "budget: { submitter: { day: { pictures: 2 } } }\n");
  auto const capped = dogs([](Store&) {});
  CHECK(capped["seconds"].is_null());
  CHECK(capped["until"].is_null());
  CHECK(capped["cap"]["scope"] == "day");
  CHECK(capped["cap"]["pictures"]["most"] == 2);
  CHECK(wanspool_says(place, {"plan", "pets.yaml"})
            .out.find(": 0 of 2 pictures are spent or reserved, and all of") != std::string::npos);
}

TEST_CASE("init makes a spool once and leaves what is there") {
  Place place;
  CHECK(wanspool_says(place, {"init"}).code == 0);
  CHECK(Spool::is_one(place / "spool"));
  place.write("spool/config.yaml", "queries_per_second: 7\n");
  CHECK(wanspool_says(place, {"init"}).code == 0);
  std::ifstream config{place / "spool/config.yaml"};
  std::string line;
  std::getline(config, line);
  CHECK(line == "queries_per_second: 7");
  CHECK(wanspool_says(place, {"status"}).code == 0);
}

TEST_CASE("a wrong configuration ends with 78 and its line") {
  Place place;
  wanspool_says(place, {"init"});
  place.write("spool/config.yaml", "endpont: x\n");
  auto const said = wanspool_says(place, {"status"});
  CHECK(said.code == kMisconfigured);
  CHECK(said.err.find("config.yaml:1:1: error: ") != std::string::npos);
}

TEST_CASE("status, list and show are JSON for whoever asks") {
  Place place;
  fill(place);
  auto const status = json::parse(wanspool_says(place, {"status", "--json"}).out);
  CHECK(status.at("schema") == 1);
  CHECK(status.at("jobs").at("held") == 1);
  CHECK(status.at("cost").at("spent") == "0.20");
  CHECK(status.at("cost").at("currency") == "CNY");
  CHECK(status.at("daemon").at("running") == false);
  CHECK(status.at("lanes").at(0).at("until") == "2023-11-14T22:13:20.000Z");

  std::istringstream lines{wanspool_says(place, {"list", "--json"}).out};
  std::vector<std::string> names;
  for (std::string line; std::getline(lines, line);) {
    auto const job = json::parse(line);
    CHECK(job.at("schema") == 1);
    names.push_back(job.at("job"));
  }
  CHECK(names == std::vector<std::string>{"cats/hero", "cats/two"});

  auto const job = json::parse(wanspool_says(place, {"show", "cats/hero", "--json"}).out);
  CHECK(job.at("state") == "done");
  CHECK(job.at("pictures").at(0).at("file") == (place / "spool/out/cats/hero/image-1.png").string());
  CHECK(job.at("request").at("model") == "m");
  CHECK(job.at("task_id").is_null());
}

TEST_CASE("which spool it is may be said before the command or after it") {
  Place place;
  fill(place);
  auto const root = (place / "spool").string();
  auto const before = wanspool_says(place, {"--root", root, "status"});
  auto const after = wanspool_says(place, {"status", "--root=" + root});
  CHECK(before.code == 0);
  CHECK(before.out == after.out);
  CHECK(wanspool_says(place, {"--root", root}).code == kWrong);
}

TEST_CASE("what is asked for and is not there ends with 4 and the nearest name") {
  Place place;
  fill(place);
  auto const said = wanspool_says(place, {"show", "cats/herro"});
  CHECK(said.code == kNoSuch);
  CHECK(said.err == "wanspool: no job is called 'cats/herro'; did you mean 'cats/hero'?\n");
  CHECK(wanspool_says(place, {"wait", "dogs"}).code == kNoSuch);
  CHECK(wanspool_says(place, {"list", "cats", "dogs/*"}).code == kNoSuch);
}

TEST_CASE("a job is found by the path of its picture and its state can be asked for") {
  Place place;
  fill(place);
  CHECK(wanspool_says(place, {"show", "spool/out/cats/hero/image-1.png"}).out.find("cats/hero") !=
        std::string::npos);
  auto const held = wanspool_says(place, {"list", "--state", "held,failed"});
  CHECK(held.out.starts_with("cats/two "));
  CHECK(std::count(held.out.begin(), held.out.end(), '\n') == 1);
}

TEST_CASE("show says of a held job that nothing is sent again") {
  Place place;
  fill(place);
  auto const said = wanspool_says(place, {"show", "cats/two"}).out;
  CHECK(said.find("the line went dead") != std::string::npos);
  CHECK(said.find("never sent again") != std::string::npos);
  CHECK(said.find("0.40 CNY stay reserved") != std::string::npos);
  CHECK(said.find("wanspool adopt cats/two TASK_ID") != std::string::npos);
  CHECK(said.find("wanspool redo cats/two ") != std::string::npos);
}

TEST_CASE("waiting ends at once when all is over, with what a person has to know") {
  Place place;
  fill(place);
  CHECK(wanspool_says(place, {"wait", "cats/hero"}).code == 0);
  CHECK(wanspool_says(place, {"wait", "cats"}).code == kPerson);
}

TEST_CASE("submit without a daemon leaves the manifest in the inbox and says so") {
  Place place;
  wanspool_says(place, {"init"});
  place.write("cats.yaml", kGood);
  auto const said = wanspool_says(place, {"submit", "cats.yaml"});
  CHECK(said.code == 0);
  CHECK(said.out.empty());
  CHECK(said.err.find("no daemon has this spool now") != std::string::npos);
  CHECK(std::filesystem::exists(place / "spool/inbox/cats.yaml"));
}

TEST_CASE("submit hands nothing over if one of the manifests is wrong") {
  Place place;
  wanspool_says(place, {"init"});
  place.write("good.yaml", kGood);
  place.write("bad.yaml", kBad);
  CHECK(wanspool_says(place, {"submit", "good.yaml", "bad.yaml"}).code == kWrong);
  CHECK(std::filesystem::is_empty(place / "spool/inbox"));
}

TEST_CASE("run without a key takes the manifest, buys nothing and ends with 3") {
  Place place;
  place.write("cats.yaml", kGood);
  auto setup = call(place, {"run", "cats.yaml"});
  setup.environment["DASHSCOPE_HTTP_BASE_URL"] = "https://127.0.0.2.invalid/api/v1";
  auto const said = test::finish(setup);
  CHECK(said.code == kAccount);
  CHECK(said.err.find("DASHSCOPE_API_KEY") != std::string::npos);
  CHECK(std::filesystem::exists(place / "spool/accepted/cats.yaml"));
}

TEST_CASE("run with a wrong manifest ends with 1 and every complaint") {
  Place place;
  place.write("bad.yaml", kBad);
  auto const said = wanspool_says(place, {"run", "bad.yaml"});
  CHECK(said.code == kFailed);
  CHECK(said.err.find("did you mean 'model'") != std::string::npos);
  CHECK(std::filesystem::exists(place / "spool/rejected/bad.yaml.error.txt"));
}

TEST_CASE("run with nothing to do makes the spool, says so and leaves") {
  Place place;
  auto const said = wanspool_says(place, {"run"});
  CHECK(said.code == 0);
  CHECK(said.out.empty());
  CHECK(said.err.starts_with("wanspool: made a spool in "));
}

TEST_CASE("Ctrl-C stops the buying and what is left waits for a person") {
  Place place;
  place.write("cats.yaml", kGood);
  Process run{call(place, {"run", "cats.yaml"})};
  run.await_err("unreachable");
  run.signal(SIGINT);
  CHECK(run.wait() == kPerson);
  CHECK(run.err().find("nothing more is bought") != std::string::npos);
}

TEST_CASE("where a daemon has the spool run hands its files over, and a wrong one is refused") {
  Place place;
  place.write("bad.yaml", kBad);
  wanspool_says(place, {"init"});
  Process daemon{call(place, {"daemon"})};
  daemon.await_err("drop manifests into");
  auto const said = wanspool_says(place, {"run", "bad.yaml"});
  CHECK(said.code == kFailed);
  CHECK(said.err.find("(pid " + std::to_string(daemon.pid()) + ") has this spool") != std::string::npos);
  CHECK(said.err.find("did you mean 'model'") != std::string::npos);
}

TEST_CASE("submit to a running daemon says that it was accepted") {
  Place place;
  place.write("cats.yaml", kGood);
  wanspool_says(place, {"init"});
  Process daemon{call(place, {"daemon"})};
  daemon.await_err("drop manifests into");
  auto const said = wanspool_says(place, {"submit", "cats.yaml"});
  CHECK(said.code == 0);
  CHECK(said.err.find("accepted cats.yaml: manifest cats, jobs 2, ") != std::string::npos);
}

TEST_CASE("a second daemon is refused with the first one's pid, and a signal ends the first in peace") {
  Place place;
  wanspool_says(place, {"init"});
  Process first{call(place, {"daemon"})};
  first.await_err("drop manifests into");
  auto const second = wanspool_says(place, {"daemon"});
  CHECK(second.code == kTaken);
  CHECK(second.err.find(std::to_string(first.pid())) != std::string::npos);
  auto const status = json::parse(wanspool_says(place, {"status", "--json"}).out);
  CHECK(status.at("daemon").at("pid") == first.pid());
  first.signal(SIGTERM);
  CHECK(first.wait() == 0);
}

TEST_SUITE_END();
