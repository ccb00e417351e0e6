#include "engine/beneath.h"

#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <deque>
#include <string_view>
#include <vector>

namespace wanspool {
namespace {

constexpr int kMostLinks = 40;  // as the kernel has it

Fd failed(int error) {
  errno = error;
  return {};
}

// The text of a link that is open itself; "" if it is none.
std::string target_of(Fd const& link) {
  char text[PATH_MAX];
  auto const size = ::readlinkat(link.get(), "", text, sizeof text);
  return size > 0 ? std::string{text, static_cast<std::size_t>(size)} : std::string{};
}

class Walk {
 public:
  explicit Walk(Fd const& folder) : folder_{folder} {}

  Fd to(std::string_view path) {
    if (path.empty()) return failed(ENOENT);
    if (path.front() == '/') return failed(EXDEV);
    put_before(path);
    while (!steps_.empty()) {
      auto const step = std::move(steps_.front());
      steps_.pop_front();
      if (step.empty() || step == ".") continue;
      if (step == "..") {
        // By the handles of the way here: what a folder's own ".." is may have changed.
        if (way_.empty()) return failed(EXDEV);
        way_.pop_back();
      } else if (auto const error = take(step); error != 0) {
        return failed(error);
      }
    }
    if (way_.empty()) return Fd{::fcntl(folder_.get(), F_DUPFD_CLOEXEC, 0)};
    return std::move(way_.back());
  }

 private:
  // 0, or why it cannot be taken.
  int take(std::string const& step) {
    auto const here = way_.empty() ? folder_.get() : way_.back().get();
    Fd next{::openat(here, step.c_str(), O_PATH | O_NOFOLLOW | O_CLOEXEC)};
    struct stat info {};
    if (!next || ::fstat(next.get(), &info) != 0) return errno;
    if (!S_ISLNK(info.st_mode)) {
      if (!steps_.empty() && !S_ISDIR(info.st_mode)) return ENOTDIR;
      way_.push_back(std::move(next));
      return 0;
    }
    auto const target = target_of(next);
    if (++links_ > kMostLinks) return ELOOP;
    if (target.empty()) return ENOENT;
    if (target.front() == '/') return EXDEV;
    put_before(target);
    return 0;
  }

  // A slash at the end leaves an empty step: what stands before it must be a folder.
  void put_before(std::string_view path) {
    std::vector<std::string> steps;
    for (auto slash = path.find('/'); slash != path.npos; slash = path.find('/')) {
      steps.emplace_back(path.substr(0, slash));
      path.remove_prefix(slash + 1);
    }
    steps.emplace_back(path);
    steps_.insert(steps_.begin(), steps.begin(), steps.end());
  }

  Fd const& folder_;
  std::vector<Fd> way_;
  std::deque<std::string> steps_;
  int links_ = 0;
};

}  // namespace

Fd open_folder(std::filesystem::path const& folder) {
  return Fd{::open(folder.c_str(), O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)};
}

Fd open_beneath(Fd const& folder, std::string const& path) {
  open_how how{};
  how.flags = O_PATH | O_CLOEXEC;
  how.resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS;
  for (int tries = 0; tries < 8; ++tries) {
    Fd fd{static_cast<int>(::syscall(SYS_openat2, folder.get(), path.c_str(), &how, sizeof how))};
    if (fd) return fd;
    if (errno == ENOSYS || errno == EPERM) break;
    if (errno != EAGAIN) return {};  // something was renamed while the kernel looked
  }
  return walk_beneath(folder, path);
}

Fd walk_beneath(Fd const& folder, std::string const& path) {
  return Walk{folder}.to(path);
}

std::filesystem::path path_of(Fd const& handle) {
  return "/proc/self/fd/" + std::to_string(handle.get());
}

}  // namespace wanspool
