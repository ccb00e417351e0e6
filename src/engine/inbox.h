#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/fd.h"
#include "base/time.h"

namespace wanspool {

// Watches a folder and says which of its entries have settled. inotify is a doorbell, not a letter: any event
// means "scan the folder"; a slow rescan backs it up where no event ever comes (NFS, CIFS). A folder that is
// taken away and made anew, or replaced, is watched again.
class Inbox {
 public:
  struct Timing {
    milliseconds settle, rescan;
    bool listens = true;  // by inotify too
  };
  // What lies there and is not taken, with the reason.
  struct Waiting {
    std::string name, why;
    bool operator==(Waiting const&) const = default;
  };
  Inbox(std::filesystem::path folder, Timing timing);

  // From now on.
  void change(Timing timing);

  // Readable when somebody touched the folder; -1 where there is no inotify.
  int wake_fd() const { return notify_.get(); }

  // Names of files and folders, by age, at most so many of them, that nobody has changed for `settle` and
  // nobody writes at now; a folder with all that is below it. Hidden and temporary names and empty files are
  // not there for us. The same ones again until take() or leave().
  std::vector<std::string> settled(Instant now, std::size_t most = SIZE_MAX);
  // When settled() is worth asking again without an event.
  Instant next_look() const { return next_look_; }
  // Whether something lies there that has not settled yet, or was not taken.
  bool is_expecting() const;
  // It is ours now; what comes under its name is another one.
  void take(std::string const& name);
  // It cannot be taken, or not yet: it is not named again until it changes.
  void leave(std::string const& name, std::string const& why = {});
  // The same of what a failed removal has left of it.
  void leave_rest(std::string const& name, std::string const& why);
  // Of what was left.
  void explain(std::string const& name, std::string const& why);
  // When it was last seen to change.
  Instant changed_at(std::string const& name) const;
  // Whether it is there, and as it was when it was last seen; if not, the folder is looked through anew.
  bool is_as_seen(std::string const& name);
  // Whether this, moved away from there, is what was last seen under the name.
  bool was_seen(std::string const& name, std::filesystem::path const& moved) const;

  // All that was left and may be told why.
  std::vector<Waiting> left() const;
  // Why the folder cannot be looked through; "" where it can.
  std::string const& trouble() const { return trouble_; }
  // Counts what left() and trouble() have told that was new.
  std::size_t changes() const { return changes_; }
  // How often the folder was looked through.
  std::size_t scans() const { return scans_; }

 private:
  struct Mark {
    std::uint64_t device = 0, inode = 0, size = 0;
    std::int64_t modified = 0, changed = 0;  // nanoseconds
    std::uint64_t below = 0;                 // of a folder: a hash of all that is below it
    bool plain = false, folder = false;
    bool operator==(Mark const&) const = default;
  };
  struct Seen {
    Mark mark;
    Instant since;
    bool being_written = false;  // its opening was heard of, its closing not yet
    bool left = false;
    std::string why = {};  // it was left
  };
  void watch();
  void listen(Instant now);
  void hear(std::uint32_t mask, std::string const& name, Instant now);
  bool is_watching_what_is_there() const;
  void say_trouble(std::string words);
  void scan(Instant now);
  std::optional<Mark> mark_of(std::string const& name) const;
  bool is_open(std::string const& name) const;  // neither taken nor left
  bool is_quiet(std::string const& name, Seen const& seen);

  std::filesystem::path folder_;
  Timing timing_;
  Fd notify_;
  bool watched_ = false;
  std::uint64_t device_ = 0, inode_ = 0;  // of the folder that is watched
  bool rung_ = true, folders_ = false;    // somebody touched it; folders lie there that have not settled
  Instant due_, next_look_, scan_again_;
  std::map<std::string, Seen> seen_;
  std::vector<std::string> quiet_;  // unchanged for `settle` when last looked at, the oldest last
  std::string trouble_;
  std::size_t scans_ = 0, changes_ = 0;
};

// Why a plain file or a folder cannot be read by us; "" where it can, or is gone.
std::string why_unreadable(std::filesystem::path const& path);
// Of a plain file that other names lead to: it can be changed under them after it was taken, and whoever made
// the name here need not be its owner.
inline constexpr char kLinked[] =
    "has another name (a hard link), under which it can be changed; drop a copy of it";
bool is_linked(std::filesystem::path const& path);
// Whether somebody has this file open for writing; none where the kernel does not tell us. For plain files.
std::optional<bool> somebody_writes(std::filesystem::path const& file);

}  // namespace wanspool
