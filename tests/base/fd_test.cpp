#include "base/fd.h"

#include <doctest/doctest.h>
#include <fcntl.h>

using namespace wanspool;

TEST_SUITE_BEGIN("base");

namespace {

int opened() {
  return ::open("/dev/null", O_RDONLY | O_CLOEXEC);
}
bool is_open(int fd) {
  return ::fcntl(fd, F_GETFD) != -1;
}

}  // namespace

TEST_CASE("a descriptor is closed with its owner, at a reset and when another takes its place") {
  int first = opened();
  { Fd const fd{first}; }
  CHECK_FALSE(is_open(first));

  Fd fd{opened()};
  first = fd.get();
  fd.reset();
  CHECK_FALSE(is_open(first));
  CHECK_FALSE(fd);
  fd.reset();

  Fd kept{opened()}, other{opened()};
  auto const lost = kept.get(), moved = other.get();
  kept = std::move(other);
  CHECK(kept.get() == moved);
  CHECK_FALSE(is_open(lost));
  CHECK(is_open(moved));
}

TEST_CASE("a descriptor that moved has one owner, and may move to itself") {
  Fd first{opened()};
  auto const number = first.get();
  Fd second{std::move(first)};
  CHECK(second.get() == number);
  auto& same = second;
  second = std::move(same);
  CHECK(second.get() == number);
  CHECK(is_open(number));
}
