#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/log.h"
#include "base/time.h"

// How an event of the log is written down. Pure.
namespace wanspool::log {

// Without what may open something for whoever reads it: the query of an address and the name before its '@',
// and each of these words.
std::string without_secrets(std::string_view text, std::vector<std::string> const& secrets);

std::string_view name_of(Level level);  // "warning"
// As the journal has it (syslog(3)): 3 error to 7 debug.
int priority_of(Level level);

// {"time":"…","level":"info","message":"…","event":"job-done","job":"…"}; what it is not about is left out.
std::string json_of(Level level, About const& about, std::string_view text, Instant at);
// A datagram of the journal's native protocol: NAME=value lines.
std::string journal_entry(Level level, About const& about, std::string_view text);

}  // namespace wanspool::log
