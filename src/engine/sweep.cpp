#include "engine/sweep.h"

#include <dirent.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <memory>
#include <optional>
#include <system_error>

namespace wanspool {
namespace {

constexpr int kDeepest = 64;  // more than a path may have of our names

struct CloseFolder {
  void operator()(DIR* folder) const noexcept { ::closedir(folder); }
};

Instant instant_of(timespec const& time) {
  return Instant{seconds{time.tv_sec} + milliseconds{time.tv_nsec / 1'000'000}};
}

Instant changed(struct stat const& info) {
  return std::max(instant_of(info.st_mtim), instant_of(info.st_ctim));
}

std::optional<SeenFile> seen(struct stat const& info) {
  if (!S_ISREG(info.st_mode)) return {};
  return SeenFile{info.st_nlink > 1 ? 0 : info.st_size, info.st_size, instant_of(info.st_mtim),
                  changed(info)};
}

// Null where there is none.
DIR* list_of(Fd const& folder) {
  auto const copy = ::fcntl(folder.get(), F_DUPFD_CLOEXEC, 0);
  auto* const list = copy < 0 ? nullptr : ::fdopendir(copy);
  if (copy >= 0 && list == nullptr) ::close(copy);
  return list;
}

Fd open_folder_in(int folder, std::string const& name) {
  return Fd{::openat(folder, name.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK)};
}

}  // namespace

Sweep::Sweep(std::filesystem::path root) : root_{std::move(root)} {
  top_ = Fd{::open(root_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
  struct stat info {};
  if (top_ && ::fstat(top_.get(), &info) == 0) device_ = info.st_dev;
}

void Sweep::note(std::string const& below, int error) {
  if (swept_.failures++ == 0)
    swept_.trouble =
        fmt::format("cannot remove {}: {}", (root_ / below).string(), std::generic_category().message(error));
}

void Sweep::run(Visit const& visit, Instant folders_before) {
  if (!top_) return;
  // Its own place in the list of names, which another walk may have moved.
  if (auto folder = Fd{::openat(top_.get(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)})
    walk(std::move(folder), {}, 0, visit, folders_before);
}

void Sweep::walk(Fd folder, std::string const& below, int depth, Visit const& visit, Instant folders_before) {
  std::unique_ptr<DIR, CloseFolder> const names{list_of(folder)};
  if (!names) return;
  while (auto const* const entry = ::readdir(names.get())) {
    std::string const name{entry->d_name};
    if (name == "." || name == "..") continue;
    auto const path = below.empty() ? name : below + "/" + name;
    struct stat info {};
    if (::fstatat(folder.get(), name.c_str(), &info, AT_SYMLINK_NOFOLLOW) != 0) continue;
    if (S_ISREG(info.st_mode)) take(folder.get(), name, path, visit);
    if (!S_ISDIR(info.st_mode) || info.st_dev != device_ || depth >= kDeepest) continue;
    if (auto next = open_folder_in(folder.get(), name))
      walk(std::move(next), path, depth + 1, visit, folders_before);
    // One that is not empty stays; somebody may just have made it to put something there.
    if (folders_before != Instant{} && changed(info) < folders_before)
      ::unlinkat(folder.get(), name.c_str(), AT_REMOVEDIR);
  }
}

void Sweep::take(int folder, std::string const& name, std::string const& below, Visit const& visit) {
  struct stat info {};
  if (::fstatat(folder, name.c_str(), &info, AT_SYMLINK_NOFOLLOW) != 0) return;
  auto const file = seen(info);
  if (file && visit(below, *file)) unlink(folder, name, below, *file);
}

// Under the lock of disk::refresh(): what somebody has found good meanwhile is another's to keep.
bool Sweep::unlink(int folder, std::string const& name, std::string const& below, SeenFile const& file) {
  Fd const fd{::openat(folder, name.c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK)};
  struct stat info {};
  if (fd && ::flock(fd.get(), LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK) return false;
  if (fd && (::fstat(fd.get(), &info) != 0 || changed(info) != file.changed)) return false;
  if (::unlinkat(folder, name.c_str(), 0) != 0) {
    if (errno != ENOENT) note(below, errno);
    return false;
  }
  ++swept_.files;
  swept_.bytes += file.bytes;
  return true;
}

Fd Sweep::open_above(std::string const& below, std::string& name) const {
  if (!top_) return {};
  Fd here{::fcntl(top_.get(), F_DUPFD_CLOEXEC, 0)};
  auto const path = std::filesystem::path{below};
  name = path.filename().string();
  for (auto const& step : path.parent_path()) {
    if (step == ".." || step == "/") return {};
    here = open_folder_in(here.get(), step.string());
    if (!here) return {};
  }
  return here;
}

bool Sweep::is_there(std::string const& below, std::int64_t size) const {
  std::string name;
  auto const folder = open_above(below, name);
  struct stat info {};
  return folder && ::fstatat(folder.get(), name.c_str(), &info, AT_SYMLINK_NOFOLLOW) == 0 &&
         S_ISREG(info.st_mode) && info.st_size == size;
}

bool Sweep::remove(std::string const& below, std::int64_t size) {
  std::string name;
  auto const folder = open_above(below, name);
  struct stat info {};
  if (!folder || ::fstatat(folder.get(), name.c_str(), &info, AT_SYMLINK_NOFOLLOW) != 0) return false;
  auto const file = seen(info);
  return file && file->size == size && unlink(folder.get(), name, below, *file);
}

}  // namespace wanspool
