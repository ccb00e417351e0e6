#include "engine/journal.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <stdexcept>

#include "base/files.h"

namespace wanspool::test {

namespace fs = std::filesystem;

namespace {

struct stat status_of(int fd) {
  struct stat status {};
  if (::fstat(fd, &status) != 0) throw std::runtime_error{"the journal cannot look at a file"};
  return status;
}

bool is_there(fs::path const& path) {
  return fs::symlink_status(path).type() != fs::file_type::not_found;
}

// One of them lies on or below the other.
bool touch(fs::path const& a, fs::path const& b) {
  auto const shorter = std::min(std::distance(a.begin(), a.end()), std::distance(b.begin(), b.end()));
  return !a.empty() && !b.empty() && std::equal(a.begin(), std::next(a.begin(), shorter), b.begin());
}

std::int64_t roll(std::mt19937_64& dice, std::int64_t least, std::int64_t most) {
  return least + static_cast<std::int64_t>(dice() % static_cast<std::uint64_t>(most - least + 1));
}

void set_size(int fd, off_t size) {
  if (::ftruncate(fd, size) != 0) throw std::runtime_error{"the journal cannot cut a file"};
}

void put(int fd, std::string const& text, off_t at) {
  if (::pwrite(fd, text.data(), text.size(), at) != static_cast<ssize_t>(text.size()))
    throw std::runtime_error{"the journal cannot write a file"};
}

}  // namespace

Journal* current_journal = nullptr;

Journal::Journal(fs::path keep) : keep_{std::move(keep)} {
  fs::create_directories(keep_);
}

void Journal::emptying(fs::path const& path) {
  was_there_ = is_there(path);
  before_ = was_there_ ? read_file(path) : std::string{};
}

void Journal::opened(int fd, fs::path const& path) {
  auto const status = status_of(fd);
  auto& bytes = bytes_[{status.st_dev, status.st_ino}];
  // What an earlier life of the same file would bring back is older than what was emptied now.
  if (!bytes.fd) {
    bytes.fd = Fd{::fcntl(fd, F_DUPFD_CLOEXEC, 0)};
    bytes.before = before_;
  }
  bytes.safe = 0;
  if (!was_there_) appeared(path);
}

void Journal::growing(int fd) {
  auto const status = status_of(fd);
  auto const [found, fresh] = bytes_.try_emplace({status.st_dev, status.st_ino});
  if (!fresh) return;
  found->second.fd = Fd{::fcntl(fd, F_DUPFD_CLOEXEC, 0)};
  found->second.safe = status.st_size;
}

void Journal::safe(int fd) {
  auto const status = status_of(fd);
  bytes_.erase({status.st_dev, status.st_ino});
}

void Journal::appeared(fs::path const& path) {
  changes_.push_back({Change::Kind::Appeared, path.lexically_normal(), {}, {}});
}

void Journal::made_folder(fs::path const& folder) {
  changes_.push_back({Change::Kind::Folder, folder.lexically_normal(), {}, {}});
}

fs::path Journal::set_aside(fs::path const& path) {
  if (!fs::is_regular_file(fs::symlink_status(path))) return {};
  auto const kept = keep_ / std::to_string(++kept_);
  fs::create_hard_link(path, kept);
  return kept;
}

void Journal::vanishing(fs::path const& path) {
  aside_ = set_aside(path);
}

void Journal::vanished(fs::path const& path) {
  if (!aside_.empty()) changes_.push_back({Change::Kind::Vanished, path.lexically_normal(), {}, aside_});
}

void Journal::moving(fs::path const& to) {
  aside_ = set_aside(to);
}

void Journal::moved(fs::path const& from, fs::path const& to) {
  changes_.push_back({Change::Kind::Moved, to.lexically_normal(), from.lexically_normal(), aside_});
}

void Journal::safe_folder(fs::path const& folder) {
  auto const synced = folder.lexically_normal();
  std::erase_if(changes_, [&](Change const& each) {
    bool const safe =
        each.path.parent_path() == synced || (!each.from.empty() && each.from.parent_path() == synced);
    if (safe && !each.kept.empty()) fs::remove(each.kept);
    return safe;
  });
}

void Journal::take_back(Change const& change) {
  switch (change.kind) {
    case Change::Kind::Appeared:
      fs::remove(change.path);
      return;
    case Change::Kind::Folder:
      fs::remove_all(change.path);
      return;
    case Change::Kind::Moved:
      if (is_there(change.path)) fs::rename(change.path, change.from);
      [[fallthrough]];
    case Change::Kind::Vanished:
      if (!change.kept.empty()) fs::rename(change.kept, change.path);
  }
}

// Cut short, filled up with zeros, as it was before it was emptied, or all there.
bool Journal::take_back(Bytes const& bytes, std::mt19937_64& dice) {
  auto const fd = bytes.fd.get();
  auto const size = status_of(fd).st_size;
  auto const at = roll(dice, std::min(bytes.safe, size), size);
  switch (roll(dice, 0, 4)) {
    case 0:
      return false;
    case 1:
      if (bytes.safe == 0) {
        set_size(fd, 0);
        put(fd, bytes.before, 0);
        return true;
      }
      [[fallthrough]];
    case 2:
      set_size(fd, at);
      set_size(fd, size);
      return true;
    default:
      set_size(fd, at);
      return true;
  }
}

int Journal::power_cut(std::mt19937_64& dice) {
  int taken_back = 0;
  for (auto const& [inode, bytes] : bytes_) taken_back += take_back(bytes, dice);
  // The newest first: what a younger change that was kept rests on is kept as well.
  std::vector<Change const*> stay;
  for (auto at = changes_.rbegin(); at != changes_.rend(); ++at) {
    bool const needed = std::any_of(stay.begin(), stay.end(), [&](Change const* each) {
      return touch(each->path, at->path) || touch(each->from, at->path) || touch(each->path, at->from) ||
             touch(each->from, at->from);
    });
    if (needed || roll(dice, 0, 1) == 0) {
      stay.push_back(&*at);
      continue;
    }
    take_back(*at);
    ++taken_back;
  }
  forget();
  return taken_back;
}

void Journal::forget() {
  bytes_.clear();
  changes_.clear();
  for (auto const& entry : fs::directory_iterator{keep_}) fs::remove(entry.path());
}

}  // namespace wanspool::test
