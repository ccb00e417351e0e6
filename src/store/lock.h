#pragma once

#include <filesystem>
#include <string_view>

#include "base/fd.h"

namespace wanspool {

// Held while a daemon has the spool: a lock on an open file, which the kernel drops with the process whatever
// happens to it. The file stays and holds the pid of who had it last.
class LockFile {
 public:
  // `for_what` is what the message names. Throws StoreBroken: 75 another process has it, 73 it cannot be
  // made.
  LockFile(std::filesystem::path const& file, std::filesystem::path const& for_what);

 private:
  Fd fd_;
};

// What a file system of this type (statfs(2), f_type) is called if it lies behind a network, where locks and
// shared memory do not hold what SQLite's log needs; else "".
std::string_view network_name(long type);

// Throws StoreBroken 78 if `folder` lies on such a file system.
void refuse_network(std::filesystem::path const& folder);

}  // namespace wanspool
