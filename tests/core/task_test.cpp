#include <doctest/doctest.h>

#include "core/tasks.h"

using namespace wanspool;
using namespace wanspool::made;

TEST_SUITE_BEGIN("core");

namespace {

Task expiring(std::vector<int> const& after_hours) {
  auto task = downloading(static_cast<int>(after_hours.size()));
  for (std::size_t i = 0; i < after_hours.size(); ++i)
    task.pictures[i].expires = kStart + hours{after_hours[i]};
  return task;
}

}  // namespace

TEST_CASE("a task expires with the first address of a picture that is still to come") {
  auto task = expiring({24, 6, 12});
  CHECK(task.expires() == kStart + hours{6});
  task.pictures[1] = safe_picture(2);
  CHECK(task.expires() == kStart + hours{12});
  task.pictures[2].lost = "it was damaged too often";
  CHECK(task.expires() == kStart + hours{24});
}

TEST_CASE("a task without a picture to come never expires") {
  for (auto const& task : {queued(), running(), complete(), done()}) CHECK(task.expires() == Instant::max());
}

TEST_CASE("every way to treat a doubt has a name of its own") {
  CHECK(name_of(OnDoubt::Adopt) == "adopt");
  CHECK(name_of(OnDoubt::Hold) == "hold");
  CHECK(name_of(OnDoubt::Resubmit) == "resubmit");
}
