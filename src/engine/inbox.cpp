#include "engine/inbox.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/inotify.h>
#include <sys/stat.h>

#include <algorithm>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string_view>
#include <system_error>

namespace wanspool {
namespace {

bool is_for_us(std::string_view name) {
  auto const ends = [&](std::string_view ending) { return name.ends_with(ending); };
  return !name.starts_with('.') && !ends("~") && !ends(".part") && !ends(".tmp");
}

std::int64_t nanoseconds(timespec const& at) {
  return at.tv_sec * 1'000'000'000 + at.tv_nsec;
}

// A read lease is refused while anybody has the file open for writing; it is given to a file's owner only, so
// that a refusal for another reason says nothing.
std::optional<bool> somebody_writes(std::filesystem::path const& path) {
  Fd const fd{::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW)};
  if (!fd) return {};
  if (::fcntl(fd.get(), F_SETLEASE, F_RDLCK) == 0) {
    ::fcntl(fd.get(), F_SETLEASE, F_UNLCK);
    return false;
  }
  if (errno == EAGAIN) return true;
  return {};
}

struct CloseDir {
  void operator()(DIR* dir) const noexcept { ::closedir(dir); }
};

// Gives each entry below a folder, links not followed, until `take` says no; what cannot be looked into is
// passed over.
void walk(std::filesystem::path const& folder,
          std::function<bool(std::filesystem::path const&, struct stat const&)> const& take) {
  std::vector<std::filesystem::path> folders{folder};
  while (!folders.empty()) {
    auto const inside = std::move(folders.back());
    folders.pop_back();
    std::unique_ptr<DIR, CloseDir> const dir{::opendir(inside.c_str())};
    while (auto const* const entry = dir ? ::readdir(dir.get()) : nullptr) {
      std::string_view const name = entry->d_name;
      struct stat info {};
      if (name == "." || name == "..") continue;
      auto path = inside / name;
      if (::lstat(path.c_str(), &info) != 0) continue;
      if (!take(path, info)) return;
      if (S_ISDIR(info.st_mode)) folders.push_back(std::move(path));
    }
  }
}

// Mixes well enough that no two changes cancel each other out (the finisher of SplitMix64).
std::uint64_t mixed(std::uint64_t x) {
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
  return x ^ (x >> 31);
}

// The same whatever the order in which the folder gives its entries.
std::uint64_t hash_below(std::filesystem::path const& folder) {
  std::uint64_t sum = 0;
  walk(folder, [&](std::filesystem::path const& path, struct stat const& info) {
    auto hash = mixed(std::hash<std::string>{}(path.native()));
    for (auto const part : {static_cast<std::int64_t>(info.st_ino), static_cast<std::int64_t>(info.st_size),
                            nanoseconds(info.st_mtim), nanoseconds(info.st_ctim)})
      hash = mixed(hash + static_cast<std::uint64_t>(part));
    sum += hash;
    return true;
  });
  return sum;
}

// "cancel-0123456789abcdef.yaml": what the program itself hands over it renames in whole, and somebody waits
// for the answer.
bool is_handed_over(std::string_view name) {
  constexpr std::string_view kEnding = ".yaml", kDigits = "0123456789abcdef";
  auto const dash = name.rfind('-');
  if (dash == name.npos || dash == 0 || !name.ends_with(kEnding)) return false;
  auto const id = name.substr(dash + 1, name.size() - dash - 1 - kEnding.size());
  return id.size() == 16 && id.find_first_not_of(kDigits) == id.npos;
}

bool somebody_writes_below(std::filesystem::path const& folder) {
  bool found = false;
  walk(folder, [&](std::filesystem::path const& path, struct stat const& info) {
    found = S_ISREG(info.st_mode) && somebody_writes(path).value_or(false);
    return !found;
  });
  return found;
}

}  // namespace

Inbox::Inbox(std::filesystem::path folder, Timing timing) : folder_{std::move(folder)}, timing_{timing} {
  watch();
}

void Inbox::watch() {
  notify_ = Fd{::inotify_init1(IN_CLOEXEC | IN_NONBLOCK)};
  if (!notify_) return;
  watch_ = ::inotify_add_watch(notify_.get(), folder_.c_str(),
                               IN_CREATE | IN_MODIFY | IN_CLOSE_WRITE | IN_MOVED_TO | IN_MOVED_FROM |
                                   IN_DELETE | IN_ATTRIB | IN_DELETE_SELF | IN_MOVE_SELF | IN_ONLYDIR);
}

// It is looked through at once, so that what lies there settles by the new measure.
void Inbox::change(Timing timing) {
  timing_ = timing;
  next_scan_ = next_look_ = {};
}

