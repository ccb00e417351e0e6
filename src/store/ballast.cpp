#include "store/ballast.h"

#include <string>
#include <system_error>

#include "base/disk.h"
#include "base/files.h"

namespace wanspool {
namespace {

constexpr auto kPlenty = 16 * Ballast::kSize;
constexpr int kRest = 256;

// Bytes that no file system makes smaller.
std::string noise() {
  std::string bytes(Ballast::kSize, '\0');
  std::uint32_t state = 1;
  for (auto& byte : bytes) {
    state = state * 1664525u + 1013904223u;
    byte = static_cast<char>(state >> 24);
  }
  return bytes;
}

}  // namespace

Ballast::Ballast(std::filesystem::path file) : file_{std::move(file)} {
  std::error_code missing;
  there_ = std::filesystem::file_size(file_, missing) == kSize && !missing;
  restore();
}

bool Ballast::release() {
  if (!there_) return false;
  there_ = false;
  try {
    disk::remove(file_);
    return true;
  } catch (std::system_error const&) {
    return false;
  }
}

void Ballast::restore() {
  if (there_ || rest_-- > 0) return;
  rest_ = kRest;
  try {
    if (free_space(file_.parent_path()) < kPlenty) return;
    write();
    there_ = true;
  } catch (std::system_error const&) {
    std::error_code ignored;
    std::filesystem::remove(file_, ignored);
  }
}

void Ballast::write() {
  auto const fd = disk::create(file_, 0666);
  disk::write(fd.get(), noise(), file_);
  disk::sync(fd.get(), file_);
}

}  // namespace wanspool
