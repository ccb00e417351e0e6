#include "app/words.h"

#include <fmt/format.h>
#include <time.h>

#include <array>
#include <set>
#include <utility>

#include "base/harmless.h"
#include "engine/engine.h"

namespace wanspool::app {
namespace {

struct Letter {
  std::size_t bytes;
  int columns;
};

// One code point of UTF-8 at the front of `text`; a stray byte counts as one. East Asian scripts and emoji
// take two columns.
Letter letter_of(std::string_view text) {
  auto const lead = static_cast<unsigned char>(text.front());
  std::size_t const bytes = lead < 0x80 ? 1 : lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : lead >= 0xC0 ? 2 : 1;
  if (bytes > text.size()) return {1, 1};
  if (bytes < 3) return {bytes, 1};
  char32_t point = lead & (bytes == 3 ? 0x0F : 0x07);
  for (std::size_t at = 1; at < bytes; ++at)
    point = point << 6 | (static_cast<unsigned char>(text[at]) & 0x3F);
  bool const wide = (point >= 0x1100 && point <= 0x115F) || (point >= 0x2E80 && point <= 0xD7A3) ||
                    (point >= 0xF900 && point <= 0xFAFF) || (point >= 0xFE30 && point <= 0xFF60) ||
                    (point >= 0x1F300 && point <= 0x1FAFF) || (point >= 0x20000 && point <= 0x3FFFD);
  return {bytes, wide ? 2 : 1};
}

// Whether the same stops another lane of its account: then it is the account that is stopped.
bool is_shared(LaneRow const& row, std::vector<LaneRow> const& lanes) {
  return std::any_of(lanes.begin(), lanes.end(), [&](LaneRow const& other) {
    return other.account == row.account && other.model != row.model &&
           other.weather.kind == Weather::Kind::Account && other.weather.reason == row.weather.reason;
  });
}

// "until 14:05" would be wrong a day later, "for 20 s" is right where it is read at once. What is stopped
// goes on when a person has helped.
std::string lane_words(LaneRow const& row, std::vector<LaneRow> const& lanes, Instant now) {
  auto const& weather = row.weather;
  bool const stopped = weather.kind == Weather::Kind::Account;
  auto const whose =
      stopped && is_shared(row, lanes) ? "account " + account_name(row.account) : name_of(row.key());
  auto text = fmt::format("{}: {}", whose, name_of(weather.kind));
  if (weather.until > now && !stopped) text += " for " + human(weather.until - now);
  return weather.reason.empty() ? text : text + ": " + one_line(weather.reason);
}

std::string formatted(char const* format, Instant at) {
  std::time_t const stamp = std::chrono::floor<seconds>(at).time_since_epoch().count();
  std::tm local{};
  localtime_r(&stamp, &local);
  char text[64];
  return {text, std::strftime(text, sizeof text, format, &local)};
}

void add(std::string& line, std::string_view name, std::int64_t number) {
  if (number > 0) line += fmt::format(", {} {}", name, number);
}

}  // namespace

std::string money(Money amount, std::string_view currency) {
  return fmt::format("{} {}", decimal(amount), currency);
}

std::string local_time(Instant at) {
  return at == Instant{} ? "" : formatted("%Y-%m-%d %H:%M:%S %Z", at);
}

std::string local_minute(Instant at) {
  return formatted("%Y-%m-%d %H:%M", at);
}

std::string near_time(Instant at, Instant now) {
  if (at == Instant{}) return {};
  bool const same_day = formatted("%F", at) == formatted("%F", now);
  return same_day ? formatted("%H:%M:%S %Z", at) : local_time(at);
}

std::optional<Instant> read_time(std::string_view text) {
  std::tm utc{};
  std::string const whole{text};
  auto const* rest = ::strptime(whole.c_str(), "%Y-%m-%dT%H:%M:%S", &utc);
  if (!rest) return {};
  Instant at{seconds{::timegm(&utc)}};
  if (*rest == '.') {
    milliseconds digit{100};
    for (++rest; *rest >= '0' && *rest <= '9'; ++rest, digit /= 10) at += digit * (*rest - '0');
  }
  return std::string_view{rest} == "Z" ? std::optional{at} : std::nullopt;
}

std::optional<Instant> read_day(std::string_view text) {
  std::tm day{};
  std::string const whole{text};
  auto const* const rest = ::strptime(whole.c_str(), "%Y-%m-%d", &day);
  if (!rest || *rest != '\0') return {};
  day.tm_isdst = -1;
  return Instant{seconds{::mktime(&day)}};
}

std::optional<Instant> read_minute(std::string_view text) {
  std::string const whole{text};
  std::tm parts{};
  auto const* rest = ::strptime(whole.c_str(), "%Y-%m-%dT%H:%M", &parts);
  if (rest && *rest == ':') rest = ::strptime(rest, ":%S", &parts);
  if (!rest) return {};
  parts.tm_isdst = -1;
  if (*rest == '\0') return Instant{seconds{::mktime(&parts)}};
  return std::string_view{rest} == "Z" ? std::optional{Instant{seconds{::timegm(&parts)}}} : std::nullopt;
}

std::optional<milliseconds> read_age(std::string_view text) {
  static constexpr std::array<std::pair<std::string_view, milliseconds>, 6> kUnits{{{"s", seconds{1}},
                                                                                    {"m", minutes{1}},
                                                                                    {"h", hours{1}},
                                                                                    {"d", hours{24}},
                                                                                    {"w", hours{24 * 7}},
                                                                                    {"y", hours{24 * 365}}}};
  auto const digits = text.find_first_not_of("0123456789");
  if (digits == 0 || digits > 6 || digits == text.npos) return {};
  for (auto const& [unit, each] : kUnits)
    if (text.substr(digits) == unit) return each * std::stol(std::string{text.substr(0, digits)});
  return {};
}

std::string with_local_times(std::string_view text, Instant now) {
  constexpr std::size_t kShortest = std::string_view{"2026-11-29T13:15:22Z"}.size();
  constexpr std::size_t kLongest = std::string_view{"2026-11-29T13:15:22.876Z"}.size();
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    auto const length = text.find('Z', at) - at + 1;
    bool const may = text[at] >= '0' && text[at] <= '9' && length >= kShortest && length <= kLongest;
    if (auto const time = may ? read_time(text.substr(at, length)) : std::nullopt) {
      out += near_time(*time, now);
      at += length;
    } else {
      out += text[at++];
    }
  }
  return out;
}

