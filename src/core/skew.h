#pragma once

#include <optional>

#include "core/task.h"

namespace wanspool {

// How far the provider's clock was ahead of ours when it made a task with these times, as little as the time
// that our create took allows; empty where they do not tell. Its zone is unknown, so that whole quarters of
// an hour do not count.
std::optional<milliseconds> skew_of(Times const& times);

}  // namespace wanspool
