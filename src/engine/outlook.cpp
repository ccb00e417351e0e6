#include <fmt/format.h>

#include <algorithm>

#include "engine/engine.h"

// What whoever runs the engine may ask of it.
namespace wanspool {

Hindrance Engine::hindrance() const {
  if (!stopping_.empty()) return {Hindrance::Kind::Stopping, stopping_};
  if (!paused_.empty()) return {Hindrance::Kind::Paused, paused_};
  if (!disk_words_.empty()) return {Hindrance::Kind::Disk, disk_words_};
  if (auto const waiting = uncollected(); waiting >= fetches_most())
    return {Hindrance::Kind::Fetching,
            fmt::format("{} finished tasks wait to be fetched, and their addresses die in a day", waiting)};
  std::string words;
  for (auto const& [name, account] : accounts_) {
    auto const its = what_stops_all_of(account);
    if (its.empty()) return {};
    if (words.empty()) words = its;
  }
  return {Hindrance::Kind::Account, words};
}

// What keeps every job that waits from being bought under this account, if that is its key or its bill; ""
// otherwise.
std::string Engine::what_stops_all_of(Account const& account) const {
  std::string words;
  for (auto const& [model, queue] : queues_) {
    if (queue.window.empty() && !queue.more) continue;
    auto const& its = account.lanes.at(model);
    if (!account.twin.empty()) return account.twin;
    if (its.weather.kind != Weather::Kind::Account) return {};
    words = its.weather.reason;
  }
  return words;
}

std::int64_t Engine::uncollected() const {
  auto sum = tally_[State::Downloading];
  for (auto const& [name, account] : accounts_) sum += static_cast<std::int64_t>(account.announced.size());
  return sum;
}

std::vector<LaneRow> Engine::weather() const {
  std::vector<LaneRow> rows;
  for (auto const& [name, account] : accounts_)
    for (auto const& [model, lane] : account.lanes) rows.push_back(lane.row());
  return rows;
}

std::int64_t Engine::dying_before(Instant then) const {
  std::int64_t pictures = 0;
  for (auto const& [id, task] : tasks_) {
    if (task.state != State::Downloading) continue;
    for (auto const& each : task.pictures)
      pictures += each.file.empty() && each.lost.empty() && each.expires < then;
  }
  return pictures;
}

std::vector<LaneStand> Engine::stands(Instant now) const {
  std::vector<LaneStand> all;
  for (auto const& [name, account] : accounts_)
    for (auto const& [model, lane] : account.lanes)
      all.push_back({lane.row(), lane.limits, lane.outstanding, lane.controller.outstanding(now)});
  return all;
}

bool Engine::is_stopped(Account const& account) const {
  if (!what_stops_all_of(account).empty()) return true;
  return std::any_of(tasks_.begin(), tasks_.end(), [&](auto const& each) {
    auto const& task = each.second;
    return task.account == account.name && !is_final(task.state) &&
           task.error.kind == Trouble::Kind::Account && !task.error.code.empty();
  });
}

bool Engine::account_is_stopped() const {
  auto const stopped = std::count_if(accounts_.begin(), accounts_.end(),
                                     [&](auto const& each) { return is_stopped(each.second); });
  return stopped == static_cast<std::ptrdiff_t>(accounts_.size()) || (stopped > 0 && nothing_to_send());
}

bool Engine::idle() const {
  return at_rest() && index_.idle() && status_.idle();
}

StatusFiles::Outlook Engine::status_outlook() const {
  auto const its = hindrance();
  switch (its.kind) {
    case Hindrance::Kind::None:
      return {{}, time_left()};
    case Hindrance::Kind::Stopping:
      return {"the next start: " + its.text, {}};
    case Hindrance::Kind::Fetching:
      return {"what is paid to be fetched: " + its.text, {}};
    case Hindrance::Kind::Paused:
    case Hindrance::Kind::Disk:
    case Hindrance::Kind::Account:
      break;
  }
  return {"somebody who helps: " + its.text, {}};
}

// But for the index and the files for people, which wait for this.
bool Engine::at_rest() const {
  if (!flights_.empty() || workers_.pending() > 0 || !dirty_.empty() || !deeds_.empty()) return false;
  if (!deliveries_.idle() || !orphans_.empty() || !refills_.empty() || !facts_.empty() || !answers_.empty() ||
      budgets_.has_news())
    return false;
  std::set<std::string> stopped;
  for (auto const& [name, account] : accounts_)
    if (is_stopped(account)) stopped.insert(name);
  // What is paid for and cannot be asked about for want of a good key waits for a person like the rest.
  auto const under_way = [&](auto const& each) {
    auto const& task = each.second;
    bool const refused = stopped.contains(task.account) && task.error.kind == Trouble::Kind::Account &&
                         !task.error.code.empty();
    return !is_final(task.state) && task.state != State::Held && !refused && !is_stuck(task) &&
           !is_refused(task);
  };
  if (std::any_of(tasks_.begin(), tasks_.end(), under_way)) return false;
  if (!stopping_.empty()) return true;
  if (!paused_.empty()) return stamp_ == Instant{} && intake_.idle();
  return (stopped.size() == accounts_.size() || nothing_to_send()) && intake_.idle();
}

// What is queued in the store and in no window waits for what only a person can end.
bool Engine::nothing_to_send() const {
  if (tally_[State::Queued] == 0) return true;
  return std::all_of(queues_.begin(), queues_.end(),
                     [](auto const& each) { return each.second.window.empty() && !each.second.more; });
}

milliseconds Engine::time_left() const {
  milliseconds longest{0};
  if (tally_[State::Queued] == 0 && tasks_.empty()) return longest;
  // Queued tasks are counted for the house as a whole; they are laid to the models by what each has taken so
  // far, and to the accounts by their slots.
  for (auto const& [model, queue] : queues_) {
    std::int64_t slots = 0, out_there = 0;
    milliseconds usual{0};
    for (auto const& [name, account] : accounts_) {
      auto const& its = account.lanes.at(model);
      if (its.usual().count() == 0) continue;
      usual = std::max(usual, its.usual());
      slots += its.limits.slots > 0 ? its.limits.slots : std::max(1, its.outstanding);
      out_there += its.outstanding;
    }
    if (slots == 0) continue;
    auto const tasks = out_there + (queue.window.empty() && !queue.more ? 0 : tally_[State::Queued]);
    longest = std::max(longest, usual * ((tasks + slots - 1) / slots));
  }
  return longest;
}

}  // namespace wanspool
