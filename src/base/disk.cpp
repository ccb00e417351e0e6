#include "base/disk.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <system_error>

#include "base/privacy.h"

namespace wanspool::disk {
namespace {

[[noreturn]] void fail(char const* wanted, std::filesystem::path const& path) {
  throw std::system_error{errno, std::generic_category(), std::string{wanted} + " " + path.string()};
}

}  // namespace

Fd create(std::filesystem::path const& path, int mode) {
  Fd fd{::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, mode_of_new(path, mode))};
  if (!fd) fail("cannot create", path);
  return fd;
}

Fd append(std::filesystem::path const& path) {
  Fd fd{::open(path.c_str(), O_WRONLY | O_APPEND | O_CLOEXEC | O_NOFOLLOW)};
  if (!fd) fail("cannot append to", path);
  return fd;
}

void write(int fd, std::string_view bytes, std::filesystem::path const& name) {
  while (!bytes.empty()) {
    auto const done = ::write(fd, bytes.data(), bytes.size());
    if (done < 0 && errno == EINTR) continue;
    if (done < 0) fail("cannot write", name);
    bytes.remove_prefix(static_cast<std::size_t>(done));
  }
}

void sync(int fd, std::filesystem::path const& name) {
  if (::fsync(fd) != 0) fail("cannot sync", name);
}

void sync_folder(std::filesystem::path const& folder) {
  Fd const fd{::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
  if (!fd) fail("cannot open", folder);
  sync(fd.get(), folder);
}

void sync_all(std::filesystem::path const& folder) {
  Fd const fd{::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
  if (!fd) fail("cannot open", folder);
  if (::syncfs(fd.get()) != 0) fail("cannot sync", folder);
}

void rename(std::filesystem::path const& from, std::filesystem::path const& to) {
  if (::rename(from.c_str(), to.c_str()) != 0) fail("cannot rename to", to);
}

void rename_new(std::filesystem::path const& from, std::filesystem::path const& to) {
  if (::renameat2(AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(), RENAME_NOREPLACE) != 0)
    fail("cannot rename to", to);
}

void link(std::filesystem::path const& from, std::filesystem::path const& to) {
  if (::link(from.c_str(), to.c_str()) != 0) fail("cannot link to", to);
}

void make_folder(std::filesystem::path const& folder) {
  if (::mkdir(folder.c_str(), static_cast<mode_t>(mode_of_new(folder, 0777))) == 0) return;
  std::error_code ignored;
  if (errno != EEXIST || !std::filesystem::is_directory(folder, ignored)) fail("cannot make", folder);
}

void remove(std::filesystem::path const& path) {
  if (::unlink(path.c_str()) != 0 && errno != ENOENT) fail("cannot remove", path);
}

bool refresh(std::filesystem::path const& path) {
  Fd const fd{::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW)};
  struct stat info {};
  // Whoever had the lock before us may have removed it.
  return fd && ::flock(fd.get(), LOCK_SH) == 0 && ::fstat(fd.get(), &info) == 0 && info.st_nlink > 0 &&
         ::futimens(fd.get(), nullptr) == 0;
}

}  // namespace wanspool::disk
