#pragma once

#include <signal.h>

#include <initializer_list>

#include "base/fd.h"

namespace wanspool::app {

// Signals as something to read, so that the wheel hears of them where time passes. They are blocked for this
// thread and all it starts while the object lives.
class Signals {
 public:
  explicit Signals(std::initializer_list<int> which);
  ~Signals();
  Signals(Signals const&) = delete;
  Signals& operator=(Signals const&) = delete;

  int fd() const { return fd_.get(); }
  // The next one that has come; 0 for none.
  int take();
  // Waits for one at most `length`; returns take().
  int wait(int milliseconds);

 private:
  sigset_t before_{};
  Fd fd_;
};

// Ends the program as this signal would have, so that a shell sees what stopped it.
[[noreturn]] void leave_by(int signal);

// A reader who left and a file at its size limit are told by the failing write, not by a signal that kills.
void ignore_write_signals();

}  // namespace wanspool::app
