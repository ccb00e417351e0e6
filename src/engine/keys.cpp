#include <fmt/format.h>

#include <algorithm>

#include "base/log.h"
#include "engine/engine.h"

// Whether the service takes the accounts' keys.
namespace wanspool {
namespace {

constexpr milliseconds kKeyLook{5000};
constexpr minutes kAskAgain{1};

// Whether a key that is taken disproves it; a bill may still be unpaid.
bool is_of_the_key(Weather const& weather) {
  if (weather.kind != Weather::Kind::Account) return false;
  for (auto const* const code :
       {"NoKey:", "InvalidApiKey:", "NOT AUTHORIZED:", "WorkSpaceNotFound:", "BadRequest.EmptyWorkspace:"})
    if (weather.reason.starts_with(code)) return true;
  return false;
}

}  // namespace

// A person may have put another key there since the service refused the last one.
void Engine::look_at_key(Account& account, Instant now) {
  if (now < account.key_look || (account.has_key() && account.refused_key.empty())) return;
  account.key_look = now + kKeyLook;
  auto key = account.key();
  if (key.empty() && !account.lanes.empty()) {
    auto const& first = account.lanes.begin()->second;
    if (first.weather.kind == Weather::Kind::Account) return;
    auto const advice = account.name.empty()
                            ? "there is no API key: set DASHSCOPE_API_KEY or api_key_file, or for the "
                              "service /etc/credstore/dashscope-api-key"
                            : fmt::format("account {} has no API key; set its api_key_file", account.name);
    return tell_lanes(first.key, news::Refused{{Trouble::Kind::Account, "NoKey", advice, {}, true}}, now);
  }
  if (key.empty() || key == account.refused_key) return;
  account.endpoint.key = std::move(key);
  compare_keys();
  account.refused_key.clear();
  account.key_check = {};
  account.key_ticket = 0;
  for (auto& [model, lane] : account.lanes)
    if (lane.weather.kind == Weather::Kind::Account) lane.weather.until = now;
}

// When the service is asked whether it takes the key; Instant::max() where it was, or nobody wants to know.
Instant Engine::next_key_check(Account& account, Instant now) const {
  bool const asks = settings_.checks_keys && account.has_key() && account.twin.empty();
  return asks ? std::max(account.key_check, account.lists.opens(now)) : Instant::max();
}

// By a row of its list, which costs nothing: who has put a wrong key there hears of it before the first job.
void Engine::check_key(Account& account, Instant now) {
  if (next_key_check(account, now) > now) return;
  account.key_check = Instant::max();
  account.lists.began();
  auto request = provider::list_request(account.endpoint, 1, 1);
  request.ticket = account.key_ticket = ++last_ticket_;
  flights_.emplace(last_ticket_, Flight{Flight::Kind::KeyCheck, 0, 0, nullptr, account.name});
  http_.start(std::move(request));
}

// Only a word about the key or the bill says something: whether creates are let through, they say themselves.
void Engine::hear_key_check(Account& account, Reply const& reply, Instant now) {
  account.lists.ended(now);
  if (reply.ticket != account.key_ticket) return;  // there is another key by now
  auto const answer = provider::read_list(reply);
  if (auto const* const trouble = std::get_if<Trouble>(&answer)) {
    // A machine may start before its network does.
    if (trouble->kind == Trouble::Kind::Lane) account.key_check = now + kAskAgain;
    if (trouble->kind != Trouble::Kind::Account || account.lanes.empty()) return;
    auto const& first = account.lanes.begin()->second;
    tell_lanes(first.key, news::Refused{*trouble}, now);
    account.key_words = first.weather.reason;
    return;
  }
  log::info("the service takes the key of account {}", account_name(account.name));
  bool stopped = false;
  for (auto& [model, lane] : account.lanes)
    if (is_of_the_key(lane.weather) ||
        (lane.weather.kind == Weather::Kind::Account && lane.weather.reason == account.key_words)) {
      lane.weather = {};
      dirty_lanes_.insert(lane.key);
    } else {
      stopped = stopped || lane.weather.kind == Weather::Kind::Account;
    }
  if (!stopped) account.refused_key.clear();
  facts_[account.name.empty() ? "key_taken" : "key_taken:" + account.name] = rfc3339(now);
}

}  // namespace wanspool
