#include "core/lane.h"

#include <algorithm>

namespace wanspool {
namespace {

std::string words_of(Trouble const& trouble) {
  return trouble.code.empty() ? trouble.message : trouble.code + ": " + trouble.message;
}

Weather worse(Weather weather, Weather::Kind kind, milliseconds wait, std::string reason, Instant now) {
  if (weather.kind != kind) weather.since = now;
  weather.kind = kind;
  weather.until = now + wait;
  weather.reason = std::move(reason);
  ++weather.misses;
  return weather;
}

Weather refused(Weather weather, Trouble const& trouble, Policy const& policy, Instant now) {
  auto const wait =
      any_wait_of(policy.lane, weather.misses, static_cast<std::uint64_t>(now.time_since_epoch().count()));
  if (trouble.kind == Trouble::Kind::Account)
    return worse(weather, Weather::Kind::Account, policy.account_probe, words_of(trouble), now);
  if (trouble.kind == Trouble::Kind::Unknown)
    return worse(weather, Weather::Kind::Doubtful, wait, words_of(trouble), now);
  if (trouble.retry_after > policy.retry_after_most)
    return worse(weather, Weather::Kind::OutOfQuota, policy.retry_after_most, words_of(trouble), now);
  return worse(weather, Weather::Kind::Throttled, std::max(wait, trouble.retry_after), words_of(trouble),
               now);
}

}  // namespace

std::string account_name(std::string_view account) {
  return account.empty() ? "main" : std::string{account};
}

std::string name_of(LaneKey const& lane) {
  return lane.account.empty() ? lane.model : lane.account + "/" + lane.model;
}

std::string_view name_of(Weather::Kind kind) {
  switch (kind) {
    case Weather::Kind::Fair:
      return "fair";
    case Weather::Kind::Throttled:
      return "throttled";
    case Weather::Kind::Unreachable:
      return "unreachable";
    case Weather::Kind::Doubtful:
      return "doubtful";
    case Weather::Kind::OutOfQuota:
      return "out of quota";
    case Weather::Kind::Account:
      return "stopped";
  }
  return "";
}

Weather learn(Weather weather, News const& news, Policy const& policy, Instant now) {
  auto const wait =
      any_wait_of(policy.lane, weather.misses, static_cast<std::uint64_t>(now.time_since_epoch().count()));
  if (std::holds_alternative<news::Accepted>(news)) return {};
  if (auto const* it = std::get_if<news::Refused>(&news)) {
    bool const about_the_task =
        it->trouble.kind == Trouble::Kind::Fatal || it->trouble.kind == Trouble::Kind::Retry;
    return about_the_task ? Weather{} : refused(weather, it->trouble, policy, now);
  }
  if (auto const* it = std::get_if<news::Unsent>(&news))
    return worse(weather, Weather::Kind::Unreachable, wait, it->trouble.message, now);
  if (auto const* it = std::get_if<news::Unanswered>(&news))
    return worse(weather, Weather::Kind::Doubtful, wait, it->why, now);
  return weather;
}

}  // namespace wanspool
