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
}
