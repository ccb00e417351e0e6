#include "base/schema.h"

#include <doctest/doctest.h>

#include <filesystem>
#include <stdexcept>

#include "base/files.h"

using namespace wanspool;
namespace fs = std::filesystem;

TEST_SUITE_BEGIN("base");

TEST_CASE("every file of schema/ travels inside the program byte for byte") {
  int files = 0;
  for (auto const& entry : fs::directory_iterator{fs::path{WANSPOOL_SOURCE_DIR} / "schema"}) {
    auto const ending = entry.path().extension();
    if (ending != ".sql" && ending != ".yaml" && ending != ".json") continue;
    CAPTURE(entry.path().string());
    CHECK(schema_file(entry.path().filename().string()) == read_file(entry.path()));
    ++files;
  }
  CHECK(files > 0);
}

TEST_CASE("a schema that is not there is a bug and says its name") {
  CHECK_THROWS_WITH_AS(schema_file("models.yml"), "no such file in schema/: models.yml", std::logic_error);
}
