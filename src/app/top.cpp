#include "app/top.h"

#include <fmt/format.h>

#include <algorithm>

#include "app/concerns.h"
#include "app/expected.h"
#include "app/inbox_look.h"
#include "app/stops.h"
#include "app/words.h"
#include "base/days.h"

namespace wanspool::app {
namespace {

// More than any account works on at once.
constexpr std::size_t kActiveMost = 2000;

std::string what_happens(Task const& task) {
  if (task.in_doubt()) return "in doubt";
  if (task.state != State::Downloading) return std::string{name_of(task.state)};
  return fmt::format("fetched {}/{}", task.pictures_safe(), task.pictures.size());
}

// What ends sooner goes first, and after it what nobody can tell of, the oldest first.
bool goes_before(View::Running const& a, View::Running const& b) {
  if (a.expected && b.expected) return *a.expected < *b.expected;
  if (a.expected || b.expected) return a.expected.has_value();
  return a.since < b.since;
}

std::vector<View::Running> running_of(std::vector<Task> const& active, std::vector<LaneFacts> const& lanes,
                                      Instant now) {
  std::map<std::int64_t, Instant> ends;
  for (auto const& lane : lanes) {
    std::vector<Task> its;
    for (auto const& task : active)
      if (task.account == lane.row.account && task.model == lane.row.model) its.push_back(task);
    ends.merge(expected_ends(its, lane, now));
  }
  std::vector<View::Running> running;
  for (auto const& task : active) {
    auto const end = ends.find(task.id);
    running.push_back({task.name, what_happens(task), task.times.sent,
                       end == ends.end() ? std::nullopt : std::optional{end->second}});
  }
  std::sort(running.begin(), running.end(), goes_before);
  return running;
}

View::Over done_words(Task const& task, std::string const& currency) {
  auto words = count_of(task.pictures_safe(), "picture");
  if (auto const cost = task.spent + task.uncertain; cost > Money{}) words += ", " + money(cost, currency);
  if (task.times.sent != Instant{}) words += ", after " + human(task.times.done - task.times.sent);
  return {task.times.done, task.name, words};
}

// As one line with all that are stopped for the same reason.
std::string stop_words(std::vector<LaneFacts> const& lanes, LaneRow const& first, Instant now) {
  std::vector<LaneRow> rows;
  for (auto const& each : lanes)
    if (each.row.account == first.account && each.row.weather.reason == first.weather.reason)
      rows.push_back(each.row);
  return weather_words(rows, now);
}

}  // namespace

View Lookout::look(Instant now, std::size_t most) {
  View view;
  view.now = now;
  view.root = context_.spool.root.string();
  view.currency = context_.currency();
  view.keeper = keeper_of(context_.spool);
  auto const inbox = look_into_inbox(context_.spool, view.keeper.is_there);
  view.inbox = inbox.waiting;
  if (!view.keeper.is_there)
    view.concerns.emplace_back("nobody works on this spool: wanspool daemon, or wanspool run");
  if (!inbox.trouble.empty()) view.concerns.push_back("the inbox cannot be looked into: " + inbox.trouble);
  if (!reader_) reader_ = reader_of(context_.spool);
  if (!reader_) return view;
  if (!glance_) glance_ = open_glance(context_.spool.database);
  look_at_jobs(view, most);
  return view;
}

void Lookout::look_at_jobs(View& view, std::size_t most) {
  auto const day = day_of(view.now), month = day.substr(0, 7);
  view.tally = reader_->tally();
  view.today = glance_->spent_on(day, day);
  view.month = glance_->spent_on(month + "-01", month + "-31");
  view.lanes = lane_facts(*reader_, context_, view.now);
  auto const active = glance_->active(kActiveMost);
  view.running = running_of(active, view.lanes, view.now);
  for (auto const& task : glance_->latest(State::Done, most))
    view.done.push_back(done_words(task, view.currency));
  for (auto const& task : glance_->latest(State::Failed, most))
    view.failed.push_back({task.times.done, task.name, trouble_words(task.error)});
  tell_concerns(view, active);
}

void Lookout::tell_concerns(View& view, std::vector<Task> const& active) {
  auto& all = view.concerns;
  if (auto const why = reader_->fact("paused"); !why.empty())
    all.push_back("nothing is bought: " + with_local_times(why, view.now) + "; wanspool resume");
  if (auto const why = reader_->fact("results"); !why.empty())
    all.push_back("paid for and not fetched: " + why);
  if (auto const why = reader_->fact("uploads"); !why.empty())
    all.push_back("no input picture goes up: " + why);
  for (auto const& stop : reader_->stops())
    if (stop.until == Instant{} || stop.until > view.now) all.push_back(line_of_stop(stop, view.currency));
  if (auto const jobs = reader_->paused(); jobs > 0)
    all.push_back(count_of(jobs, "job") + " paused by name: wanspool list --state paused");
  if (auto const held = view.tally[State::Held]; held > 0)
    all.push_back(count_of(held, "job") + " held, a person decides: wanspool list --state held");
  Concerns concerns;
  for (auto const& task : active) concerns.add(task);
  if (auto const soon = concerns.expiring(view.now); soon.pictures > 0)
    all.push_back(fmt::format("{} to be fetched in time, {} first, until {}",
                              count_of(soon.pictures, "picture"), soon.job, near_time(soon.first, view.now)));
  AccountStops stops;
  for (auto const& each : view.lanes) {
    auto const kind = each.row.weather.kind;
    if (stops.is_new(each.row)) all.push_back(stop_words(view.lanes, each.row, view.now));
    if (kind != Weather::Kind::Account && kind != Weather::Kind::Fair)
      all.push_back(weather_words({each.row}, view.now));
    for (auto const& late : each.late) all.push_back(late + ": not all of it will be bought by its deadline");
  }
}

}  // namespace wanspool::app
