#pragma once

#include <memory>
#include <string>

#include "app/context.h"
#include "base/child.h"
#include "base/fd.h"
#include "engine/hooks.h"
#include "engine/workers.h"

namespace wanspool::app {

// Runs the commands that Hooks decides on, each watched by a thread of its own, so that neither its start nor
// its end, nor one that hangs, ever keeps the wheel.
class Hooking {
 public:
  Hooking(Context const& context, Store& store, Clock const& clock);
  ~Hooking();
  Hooking(Hooking const&) = delete;
  Hooking& operator=(Hooking const&) = delete;

  // Another configuration from now on. Throws std::system_error where there is no thread for it: then the
  // former one holds.
  void change(HookCommands const& commands);
  // Once after every turn.
  void step();
  // None begins any more, and those that run are told to go; they run again after the next start.
  void break_off();
  // The same, and sees them out.
  void stop();

  // When the wheel has to turn for them, and by which descriptor; -1: none yet.
  Instant next() const { return hooks_.next(); }
  int wake_fd() const { return workers_ ? workers_->wake_fd() : -1; }
  bool is_busy() const { return hooks_.is_busy(clock_.now()); }
  Hooks::Counts const& counts() const { return hooks_.counts(); }

 private:
  bool start(HookRow const& row);
  void warn_of_missing() const;

  Spool spool_;
  std::string currency_;
  Store& store_;
  Clock const& clock_;
  HookCommands commands_;
  Hooks hooks_;
  Fd stop_;                           // readable from stop() on
  std::unique_ptr<Workers> workers_;  // there once a command was configured
};

}  // namespace wanspool::app
