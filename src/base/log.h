#pragma once

#include <fmt/format.h>

#include <string>
#include <string_view>

// To standard error, one line each. error: we stop. warning: somebody should act. info: a job began or ended.
// debug: the rest. Under systemd's journal each line is an entry with its level and fields instead
// (systemd.journal-fields(7)). No address keeps its query, and no hidden word is shown, wherever it goes.
namespace wanspool::log {

enum class Level { Debug, Info, Warning, Error, Off };
enum class Format { Text, Json };  // of lines that no journal takes

// What an event is about, for machines; "" for what it is not about. Its words stand for themselves.
struct About {
  std::string_view event;  // "job-done"
  std::string job = {};    // MANIFEST/JOB
  std::string manifest = {}, task_id = {}, model = {}, account = {};
};

void set_level(Level lowest);
void set_format(Format format);
// This word is written as "…" from now on. One that is too short to be a secret stays.
void hide(std::string_view secret);
// The journal's own socket, unless a test has another one.
void set_journal_socket(std::string path);

void line(Level level, std::string_view text);
void line(Level level, About const& about, std::string_view text);

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
template <typename... Args>
void info(About const& about, fmt::format_string<Args...> format, Args&&... args) {
  line(Level::Info, about, fmt::format(format, std::forward<Args>(args)...));
}
template <typename... Args>
void warning(About const& about, fmt::format_string<Args...> format, Args&&... args) {
  line(Level::Warning, about, fmt::format(format, std::forward<Args>(args)...));
}
template <typename... Args>
void error(About const& about, fmt::format_string<Args...> format, Args&&... args) {
  line(Level::Error, about, fmt::format(format, std::forward<Args>(args)...));
}

}  // namespace wanspool::log
