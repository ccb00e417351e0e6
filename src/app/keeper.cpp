#include "app/keeper.h"

#include <fcntl.h>
#include <sys/file.h>

#include <cstdlib>

#include "base/fd.h"

namespace wanspool::app {

// The lock is only looked at: it is shared, and given back before anybody who starts can have tried twice.
Keeper keeper_of(Spool const& spool) {
  Fd const fd{::open((spool.state / "wanspool.lock").c_str(), O_RDONLY | O_CLOEXEC)};
  if (!fd || ::flock(fd.get(), LOCK_SH | LOCK_NB) == 0) return {};
  char text[16]{};
  auto const got = ::pread(fd.get(), text, sizeof text - 1, 0);
  return {true, got > 0 ? std::atol(text) : 0};
}

}  // namespace wanspool::app
