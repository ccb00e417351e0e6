#include "engine/inbox.h"

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/inotify.h>
#include <sys/stat.h>

#include <algorithm>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string_view>
#include <system_error>
#include <utility>

#include "base/log.h"
#include "engine/inbox_names.h"

namespace wanspool {
namespace {

constexpr std::size_t kEntriesAMillisecond = 50;

std::int64_t nanoseconds(timespec const& at) {
  return at.tv_sec * 1'000'000'000 + at.tv_nsec;
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

bool somebody_writes_below(std::filesystem::path const& folder) {
  bool found = false;
  walk(folder, [&](std::filesystem::path const& path, struct stat const& info) {
    found = S_ISREG(info.st_mode) && somebody_writes(path).value_or(false);
    return !found;
  });
  return found;
}

}  // namespace

// A read lease is refused while anybody has the file open for writing; it is given to a file's owner only, so
// that a refusal for another reason says nothing.
std::optional<bool> somebody_writes(std::filesystem::path const& file) {
  Fd const fd{::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW | O_NOCTTY)};
  if (!fd) return {};
  // Whoever opens it for writing just now has a signal sent to us: by itself SIGIO, which would end the
  // program.
  if (::fcntl(fd.get(), F_SETSIG, SIGURG) != 0) return {};
  if (::fcntl(fd.get(), F_SETLEASE, F_RDLCK) == 0) {
    ::fcntl(fd.get(), F_SETLEASE, F_UNLCK);
    return false;
  }
  if (errno == EAGAIN) return true;
  return {};
}

std::string why_unreadable(std::filesystem::path const& path) {
  struct stat info {};
  if (::lstat(path.c_str(), &info) != 0 || (!S_ISREG(info.st_mode) && !S_ISDIR(info.st_mode))) return {};
  Fd const fd{::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW | O_NOCTTY)};
  if (fd || errno == ENOENT || errno == ELOOP) return {};
  return std::generic_category().message(errno);
}

bool is_linked(std::filesystem::path const& path) {
  struct stat info {};
  return ::lstat(path.c_str(), &info) == 0 && S_ISREG(info.st_mode) && info.st_nlink > 1;
}

Inbox::Inbox(std::filesystem::path folder, Timing timing) : folder_{std::move(folder)}, timing_{timing} {
  if (timing_.listens) watch();
}

void Inbox::watch() {
  watched_ = false;
  notify_ = Fd{::inotify_init1(IN_CLOEXEC | IN_NONBLOCK)};
  if (!notify_) return;
  watched_ = ::inotify_add_watch(notify_.get(), folder_.c_str(),
                                 IN_CREATE | IN_MODIFY | IN_CLOSE_WRITE | IN_MOVED_TO | IN_MOVED_FROM |
                                     IN_DELETE | IN_ATTRIB | IN_DELETE_SELF | IN_MOVE_SELF | IN_ONLYDIR) >= 0;
  struct stat info {};
  if (!watched_ || ::stat(folder_.c_str(), &info) != 0) return;
  if (inode_ != 0) log::info("the inbox {} is another folder now, and is watched", folder_.string());
  device_ = info.st_dev;
  inode_ = info.st_ino;
}

// It is looked through at once, so that what lies there settles by the new measure.
void Inbox::change(Timing timing) {
  timing_ = timing;
  rung_ = true;
  scan_again_ = next_look_ = {};
}

// What is mounted over it or put in its place rings no bell.
bool Inbox::is_watching_what_is_there() const {
  struct stat info {};
  return watched_ && ::stat(folder_.c_str(), &info) == 0 && info.st_dev == device_ && info.st_ino == inode_;
}

void Inbox::listen(Instant now) {
  alignas(inotify_event) char buffer[16384];
  for (;;) {
    auto const got = notify_ ? ::read(notify_.get(), buffer, sizeof buffer) : 0;
    if (got <= 0) return;
    for (char const* at = buffer; at < buffer + got;) {
      auto const* const event = reinterpret_cast<inotify_event const*>(at);
      at += sizeof *event + event->len;
      hear(event->mask, event->len > 0 ? event->name : "", now);
    }
  }
}

void Inbox::hear(std::uint32_t mask, std::string const& name, Instant now) {
  if (mask & (IN_IGNORED | IN_DELETE_SELF | IN_MOVE_SELF | IN_UNMOUNT)) watched_ = false;
  // What was lost with an overflow may have been a closing: nothing is known of writers any more.
  if (mask & IN_Q_OVERFLOW) log::debug("more came into the inbox at once than the kernel tells of");
  if (mask & IN_Q_OVERFLOW)
    for (auto& [its, seen] : seen_)
      if (std::exchange(seen.being_written, false)) seen.since = now;
  if (!name.empty() && (mask & (IN_MOVED_FROM | IN_DELETE))) {
    take(name);
    return;  // nothing new has come; what we take ourselves is heard of so
  }
  rung_ = true;
  if (name.empty()) return;
  // Not at its creation: a folder and a link are never closed, and a new file is empty until it is written.
  if (mask & IN_MODIFY) seen_[name].being_written = true;
  if (mask & (IN_CLOSE_WRITE | IN_MOVED_TO)) seen_[name].being_written = false;
}

void Inbox::say_trouble(std::string words) {
  if (!words.empty() && trouble_.empty())
    log::warning("the inbox {} cannot be looked through: {}; nothing is taken until it can", folder_.string(),
                 words);
  if (words.empty() && !trouble_.empty()) log::info("the inbox {} is there again", folder_.string());
  changes_ += words != trouble_;
  trouble_ = std::move(words);
}

