#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "app/exit.h"
#include "app/shell.h"
#include "base/files.h"
#include "manifest/manifest.h"

using namespace wanspool;
using namespace wanspool::app;
using nlohmann::json;
using test::fill;
using test::Place;
using test::wanspool_says;

TEST_SUITE_BEGIN("app");

namespace {

// The command that lies in the inbox; it is taken out.
Command handed_over(Place const& place) {
  std::filesystem::directory_iterator const inbox{place / "spool/inbox"};
  REQUIRE(inbox != std::filesystem::directory_iterator{});
  auto const path = inbox->path();
  auto const read = read_command(read_file(path), path.filename().string());
  CHECK(read.complaints.empty());
  CHECK(path.filename().string().ends_with(read.command.id + ".yaml"));
  std::filesystem::remove(path);
  return read.command;
}

using Words = std::vector<std::string>;

}  // namespace

TEST_CASE("what is asked of jobs goes into the inbox by all the names that jobs have") {
  Place place;
  fill(place);
  for (auto const* const verb : {"cancel", "retry", "pause", "resume"}) {
    CAPTURE(verb);
    auto const said = wanspool_says(place, {verb, "Cats", "cats/t*", "spool/out/cats/hero/image-1.png"});
    CHECK(said.code == 0);
    CHECK(said.err.find("no daemon has this spool now") != std::string::npos);
    CHECK(handed_over(place).jobs == Words{"cats", "cats/hero", "cats/t*"});
  }
  CHECK(wanspool_says(place, {"priority", "high", "cats/two"}).code == 0);
  auto const command = handed_over(place);
  CHECK(command.verb == Command::Verb::Priority);
  CHECK(command.priority == Priority::High);
}

TEST_CASE("names on standard input are what is asked for") {
  Place place;
  fill(place);
  auto setup = test::call(place, {"cancel", "-"});
  setup.input = "cats/two\ncats/hero\n";
  CHECK(test::finish(setup).code == 0);
  CHECK(handed_over(place).jobs == Words{"cats/hero", "cats/two"});
}

TEST_CASE("a name that means no job is an error, and nothing is asked for") {
  Place place;
  fill(place);
  auto const said = wanspool_says(place, {"cancel", "cats/hero", "cats/ones"});
  CHECK(said.code == kNoSuch);
  CHECK(said.err.find("cats/ones") != std::string::npos);
  CHECK(wanspool_says(place, {"pause", "dogs/**"}).code == kNoSuch);
  CHECK(wanspool_says(place, {"cancel"}).code == kWrong);
  CHECK(wanspool_says(place, {"priority", "urgent", "cats"}).code == kWrong);
  CHECK(std::filesystem::is_empty(place / "spool/inbox"));
}

TEST_CASE("of a glob that only manifests fit it is told how to name their jobs") {
  Place place;
  fill(place);
  for (auto const* const verb : {"cancel", "list"}) {
    auto const said = wanspool_says(place, {verb, "c*"});
    CHECK(said.code == kNoSuch);
    CHECK(said.err.find("no job is called 'c*'; did you mean 'c*/**'?") != std::string::npos);
    CHECK(wanspool_says(place, {verb, "d*"}).err.find("'d*'; wanspool list names them") != std::string::npos);
  }
}

TEST_CASE("retry without a name wants to be told that all that has failed is meant") {
  Place place;
  fill(place);
  CHECK(wanspool_says(place, {"retry"}).code == kWrong);
  CHECK(wanspool_says(place, {"retry", "--failed"}).code == 0);
  auto const command = handed_over(place);
  CHECK(command.failed);
  CHECK(command.jobs.empty());
}

TEST_CASE("a pause of the whole spool names no job") {
  Place place;
  fill(place);
  CHECK(wanspool_says(place, {"pause"}).code == 0);
  CHECK(handed_over(place).jobs.empty());
}

