#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "app/shell.h"

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
  for (std::vector<std::string> const& words : {std::vector<std::string>{"list", "--csv"},
                                                {"list", "--bom"},
                                                {"list", "--pictures", "--json", "--csv"}}) {
    auto const said = test::wanspool_says(place, words);
    CHECK(said.code == 2);
    CHECK_FALSE(said.err.empty());
  }
}
