#include "app/plan.h"

#include <algorithm>
#include <ctime>

#include "engine/consent.h"

namespace wanspool::app {
namespace {

// A task takes one to two minutes.
constexpr milliseconds kTypical{90'000};

std::int64_t in_rounds(std::int64_t number, std::int64_t size) {
  return (number + size - 1) / size;
}

}  // namespace

char symbol_of(Change change) {
  return "+=~-"[static_cast<std::size_t>(change)];
}

std::string_view name_of(Change change) {
  constexpr std::string_view kNames[] = {"new", "same", "changed", "gone"};
  return kNames[static_cast<std::size_t>(change)];
}

Change change_of(Judgement const& judged) {
  switch (judged.kind) {
    case Judgement::Kind::Same:
      return Change::Same;
    case Judgement::Kind::Changed:
      return Change::Changed;
    case Judgement::Kind::New:
    case Judgement::Kind::Again:
      break;
  }
  return Change::New;
}

std::int64_t least_pictures(NewJob const& job) {
  // Inside of a text of the body the quotes would stand behind backslashes.
  auto const says = [&](char const* words) { return job.body.find(words) != std::string::npos; };
  bool const may_hold_fewer =
      job.wanted > 1 && (says(R"("enable_interleave":true)") || says(R"("enable_sequential":true)"));
  return may_hold_fewer ? 1 : job.wanted;
}

void Amount::add(NewJob const& job) {
  auto const fewest = least_pictures(job);
  ++jobs;
  most += job.wanted;
  least += fewest;
  price_most += job.price * job.wanted;
  price_least += job.price * fewest;
}

milliseconds Tempo::a_task() const {
  return service.count() > 0 ? service : kTypical;
}

milliseconds time_for(std::int64_t tasks, Tempo const& pace) {
  if (tasks == 0) return milliseconds{0};
  auto const all = pace.ahead + tasks;
  auto const& limits = pace.limits;
  auto const rounds = limits.slots > 0 ? in_rounds(all, limits.slots) : 1;
  auto const last_create = limits.creates > 0 ? limits.window * (all - 1) / limits.creates : milliseconds{0};
  return std::max(pace.a_task() * rounds, last_create + pace.a_task());
}

std::int64_t done_within(milliseconds length, std::int64_t tasks, Tempo const& pace) {
  if (length < pace.a_task()) return 0;
  auto const& limits = pace.limits;
  auto done = pace.ahead + tasks;
  if (limits.slots > 0) done = std::min<std::int64_t>(done, length / pace.a_task() * limits.slots);
  if (limits.creates > 0)
    done = std::min<std::int64_t>(done, (length - pace.a_task()) * limits.creates / limits.window + 1);
  return std::max<std::int64_t>(0, done - pace.ahead);
}

Amount Plan::buys() const {
  Amount all;
  for (auto const& [model, lane] : lanes) {
    all.jobs += lane.buys.jobs;
    all.most += lane.buys.most;
    all.least += lane.buys.least;
    all.price_most += lane.buys.price_most;
    all.price_least += lane.buys.price_least;
  }
  return all;
}

milliseconds Plan::time() const {
  milliseconds longest{0};
  for (auto const& [model, lane] : lanes) longest = std::max(longest, time_for(lane.buys.jobs, lane.pace));
  return longest;
}

std::int64_t Plan::pictures_within(milliseconds length) const {
  std::int64_t pictures = 0;
  for (auto const& [model, lane] : lanes)
    if (lane.buys.jobs > 0)
      pictures += lane.buys.most * done_within(length, lane.buys.jobs, lane.pace) / lane.buys.jobs;
  return pictures;
}

std::optional<Stop> cap_met(Plan const& plan, Caps caps, Spent const& spent,
                            std::vector<std::string> const& accounts, std::int64_t submitter) {
  if (accounts.size() > 1) caps.accounts.clear();
  Standing standing;
  standing.submitter = submitter;
  auto later = spent;
  for (auto const& [model, lane] : plan.lanes) {
    if (lane.buys.jobs == 0) continue;
    Task last;
    last.model = model;
    last.account = accounts.front();
    last.price = lane.picture;
    last.wanted = static_cast<int>(in_rounds(lane.buys.most, lane.buys.jobs));
    auto const count = [&](Counted const& more) {
      for (auto* const lanes : {&later.day, &later.month}) (*lanes)[{last.account, model}] += more;
      for (auto* const people : {&later.day_by, &later.month_by}) (*people)[submitter] += more;
    };
    auto const others = lane.buys.most - last.wanted;
    count({others, lane.picture * others});
    if (auto stop = what_stops(last, caps, standing, later)) {
      bool const is_day = stop->scope == Stop::Scope::Day;
      stop->counted = stop->submitter ? sum_of(is_day ? spent.day_by : spent.month_by, submitter)
                                      : sum_of(is_day ? spent.day : spent.month, stop->model, stop->account);
      return stop;
    }
    count(needed(last));
  }
  return {};
}

std::string refusal(Plan const& plan, Money ask_above, std::optional<Money> agreed) {
  auto const buys = plan.buys();
  Bill bill;
  bill.price = buys.price_most;
  bill.pictures = buys.most;
  bill.before = plan.spent.spent + plan.spent.reserved + plan.spent.uncertain + plan.waiting.price_most;
  bill.pictures_before = plan.spent.pictures + plan.waiting.most;
  bill.budget = plan.budget;
  bill.agreed = agreed;
  bill.ask_above = ask_above;
  bill.currency = plan.currency;
  return why_not_taken(bill);
}

bool needs_yes(Plan const& plan, Money ask_above) {
  return !refusal(plan, ask_above).empty() && refusal(plan, ask_above, plan.buys().price_most).empty();
}

Instant next_morning(Instant now) {
  std::time_t const stamp = std::chrono::floor<seconds>(now).time_since_epoch().count();
  std::tm local{};
  localtime_r(&stamp, &local);
  if (local.tm_hour >= 8) ++local.tm_mday;
  local.tm_hour = 8;
  local.tm_min = local.tm_sec = 0;
  local.tm_isdst = -1;
  return Instant{seconds{std::mktime(&local)}};
}

}  // namespace wanspool::app
