#include "app/notify.h"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>

#include "base/fd.h"

namespace wanspool::app {
namespace {

std::string variable(char const* name) {
  auto const* const value = std::getenv(name);
  return value ? value : "";
}

}  // namespace

Notify::Notify() : socket_{variable("NOTIFY_SOCKET")} {
  auto const pid = variable("WATCHDOG_PID");
  if (!pid.empty() && pid != std::to_string(::getpid())) return;
  watchdog_ = milliseconds{std::atoll(variable("WATCHDOG_USEC").c_str()) / 1000};
}

void Notify::send(std::string_view state) const {
  sockaddr_un address{};
  if (socket_.empty() || socket_.size() >= sizeof address.sun_path) return;
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path, socket_.data(), socket_.size());
  if (socket_.front() == '@') address.sun_path[0] = 0;  // an abstract name
  auto const size = offsetof(sockaddr_un, sun_path) + socket_.size();
  Fd const fd{::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0)};
  // Nothing depends on being heard: a manager that misses the watchdog's word starts us again.
  static_cast<void>(::sendto(fd.get(), state.data(), state.size(), MSG_NOSIGNAL | MSG_DONTWAIT,
                             reinterpret_cast<sockaddr const*>(&address), static_cast<socklen_t>(size)));
}

}  // namespace wanspool::app
