#include "base/log_entry.h"

#include <algorithm>
#include <array>

#include "base/harmless.h"

namespace wanspool::log {
namespace {

constexpr std::string_view kEnds = " \t\r\n\"'`<>";

struct Field {
  std::string_view name;  // in JSON
  std::string_view journal;
  std::string_view value;
};

std::array<Field, 6> fields_of(About const& about) {
  return {{{"event", "WANSPOOL_EVENT", about.event},
           {"job", "WANSPOOL_JOB", about.job},
           {"manifest", "WANSPOOL_MANIFEST", about.manifest},
           {"task_id", "WANSPOOL_TASK_ID", about.task_id},
           {"model", "WANSPOOL_MODEL", about.model},
           {"account", "WANSPOOL_ACCOUNT", about.account}}};
}

// A signature is in an address's query, a password before its '@'.
void hide_queries(std::string& text) {
  for (auto at = text.find("://"); at != text.npos; at = text.find("://", at)) {
    at += 3;
    auto const end = [&] { return std::min(text.find_first_of(kEnds, at), text.size()); };
    auto const path = std::min(text.find_first_of("/?#", at), end());
    if (auto const name = text.rfind('@', path); name != text.npos && name >= at && name < path)
      text.replace(at, name - at, "…");
    if (auto const query = text.find('?', at); query < end()) text.replace(query, end() - query, "?…");
  }
}

// Both are ASCII or UTF-8 in one line.
std::string quoted(std::string_view text) {
  std::string out{'"'};
  for (char const each : harmless(text)) {
    if (each == '"' || each == '\\') out += '\\';
    out += each;
  }
  return out + '"';
}

}  // namespace

std::string without_secrets(std::string_view text, std::vector<std::string> const& secrets) {
  std::string shown{text};
  for (auto const& secret : secrets)
    for (auto at = shown.find(secret); at != shown.npos; at = shown.find(secret, at))
      shown.replace(at, secret.size(), "…");
  hide_queries(shown);
  return shown;
}

std::string_view name_of(Level level) {
  static constexpr std::array<std::string_view, 5> kNames{"debug", "info", "warning", "error", "off"};
  return kNames.at(static_cast<std::size_t>(level));
}

int priority_of(Level level) {
  static constexpr std::array<int, 5> kPriorities{7, 6, 4, 3, 7};
  return kPriorities.at(static_cast<std::size_t>(level));
}

std::string json_of(Level level, About const& about, std::string_view text, Instant at) {
  auto line =
      fmt::format(R"({{"time":"{}","level":"{}","message":{})", rfc3339(at), name_of(level), quoted(text));
  for (auto const& field : fields_of(about))
    if (!field.value.empty()) line += fmt::format(",\"{}\":{}", field.name, quoted(field.value));
  return line + '}';
}

std::string journal_entry(Level level, About const& about, std::string_view text) {
  auto entry = fmt::format("MESSAGE={}\nPRIORITY={}\nSYSLOG_IDENTIFIER=wanspool\n", harmless(text),
                           priority_of(level));
  for (auto const& field : fields_of(about))
    if (!field.value.empty()) entry += fmt::format("{}={}\n", field.journal, harmless(field.value));
  return entry;
}

}  // namespace wanspool::log
