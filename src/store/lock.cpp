#include "store/lock.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <linux/magic.h>
#include <sys/file.h>
#include <sys/vfs.h>

#include <cerrno>
#include <string>
#include <system_error>

#include "base/privacy.h"
#include "store/store.h"

namespace wanspool {
namespace {

std::string words(int error) {
  return std::generic_category().message(error);
}

// "" where it says nothing we understand: its owner may be just writing it.
std::string pid_in(int fd) {
  char text[16];
  auto const got = ::pread(fd, text, sizeof text, 0);
  std::string_view const read{text, got > 0 ? static_cast<std::size_t>(got) : 0};
  auto const digits = read.substr(0, read.find_first_not_of("0123456789"));
  return std::string{digits};
}

// Written over the old one and then cut, so that a full disk does not stand in the way.
void write_pid(int fd) {
  auto const text = fmt::format("{}\n", ::getpid());
  if (::pwrite(fd, text.data(), text.size(), 0) == static_cast<ssize_t>(text.size()))
    static_cast<void>(::ftruncate(fd, static_cast<off_t>(text.size())) == 0);
}

}  // namespace

LockFile::LockFile(std::filesystem::path const& file, std::filesystem::path const& for_what)
    : fd_{::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, mode_of_new(file, 0666))} {
  if (!fd_) throw StoreBroken{fmt::format("cannot open {}: {}", file.string(), words(errno)), 73};
  while (::flock(fd_.get(), LOCK_EX | LOCK_NB) != 0) {
    if (errno == EINTR) continue;
    if (errno != EWOULDBLOCK)
      throw StoreBroken{fmt::format("cannot lock {}: {}", file.string(), words(errno)), 73};
    auto const pid = pid_in(fd_.get());
    throw StoreBroken{fmt::format("cannot open {}: another daemon{} has it", for_what.string(),
                                  pid.empty() ? "" : " (pid " + pid + ")"),
                      75};
  }
  write_pid(fd_.get());
}

std::string_view network_name(long type) {
  constexpr long kCifs = 0xFF534D42;
  switch (static_cast<unsigned int>(type)) {
    case NFS_SUPER_MAGIC:
      return "NFS";
    case SMB_SUPER_MAGIC:
    case SMB2_SUPER_MAGIC:
    case kCifs:
      return "SMB";
    default:
      return "";
  }
}

void refuse_network(std::filesystem::path const& folder) {
  struct statfs found {};
  if (::statfs(folder.c_str(), &found) != 0)
    throw StoreBroken{fmt::format("cannot look at {}: {}", folder.string(), words(errno)), 73};
  auto const name = network_name(static_cast<long>(found.f_type));
  if (!name.empty())
    throw StoreBroken{fmt::format("cannot keep the queue in {}: it lies on {}, where a crash can tear it; "
                                  "use a --root on a local disk and set paths: for the pictures",
                                  folder.string(), name),
                      78};
}

}  // namespace wanspool
