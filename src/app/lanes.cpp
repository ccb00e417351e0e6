#include "app/lanes.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <utility>

#include "app/people.h"
#include "app/words.h"
#include "core/controller.h"

namespace wanspool::app {
namespace {

constexpr hours kLately{1};
// A task that was sent so many times its length before that may still hold a slot in it.
constexpr int kReach = 4;

bool is_out_there(State state) {
  return state == State::Submitting || state == State::Submitted || state == State::Running;
}

// How it used the slots lately.
class Lately {
 public:
  explicit Lately(Instant now) : now_{now}, from_{now} {}

  void add(Work const& work) {
    if (work.times.sent > now_ - kLately) ++creates_;
    if (work.times.accepted == Instant{}) return;
    auto const begin = work.times.accepted + work.times.waited().value_or(milliseconds{0});
    auto end = is_out_there(work.state) ? now_ : work.times.finished;
    if (auto const worked = work.times.worked()) end = begin + *worked;
    if (end <= now_ - kLately) return;
    used_ += std::max(milliseconds{0}, std::min(end, now_) - std::max<Instant>(begin, now_ - kLately));
    from_ = std::min(from_, std::max<Instant>(begin, now_ - kLately));
    queries_ += work.polls;
  }
  void tell(LaneFacts& facts) const {
    auto const span = std::chrono::duration<double>(now_ - from_).count();
    if (span < 1) return;
    facts.creates = creates_ / span;
    facts.queries = queries_ / span;
    if (facts.slots > 0)
      facts.busy = std::min(1.0, std::chrono::duration<double>(used_).count() / span / facts.slots);
  }

