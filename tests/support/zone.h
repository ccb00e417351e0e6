#pragma once

#include <stdlib.h>
#include <time.h>

#include <optional>
#include <string>

namespace wanspool::test {

// Days turn where the test says.
class TimeZone {
 public:
  explicit TimeZone(char const* name) {
    if (auto const* before = ::getenv("TZ")) before_ = before;
    ::setenv("TZ", name, 1);
    ::tzset();
  }
  TimeZone(TimeZone const&) = delete;
  TimeZone& operator=(TimeZone const&) = delete;
  ~TimeZone() {
    before_ ? ::setenv("TZ", before_->c_str(), 1) : ::unsetenv("TZ");
    ::tzset();
  }

 private:
  std::optional<std::string> before_;
};

}  // namespace wanspool::test
