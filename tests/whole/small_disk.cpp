#include "whole/small_disk.h"

#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <unistd.h>

#include <string>

#include "base/fd.h"

namespace wanspool::whole {

SmallDisk::SmallDisk(std::filesystem::path folder) : folder_{std::move(folder)} {
  std::filesystem::create_directories(folder_);
  mounted_ = ::unshare(CLONE_NEWNS) == 0 &&
             ::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0 &&
             ::mount("none", folder_.c_str(), "tmpfs", 0, "size=80m") == 0;
}

SmallDisk::~SmallDisk() {
  if (mounted_) ::umount2(folder_.c_str(), MNT_DETACH);
}

void SmallDisk::fill(std::size_t bytes) const {
  Fd const fd{::open((folder_ / "filler").c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600)};
  std::string const piece(4096, 'x');
  for (std::size_t done = 0; done < bytes; done += piece.size())
    if (::write(fd.get(), piece.data(), piece.size()) != static_cast<ssize_t>(piece.size())) return;
}

void SmallDisk::empty() const {
  std::filesystem::remove(folder_ / "filler");
}

}  // namespace wanspool::whole
