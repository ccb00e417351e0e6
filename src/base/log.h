#pragma once

#include <fmt/format.h>

#include <string_view>

// To standard error, one line each. error: we stop. warning: somebody should act. info: a job began or ended.
// debug: the rest. Under systemd's journal each line carries its level instead of a time (sd-daemon(3)).
namespace wanspool::log {

enum class Level { Debug, Info, Warning, Error, Off };

void set_level(Level lowest);
void line(Level level, std::string_view text);

template <typename... Args>
void debug(fmt::format_string<Args...> format, Args&&... args) {
  line(Level::Debug, fmt::format(format, std::forward<Args>(args)...));
}
template <typename... Args>
void info(fmt::format_string<Args...> format, Args&&... args) {
  line(Level::Info, fmt::format(format, std::forward<Args>(args)...));
}
template <typename... Args>
void warning(fmt::format_string<Args...> format, Args&&... args) {
  line(Level::Warning, fmt::format(format, std::forward<Args>(args)...));
}
template <typename... Args>
void error(fmt::format_string<Args...> format, Args&&... args) {
  line(Level::Error, fmt::format(format, std::forward<Args>(args)...));
}

}  // namespace wanspool::log
