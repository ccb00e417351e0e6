#pragma once

#include <string>
#include <string_view>

namespace wanspool {

// Words that people name jobs by: a name, which means everything below it too, or a glob (base/glob.h).

bool is_glob(std::string_view word);
// Each part as names are written (normal_name), but for one with a star and one of which nothing would be
// left; empty parts and "." are passed over.
std::string normal_pattern(std::string_view word);
// Whether a normal pattern means the job.
bool means(std::string_view pattern, std::string_view job);

}  // namespace wanspool