void Inbox::listen() {
  alignas(inotify_event) char buffer[16384];
  for (;;) {
    auto const got = notify_ ? ::read(notify_.get(), buffer, sizeof buffer) : 0;
    if (got <= 0) return;
    rung_ = true;
    for (char const* at = buffer; at < buffer + got;) {
      auto const* const event = reinterpret_cast<inotify_event const*>(at);
      at += sizeof *event + event->len;
      if (event->mask & (IN_IGNORED | IN_DELETE_SELF | IN_MOVE_SELF)) watch_ = -1;
      // What was lost with an overflow may have been a closing: nothing is known of writers any more.
      if (event->mask & IN_Q_OVERFLOW)
        for (auto& [name, seen] : seen_) seen.being_written = false;
      if (event->len == 0) continue;
      // Not at its creation: a folder and a link are never closed, and a new file is empty until it is
      // written.
      if (event->mask & IN_MODIFY) seen_[event->name].being_written = true;
      if (event->mask & (IN_CLOSE_WRITE | IN_MOVED_TO)) seen_[event->name].being_written = false;
    }
  }
}

void Inbox::scan(Instant now) {
  rung_ = false;
  next_scan_ = now + timing_.rescan;
  std::unique_ptr<DIR, CloseDir> const dir{::opendir(folder_.c_str())};
  std::set<std::string> there;
  while (auto const* const entry = dir ? ::readdir(dir.get()) : nullptr) {
    std::string const name = entry->d_name;
    auto const mark = is_for_us(name) ? mark_of(name) : std::nullopt;
    if (!mark) continue;
    there.insert(name);
    auto& seen = seen_[name];
    if (seen.mark == *mark && seen.since != Instant{}) continue;
    seen.mark = *mark;
    seen.since = now;
    seen.left = false;
  }
  std::erase_if(seen_, [&](auto const& each) { return !there.contains(each.first); });
}

// None for what is gone, and for a file without anything in it yet.
std::optional<Inbox::Mark> Inbox::mark_of(std::string const& name) const {
  struct stat info {};
  auto const path = folder_ / name;
  if (::lstat(path.c_str(), &info) != 0 || (S_ISREG(info.st_mode) && info.st_size == 0)) return {};
  return Mark{info.st_ino, static_cast<std::uint64_t>(info.st_size), nanoseconds(info.st_mtim),
              nanoseconds(info.st_ctim), S_ISDIR(info.st_mode) ? hash_below(path) : 0};
}

bool Inbox::is_quiet(std::string const& name, Seen const& seen, Instant now) const {
  // What was heard counts where the kernel gives no lease: a file can be changed without ever being closed
  // (truncate(2)).
  auto const path = folder_ / name;
  auto const settle = is_handed_over(name) ? milliseconds{0} : timing_.settle;
  if (seen.left || now < seen.since + settle) return false;
  std::error_code gone;
  if (std::filesystem::is_directory(std::filesystem::symlink_status(path, gone)))
    return !somebody_writes_below(path);
  return !somebody_writes(path).value_or(seen.being_written);
}

bool Inbox::is_expecting() const {
  return rung_ || std::any_of(seen_.begin(), seen_.end(), [](auto const& each) { return !each.second.left; });
}

std::vector<std::string> Inbox::settled(Instant now) {
  listen();
  if (watch_ < 0) watch();
  if (rung_ || is_expecting() || now >= next_scan_) scan(now);
  std::vector<std::pair<std::int64_t, std::string>> quiet;
  next_look_ = next_scan_;
  for (auto const& [name, seen] : seen_) {
    if (seen.left) continue;
    if (is_quiet(name, seen, now))
      quiet.emplace_back(seen.mark.modified, name);
    else
      next_look_ = std::min(
          next_look_, std::max(seen.since + timing_.settle, now + timing_.settle / 4 + milliseconds{1}));
  }
  std::sort(quiet.begin(), quiet.end());
  std::vector<std::string> names;
  for (auto& [modified, name] : quiet) names.push_back(std::move(name));
  return names;
}

Instant Inbox::changed_at(std::string const& name) const {
  auto const found = seen_.find(name);
  return found == seen_.end() ? Instant{} : found->second.since;
}

bool Inbox::is_as_seen(std::string const& name) {
  auto const found = seen_.find(name);
  if (found != seen_.end() && mark_of(name) == found->second.mark) return true;
  rung_ = true;
  return false;
}

void Inbox::leave(std::string const& name) {
  if (auto const found = seen_.find(name); found != seen_.end()) found->second.left = true;
}

}  // namespace wanspool
