#include <doctest/doctest.h>

#include <nlohmann/json.hpp>
#include <sstream>

#include "app/job_csv.h"
#include "app/shell.h"
#include "core/money.h"

using namespace wanspool;
using nlohmann::json;

TEST_SUITE_BEGIN("app");

TEST_CASE("list --pictures gives paths, the lines of metadata.jsonl, or a table") {
  test::Place place;
  test::fill(place);
  auto const paths = test::wanspool_says(place, {"list", "cats", "--pictures"});
  CHECK(paths.code == 0);
  CHECK(paths.out == (place / "spool/out/cats/hero/image-1.png").string() + "\n");
  CHECK(paths.err.find("1 picture of these cannot be found") != std::string::npos);
  auto const lines = test::wanspool_says(place, {"list", "cats", "--pictures", "--json"});
  auto const line = json::parse(lines.out);
  CHECK(line["file_name"] == "hero/image-1.png");
  CHECK(line["job"] == "cats/hero");
  CHECK(line["cost"] == "0.20");
  auto const table = test::wanspool_says(place, {"list", "cats", "--pictures", "--csv", "--bom"});
  CHECK(
      table.out.starts_with("\xef\xbb\xbf"
                            "file_name,job,picture,"));
  CHECK(table.out.find("\r\nhero/image-1.png,cats/hero,1,ab,3,4,") != std::string::npos);
  CHECK(table.out.ends_with(",1\r\n"));
}

