#include "engine/budgets.h"

#include <algorithm>
#include <utility>

#include "base/days.h"
#include "engine/paths.h"

namespace wanspool {
namespace {

template <typename T>
bool is_more(std::optional<T> const& room, std::optional<T> const& before) {
  return before && (!room || *room > *before);
}

bool is_more(Budget const& room, Budget const& before) {
  return is_more(room.pictures, before.pictures) || is_more(room.cost, before.cost);
}

template <typename T>
std::optional<T> wider(std::optional<T> const& a, std::optional<T> const& b) {
  return a && b ? std::max(a, b) : std::nullopt;
}

Budget wider(Budget const& a, Budget const& b) {
  return {wider(a.pictures, b.pictures), wider(a.cost, b.cost)};
}

// One of a kind is told of: whatever any of those that it keeps runs into.
void unite(Stop& stop, Stop const& other) {
  if (!stop.cap.pictures) stop.cap.pictures = other.cap.pictures;
  if (!stop.cap.cost) stop.cap.cost = other.cap.cost;
  if (stop.until == Instant{}) stop.until = other.until;
}

}  // namespace

Budgets::Budgets(Caps caps, std::vector<std::string> accounts, Store& store, Instant now)
    : caps_{std::move(caps)}, accounts_{std::move(accounts)}, store_{store}, written_{store.stops()} {
  begin_day(now);
}

void Budgets::begin_day(Instant now) {
  now_ = now;
  day_ = day_of(now);
  day_ends_ = day_end(now);
  month_ends_ = month_end(now);
  spent_.reset();
}

// A commit holds what was planned against the caps that it names: they must be those of the plan.
void Budgets::change(Caps caps, Instant now) {
  next_ = std::move(caps);
  if (!is_planned_) adopt(now);
}

void Budgets::adopt(Instant now) {
  caps_ = *std::exchange(next_, std::nullopt);
  begin_day(now);
  forget_stops();
  is_adopted_ = true;
}

bool Budgets::look(Instant now) {
  now_ = now;
  if (std::exchange(is_adopted_, false)) return true;
  if (now >= day_ends_) {
    begin_day(now);
    is_changed_ = true;
  }
  // Overdue jobs are passed over no longer, and then nobody may be left who waits.
  if (deadline_ && *deadline_ != Instant{} && now >= *deadline_) {
    forget_stops();
    return true;
  }
  return std::exchange(is_changed_, false) && has_grown();
}

bool Budgets::has_grown() {
  auto const before = noted_.size();
  for (auto each = noted_.begin(); each != noted_.end();) {
    auto& [stop, room] = each->second;
    auto const now = room_for(stop);
    if (is_more(now, room)) {
      each = noted_.erase(each);
      continue;
    }
    room = now;
    refresh(stop);
    ++each;
  }
  return noted_.size() < before;
}

// What a status tells of it.
void Budgets::refresh(Stop& stop) {
  if (!stop.manifest.empty()) {
    auto const& its = standing(stop.manifest);
    stop.counted = its.counted;
    if (stop.scope == Stop::Scope::Failures) {
      stop.failed = its.outcomes.blamed();
      stop.finished = its.outcomes.finished();
    }
    return;
  }
  bool const is_day = stop.scope == Stop::Scope::Day;
  stop.counted = stop.submitter ? sum_of(is_day ? spent().day_by : spent().month_by, *stop.submitter)
                                : sum_of(is_day ? spent().day : spent().month, stop.model, stop.account);
  // The new day may be as full as the one before.
  if (stop.until != Instant{}) stop.until = is_day ? day_ends_ : month_ends_;
}

Standing& Budgets::standing(std::string const& manifest) {
  auto const found = standings_.find(manifest);
  return found != standings_.end() ? found->second
                                   : standings_.emplace(manifest, store_.standing(manifest)).first->second;
}

Spent& Budgets::spent() {
  if (!spent_) {
    spent_ = store_.spent_on(day_);
    spent_->day_ends = day_ends_;
    spent_->month_ends = month_ends_;
  }
  return *spent_;
}

// What the cap that has stopped it leaves now.
Budget Budgets::room_for(Stop const& stop) {
  if (!stop.manifest.empty()) return room_of(standing(stop.manifest));
  bool const is_day = stop.scope == Stop::Scope::Day;
  if (stop.submitter) {
    Purse::Periods own;
    (is_day ? own.day : own.month) = is_day ? caps_.submitter.day : caps_.submitter.month;
    return room_of(own, spent(), *stop.submitter);
  }
  Caps one;
  auto& purse = stop.account ? one.accounts[*stop.account] : one;
  auto& own_purse = stop.account ? caps_.accounts[*stop.account] : caps_;
  auto& periods = stop.model.empty() ? purse.all : purse.models[stop.model];
  auto const& own = stop.model.empty() ? own_purse.all : own_purse.models[stop.model];
  (is_day ? periods.day : periods.month) = is_day ? own.day : own.month;
  return room_of(one, spent(), {stop.account.value_or(""), stop.model});
}

bool Budgets::stops(Task const& queued, std::string const& account) {
  auto const& its = standing(manifest_of(queued.name));
  if (caps_.empty() && !its.has_terms()) return false;
  auto judged = queued;
  judged.account = account;
  auto stop = what_stops(judged, caps_, its, caps_.empty() ? Spent{} : spent());
  if (!stop) return false;
  if (!deadline_) deadline_ = store_.next_deadline(now_);
  auto const room = room_for(*stop);
  Key const key{stop->scope, stop->manifest, stop->account, stop->model, stop->submitter};
  if (auto const known = noted_.find(key); known != noted_.end()) unite(*stop, known->second.stop);
  noted_.insert_or_assign(key, Noted{std::move(*stop), room});
  return true;
}

void Budgets::plan(Task const& task) {
  is_planned_ = true;
  auto const need = needed(task);
  auto& its = standing(manifest_of(task.name));
  its.counted += need;
  if (caps_.empty()) return;
  spent().day[{task.account, task.model}] += need;
  spent().month[{task.account, task.model}] += need;
  spent().day_by[its.submitter] += need;
  spent().month_by[its.submitter] += need;
}

Rooms Budgets::rooms(std::string const& model, Instant now) {
  Rooms rooms;
  rooms.now = now;
  for (auto const& [key, noted] : noted_) {
    auto const& stop = noted.stop;
    auto const room = room_for(stop);
    if (!stop.manifest.empty())
      rooms.manifests[stop.manifest] = room;
    else if (stop.submitter)
      narrow(rooms.submitters[*stop.submitter], room);
    else if (!stop.account && (stop.model.empty() || stop.model == model))
      narrow(rooms.all, room);
  }
  std::optional<Budget> widest;
  for (auto const& account : accounts_) {
    Budget room;
    for (auto const& [key, noted] : noted_)
      if (auto const& stop = noted.stop;
          stop.account == account && (stop.model.empty() || stop.model == model))
        narrow(room, room_for(stop));
    widest = widest ? wider(*widest, room) : room;
  }
  if (widest) narrow(rooms.all, *widest);
  return rooms;
}

void Budgets::write_to(Batch& batch) const {
  batch.day = day_;
  batch.caps = caps_;
  if (has_news()) batch.stops = found();
}

void Budgets::committed(Batch const& batch) {
  if (batch.stops) written_ = *batch.stops;
  is_planned_ = false;
  if (next_) adopt(now_);
  if (batch.tasks.empty() && batch.orphans.empty()) return;
  is_changed_ = true;
  spent_.reset();
  for (auto const& task : batch.tasks) {
    auto const found = standings_.find(manifest_of(task.name));
    if (found != standings_.end() && found->second.has_terms()) standings_.erase(found);
  }
}

void Budgets::read_anew() {
  standings_.clear();
  spent_.reset();
  forget_stops();
  written_ = store_.stops();
}

void Budgets::forget_stops() {
  noted_.clear();
  deadline_.reset();
}

bool Budgets::has_news() const {
  return found() != written_;
}

Instant Budgets::next_look() const {
  auto soonest = Instant::max();
  if (is_adopted_) return {};
  if (noted_.empty()) return soonest;
  if (deadline_ && *deadline_ != Instant{}) soonest = *deadline_;
  for (auto const& [key, noted] : noted_) {
    if (noted.stop.scope == Stop::Scope::Day) soonest = std::min(soonest, day_ends_);
    if (noted.stop.scope == Stop::Scope::Month) soonest = std::min(soonest, month_ends_);
  }
  return soonest;
}

std::vector<Stop> Budgets::found() const {
  std::vector<Stop> stops;
  for (auto const& [key, noted] : noted_)
    if (is_everywhere(noted.stop)) stops.push_back(noted.stop);
  return stops;
}

// What one account may not buy waits for nothing where another one may.
bool Budgets::is_everywhere(Stop const& stop) const {
  if (!stop.account) return true;
  auto const is_stopped = [&](std::string const& account) {
    return std::any_of(noted_.begin(), noted_.end(), [&](auto const& each) {
      auto const& other = each.second.stop;
      return other.account == account &&
             (other.model.empty() || stop.model.empty() || other.model == stop.model);
    });
  };
  return std::all_of(accounts_.begin(), accounts_.end(), is_stopped);
}

}  // namespace wanspool
