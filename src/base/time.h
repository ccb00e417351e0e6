#pragma once

#include <chrono>
#include <string>

namespace wanspool {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

// Milliseconds since 1970-01-01T00:00:00Z. The default value means "never" or "not yet".
using Instant = std::chrono::sys_time<milliseconds>;

// One of the three seams. In tests time passes only where the test says so.
struct Clock {
  virtual ~Clock() = default;
  virtual Instant now() const = 0;
};

// The wall clock as it stood when this object was made, carried on by CLOCK_BOOTTIME: it never jumps when
// somebody sets the time, and it goes on while the machine sleeps.
class BootClock final : public Clock {
 public:
  BootClock();
  Instant now() const override;

 private:
  milliseconds offset_;
};

// RFC 3339 in UTC with milliseconds; "" for an instant that never was.
std::string rfc3339(Instant at);

// "45 s", "3 min 20 s", "2 h 5 min", "4 d 3 h": two units at the most. Negative lengths count as zero.
std::string human(milliseconds length);

}  // namespace wanspool
