#include <fmt/format.h>

#include <algorithm>

#include "engine/engine.h"

// What whoever runs the engine may ask of it.
namespace wanspool {

Hindrance Engine::hindrance() const {
  if (!stopping_.empty()) return {Hindrance::Kind::Stopping, stopping_};
  if (!paused_.empty()) return {Hindrance::Kind::Paused, paused_};
  if (!disk_words_.empty()) return {Hindrance::Kind::Disk, disk_words_};
  if (auto const waiting = uncollected(); waiting >= kFetchesMost)
    return {Hindrance::Kind::Fetching,
            fmt::format("{} finished tasks wait to be fetched, and their addresses die in a day", waiting)};
  bool some = false;
  std::string words;
  for (auto const& [model, lane] : lanes_) {
    if (lane.window.empty()) continue;
    some = true;
    if (lane.weather.kind != Weather::Kind::Account) return {};
    words = lane.weather.reason;
  }
  return some ? Hindrance{Hindrance::Kind::Account, words} : Hindrance{};
}

std::int64_t Engine::uncollected() const {
  return tally_[State::Downloading] + static_cast<std::int64_t>(announced_.size());
}

std::vector<LaneRow> Engine::weather() const {
  std::vector<LaneRow> rows;
  for (auto const& [model, lane] : lanes_) rows.push_back(lane.row());
  return rows;
}

bool Engine::account_is_stopped() const {
  if (hindrance().kind == Hindrance::Kind::Account) return true;
  return std::any_of(tasks_.begin(), tasks_.end(), [](auto const& each) {
    return !is_final(each.second.state) && each.second.error.kind == Trouble::Kind::Account &&
           !each.second.error.code.empty();
  });
}

bool Engine::idle() const {
  return at_rest() && index_.idle();
}

// But for the index, which waits for this.
bool Engine::at_rest() const {
  if (!flights_.empty() || workers_.pending() > 0 || !dirty_.empty() || !deeds_.empty()) return false;
  if (!deliveries_.idle() || !orphans_.empty() || !refills_.empty() || !facts_.empty() || !answers_.empty() ||
      budgets_.has_news())
    return false;
  bool const stopped = account_is_stopped();
  // What is paid for and cannot be asked about for want of a good key waits for a person like the rest.
  auto const under_way = [&](auto const& each) {
    auto const& task = each.second;
    bool const refused = stopped && task.error.kind == Trouble::Kind::Account && !task.error.code.empty();
    return !is_final(task.state) && task.state != State::Held && !refused && !is_stuck(task);
  };
  if (std::any_of(tasks_.begin(), tasks_.end(), under_way)) return false;
  if (!stopping_.empty()) return true;
  if (!paused_.empty()) return stamp_ == Instant{} && intake_.idle();
  return (stopped || nothing_to_send()) && intake_.idle();
}

// What is queued in the store and in no window waits for what only a person can end.
bool Engine::nothing_to_send() const {
  if (tally_[State::Queued] == 0) return true;
  return std::all_of(lanes_.begin(), lanes_.end(),
                     [](auto const& each) { return each.second.window.empty() && !each.second.more; });
}

milliseconds Engine::time_left() const {
  milliseconds longest{0};
  if (tally_[State::Queued] == 0 && tasks_.empty()) return longest;
  // Queued tasks are counted for the house as a whole; they are laid to the lanes by what each has taken so
  // far.
  for (auto const& [model, lane] : lanes_) {
    auto const usual = lane.usual();
    if (usual.count() == 0) continue;
    auto const slots = lane.limits.slots > 0 ? lane.limits.slots : std::max(1, lane.outstanding);
    auto const tasks = lane.outstanding + (lane.window.empty() ? 0 : tally_[State::Queued]);
    longest = std::max(longest, usual * ((tasks + slots - 1) / slots));
  }
  return longest;
}

}  // namespace wanspool