TEST_CASE("a paused job is told as such, and waits for a person") {
  Place place;
  fill(place);
  {
    auto const store = open_store(Spool::at(place / "spool").database);
    Instant const now{seconds{1'700'000'100}};
    auto const manifest = store->begin_manifest({"dogs", "2-dogs.yaml", "dogs.yaml", "00", now});
    store->add_jobs(manifest,
                    std::vector<NewJob>{{"rex", 3, "f9", R"({"model":"m"})", "wan2.6-t2i", 1, {200'000}}});
    store->publish_manifest(manifest, now);
    ErrandLog log;
    store->run_errand({"p", Errand::Verb::Pause, {"dogs"}}, log, 9, now);
    CHECK(log.changed == 1);
  }
  CHECK(json::parse(wanspool_says(place, {"list", "--state", "paused", "--json"}).out)["job"] == "dogs/rex");
  CHECK(json::parse(wanspool_says(place, {"list", "dogs", "--json"}).out)["paused"] == true);
  CHECK(wanspool_says(place, {"status"}).out.find("1 job is paused") != std::string::npos);
  auto const shown = wanspool_says(place, {"show", "dogs/rex"});
  CHECK(shown.out.find("wanspool resume dogs/rex") != std::string::npos);
  CHECK(wanspool_says(place, {"wait", "dogs"}).code == kPerson);
}

TEST_CASE("list narrows to manifests, to what has happened lately, and to a trouble") {
  Place place;
  fill(place);
  auto const list = [&](Words words) {
    words.insert(words.begin(), {"list", "--json"});
    auto const said = wanspool_says(place, words);
    CHECK(said.code == 0);
    return std::count(said.out.begin(), said.out.end(), '\n');
  };
  CHECK(list({"--manifest", "Cats"}) == 2);
  CHECK(list({"--error", "unanswered"}) == 1);
  CHECK(list({"--error", "WENT dead"}) == 1);
  CHECK(list({"--error", "nothing of the kind"}) == 0);
  CHECK(list({"--since", "2023-11-14T00:00:00Z"}) == 2);
  CHECK(list({"--since", "12h"}) == 0);
  CHECK(list({"--since", "2023-11-14T22:13Z"}) == 2);
  CHECK(list({"--since", "2023-11-14T22:14Z"}) == 0);
  CHECK(list({"--since", "2023-11-13T00:00"}) == 2);  // local, and a zone is less than a day
  CHECK(list({"--since", "2023-11-16T00:00:30"}) == 0);
  CHECK(list({"--manifest", "cats", "--state", "held", "--error", "dead"}) == 1);
  CHECK(wanspool_says(place, {"list", "--manifest", "dogs"}).code == kNoSuch);
  auto const said = wanspool_says(place, {"list", "--since", "yesterday"});
  CHECK(said.code == kWrong);
  CHECK(said.err.find("--since wants 30s, 90m, 12h, 3d, 2w or 1y, a day such as") != std::string::npos);
  CHECK(wanspool_says(place, {"list", "--error", ""}).code == kWrong);
  CHECK(wanspool_says(place, {"list", "--since", ""}).code == kWrong);
}

TEST_CASE("what follows a state or a manifest names jobs, and a manifest that is not known is an error") {
  Place place;
  fill(place);
  auto const jobs = [&](Words words) {
    words.insert(words.begin(), {"list", "--json"});
    auto const said = wanspool_says(place, words);
    CHECK(said.code == 0);
    return std::count(said.out.begin(), said.out.end(), '\n');
  };
  CHECK(jobs({"--state", "done,held", "cats/hero"}) == 1);
  CHECK(jobs({"--state", "done", "--state", "held", "cats"}) == 2);
  CHECK(jobs({"--manifest", "cats", "cats/hero"}) == 1);
  for (Words const& words : {Words{"--manifest", "cats,cows"}, {"--manifest", "cats,cows", "cats/hero"}}) {
    auto asked = words;
    asked.insert(asked.begin(), "list");
    auto const said = wanspool_says(place, asked);
    CHECK(said.code == kNoSuch);
    CHECK(said.err.find("'cows'") != std::string::npos);
  }
}
