#include "base/privacy.h"

#include <algorithm>

namespace wanspool {
namespace {

std::filesystem::path private_folder;
int private_mask = 0;

}  // namespace

void keep_private(std::filesystem::path const& folder, int mask) {
  private_folder = folder;
  private_mask = mask;
}

int mode_of_new(std::filesystem::path const& path, int mode) {
  if (private_mask == 0) return mode;
  auto const end =
      std::mismatch(private_folder.begin(), private_folder.end(), path.begin(), path.end()).first;
  return end == private_folder.end() ? mode & ~private_mask : mode;
}

}  // namespace wanspool
