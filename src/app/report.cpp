#include "app/report.h"

#include <fmt/format.h>
#include <time.h>

#include <algorithm>

namespace wanspool::app {

// The time tells the manager that this answers its newest request (sd_notify(3)).
void Report::reloading() {
  timespec now{};
  ::clock_gettime(CLOCK_MONOTONIC, &now);
  notify_.send(fmt::format("RELOADING=1\nMONOTONIC_USEC={}", now.tv_sec * 1'000'000 + now.tv_nsec / 1000));
}

void Report::turned(House const& house) {
  auto const now = house.clock.now();
  if (feeds() && now >= fed_ + notify_.watchdog() / 3) {
    notify_.send("WATCHDOG=1");
    fed_ = now;
  }
  if (!notify_.is_heard() || now < told_ + seconds{1}) return;
  told_ = now;
  auto status = "STATUS=" + service_line(house.standing());
  if (status == status_) return;
  notify_.send(status);
  status_ = std::move(status);
}

Instant Report::latest(Instant now) const {
  auto const status = notify_.is_heard() ? now + seconds{1} : Instant::max();
  return feeds() ? std::min<Instant>(status, fed_ + notify_.watchdog() / 3) : status;
}

}  // namespace wanspool::app
