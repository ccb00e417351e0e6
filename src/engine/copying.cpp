#include "engine/copying.h"

#include <linux/fs.h>
#include <sys/ioctl.h>

#include <cerrno>
#include <string>
#include <string_view>

#include "base/disk.h"

namespace wanspool {

int copy_bytes(Fd const& from, Fd const& to, std::filesystem::path const& name, std::int64_t most) {
  if (::ioctl(to.get(), FICLONE, from.get()) == 0) return 0;
  std::string piece(256u << 10, '\0');
  while (most >= 0) {
    auto const got = ::read(from.get(), piece.data(), piece.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return errno;
    if (got == 0) return 0;
    disk::write(to.get(), std::string_view{piece}.substr(0, static_cast<std::size_t>(got)), name);
    most -= got;
  }
  return 0;
}

}  // namespace wanspool
