#pragma once

#include <filesystem>
#include <string>

#include "base/fd.h"

// Opening what lies beneath a folder whose owner may move things about at the same time: what was looked at
// is held open, and is read by its handle, never again by its path.
namespace wanspool {

// A handle on the folder itself, not on one that a link leads to; errno says why there is none.
Fd open_folder(std::filesystem::path const& folder);
// A handle on what lies there, which opens no device and waits for no fifo; links are followed within the
// folder. errno says why there is none: EXDEV and ELOOP of what leads out of it or in a ring.
Fd open_beneath(Fd const& folder, std::string const& path);
// The same step by step, where the kernel does not do it at once (before Linux 5.6, or in a sandbox).
Fd walk_beneath(Fd const& folder, std::string const& path);

// Where it can be opened for reading as long as the handle lives.
std::filesystem::path path_of(Fd const& handle);

}  // namespace wanspool
