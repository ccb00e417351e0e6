#include <doctest/doctest.h>

#include <algorithm>
#include <array>

#include "app/json_table.h"
#include "app/shell.h"

using namespace wanspool;
using namespace wanspool::app;
using test::Place;

TEST_SUITE_BEGIN("app");

namespace {

bool holds(std::string const& text, std::string const& words) {
  return text.find(words) != std::string::npos;
}

// Every line has as many cells as the first one, and there are so many.
void check_table(std::string const& table, std::ptrdiff_t lines) {
  CHECK(std::count(table.begin(), table.end(), '\n') == lines);
  auto const head = table.substr(0, table.find("\r\n"));
  bool quoted = false;
  std::ptrdiff_t commas = 0;
  for (auto const letter : table) {
    quoted = quoted != (letter == '"');
    if (!quoted && letter == ',') ++commas;
    if (letter != '\n') continue;
    CHECK(commas == std::count(head.begin(), head.end(), ','));
    commas = 0;
  }
}

}  // namespace

TEST_CASE("a line of a table has what an object says, and nothing where it says nothing") {
  constexpr std::array kColumns{Column{"name", "", "a"}, Column{"x", "b", "x"}, Column{"c", "", "c"}};
  CHECK(csv_head(kColumns) == "name,x,c\r\n");
  CHECK(csv_line(R"({"a":"=1+1","b":{"x":2.5},"c":[1,"two"]})", kColumns) ==
        "'=1+1,2.5,\"[1,\"\"two\"\"]\"\r\n");
  CHECK(csv_line(R"({"a":null,"b":null})", kColumns) == ",,\r\n");
  CHECK(csv_line(R"({"a":"\u001b[2Jx","b":{},"c":true})", kColumns) == " [2Jx,,true\r\n");
}

TEST_CASE("why, models, plan and doctor print tables as well") {
  Place place;
  test::fill(place);
  place.write("spool/out/cats/hero/image-1.png", "123456789012");
  auto const why = test::wanspool_says(place, {"why", "cats", "--csv"});
  check_table(why.out, 3);
  CHECK(holds(why.out, "job,state,reason,text,until,schema\r\ncats/hero,done,,its pictures are here,,1\r\n"));
  CHECK(holds(why.out, "\r\ncats/two,held,held,"));

  auto const models = test::wanspool_says(place, {"models", "wan2.6-t2i", "--csv"});
  check_table(models.out, 2);
  CHECK(holds(models.out, "\r\nwan2.6-t2i,false,"));
  CHECK(holds(models.out, "\"\"parameters\"\":[{"));
  auto const all = test::wanspool_says(place, {"models", "--csv"});
  CHECK(holds(all.out, models.out.substr(models.out.find("\r\n"))));

  place.write("dogs.yaml", "manifest: 1\njobs:\n  - { id: rex, model: wan2.6-t2i, prompt: a dog }\n");
  place.write("bad.yaml", "manifest: 1\njobs:\n  - { id: rex, model: wan2.6-t2j, prompt: a dog }\n");
  auto const plan = test::wanspool_says(place, {"plan", "dogs.yaml", "bad.yaml", "--csv"});
  check_table(plan.out, 3);
  CHECK(holds(plan.out, "\r\ndogs.yaml,dogs,true,1,1,0,0,0,0,0,1,1,0.20,0.20,CNY,false,,"));
  CHECK(holds(plan.out, "\r\nbad.yaml,bad,false,"));
  CHECK(plan.code == 2);
  auto const jobs = test::wanspool_says(place, {"plan", "dogs.yaml", "--csv", "--diff"});
  CHECK(jobs.out ==
        "job,change,buys,pictures_most,price_most,currency,schema\r\ndogs/rex,new,true,1,0.20,CNY,1\r\n");

  auto const doctor = test::wanspool_says(place, {"doctor", "--csv"});
  CHECK(doctor.out.starts_with("check,level,found,advice,exit_code,schema\r\nspool,ok,"));
}

TEST_CASE("show and wait print the row of a table that list prints") {
  Place place;
  test::fill(place);
  auto const hero = test::wanspool_says(place, {"list", "cats/hero", "--csv"});
  check_table(hero.out, 2);
  CHECK(test::wanspool_says(place, {"show", "cats/hero", "--csv"}).out == hero.out);
  auto const waited = test::wanspool_says(place, {"wait", "cats/hero", "--csv"});
  CHECK(waited.out == hero.out);
  CHECK(waited.code == 0);
}

TEST_CASE("check prints a line of a table for whatever is wrong with a manifest or odd about it") {
  Place place;
  place.write("bad.yaml",
              "manifest: 1\njobs:\n  - { id: rex, model: wan2.6-t2i, promt: a dog }\n"
              "  - { id: rex, model: wan2.6-t2i, prompt: 'a dog, \"big\"', size: 12 }\n");
  place.write("good.yaml", "manifest: 1\njobs:\n  - { id: rex, model: wan2.6-t2i, prompt: a dog }\n");
  auto const said = test::wanspool_says(place, {"check", "good.yaml", "bad.yaml", "--csv"});
  CHECK(said.code == 2);
  check_table(said.out, 1 + std::count(said.err.begin(), said.err.end(), '\n'));
  CHECK(said.out.starts_with("file,line,column,level,key,text,manifest,schema\r\nbad.yaml,3,"));
  CHECK(holds(said.out, ",error,,"));
  CHECK(holds(said.out, ",bad.yaml,1\r\n"));
}

TEST_CASE("verify, gc and status print a table of their findings, kinds and lanes") {
  Place place;
  test::fill(place);
  auto const verify = test::wanspool_says(place, {"verify", "--csv"});
  CHECK(verify.code == 5);
  CHECK(verify.out.starts_with("what,advice,schema\r\n"));
  CHECK(holds(verify.out, "out/cats/hero/image-1.png is missing,"));

  place.write("spool/old/cats/hero/image-1.png", "x");
  auto const gc = test::wanspool_says(place, {"gc", "--csv"});
  check_table(gc.out, 4);
  CHECK(holds(gc.out, "\r\nold,false,1,1,0,"));
  auto const gone = test::wanspool_says(place, {"gc", "--old", "0d", "--yes", "--csv"});
  CHECK(holds(gone.out, ",1,1,1,1,0,,1\r\n"));

  auto const status = test::wanspool_says(place, {"status", "--csv"});
  check_table(status.out, 2);
  CHECK(holds(status.out, "\r\nmain,wan2.6-t2i,throttled,2023-11-14T22:13:20"));
}

TEST_CASE("two forms at once are refused in the same words everywhere") {
  Place place;
  for (auto const* const command : {"list", "doctor", "models", "status", "gc", "verify", "ledger"}) {
    auto const said = test::wanspool_says(place, {command, "--csv", "--json"});
    CHECK(said.code == 2);
    CHECK(said.err.starts_with("wanspool: --json and --csv do not go together; choose one\n"));
  }
}

TEST_SUITE_END();
