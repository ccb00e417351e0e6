#pragma once

#include <sys/types.h>

#include <cstdint>
#include <filesystem>
#include <string>

#include "base/time.h"

namespace wanspool::app {

// What `wanspool doctor` asks of the machine it runs on; a test answers in its place.
class Machine {
 public:
  virtual ~Machine() = default;

  // "" if a connection can be made, else why not; a few seconds at most.
  virtual std::string reach(std::string const& url) const;
  virtual Instant now() const;
  // Whether something keeps the clock right, as the kernel knows it.
  virtual bool keeps_time() const;
  virtual std::uintmax_t free_bytes(std::filesystem::path const& folder) const;
  // Files that may still be made; the largest number where the file system does not count them.
  virtual std::uintmax_t free_files(std::filesystem::path const& folder) const;
  // "NFS", "SMB" or "tmpfs"; "" for one that keeps what it is given and locks it.
  virtual std::string strange_file_system(std::filesystem::path const& folder) const;
  // Whether changes of the folder can be heard of; "" or why not.
  virtual std::string listen(std::filesystem::path const& folder) const;
  // How many files a process may have open; `pid` 0: this one. 0: nobody tells.
  virtual std::uint64_t open_files_most(long pid) const;
};

// Whether the user may enter the folder and write there, by its owner, group and mode; an ACL is not looked
// into. False where it is not there.
bool may_write(uid_t user, std::filesystem::path const& folder);

// "alice"; the number where it has no name.
std::string user_name(uid_t user);

}  // namespace wanspool::app
