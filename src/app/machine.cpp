#include "app/machine.h"

#include <grp.h>
#include <linux/magic.h>
#include <pwd.h>
#include <sys/inotify.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/timex.h>
#include <sys/vfs.h>

#include <algorithm>
#include <cerrno>
#include <fstream>
#include <limits>
#include <system_error>
#include <vector>

#include "base/fd.h"
#include "base/files.h"
#include "net/reach.h"
#include "store/lock.h"

namespace wanspool::app {

namespace fs = std::filesystem;

namespace {

constexpr seconds kPatience{5};

std::vector<gid_t> groups_of(uid_t user) {
  auto const* const entry = ::getpwuid(user);
  if (!entry) return {};
  int count = 256;
  std::vector<gid_t> groups(static_cast<std::size_t>(count));
  if (::getgrouplist(entry->pw_name, entry->pw_gid, groups.data(), &count) < 0) return {entry->pw_gid};
  groups.resize(static_cast<std::size_t>(count));
  return groups;
}

}  // namespace

std::string Machine::reach(std::string const& url) const {
  return try_to_reach(url, kPatience);
}

Instant Machine::now() const {
  return BootClock{}.now();
}

bool Machine::keeps_time() const {
  timex state{};
  return ::adjtimex(&state) != TIME_ERROR && (state.status & STA_UNSYNC) == 0;
}

std::uintmax_t Machine::free_bytes(fs::path const& folder) const {
  return free_space(folder);
}

std::uintmax_t Machine::free_files(fs::path const& folder) const {
  struct statvfs found {};
  bool const counts = ::statvfs(folder.c_str(), &found) == 0 && found.f_files > 0;
  return counts ? found.f_favail : std::numeric_limits<std::uintmax_t>::max();
}

std::string Machine::strange_file_system(fs::path const& folder) const {
  struct statfs found {};
  if (::statfs(folder.c_str(), &found) != 0) return {};
  auto const type = static_cast<long>(found.f_type);
  if (type == TMPFS_MAGIC || type == RAMFS_MAGIC) return "tmpfs";
  return std::string{network_name(type)};
}

std::string Machine::listen(fs::path const& folder) const {
  Fd const notify{::inotify_init1(IN_CLOEXEC | IN_NONBLOCK)};
  if (notify && ::inotify_add_watch(notify.get(), folder.c_str(), IN_CLOSE_WRITE) >= 0) return {};
  if (errno == EMFILE) return "this user has as many inotify instances as it may have";
  if (errno == ENOSPC) return "this user watches as many folders as it may";
  return std::generic_category().message(errno);
}

std::uint64_t Machine::open_files_most(long pid) const {
  if (pid == 0) {
    rlimit limit{};
    return ::getrlimit(RLIMIT_NOFILE, &limit) == 0 ? limit.rlim_cur : 0;
  }
  constexpr std::string_view kLine = "Max open files";
  std::ifstream limits{"/proc/" + std::to_string(pid) + "/limits"};
  for (std::string line; std::getline(limits, line);)
    if (line.starts_with(kLine)) return std::strtoull(line.c_str() + kLine.size(), nullptr, 10);
  return 0;
}

bool may_write(uid_t user, fs::path const& folder) {
  struct stat info {};
  if (::stat(folder.c_str(), &info) != 0) return false;
  if (user == 0) return true;
  mode_t wanted = S_IWOTH | S_IXOTH;
  auto const groups = groups_of(user);
  if (info.st_uid == user)
    wanted = S_IWUSR | S_IXUSR;
  else if (std::find(groups.begin(), groups.end(), info.st_gid) != groups.end())
    wanted = S_IWGRP | S_IXGRP;
  return (info.st_mode & wanted) == wanted;
}

std::string user_name(uid_t user) {
  auto const* const entry = ::getpwuid(user);
  return entry ? entry->pw_name : std::to_string(user);
}

}  // namespace wanspool::app
