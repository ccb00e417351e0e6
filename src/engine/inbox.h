#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/fd.h"
#include "base/time.h"

namespace wanspool {

// Watches a folder and says which of its files have settled. inotify is a doorbell, not a letter: any event
// means "scan the folder"; a slow rescan backs it up where no event ever comes (NFS, CIFS).
class Inbox {
 public:
  struct Timing {
    milliseconds settle, rescan;
  };
  Inbox(std::filesystem::path folder, Timing timing);

  // From now on.
  void change(Timing timing);

  // Readable when somebody touched the folder; -1 where there is no inotify.
  int wake_fd() const { return notify_.get(); }

  // Names of files and folders, by age, that nobody has changed for `settle` and nobody writes at now; a
  // folder with all that is below it. Hidden and temporary names (.x, x~, x.part, x.tmp) and empty files are
  // not there for us.
  std::vector<std::string> settled(Instant now);
  // When settled() is worth asking again without an event.
  Instant next_look() const { return next_look_; }
  // Whether something lies there that has not settled yet.
  bool is_expecting() const;
  // It is being taken, or cannot be taken away: it is not named again until it changes.
  void leave(std::string const& name);
  // When it was last seen to change.
  Instant changed_at(std::string const& name) const;
  // Whether it is there, and as it was when it was last seen; if not, the folder is looked through anew.
  bool is_as_seen(std::string const& name);

 private:
  struct Mark {
    std::uint64_t inode = 0, size = 0;
    std::int64_t modified = 0, changed = 0;  // nanoseconds
    std::uint64_t below = 0;                 // of a folder: a hash of all that is below it
    bool operator==(Mark const&) const = default;
  };
  struct Seen {
    Mark mark;
    Instant since;
    bool being_written = false;  // its opening was heard of, its closing not yet
    bool left = false;
  };
  void watch();
  void listen();
  void scan(Instant now);
  std::optional<Mark> mark_of(std::string const& name) const;
  bool is_quiet(std::string const& name, Seen const& seen, Instant now) const;

  std::filesystem::path folder_;
  Timing timing_;
  Fd notify_;
  int watch_ = -1;
  bool rung_ = true;
  Instant next_scan_, next_look_;
  std::map<std::string, Seen> seen_;
};

}  // namespace wanspool