std::string region_words(std::string_view region) {
  return region == "loopback" ? "an emulator on this machine" : std::string{region};
}

std::string one_line(std::string_view text) {
  auto line = harmless(text);
  line.erase(0, line.find_first_not_of(' '));
  while (line.ends_with(' ')) line.pop_back();
  return line;
}

int columns_of(std::string_view line) {
  int columns = 0;
  while (!line.empty()) {
    auto const next = letter_of(line);
    columns += next.columns;
    line.remove_prefix(next.bytes);
  }
  return columns;
}

std::string cut_to(std::string_view line, int columns) {
  std::size_t at = 0;
  for (int used = 0; at < line.size();) {
    auto const next = letter_of(line.substr(at));
    if (used + next.columns > columns) break;
    used += next.columns;
    at += next.bytes;
  }
  return std::string{line.substr(0, at)};
}

bool AccountStops::is_new(LaneRow const& lane) {
  return lane.weather.kind == Weather::Kind::Account &&
         told_.emplace(lane.account, lane.weather.reason).second;
}

std::string weather_words(std::vector<LaneRow> const& lanes, Instant now) {
  std::string text;
  AccountStops stops;
  for (auto const& each : lanes) {
    if (each.weather.kind == Weather::Kind::Fair) continue;
    if (each.weather.kind == Weather::Kind::Account && !stops.is_new(each)) continue;
    text += (text.empty() ? "" : "; ") + lane_words(each, lanes, now);
  }
  return text;
}

std::string hindrance_words(Hindrance const& hindrance, std::vector<LaneRow> const& lanes, Instant now) {
  switch (hindrance.kind) {
    case Hindrance::Kind::Stopping:
      return one_line(hindrance.text);
    case Hindrance::Kind::Paused:
      // Of one that a person has made the words begin so.
      return (hindrance.text.starts_with("paused") ? "" : "paused: ") +
             one_line(with_local_times(hindrance.text, now));
    case Hindrance::Kind::Disk:
      return "disk: " + one_line(hindrance.text);
    case Hindrance::Kind::Fetching:
      return "results: " + one_line(hindrance.text);
    case Hindrance::Kind::Account:
      return "account: " + one_line(hindrance.text);
    case Hindrance::Kind::None:
      break;
  }
  return weather_words(lanes, now);
}

std::int64_t running(Tally const& tally) {
  return tally[State::Submitting] + tally[State::Submitted] + tally[State::Running] +
         tally[State::Downloading];
}

std::string progress_line(Progress const& progress) {
  auto const& tally = progress.tally;
  auto line = fmt::format("done {}, running {}, waiting {}, failed {}", tally[State::Done], running(tally),
                          tally[State::Queued], tally[State::Failed]);
  add(line, "canceled", tally[State::Canceled]);
  add(line, "held", tally[State::Held]);
  line += fmt::format(" | {} | spent {}, reserved {}", count_of(tally.pictures, "picture"),
                      decimal(tally.spent), decimal(tally.reserved));
  if (tally.uncertain > Money{}) line += ", uncertain " + decimal(tally.uncertain);
  line += " " + progress.currency;
  if (progress.left.count() > 0) line += " | " + human(progress.left) + " left";
  if (progress.inbox > 0) line += " | inbox: " + count_of(progress.inbox, "file");
  if (!progress.hinders.empty()) line += " | " + progress.hinders;
  return line;
}

std::string_view meaning(State state) {
  switch (state) {
    case State::Queued:
      return "wanted, not sent yet";
    case State::Submitting:
      return "being sent, or sent and unanswered";
    case State::Submitted:
      return "accepted by the provider, waiting there";
    case State::Running:
      return "the provider is working on it";
    case State::Downloading:
      return "finished at the provider; its pictures are being fetched";
    case State::Done:
      return "its pictures are here";
    case State::Failed:
      return "over, without all its pictures";
    case State::Canceled:
      return "canceled; it is not bought";
    case State::Held:
      return "nobody can tell whether it was bought; a person decides";
  }
  return "";
}

std::string trouble_words(Trouble const& trouble) {
  if (trouble.code.empty()) return one_line(trouble.message);
  return one_line(trouble.message.empty() ? trouble.code : trouble.code + ": " + trouble.message);
}

}  // namespace wanspool::app
