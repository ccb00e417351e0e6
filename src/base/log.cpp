#include "base/log.h"

#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <cstring>
#include <mutex>
#include <string>
#include <vector>

#include "base/fd.h"
#include "base/harmless.h"
#include "base/log_entry.h"

namespace wanspool::log {
namespace {

// A word so short may stand in any sentence.
constexpr std::size_t kShortestSecret = 8;
constexpr char kText[] = "%Y-%m-%dT%H:%M:%S.%e%z %^%l%$: %v";

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

// Takes entries with fields, where standard error takes only lines.
class Journal {
 public:
  void move_to(std::string path) { path_ = std::move(path); }

  // False where nobody takes it: no socket, an entry too large for a datagram, a journal that is behind. The
  // wheel never waits for it.
  bool take(std::string_view entry) const {
    sockaddr_un address{};
    if (path_.size() >= sizeof address.sun_path || !fd_) return false;
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, path_.data(), path_.size());
    auto const size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + path_.size() + 1);
    return ::sendto(fd_.get(), entry.data(), entry.size(), MSG_NOSIGNAL | MSG_DONTWAIT,
                    reinterpret_cast<sockaddr const*>(&address), size) == static_cast<ssize_t>(entry.size());
  }

 private:
  std::string path_ = "/run/systemd/journal/socket";
  Fd fd_{::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0)};
};

struct Secrets {
  std::mutex mutex;
  std::vector<std::string> words;
};

struct Log {
  bool const journaled = to_journal();
  Journal journal;
  std::atomic<Format> format{Format::Text};
  Secrets secrets;
  spdlog::logger lines{
      "wanspool", std::make_shared<spdlog::sinks::stderr_color_sink_mt>(
                      std::getenv("NO_COLOR") ? spdlog::color_mode::never : spdlog::color_mode::automatic)};

  Log() { lines.set_pattern(journaled ? "%v" : kText); }
};

Log& here() {
  static Log log;
  return log;
}

std::string fit_to_show(std::string_view text) {
  auto& secrets = here().secrets;
  std::lock_guard const lock{secrets.mutex};
  return without_secrets(text, secrets.words);
}

Instant wall_clock() {
  return std::chrono::floor<milliseconds>(std::chrono::system_clock::now());
}

}  // namespace

void set_level(Level lowest) {
  here().lines.set_level(level_of(lowest));
}

void set_format(Format format) {
  auto& log = here();
  log.format = format;
  if (!log.journaled) log.lines.set_pattern(format == Format::Json ? "%v" : kText);
}

void set_journal_socket(std::string path) {
  here().journal.move_to(std::move(path));
}

void hide(std::string_view secret) {
  if (secret.size() < kShortestSecret) return;
  auto& [mutex, words] = here().secrets;
  std::lock_guard const lock{mutex};
  if (std::find(words.begin(), words.end(), secret) == words.end()) words.emplace_back(secret);
}

void line(Level level, std::string_view text) {
  line(level, {}, text);
}

void line(Level level, About const& about, std::string_view text) {
  auto& log = here();
  auto const its = level_of(level);
  if (!log.lines.should_log(its)) return;
  auto const shown = fit_to_show(text);
  if (log.journaled) {
    if (log.journal.take(journal_entry(level, about, shown))) return;
    log.lines.log(its, "<{}>{}", priority_of(level), harmless(shown));
  } else if (log.format == Format::Json) {
    log.lines.log(its, "{}", json_of(level, about, shown, wall_clock()));
  } else {
    log.lines.log(its, "{}", harmless(shown));
  }
}

}  // namespace wanspool::log
