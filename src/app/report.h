#pragma once

#include <string>

#include "app/house.h"
#include "app/notify.h"

namespace wanspool::app {

// Keeps the service manager informed, never more often than it wants to know.
class Report {
 public:
  void ready() { notify_.send("READY=1"); }
  void stopping() { notify_.send("STOPPING=1"); }
  // Until ready() is said again.
  void reloading();

  // Once after every turn.
  void turned(House const& house);
  // When the next turn has to have happened.
  Instant latest(Instant now) const;

 private:
  bool feeds() const { return notify_.is_heard() && notify_.watchdog().count() > 0; }

  Notify notify_;
  Instant fed_, told_;
  std::string status_;
};

}  // namespace wanspool::app
