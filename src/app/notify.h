#pragma once

#include <string>
#include <string_view>

#include "base/time.h"

namespace wanspool::app {

// Tells the service manager how we are (sd_notify(3)); silent where there is none.
class Notify {
 public:
  // From $NOTIFY_SOCKET, $WATCHDOG_USEC and $WATCHDOG_PID.
  Notify();

  bool is_heard() const { return !socket_.empty(); }
  // How long we may be silent; 0: for ever.
  milliseconds watchdog() const { return watchdog_; }
  // "READY=1", "STATUS=…"; one assignment a line.
  void send(std::string_view state) const;

 private:
  std::string socket_;
  milliseconds watchdog_{0};
};

}  // namespace wanspool::app
