#pragma once

#include <cstdint>
#include <filesystem>
#include <limits>

#include "base/fd.h"

namespace wanspool {

// The bytes of one open file into another, new one: by shared blocks where the file system can, never by a
// link, for what its owner changes later is not what was handed over. Returns 0, or the error of reading;
// throws std::system_error that names `name` where it cannot be written. Of one that grows meanwhile it takes
// `most` bytes and little more.
int copy_bytes(Fd const& from, Fd const& to, std::filesystem::path const& name,
               std::int64_t most = std::numeric_limits<std::int64_t>::max());

}  // namespace wanspool