// Where very much lies it is looked through less often, however often the bell rings.
void Inbox::scan(Instant now) {
  ++scans_;
  rung_ = folders_ = false;
  due_ = now + timing_.rescan;
  if (timing_.listens && !is_watching_what_is_there()) watch();
  std::unique_ptr<DIR, CloseDir> const dir{::opendir(folder_.c_str())};
  say_trouble(dir ? "" : std::generic_category().message(errno));
  std::set<std::string> there;
  std::vector<std::pair<std::int64_t, std::string>> quiet;
  while (auto const* const entry = dir ? ::readdir(dir.get()) : nullptr) {
    std::string const name = entry->d_name;
    auto const mark = why_ignored(name).empty() ? mark_of(name) : std::nullopt;
    if (!mark) continue;
    auto& seen = seen_[name];
    if (seen.mark != *mark || seen.since == Instant{}) {
      changes_ += seen.left;
      seen = {*mark, now, seen.being_written};
    }
    auto const settled = seen.since + (is_handed_over(name) ? milliseconds{0} : timing_.settle);
    if (!seen.left && now >= settled) quiet.emplace_back(mark->modified, name);
    if (!seen.left && now < settled) due_ = std::min<Instant>(due_, settled);
    folders_ |= !seen.left && mark->folder;
    there.insert(name);
  }
  std::erase_if(seen_, [&](auto const& each) {
    bool const gone = !there.contains(each.first);
    changes_ += gone && each.second.left;
    return gone;
  });
  std::sort(quiet.begin(), quiet.end(), std::greater<>{});
  std::stable_partition(quiet.begin(), quiet.end(), [](auto const& each) { return !is_urgent(each.second); });
  quiet_.clear();
  for (auto& [modified, name] : quiet) quiet_.push_back(std::move(name));
  scan_again_ = now + milliseconds{there.size() / kEntriesAMillisecond};
}

// None for what is gone, and for a file without anything in it yet.
std::optional<Inbox::Mark> Inbox::mark_of(std::string const& name) const {
  struct stat info {};
  auto const path = folder_ / name;
  if (::lstat(path.c_str(), &info) != 0 || (S_ISREG(info.st_mode) && info.st_size == 0)) return {};
  return Mark{info.st_dev,
              info.st_ino,
              static_cast<std::uint64_t>(info.st_size),
              nanoseconds(info.st_mtim),
              nanoseconds(info.st_ctim),
              S_ISDIR(info.st_mode) ? hash_below(path) : 0,
              S_ISREG(info.st_mode),
              S_ISDIR(info.st_mode)};
}

// What was heard counts where the kernel gives no lease: a file can be changed without ever being closed
// (truncate(2)). It is looked at after it was opened, which is when NFS asks the server.
bool Inbox::is_quiet(std::string const& name, Seen const& seen) {
  auto const path = folder_ / name;
  bool const busy = seen.mark.folder  ? somebody_writes_below(path)
                    : seen.mark.plain ? somebody_writes(path).value_or(seen.being_written)
                                      : false;
  return is_as_seen(name) && !busy;
}

bool Inbox::is_expecting() const {
  return rung_ || std::any_of(seen_.begin(), seen_.end(), [](auto const& each) { return !each.second.left; });
}

bool Inbox::is_open(std::string const& name) const {
  auto const found = seen_.find(name);
  return found != seen_.end() && !found->second.left;
}

std::vector<std::string> Inbox::settled(Instant now, std::size_t most) {
  listen(now);
  while (!quiet_.empty() && !is_open(quiet_.back())) quiet_.pop_back();
  // What happens below a folder rings no bell.
  if (rung_ || folders_ ? now >= scan_again_ : quiet_.empty() && now >= due_) scan(now);
  std::vector<std::string> names;
  while (!quiet_.empty() && names.size() < most) {
    auto name = std::move(quiet_.back());
    quiet_.pop_back();
    if (!is_open(name)) continue;
    if (is_quiet(name, seen_.at(name)))
      names.push_back(std::move(name));
    else
      due_ = std::min(due_, now + timing_.settle / 4 + milliseconds{1});
  }
  next_look_ = !quiet_.empty() ? now : rung_ ? std::min(due_, std::max(scan_again_, now)) : due_;
  quiet_.insert(quiet_.end(), names.rbegin(), names.rend());
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

bool Inbox::was_seen(std::string const& name, std::filesystem::path const& moved) const {
  struct stat info {};
  auto const found = seen_.find(name);
  if (found == seen_.end() || ::lstat(moved.c_str(), &info) != 0) return false;
  auto const& mark = found->second.mark;
  return mark.inode == info.st_ino && mark.modified == nanoseconds(info.st_mtim) &&
         mark.size == static_cast<std::uint64_t>(info.st_size);
}

void Inbox::take(std::string const& name) {
  auto const found = seen_.find(name);
  if (found == seen_.end()) return;
  changes_ += found->second.left;
  seen_.erase(found);
}

void Inbox::leave(std::string const& name, std::string const& why) {
  auto const found = seen_.find(name);
  if (found == seen_.end()) return;
  found->second.left = true;
  found->second.why = why;
  changes_ += !why.empty();
}

void Inbox::leave_rest(std::string const& name, std::string const& why) {
  leave(name, why);
  auto const found = seen_.find(name);
  auto const mark = mark_of(name);
  if (found != seen_.end() && mark) found->second.mark = *mark;
}

void Inbox::explain(std::string const& name, std::string const& why) {
  auto const found = seen_.find(name);
  if (found == seen_.end() || !found->second.left) return;
  found->second.why = why;
  ++changes_;
}

std::vector<Inbox::Waiting> Inbox::left() const {
  std::vector<Waiting> all;
  for (auto const& [name, seen] : seen_)
    if (seen.left && !seen.why.empty()) all.push_back({name, seen.why});
  return all;
}

}  // namespace wanspool
