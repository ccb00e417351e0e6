#include "base/log.h"

#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <string>

#include "base/harmless.h"

namespace wanspool::log {
namespace {

spdlog::level::level_enum level_of(Level level) {
  switch (level) {
    case Level::Debug:
      return spdlog::level::debug;
    case Level::Info:
      return spdlog::level::info;
    case Level::Warning:
      return spdlog::level::warn;
    case Level::Error:
      return spdlog::level::err;
    case Level::Off:
      return spdlog::level::off;
  }
  return spdlog::level::info;
}

// The variable is inherited by programs whose standard error goes elsewhere (systemd.exec(5)).
bool to_journal() {
  auto const* const stream = std::getenv("JOURNAL_STREAM");
  struct stat ours {};
  return stream && ::fstat(STDERR_FILENO, &ours) == 0 &&
         fmt::format("{}:{}", ours.st_dev, ours.st_ino) == stream;
}

spdlog::logger& logger() {
  static auto const made = [] {
    auto const mode = std::getenv("NO_COLOR") ? spdlog::color_mode::never : spdlog::color_mode::automatic;
    auto fresh = std::make_shared<spdlog::logger>(
        "wanspool", std::make_shared<spdlog::sinks::stderr_color_sink_mt>(mode));
    fresh->set_pattern(to_journal() ? "%v" : "%Y-%m-%dT%H:%M:%S.%e%z %^%l%$: %v");
    return fresh;
  }();
  return *made;
}

}  // namespace

void set_level(Level lowest) {
  logger().set_level(level_of(lowest));
}

void line(Level level, std::string_view text) {
  static bool const journal = to_journal();
  static constexpr char const* kPriority[] = {"<7>", "<6>", "<4>", "<3>", ""};
  auto& out = logger();
  if (journal)
    out.log(level_of(level), "{}{}", kPriority[static_cast<int>(level)], harmless(text));
  else
    out.log(level_of(level), "{}", harmless(text));
}

}  // namespace wanspool::log
