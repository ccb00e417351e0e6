#pragma once

#include <filesystem>

// One folder of a process whose other files are for other people, too.
namespace wanspool {

// From now on `mask` is taken, beside the umask, from the mode of all that base/disk makes in this folder,
// and of the folder. Before threads start.
void keep_private(std::filesystem::path const& folder, int mask);
int mode_of_new(std::filesystem::path const& path, int mode);

}  // namespace wanspool
