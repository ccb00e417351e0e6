#include "app/gauges.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <set>

#include "app/exposition.h"
#include "base/files.h"

namespace wanspool::app {
namespace {

using Type = Exposition::Type;

double stamp(Instant at) {
  return std::chrono::duration<double>(at.time_since_epoch()).count();
}

double in_seconds(milliseconds length) {
  return std::chrono::duration<double>(length).count();
}

double units(Money money) {
  return static_cast<double>(money.micros) / 1e6;
}

double count(std::int64_t number) {
  return static_cast<double>(number);
}

void tell_jobs(Exposition& out, Gauges const& its) {
  out.family(
      "wanspool_tasks", Type::Gauge,
      "Tasks by state: one for all jobs that share it; older takes, refills and orphans count as well.");
  for (int state = 0; state < kStates; ++state)
    out.sample(count(its.tally[State{state}]), {{"state", std::string{name_of(State{state})}}});
  out.family("wanspool_pictures", Type::Gauge, "Pictures that were delivered.");
  out.sample(count(its.tally.pictures));
  out.family("wanspool_uncollected_tasks", Type::Gauge,
             "Tasks that have ended at the provider and whose pictures are not all here.");
  out.sample(count(its.uncollected));
  out.family("wanspool_expiring_pictures", Type::Gauge,
             "Pictures that are paid for and not fetched, and whose addresses die within six hours.");
  out.sample(count(its.dying));
  out.family("wanspool_manifests_total", Type::Counter,
             "Dropped files since the start, manifests and commands, by what became of them.");
  out.sample(static_cast<double>(its.accepted), {{"outcome", "accepted"}});
  out.sample(static_cast<double>(its.rejected), {{"outcome", "rejected"}});
}

void tell_money(Exposition& out, Gauges const& its) {
  Exposition::Labels const currency{{"currency", its.currency}};
  out.family("wanspool_money_spent", Type::Gauge, "Spent in all, in units of the currency.");
  out.sample(units(its.tally.spent), currency);
  out.family("wanspool_money_reserved", Type::Gauge, "Reserved for what is under way.");
  out.sample(units(its.tally.reserved), currency);
  out.family("wanspool_money_uncertain", Type::Gauge, "Perhaps spent: nobody can tell.");
  out.sample(units(its.tally.uncertain), currency);
  out.family("wanspool_money_today", Type::Gauge,
             "Spent, reserved and uncertain of what was bought today: what counts against a day's cap.");
  out.sample(units(its.today.cost), currency);
  out.family("wanspool_pictures_today", Type::Gauge, "Pictures of what was bought today, at most.");
  out.sample(count(its.today.pictures));
  out.family("wanspool_caps_reached", Type::Gauge, "Caps that keep jobs from being bought.");
  out.sample(static_cast<double>(its.stops));
}

void tell_traffic(Exposition& out, Gauges const& its) {
  static constexpr std::array<char const*, Traffic::kKinds> kKinds{"create", "query", "list", "picture",
                                                                   "input"};
  static constexpr std::array<char const*, Traffic::kEnds> kEnds{"answered", "throttled", "refused", "failed",
                                                                 "lost"};
  out.family("wanspool_requests_total", Type::Counter,
             "Requests since the start that have ended, by what they asked for and what came of them.");
  for (std::size_t kind = 0; kind < kKinds.size(); ++kind)
    for (std::size_t end = 0; end < kEnds.size(); ++end)
      out.sample(static_cast<double>(its.traffic.counts.at(kind).at(end)),
                 {{"request", kKinds.at(kind)}, {"outcome", kEnds.at(end)}});
}

Exposition::Labels labels_of(LaneKey const& key) {
  return {{"account", account_name(key.account)}, {"model", key.model}};
}

// A lane that was never used tells nothing.
bool is_used(LaneStand const& lane, Lookups const& looked) {
  auto const found = looked.lanes.find(lane.row.key());
  return lane.outstanding > 0 || lane.row.weather.kind != Weather::Kind::Fair ||
         looked.oldest.contains(lane.row.model) ||
         (found != looked.lanes.end() && found->second.median.count() > 0);
}

template <typename Value>
void tell_of_lanes(Exposition& out, std::vector<LaneStand> const& lanes, char const* name, char const* help,
                   Value const& value) {
  out.family(name, Type::Gauge, help);
  for (auto const& lane : lanes)
    if (std::optional<double> const its = value(lane)) out.sample(*its, labels_of(lane.row.key()));
}

void tell_weather(Exposition& out, std::vector<LaneStand> const& lanes) {
  out.family("wanspool_lane_weather", Type::Gauge, "1 for the weather that a lane has, 0 for the others.");
  for (auto const& lane : lanes)
    for (auto const kind : {Weather::Kind::Fair, Weather::Kind::Throttled, Weather::Kind::Unreachable,
                            Weather::Kind::Doubtful, Weather::Kind::OutOfQuota, Weather::Kind::Account}) {
      auto labels = labels_of(lane.row.key());
      std::string name{name_of(kind)};
      std::replace(name.begin(), name.end(), ' ', '_');
      labels.emplace_back("weather", std::move(name));
      out.sample(lane.row.weather.kind == kind ? 1 : 0, labels);
    }
}

void tell_lanes(Exposition& out, Gauges const& its, Lookups const& looked) {
  std::vector<LaneStand> lanes;
  for (auto const& each : its.lanes)
    if (is_used(each, looked)) lanes.push_back(each);
  using Told = std::optional<double>;
  auto const facts = [&](LaneStand const& lane) { return looked.lanes.at(lane.row.key()); };
  auto const known = [](milliseconds length) {
    return length.count() > 0 ? Told{in_seconds(length)} : Told{};
  };
  tell_weather(out, lanes);
  tell_of_lanes(
      out, lanes, "wanspool_lane_slots", "Tasks that the account works on at once; none: no limit.",
      [](LaneStand const& lane) { return lane.limits.slots > 0 ? Told{lane.limits.slots} : Told{}; });
  tell_of_lanes(out, lanes, "wanspool_lane_outstanding_tasks", "Tasks of the lane at the provider.",
                [](LaneStand const& lane) { return Told{lane.outstanding}; });
  tell_of_lanes(out, lanes, "wanspool_lane_outstanding_tasks_most", "How many the lane may have there now.",
                [](LaneStand const& lane) { return lane.limits.slots > 0 ? Told{lane.room} : Told{}; });
  tell_of_lanes(out, lanes, "wanspool_lane_task_median_seconds", "Half of the last tasks took no longer.",
                [&](LaneStand const& lane) { return known(facts(lane).median); });
  tell_of_lanes(out, lanes, "wanspool_lane_task_p90_seconds", "Nine of ten of the last tasks took no longer.",
                [&](LaneStand const& lane) { return known(facts(lane).p90); });
  tell_of_lanes(out, lanes, "wanspool_lane_utilisation_ratio",
                "Share of the slots' time that was used in the last hour.",
                [&](LaneStand const& lane) { return facts(lane).busy; });
  out.family("wanspool_oldest_waiting_timestamp_seconds", Type::Gauge,
             "When the oldest of what waits of a model was dropped.");
  for (auto const& [model, since] : looked.oldest) out.sample(stamp(since), {{"model", model}});
}

void tell_hooks(Exposition& out, Gauges const& its, Lookups const& looked) {
  out.family("wanspool_hooks_waiting", Type::Gauge,
             "Hooks that are to be run or tried again; those that run count as well.");
  out.sample(count(looked.hooks));
  out.family("wanspool_hooks_total", Type::Counter, "Runs of hooks since the start, by how they ended.");
  out.sample(static_cast<double>(its.hooks.well), {{"outcome", "done"}});
  out.sample(static_cast<double>(its.hooks.badly), {{"outcome", "failed"}});
  out.family("wanspool_hooks_given_up_total", Type::Counter, "Hooks that were given up since the start.");
  out.sample(static_cast<double>(its.hooks.given_up));
}

void tell_house(Exposition& out, Gauges const& its, Lookups const& looked) {
  out.family("wanspool_build_info", Type::Gauge, "1, with the version of the program.");
  out.sample(1, {{"version", WANSPOOL_VERSION}});
  out.family("wanspool_start_timestamp_seconds", Type::Gauge, "When the daemon started.");
  out.sample(stamp(its.started));
  out.family("wanspool_last_turn_timestamp_seconds", Type::Gauge, "When the wheel last turned.");
  out.sample(stamp(its.now));
  out.family("wanspool_config_reload_successful", Type::Gauge,
             "Whether the configuration that was read last holds.");
  out.sample(its.reloaded_well ? 1 : 0);
  out.family("wanspool_config_reload_success_timestamp_seconds", Type::Gauge,
             "When the configuration that holds was read.");
  out.sample(stamp(its.reloaded));
  out.family("wanspool_disk_free_bytes", Type::Gauge, "Room for the daemon on the file system of a folder.");
  for (auto const& [folder, bytes] : looked.free_bytes) out.sample(bytes, {{"folder", folder}});
  static constexpr std::array<char const*, 5> kReasons{"stopping", "paused", "disk", "fetching", "account"};
  out.family("wanspool_hindered", Type::Gauge,
             "1 for the reason why nothing at all is bought, 0 for the others.");
  for (std::size_t i = 0; i < kReasons.size(); ++i)
    out.sample(static_cast<std::size_t>(its.hindrance) == i + 1 ? 1 : 0, {{"reason", kReasons.at(i)}});
}

}  // namespace

Lookups look_up(Gauges const& gauges, Reader& reader, Spool const& spool) {
  Lookups looked;
  std::set<std::string> models;
  for (auto const& lane : gauges.lanes) {
    auto& facts = looked.lanes[lane.row.key()];
    facts.row = lane.row;
    look_at_lane(reader, facts, lane.limits, gauges.now);
    models.insert(lane.row.model);
  }
  for (auto const& model : models)
    for (auto const& each : reader.waiting(model)) {
      auto const found = looked.oldest.emplace(model, each.since).first;
      found->second = std::min(found->second, each.since);
    }
  looked.hooks = reader.hooks_waiting();
  looked.free_bytes["out"] = static_cast<double>(free_space(spool.out));
  looked.free_bytes["state"] = static_cast<double>(free_space(spool.state));
  return looked;
}

std::string exposition_of(Gauges const& gauges, Lookups const& lookups) {
  Exposition out;
  tell_house(out, gauges, lookups);
  tell_jobs(out, gauges);
  tell_money(out, gauges);
  tell_traffic(out, gauges);
  tell_lanes(out, gauges, lookups);
  tell_hooks(out, gauges, lookups);
  return out.text();
}

}  // namespace wanspool::app
