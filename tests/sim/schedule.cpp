#include "sim/schedule.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "sim/errands.h"

namespace wanspool::sim {
namespace {

// Some jobs ask for the same as another one: one purchase, two places.
void draw_jobs(Schedule& schedule, Dice& dice) {
  auto const count = dice.between(3, 8);
  auto const first = dice.happens(0.5) ? count : dice.between(1, count);
  for (std::int64_t i = 1; i <= count; ++i) {
    Job job{i <= first ? "m" : "n", fmt::format("job-{}", i), fmt::format("a kite number {}", i), 1};
    if (dice.happens(0.25)) job.pictures = 2;
    if (i > 1 && dice.happens(0.15) && kWholeEngine) {
      auto const& other = dice.one_of(schedule.jobs);
      job.prompt = other.prompt;
      job.pictures = other.pictures;
    }
    schedule.jobs.push_back(std::move(job));
  }
  schedule.second_manifest = dice.between(seconds{0}, seconds{90});
}

void draw_account(Schedule& schedule, Dice& dice) {
  static constexpr milliseconds kSkews[] = {seconds{0},   milliseconds{-700}, milliseconds{900}, seconds{-40},
                                            seconds{130}, minutes{-17},       hours{8}};
  auto& habits = schedule.habits;
  habits.list_delay = dice.between(milliseconds{0}, milliseconds{59'000});
  // Later than anybody was told: then only what was made after it shows that a list has come so far.
  if (dice.happens(0.15)) habits.list_delay = dice.between(minutes{1}, minutes{5});
  habits.skew = dice.one_of(kSkews);
  habits.tardiness = milliseconds{900};
  if (dice.happens(0.4)) habits.strangers = 0.3;
  if (dice.happens(0.08)) habits.familiars = 0.2;
  if (dice.happens(0.3)) habits.failures = 0.1;
  if (dice.happens(0.2)) habits.shortfalls = 0.3;
  schedule.refill = dice.happens(0.5) && kWholeEngine;
  habits.ranges = dice.happens(0.7) ? 0.8 : 0;
  habits.own_pictures = habits.piecemeal = habits.forgetful = true;
  schedule.service_least = dice.between(seconds{1}, seconds{20});
  schedule.service_most = schedule.service_least + dice.between(seconds{1}, seconds{70});
  schedule.latency_most = dice.happens(0.2) ? seconds{4} : milliseconds{120};
}

void draw_weather(Schedule& schedule, Dice& dice) {
  static constexpr double kShares[] = {0, 0.03, 0.1, 0.25, 0.5};
  for (auto& share : schedule.troubles) share = dice.one_of(kShares);
  schedule.lists_refused = dice.happens(0.03);
  schedule.storm = dice.between(seconds{20}, minutes{15});
  for (auto count = dice.between(-2, 2); count > 0; --count) {
    auto const begin = dice.between(seconds{0}, minutes{5});
    auto const longest = dice.happens(0.03) ? milliseconds{hours{30}} : milliseconds{minutes{8}};
    schedule.outages.push_back({begin, begin + dice.between(milliseconds{500}, longest)});
  }
  if (dice.happens(0.12) && kWholeEngine) schedule.on_uncertain = dice.happens(0.5) ? "hold" : "resubmit";
}

Crash draw_crash(Dice& dice, int steps) {
  Crash crash;
  crash.step = static_cast<int>(dice.between(1, steps));
  crash.power_cut = dice.happens(0.6);
  if (dice.happens(0.5)) crash.absence = dice.between(milliseconds{0}, milliseconds{3000});
  if (dice.happens(0.1)) crash.absence = dice.between(minutes{1}, minutes{30});
  if (dice.happens(0.01)) crash.absence = dice.between(hours{20}, hours{30});
  return crash;
}

// Every second one soon after the one before: while the house still finds its feet.
void draw_crashes(Schedule& schedule, Dice& dice) {
  auto const whole = 60 + 32 * static_cast<int>(schedule.jobs.size());
  for (auto count = dice.between(0, 4); count > 0; --count)
    schedule.crashes.push_back(draw_crash(dice, !schedule.crashes.empty() && dice.happens(0.5) ? 30 : whole));
  for (auto count = dice.between(-2, 2); count > 0; --count)
    schedule.calm_crashes.push_back(draw_crash(dice, 60));
  schedule.looks_again = dice.happens(0.25);
}

}  // namespace

bool Schedule::is_fair() const {
  bool fair = on_uncertain == "adopt" && habits.familiars == 0 && !lists_refused;
  for (auto const& outage : outages) fair = fair && outage.end - outage.begin < hours{2};
  for (auto const* const list : {&crashes, &calm_crashes})
    for (auto const& crash : *list) fair = fair && crash.absence < hours{2};
  // Where answers take seconds the provider's clock is known to seconds, and creates that are in doubt for
  // stops one after the other cannot be told apart.
  for (auto const& errand : errands) fair = fair && (errand.crash == 0 || latency_most < seconds{1});
  return fair;
}

std::string Schedule::words() const {
  std::vector<std::string> stops, holes;
  for (auto const* const list : {&crashes, &calm_crashes})
    for (auto const& each : *list)
      stops.push_back(fmt::format("{}{}{}", list == &crashes ? "" : "calm ",
                                  each.power_cut ? "power cut at step " : "crash at step ", each.step));
  for (auto const& each : outages)
    holes.push_back(fmt::format("from {} for {}", human(each.begin), human(each.end - each.begin)));
  return fmt::format(
      "seed {}: {} jobs, {}{}{}; list delay {}, skew {} ms; strangers {}, familiars {}, failures {}, "
      "shortfalls "
      "{}; "
      "troubles {}; lists {}; outages [{}]; stops [{}]; storm {}; {} errands",
      seed, jobs.size(), on_uncertain, refill ? ", refill" : "", two_accounts ? ", two accounts" : "",
      human(habits.list_delay), habits.skew.count(), habits.strangers, habits.familiars, habits.failures,
      habits.shortfalls, fmt::join(troubles, "/"), lists_refused ? "refused" : "open", fmt::join(holes, ", "),
      fmt::join(stops, ", "), human(storm), errands.size());
}

Schedule schedule_of(std::uint64_t seed) {
  Dice dice{seed};
  Schedule schedule;
  schedule.seed = seed;
  draw_jobs(schedule, dice);
  draw_account(schedule, dice);
  draw_weather(schedule, dice);
  draw_crashes(schedule, dice);
  schedule.two_accounts = dice.happens(0.3);
  draw_errands(schedule, dice);
  return schedule;
}

std::string manifest_of(Schedule const& schedule, std::string const& name) {
  std::string jobs;
  for (auto const& job : schedule.jobs)
    if (job.manifest == name)
      jobs += fmt::format("  - {{ id: {}, prompt: {}, parameters: {{ n: {} }} }}\n", job.id, job.prompt,
                          job.pictures);
  if (jobs.empty()) return {};
  std::string head;
  if (schedule.on_uncertain != "adopt") head += fmt::format("on_uncertain: {}\n", schedule.on_uncertain);
  if (schedule.refill) head += "refill: true\n";
  return fmt::format("manifest: 1\n{}defaults: {{ model: wan2.6-t2i }}\njobs:\n{}", head, jobs);
}

}  // namespace wanspool::sim
