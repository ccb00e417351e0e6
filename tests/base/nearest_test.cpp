#include "base/nearest.h"

#include <doctest/doctest.h>

#include <vector>

using namespace wanspool;

TEST_SUITE_BEGIN("base");

TEST_CASE("a mistyped name finds the one that was meant") {
  std::vector<std::string> const names{"wan2.6-image", "wan2.6-t2i"};
  CHECK(nearest("wan2.6-imge", names) == "wan2.6-image");
  CHECK(nearest("wan26-t2i", names) == "wan2.6-t2i");
}

TEST_CASE("a word that nobody can have meant as one of the names finds none") {
  std::vector<std::string> const names{"endpoint", "limits"};
  CHECK(nearest("pictures", names).empty());
  CHECK(nearest("x", names).empty());
  CHECK(nearest("e", std::vector<std::string>{"d"}).empty());
}

TEST_CASE("two neighbouring letters that have changed places are one slip") {
  std::vector<std::string> const names{"prompt", "style", "id"};
  CHECK(nearest("pormpt", names) == "prompt");
  CHECK(nearest("sytle", names) == "style");
  CHECK(nearest("di", names) == "id");
  CHECK(nearest("ytsel", names).empty());
}

TEST_CASE("of two names the one that fewer slips lead to is meant") {
  std::vector<std::string> const names{"from", "format"};
  CHECK(nearest("form", names) == "from");
  CHECK(nearest("fromat", names) == "format");
}