TEST_CASE("where a job was asked for is told without what steers a terminal") {
  test::Place place;
  test::fill(place);
  {
    auto const store = open_store(Spool::at(place / "spool").database);
    Instant const now{seconds{1'700'000'000}};
    auto const manifest =
        store->begin_manifest({"evil", "2-evil.yaml", "e\x1b[31mRED\nmoney     spent 999.yaml", "00", now});
    store->add_jobs(manifest, std::vector<NewJob>{{"q", 1, "f9", "{}", "wan2.6-t2i", 1, {200'000}}});
    store->publish_manifest(manifest, now);
  }
  for (auto const& words : {std::vector<std::string>{"list", "--long"}, {"show", "evil/q"}}) {
    auto const said = test::wanspool_says(place, words);
    CHECK(said.code == 0);
    CHECK(said.out.find("spent 999") != std::string::npos);
    CHECK(said.out.find('\x1b') == std::string::npos);
    CHECK(said.out.find("\nmoney     spent 999") == std::string::npos);
  }
}

TEST_CASE("list finds what somebody has taken away, where it is asked to look") {
  test::Place place;
  test::fill(place);
  CHECK(test::wanspool_says(place, {"list"}).out.find("missing") == std::string::npos);
  CHECK(test::wanspool_says(place, {"list", "--missing"}).out.find("missing") != std::string::npos);
  auto const missing = test::wanspool_says(place, {"list", "--state", "missing", "--json"});
  CHECK(json::parse(missing.out)["job"] == "cats/hero");
  auto const shown = test::wanspool_says(place, {"show", "cats/hero", "--json"});
  CHECK(json::parse(shown.out)["missing"] == true);
  place.write("spool/out/cats/hero/image-1.png", "x");
  CHECK(test::wanspool_says(place, {"list", "--state", "missing"}).out.empty());
}

TEST_CASE("forms that do not go together are refused with what does") {
  test::Place place;
  test::fill(place);
  for (std::vector<std::string> const& words : {std::vector<std::string>{"list", "--csv", "--json"},
                                                {"list", "--bom"},
                                                {"list", "--pictures", "--json", "--csv"}}) {
    auto const said = test::wanspool_says(place, words);
    CHECK(said.code == 2);
    CHECK_FALSE(said.err.empty());
  }
}

TEST_CASE("list --csv has a row for each job with the keys of list --json") {
  test::Place place;
  test::fill(place);
  auto const table = test::wanspool_says(place, {"list", "--csv"});
  CHECK(table.code == 0);
  CHECK(table.out.starts_with("job,manifest,state,retired,paused,"));
  CHECK(table.out.find(",spent,reserved,uncertain,currency,") != std::string::npos);
  CHECK(table.out.find("\r\ncats/hero,cats,done,false,false,false,wan2.6-t2i,1,") != std::string::npos);
  CHECK(table.out.find(",0.20,0.00,0.00,CNY,,1,") != std::string::npos);
  CHECK(table.out.find(",2023-11-14T22:13:20.000Z,") != std::string::npos);
  CHECK(table.out.find(",Unanswered,the line went dead,cats.yaml,4,1\r\n") != std::string::npos);
  CHECK(test::wanspool_says(place, {"list", "--csv", "--state", "failed"}).out.find("\r\ncats") ==
        std::string::npos);
}

TEST_CASE(
    "what several jobs share costs the one in whose name it was bought, in list, show and ledger alike") {
  test::Place place;
  test::fill(place);
  {
    auto const store = open_store(Spool::at(place / "spool").database);
    Instant const now{seconds{1'700'000'001}};
    auto const twins = store->begin_manifest({"twins", "2-twins.yaml", "twins.yaml", "00", now});
    store->add_jobs(twins, std::vector<NewJob>{{"hero", 1, "f1", "{}", "wan2.6-t2i", 1, {200'000}}});
    store->publish_manifest(twins, now);
  }
  Money listed, entered;
  std::istringstream lines{test::wanspool_says(place, {"list", "--json"}).out};
  for (std::string line; std::getline(lines, line);)
    listed += *read_money(json::parse(line)["cost"]["spent"].get<std::string>());
  std::istringstream rows{test::wanspool_says(place, {"ledger", "--by", "job", "--json"}).out};
  for (std::string line; std::getline(rows, line);)
    entered += *read_money(json::parse(line)["cost"]["spent"].get<std::string>());
  CHECK(decimal(listed) == "0.20");
  CHECK(listed == entered);
  auto const hero = json::parse(test::wanspool_says(place, {"show", "cats/hero", "--json"}).out);
  CHECK(hero["cost"]["spent"] == "0.20");
  CHECK(hero["bought_for"].is_null());
  auto const twin = json::parse(test::wanspool_says(place, {"show", "twins/hero", "--json"}).out);
  CHECK(twin["cost"]["spent"] == "0.00");
  CHECK(twin["bought_for"] == "cats/hero");
  auto const shown = test::wanspool_says(place, {"show", "twins/hero"}).out;
  CHECK(shown.find("the same request as cats/hero, bought once for both, in its name") != std::string::npos);
  CHECK(shown.find("spent 0.00") != std::string::npos);
  CHECK(test::wanspool_says(place, {"wait", "twins", "--timeout", "0.1"})
            .err.find("spent 0.00, reserved 0.00 CNY") != std::string::npos);
}

TEST_CASE("list --csv keeps a spreadsheet from calculating what others have written") {
  auto const line = app::job_csv(
      R"j({"schema":1,"job":"a/b","manifest":"a","state":"failed","retired":false,"paused":false,)j"
      R"j("cancel_asked":false,"model":"m","pictures_wanted":1,"pictures":[],"cost":{"spent":"0.00",)j"
      R"j("reserved":"0.00","uncertain":"0.00","currency":"CNY"},"take":1,"task_id":null,)j"
      R"j("times":{"queued":null,"sent":null,"accepted":null,"seen_running":null,"seen_finished":null,)j"
      R"j("done":null},"error":{"code":"@X","message":"=HYPERLINK(\"http://x\",1)"},)j"
      R"j("source":"-2+3.yaml","line":1})j");
  CHECK(line ==
        "a/b,a,failed,false,false,false,m,1,[],0.00,0.00,0.00,CNY,,1,,,,,,,,'@X,"
        "\"'=HYPERLINK(\"\"http://x\"\",1)\",'-2+3.yaml,1,1\r\n");
}
