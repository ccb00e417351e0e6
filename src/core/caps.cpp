#include "core/caps.h"

#include <algorithm>

namespace wanspool {
namespace {

// Where pictures cost nothing only the state tells how many there are or may be.
std::int64_t pictures_by_state(Task const& task) {
  switch (task.state) {
    case State::Submitting:
    case State::Submitted:
    case State::Running:
    case State::Held:
      return task.wanted;
    case State::Downloading:
    case State::Done:
    case State::Failed:
      return task.image_count;
    case State::Queued:
    case State::Canceled:
      break;
  }
  return 0;
}

// The part of the cap that is too small for what is needed; none: it fits.
Budget too_small(Budget const& cap, Counted const& counted, Counted const& need) {
  Budget broken;
  if (cap.pictures && need.pictures > 0 && counted.pictures + need.pictures > *cap.pictures)
    broken.pictures = cap.pictures;
  if (cap.cost && need.cost > Money{} && counted.cost + need.cost > *cap.cost) broken.cost = cap.cost;
  return broken;
}

// Whose cap it is.
struct Holder {
  std::optional<std::string> account;  // none: of all together
  std::string model;                   // "": of all
  std::optional<std::int64_t> submitter = {};
};

Counted sum_for(Holder const& holder, std::map<LaneKey, Counted> const& lanes,
                std::map<std::int64_t, Counted> const& people) {
  return holder.submitter ? sum_of(people, *holder.submitter) : sum_of(lanes, holder.model, holder.account);
}
Counted sum_of_day(Holder const& holder, Spent const& spent) {
  return sum_for(holder, spent.day, spent.day_by);
}
Counted sum_of_month(Holder const& holder, Spent const& spent) {
  return sum_for(holder, spent.month, spent.month_by);
}

// A job that is too big for an empty day fits into no day.
std::optional<Stop> period_stop(Stop::Scope scope, Holder const& holder, Budget const& cap,
                                Counted const& counted, Counted const& need, Instant ends) {
  auto const broken = too_small(cap, counted, need);
  if (broken == Budget{}) return {};
  Stop stop;
  stop.scope = scope;
  stop.model = holder.model;
  stop.account = holder.account;
  stop.submitter = holder.submitter;
  stop.cap = broken;
  stop.counted = counted;
  if (too_small(cap, {}, need) == Budget{}) stop.until = ends;
  return stop;
}

std::optional<Stop> periods_stop(Purse::Periods const& caps, Holder const& holder, Counted const& need,
                                 Spent const& spent) {
  auto const today = sum_of_day(holder, spent);
  if (auto stop = period_stop(Stop::Scope::Day, holder, caps.day, today, need, spent.day_ends)) return stop;
  auto const this_month = sum_of_month(holder, spent);
  return period_stop(Stop::Scope::Month, holder, caps.month, this_month, need, spent.month_ends);
}

std::optional<Stop> purse_stop(Purse const& purse, std::optional<std::string> const& account,
                               std::string const& model, Counted const& need, Spent const& spent) {
  if (auto stop = periods_stop(purse.all, {account, {}}, need, spent)) return stop;
  auto const own = purse.models.find(model);
  if (own == purse.models.end()) return {};
  return periods_stop(own->second, {account, model}, need, spent);
}

std::optional<Stop> manifest_stop(Standing const& manifest, Counted const& need) {
  Stop stop;
  stop.manifest = manifest.manifest;
  stop.counted = manifest.counted;
  if (has_failed(manifest)) {
    stop.scope = Stop::Scope::Failures;
    stop.failed = manifest.outcomes.blamed();
    stop.finished = manifest.outcomes.finished();
    stop.most = *manifest.max_failures;
    return stop;
  }
  stop.cap = too_small(manifest.budget, manifest.counted, need);
  if (stop.cap == Budget{}) return {};
  return stop;
}

// Until when they keep it from its account: until the last of them ends. kNever: a person helps.
constexpr auto kNever = Instant::max();
std::optional<Instant> kept_there(std::vector<Stop> const& stops, Task const& queued,
                                  std::int64_t submitter) {
  std::optional<Instant> latest;
  for (auto const& stop : stops)
    if (auto const until = kept_until(stop, queued, submitter))
      latest = std::max(latest.value_or(Instant{}), *until == Instant{} ? kNever : *until);
  return latest;
}

Budget room_in(Purse::Periods const& caps, Holder const& holder, Spent const& spent) {
  auto room = room_of(caps.day, sum_of_day(holder, spent));
  narrow(room, room_of(caps.month, sum_of_month(holder, spent)));
  return room;
}

Budget room_in(Purse const& purse, std::optional<std::string> const& account, std::string const& model,
               Spent const& spent) {
  auto room = room_in(purse.all, Holder{account, {}}, spent);
  if (auto const own = purse.models.find(model); own != purse.models.end())
    narrow(room, room_in(own->second, Holder{account, model}, spent));
  return room;
}

template <typename T>
void narrow(std::optional<T>& room, std::optional<T> const& other) {
  if (other) room = room ? std::min(*room, *other) : *other;
}

}  // namespace

void narrow(Budget& room, Budget const& other) {
  narrow(room.pictures, other.pictures);
  narrow(room.cost, other.cost);
}

Counted counted(Task const& task) {
  auto const total = task.reserved + task.spent + task.uncertain;
  if (task.price <= Money{}) return {pictures_by_state(task), total};
  // A part of a picture's price is a picture that was paid at another price.
  return {(total.micros + task.price.micros - 1) / task.price.micros, total};
}

Counted sum_of(std::map<LaneKey, Counted> const& lanes, std::string const& model,
               std::optional<std::string> const& account) {
  Counted sum;
  for (auto const& [lane, counted] : lanes)
    if ((model.empty() || lane.model == model) && (!account || lane.account == *account)) sum += counted;
  return sum;
}

Counted sum_of(std::map<std::int64_t, Counted> const& people, std::int64_t submitter) {
  auto const found = people.find(submitter);
  return found == people.end() ? Counted{} : found->second;
}

Counted needed(Task const& queued) {
  return {queued.wanted, queued.price * queued.wanted};
}

bool has_failed(Standing const& manifest) {
  auto const& most = manifest.max_failures;
  auto const& outcomes = manifest.outcomes;
  if (!most || outcomes.finished() < kFinishedLeast) return false;
  return most->percent ? outcomes.blamed() * 100 > most->amount * outcomes.finished()
                       : outcomes.blamed() > most->amount;
}

std::optional<Stop> what_stops(Task const& queued, Caps const& caps, Standing const& manifest,
                               Spent const& spent) {
  auto const need = needed(queued);
  if (auto stop = manifest_stop(manifest, need)) return stop;
  if (auto stop = periods_stop(caps.submitter, {{}, {}, manifest.submitter}, need, spent)) return stop;
  if (auto stop = purse_stop(caps, {}, queued.model, need, spent)) return stop;
  auto const own = caps.accounts.find(queued.account);
  if (own == caps.accounts.end()) return {};
  return purse_stop(own->second, queued.account, queued.model, need, spent);
}

std::optional<Instant> kept_until(Stop const& stop, Task const& queued, std::int64_t submitter) {
  bool const is_its = stop.manifest.empty() ? (stop.model.empty() || stop.model == queued.model) &&
                                                  (!stop.account || *stop.account == queued.account) &&
                                                  (!stop.submitter || *stop.submitter == submitter)
                                            : queued.name.starts_with(stop.manifest + "/");
  if (!is_its) return {};
  if (stop.scope == Stop::Scope::Failures) return Instant{};
  auto const need = needed(queued);
  if (too_small(stop.cap, stop.counted, need) == Budget{}) return {};
  // A job that is too big for an empty day fits into no day.
  return too_small(stop.cap, {}, need) == Budget{} ? stop.until : Instant{};
}

std::optional<Instant> kept_until(std::vector<Stop> const& stops, Task const& queued,
                                  std::vector<std::string> const& accounts, std::int64_t submitter) {
  auto soonest = kNever;
  for (auto const& account : accounts) {
    auto there = queued;
    there.account = account;
    auto const until = kept_there(stops, there, submitter);
    if (!until) return {};
    soonest = std::min(soonest, *until);
  }
  return soonest == kNever ? Instant{} : soonest;
}

Budget room_of(Budget const& cap, Counted const& counted) {
  Budget room;
  if (cap.pictures) room.pictures = std::max<std::int64_t>(0, *cap.pictures - counted.pictures);
  if (cap.cost) room.cost = Money{std::max<std::int64_t>(0, cap.cost->micros - counted.cost.micros)};
  return room;
}

Budget room_of(Caps const& caps, Spent const& spent, LaneKey const& lane) {
  auto room = room_in(caps, {}, lane.model, spent);
  if (auto const own = caps.accounts.find(lane.account); own != caps.accounts.end())
    narrow(room, room_in(own->second, lane.account, lane.model, spent));
  return room;
}

Budget room_of(Purse::Periods const& submitter_caps, Spent const& spent, std::int64_t submitter) {
  return room_in(submitter_caps, Holder{{}, {}, submitter}, spent);
}

Budget room_of(Standing const& manifest) {
  if (has_failed(manifest)) return {0, Money{}};
  return room_of(manifest.budget, manifest.counted);
}

}  // namespace wanspool
