#include "base/privacy.h"

#include <doctest/doctest.h>

TEST_SUITE_BEGIN("base");

using namespace wanspool;

TEST_CASE("in a private folder, and for it, a mode loses what is masked there, and elsewhere nothing") {
  keep_private("/spool/state", 027);
  CHECK(mode_of_new("/spool/state", 0777) == 0750);
  CHECK(mode_of_new("/spool/state/claims/1-m.yaml", 0666) == 0640);
  CHECK(mode_of_new("/spool/state-of-the-art/x", 0666) == 0666);
  CHECK(mode_of_new("/spool/out/m/a", 0777) == 0777);
  CHECK(mode_of_new("/spool", 0777) == 0777);
  keep_private({}, 0);
  CHECK(mode_of_new("/spool/state/x", 0666) == 0666);
}