 private:
  Instant now_, from_;
  milliseconds used_{0};
  int creates_ = 0, queries_ = 0;
};

std::string age_of(milliseconds age) {
  if (age < minutes{10}) return "under 10 min";
  if (age < hours{1}) return "under 1 h";
  if (age < hours{6}) return "under 6 h";
  return age < hours{24} ? "under a day" : "a day and more";
}

// When so many tasks of the lane will have been worked on.
Instant done_by(LaneFacts const& facts, std::int64_t tasks, Instant now) {
  if (tasks == 0 || facts.median.count() == 0 || facts.slots == 0) return {};
  return now + facts.median * ((tasks + facts.slots - 1) / facts.slots);
}

// It waits for a day to turn or for a person, and nobody can tell when it is done.
bool holds(Stop const& stop, std::string const& manifest, std::string const& model, std::int64_t submitter,
           Instant now) {
  if (stop.until != Instant{} && stop.until <= now) return false;
  if (!stop.manifest.empty()) return stop.manifest == manifest;
  if (stop.submitter && *stop.submitter != submitter) return false;
  return !stop.account && (stop.model.empty() || stop.model == model);
}

// What waits, and how long it will take together with what is out there.
void look_at_waiting(Reader& reader, LaneFacts& facts, LaneFacts const& all, Instant now) {
  auto const stops = reader.stops();
  Owners owners{reader};
  for (auto const& each : reader.waiting(facts.row.model)) {
    facts.waiting += each.tasks;
    auto const submitter = stops.empty() ? kUnknownSubmitter : owners.of_manifest(each.manifest);
    bool const capped = std::any_of(stops.begin(), stops.end(), [&](Stop const& stop) {
      return holds(stop, each.manifest, facts.row.model, submitter, now);
    });
    if (capped) facts.capped += each.tasks;
    auto const age = age_of(now - each.since);
    auto const same = std::find_if(facts.ages.begin(), facts.ages.end(),
                                   [&](auto const& known) { return known.first == age; });
    if (same == facts.ages.end())
      facts.ages.emplace_back(age, each.tasks);
    else
      same->second += each.tasks;
    auto const end = done_by(all, all.outstanding + facts.waiting - facts.capped, now);
    if (!capped && each.deadline != Instant{} && end > each.deadline) facts.late.push_back(each.manifest);
  }
  facts.done_by = done_by(all, all.outstanding + facts.waiting - facts.capped, now);
}

}  // namespace

void look_at_lane(Reader& reader, LaneFacts& facts, Limits const& limits, Instant now) {
  facts.slots = limits.slots;
  facts.room = Controller{limits, facts.row.memory}.outstanding(now);
  ServiceTimes times;
  for (auto const& [mode, its] : facts.row.service) times.add(its);
  facts.median = times.usual();
  facts.p90 = times.at(0.9);
  Lately lately{now};
  auto const since = now - kLately - std::max<milliseconds>(facts.p90 * kReach, minutes{10});
  for (auto const& work : reader.work(facts.row.key(), since)) lately.add(work);
  lately.tell(facts);
}

std::vector<LaneFacts> lane_facts(Reader& reader, Context const& context, Instant now) {
  std::map<LaneKey, LaneFacts> lanes;
  for (auto& row : reader.lanes()) lanes[row.key()].row = std::move(row);
  for (auto const& [key, tally] : reader.tallies()) {
    auto& facts = lanes[key];
    facts.row.account = key.account;
    facts.row.model = key.model;
    for (auto const state : {State::Submitting, State::Submitted, State::Running})
      facts.outstanding += tally[state];
  }
  auto const names = context.account_names();
  std::erase_if(lanes, [&](auto const& each) {
    return std::find(names.begin(), names.end(), each.first.account) == names.end();
  });
  std::map<std::string, LaneFacts> by_model;  // all accounts together
  for (auto& [key, facts] : lanes) {
    auto const known = context.models.find(key.model);
    auto const limits = known == context.models.end()
                            ? Limits{}
                            : limits_of(known->second, context.region, context.config, key.account);
    look_at_lane(reader, facts, limits, now);
    auto& all = by_model[key.model];
    // What is not bought there is not done there.
    if (facts.row.weather.kind == Weather::Kind::Account) continue;
    all.slots += facts.slots;
    all.outstanding += facts.outstanding;
    all.median = std::max(all.median, facts.median);
  }
  std::vector<LaneFacts> result;
  for (auto& [model, all] : by_model) {
    bool is_first = true;
    for (auto& [key, facts] : lanes) {
      if (key.model != model) continue;
      if (std::exchange(is_first, false)) look_at_waiting(reader, facts, all, now);
      result.push_back(std::move(facts));
    }
  }
  return result;
}

std::vector<Said> words_of_lane(LaneFacts const& facts, Instant now) {
  std::vector<Said> lines;
  if (facts.outstanding > 0 || facts.waiting > 0) {
    auto text = facts.slots > 0
                    ? fmt::format("{} of {} slots taken",
                                  std::min<std::int64_t>(facts.outstanding, facts.slots), facts.slots)
                    : fmt::format("{} at the provider", facts.outstanding);
    if (facts.slots > 0 && facts.outstanding > facts.slots)
      text += fmt::format(", {} more sent ahead", facts.outstanding - facts.slots);
    lines.push_back({"", text + fmt::format("; {} wait", facts.waiting)});
  }
  if (facts.median.count() > 0)
    lines.push_back(
        {"", fmt::format("a task takes {} (nine of ten: {})", human(facts.median), human(facts.p90))});
  if (facts.busy && facts.creates > 0)
    lines.push_back(
        {"", fmt::format("in the last hour: slots {:.1f} % busy, {:.2g} creates/s, {:.2g} queries/s",
                         *facts.busy * 100, facts.creates, facts.queries)});
  if (facts.done_by != Instant{})
    lines.push_back(
        {"", (facts.capped == 0 ? "all of it is here about "
                                : fmt::format("{} at caps apart, all of it is here about ", facts.capped)) +
                 near_time(facts.done_by, now)});
  if (!facts.ages.empty()) {
    std::string text;
    for (auto const& [age, tasks] : facts.ages)
      text += fmt::format("{}{} {}", text.empty() ? "waiting " : ", ", age, tasks);
    lines.push_back({"", text});
  }
  for (auto const& each : facts.late)
    lines.push_back({"", each + ": not all of it will be bought by its deadline"});
  return lines;
}

std::string json_of_lane(LaneFacts const& facts) {
  using json = nlohmann::ordered_json;
  auto const or_null = [](std::string const& text) { return text.empty() ? json(nullptr) : json(text); };
  auto const number = [](bool known, auto value) { return known ? json(value) : json(nullptr); };
  auto const& weather = facts.row.weather;
  auto ages = json::object();
  for (auto const& [age, tasks] : facts.ages) ages[age] = tasks;
  json const object{{"account", account_name(facts.row.account)},
                    {"model", facts.row.model},
                    {"weather", name_of(weather.kind)},
                    {"since", or_null(rfc3339(weather.since))},
                    {"until", or_null(rfc3339(weather.until))},
                    {"reason", or_null(weather.reason)},
                    {"slots", number(facts.slots > 0, facts.slots)},
                    {"outstanding", facts.outstanding},
                    {"outstanding_most", number(facts.slots > 0, facts.room)},
                    {"waiting", facts.waiting},
                    {"capped", facts.capped},
                    {"median_ms", number(facts.median.count() > 0, facts.median.count())},
                    {"p90_ms", number(facts.median.count() > 0, facts.p90.count())},
                    {"utilisation", number(facts.busy.has_value(), facts.busy.value_or(0))},
                    {"creates_per_second", facts.creates},
                    {"queries_per_second", facts.queries},
                    {"done_by", or_null(rfc3339(facts.done_by))},
                    {"ages", std::move(ages)},
                    {"late", facts.late}};
  return object.dump(-1, ' ', false, json::error_handler_t::replace);
}

}  // namespace wanspool::app
