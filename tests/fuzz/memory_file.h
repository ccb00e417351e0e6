#pragma once

#include <sys/mman.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <string>
#include <string_view>

namespace fuzz {

// Bytes under a path that no disk knows.
class MemoryFile {
 public:
  explicit MemoryFile(std::string_view bytes) : file_{::memfd_create("rows", MFD_CLOEXEC)} {
    if (file_ < 0) std::abort();
    for (auto rest = bytes; !rest.empty();) {
      auto const count = ::write(file_, rest.data(), rest.size());
      if (count <= 0) std::abort();
      rest.remove_prefix(static_cast<std::size_t>(count));
    }
  }
  MemoryFile(MemoryFile const&) = delete;
  MemoryFile& operator=(MemoryFile const&) = delete;
  ~MemoryFile() { ::close(file_); }

  std::filesystem::path path() const { return "/proc/self/fd/" + std::to_string(file_); }

 private:
  int file_;
};

}  // namespace fuzz
