#pragma once

#include <sys/types.h>

#include <filesystem>
#include <map>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "base/fd.h"

namespace wanspool::test {

// What the simulated disk has been told and would forget in a power cut: bytes that no fsync() followed, and
// changes of names whose folder was not synced. A rename over two folders is safe with either of them, as
// file systems with a log do it; everything else is as forgetful as POSIX allows.
class Journal {
 public:
  // `keep` is a folder on the same file system, where replaced files wait until nothing brings them back.
  explicit Journal(std::filesystem::path keep);

  // A file's bytes: before it is opened for writing and emptied, after that, before it grows, once it is
  // safe.
  void emptying(std::filesystem::path const& path);
  void opened(int fd, std::filesystem::path const& path);
  void growing(int fd);
  void safe(int fd);

  // Names: `appeared` covers created files and links alike.
  void appeared(std::filesystem::path const& path);
  void made_folder(std::filesystem::path const& folder);
  void vanishing(std::filesystem::path const& path);  // before
  void vanished(std::filesystem::path const& path);   // after
  void moving(std::filesystem::path const& to);
  void moved(std::filesystem::path const& from, std::filesystem::path const& to);
  void safe_folder(std::filesystem::path const& folder);

  // Takes back from the real files whatever the dice say was not safe, and forgets the rest. Returns how many
  // things were taken back.
  int power_cut(std::mt19937_64& dice);
  // All is safe.
  void forget();

 private:
  using Inode = std::pair<dev_t, ino_t>;
  struct Bytes {
    Fd fd;               // its own, for the name may change
    off_t safe = 0;      // so many bytes from its beginning
    std::string before;  // what it held when it was emptied
  };
  struct Change {
    enum class Kind { Appeared, Folder, Vanished, Moved } kind;
    std::filesystem::path path, from, kept;
  };
  std::filesystem::path set_aside(std::filesystem::path const& path);
  static void take_back(Change const& change);
  static bool take_back(Bytes const& bytes, std::mt19937_64& dice);

  std::filesystem::path keep_;
  int kept_ = 0;
  std::map<Inode, Bytes> bytes_;
  std::vector<Change> changes_;  // oldest first
  // Of the call that is under way.
  bool was_there_ = false;
  std::string before_;
  std::filesystem::path aside_;
};

// Told by the simulated disk; nullptr: nothing is ever forgotten.
extern Journal* current_journal;

}  // namespace wanspool::test
