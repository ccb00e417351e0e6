#include <fmt/format.h>

#include <algorithm>

#include "app/plan.h"
#include "app/stops.h"
#include "app/words.h"

namespace wanspool::app {
namespace {

// So many jobs with an n above 1 are more likely forgotten than meant.
constexpr std::int64_t kManySeveral = 10;

std::string pictures(Amount const& amount) {
  return amount.least == amount.most ? count_of(amount.most, "picture")
                                     : fmt::format("{} to {} pictures", amount.least, amount.most);
}

std::string price(Amount const& amount, std::string const& currency) {
  return amount.price_least == amount.price_most
             ? money(amount.price_most, currency)
             : fmt::format("{} to {}", decimal(amount.price_least), money(amount.price_most, currency));
}

// "840 done, 12 running"; "" for none.
std::string by_state(std::array<std::int64_t, kStates> const& states) {
  std::string text;
  for (int state = 0; state < kStates; ++state)
    if (auto const number = states[static_cast<std::size_t>(state)]; number > 0)
      text += fmt::format("{}{} {}", text.empty() ? "" : ", ", number, wanspool::name_of(State{state}));
  return text;
}

std::string with_note(std::string text, std::string const& note) {
  return note.empty() ? text : std::move(text) + "; " + note;
}

std::string what_of(Plan const& plan, Change change) {
  switch (change) {
    case Change::New:
      return with_note("new", plan.again > 0 ? fmt::format("{} of them queued again", plan.again) : "");
    case Change::Changed:
      return "changed; the old pictures move to old/ when the new ones are here";
    case Change::Same:
      return with_note("the same, nothing to pay", by_state(plan.same));
    case Change::Gone:
      break;
  }
  return with_note("no longer wanted; what is here stays, what only waits is canceled", by_state(plan.gone));
}

std::int64_t not_in_part(Plan const& plan) {
  if (!plan.part_of) return 0;
  return static_cast<std::int64_t>(*plan.part_of) - plan[Change::New].jobs - plan[Change::Changed].jobs -
         plan[Change::Same].jobs;
}

void add_changes(std::vector<std::string>& lines, Plan const& plan) {
  for (auto const change : {Change::New, Change::Changed, Change::Same, Change::Gone}) {
    auto const& amount = plan[change];
    if (amount.jobs == 0) continue;
    lines.push_back(fmt::format("  {} {:>6}  {:>16}  {:>18}  {}", symbol_of(change), amount.jobs,
                                pictures(amount), price(amount, plan.currency), what_of(plan, change)));
  }
  if (plan.left_out > 0)
    lines.push_back(
        fmt::format("  ! {:>6}  {:>16}  {:>18}  left out: rows whose data is wrong", plan.left_out, "", ""));
  if (auto const rest = not_in_part(plan); rest > 0)
    lines.push_back(
        fmt::format("    {:>6}  {:>16}  {:>18}  not in this part, and left as they are", rest, "", ""));
  if (plan.shared > 0)
    lines.push_back(fmt::format("  {} for nothing: the same request is bought already or by another job",
                                count_of(plan.shared, "job")));
}

void add_prices(std::vector<std::string>& lines, Plan const& plan) {
  auto const buys = plan.buys();
  if (buys.jobs == 0) {
    lines.push_back("buys      nothing");
    return;
  }
  auto const least = buys.least == buys.most
                         ? std::string{}
                         : fmt::format("; at least {} for {}", count_of(buys.least, "picture"),
                                       money(buys.price_least, plan.currency));
  lines.push_back(fmt::format("buys      at most {} for {}{}; what fails is not charged",
                              count_of(buys.most, "picture"), money(buys.price_most, plan.currency), least));
  std::string dates;
  for (auto const& [model, lane] : plan.lanes) {
    if (lane.buys.jobs == 0) continue;
    lines.push_back(fmt::format("          {}: {}, {}, {} each: {}", model, count_of(lane.buys.jobs, "task"),
                                pictures(lane.buys), money(lane.picture, plan.currency),
                                price(lane.buys, plan.currency)));
    if (dates.find(lane.price_date) == std::string::npos)
      dates += (dates.empty() ? "" : " and ") + lane.price_date;
  }
  lines.push_back(
      plan.region == "unknown"
          ? fmt::format(
                "prices    the highest of any region, by the table of {}: nobody knows whose host this "
                "is; region: in config.yaml says it",
                dates)
          : fmt::format("prices    those of {}, by the table of {}", region_words(plan.region), dates));
}

// "5 at once, 5 new ones a second, 1 min 30 s each"
std::string pace_words(Tempo const& pace) {
  std::string text;
  if (pace.limits.slots > 0) text += fmt::format("{} at once, ", pace.limits.slots);
  if (pace.limits.creates > 0 && pace.limits.window == seconds{1})
    text += fmt::format("{} new a second, ", pace.limits.creates);
  else if (pace.limits.creates > 0)
    text += fmt::format("{} new in {}, ", pace.limits.creates, human(pace.limits.window));
  text += human(pace.a_task()) + " each";
  text += pace.service.count() > 0 ? " as lately here" : " as is usual";
  if (pace.ahead > 0)
    text += fmt::format(", after {} that wait{} already", pace.ahead, pace.ahead == 1 ? "s" : "");
  return text;
}

std::string day_words(Instant morning, Instant now) {
  bool const today = local_time(morning).substr(0, 10) == local_time(now).substr(0, 10);
  return fmt::format("{} at 08:00 ({})", today ? "today" : "tomorrow", local_time(morning));
}

std::string there(Plan const& plan, milliseconds length) {
  auto const buys = plan.buys();
  auto const all = buys.most, here = plan.pictures_within(length);
  if (here < all) return fmt::format("{} of {}", here, count_of(all, "picture"));
  if (buys.least < all) return "all of it";
  return all == 1 ? "the picture" : fmt::format("all {}", count_of(all, "picture"));
}

std::string cap_words(Plan const& plan) {
  return "a cap holds it back: " + words_of_stop(*plan.cap, plan.currency, "all of this").text;
}

void add_times(std::vector<std::string>& lines, Plan const& plan, Instant now) {
  if (plan.buys().jobs == 0) return;
  auto const length = plan.time();
  lines.push_back(plan.cap ? "takes     " + cap_words(plan)
                           : fmt::format("takes     about {}, until {}, if it begins now", human(length),
                                         near_time(now + length, now)));
  for (auto const& [model, lane] : plan.lanes)
    if (lane.buys.jobs > 0) lines.push_back(fmt::format("          {}: {}", model, pace_words(lane.pace)));
  auto const morning = next_morning(now);
  if (!plan.cap)
    lines.push_back(fmt::format("there     {}: {}", day_words(morning, now), there(plan, morning - now)));
  if (plan.deadline == Instant{}) return;
  if (plan.deadline <= now)
    lines.push_back(
        fmt::format("deadline  {} is past: none of it will be bought", local_time(plan.deadline)));
  else if (plan.cap)  // nobody knows how much of it
    lines.push_back(fmt::format("deadline  {}: what has not been ordered by then is not bought",
                                local_time(plan.deadline)));
  else if (plan.deadline < now + length)
    lines.push_back(
        fmt::format("deadline  {}: what has not been ordered by then is not bought; about {} will be",
                    local_time(plan.deadline),
                    there(plan, plan.deadline - now + plan.lanes.begin()->second.pace.a_task())));
}

std::string counts(Plan const& plan) {
  std::string text;
  for (auto const change : {Change::New, Change::Changed, Change::Same, Change::Gone})
    if (plan[change].jobs > 0) text += fmt::format(" {}{}", symbol_of(change), plan[change].jobs);
  if (plan.left_out > 0) text += fmt::format(" !{}", plan.left_out);
  return text.empty() ? " no jobs" : text;
}

}  // namespace

std::string short_words(std::string const& named, Plan const& plan) {
  auto const file = one_line(named);
  auto const buys = plan.buys();
  auto const part =
      plan.part_of ? fmt::format(" (a part of {})", count_of(static_cast<std::int64_t>(*plan.part_of), "job"))
                   : "";
  if (buys.jobs == 0) return fmt::format("{}:{}{}; buys nothing", file, counts(plan), part);
  return fmt::format("{}:{}{}; at most {}, at most {}; {}", file, counts(plan), part,
                     count_of(buys.most, "picture"), money(buys.price_most, plan.currency),
                     plan.cap ? cap_words(plan) : "about " + human(plan.time()));
}

std::vector<std::string> long_words(std::string const& named, Plan const& plan, Money ask_above,
                                    Instant now) {
  auto const file = one_line(named);
  std::int64_t jobs = 0;
  for (auto const change : {Change::New, Change::Changed, Change::Same}) jobs += plan[change].jobs;
  std::vector<std::string> lines{
      plan.part_of
          ? fmt::format("{}: {} of {}", file, jobs, count_of(static_cast<std::int64_t>(*plan.part_of), "job"))
          : fmt::format("{}: {}", file, count_of(jobs, "job"))};
  add_changes(lines, plan);
  add_prices(lines, plan);
  add_times(lines, plan, now);
  if (auto const why = refusal(plan, ask_above); !why.empty()) {
    bool const yes_helps = needs_yes(plan, ask_above);
    lines.push_back("price     " + why);
    if (yes_helps)
      lines.push_back(fmt::format("          or say yes where submit or run asks (above {}), or with --yes",
                                  money(ask_above, plan.currency)));
  }
  return lines;
}

std::vector<std::string> surprises(Plan const& plan) {
  std::vector<std::string> lines;
  for (auto const& [n, jobs] : plan.several)
    if (jobs >= kManySeveral)
      lines.push_back(fmt::format("{} with n: {}, and each picture is paid: {} in all", count_of(jobs, "job"),
                                  n, count_of(jobs * n, "picture")));
  for (auto const& [model, lane] : plan.lanes)
    if (!lane.is_listed)
      lines.push_back(
          fmt::format("{} is not listed in {}, by the table of {}: the service may refuse it, and "
                      "the highest price of any region is assumed",
                      model, plan.region, lane.price_date));
  if (plan.single > 0)
    lines.push_back(fmt::format(
        "{} with text and pictures may hold one picture at most, because no max_images is written",
        count_of(plan.single, "answer")));
  return lines;
}

}  // namespace wanspool::app
