#include "engine/status_words.h"

#include <fmt/format.h>

#include <algorithm>
#include <ctime>

#include "base/count.h"
#include "base/harmless.h"

namespace wanspool {
namespace {

constexpr std::size_t kWordsMost = 300;  // of what the service says

std::string local(Instant at) {
  std::time_t const stamp = std::chrono::floor<seconds>(at).time_since_epoch().count();
  std::tm parts{};
  localtime_r(&stamp, &parts);
  char text[64];
  return {text, std::strftime(text, sizeof text, "%Y-%m-%d %H:%M %Z", &parts)};
}

// As one line that is not too long; a letter that is cut in two becomes a '?'.
std::string plain(std::string const& text, std::size_t most = kWordsMost) {
  auto const line = harmless(text);
  return line.size() <= most ? line : harmless(line.substr(0, most)) + " …";
}

std::int64_t running(Census const& census) {
  return census[State::Submitting] + census[State::Submitted] + census[State::Running] +
         census[State::Downloading];
}

std::string head(Census const& census) {
  auto const total = census.total();
  if (total == 0) return "no job is wanted any more";
  if (!census.is_over()) return count_of(total, "job");
  if (census[State::Done] == total)
    return total == 1 ? "its job is done" : fmt::format("all {} jobs are done", total);
  return total == 1 ? "its job is over" : fmt::format("all {} jobs are over", total);
}

std::string line(std::string_view name, std::string const& text) {
  return fmt::format("{:<10} {}\n", name, text);
}

std::string counts(Census const& census) {
  auto const count = [](char const* name, std::int64_t number, std::string const& note = {}) {
    return line(name, fmt::format("{:>6}{}{}", number, note.empty() ? "" : "  ", note));
  };
  auto text =
      count("done", census[State::Done]) +
      count("running", running(census), running(census) > 0 ? "paid or about to be; these are finished" : "");
  text += count("waiting", census[State::Queued],
                census.paused > 0 ? fmt::format("{} of them paused by a person", census.paused) : "");
  text += count("failed", census[State::Failed]);
  if (census[State::Held] > 0)
    text += count("held", census[State::Held],
                  fmt::format("nobody can tell whether {} bought; a person decides",
                              census[State::Held] == 1 ? "it was" : "they were"));
  if (census[State::Canceled] > 0) text += count("canceled", census[State::Canceled]);
  if (census.retired > 0)
    text += count("left out", census.retired, "gone from the manifest; their pictures stay");
  return text;
}

std::string money(StatusFacts const& facts) {
  auto const& census = facts.census;
  return line("cost", fmt::format("spent {}, reserved {}, uncertain {} {}", decimal(census.spent),
                                  decimal(census.reserved), decimal(census.uncertain), facts.currency));
}

std::string cap_of(Stop const& stop) {
  if (stop.scope == Stop::Scope::Manifest) return "`budget` in its manifest";
  std::string words = stop.scope == Stop::Scope::Day ? "the budget of the day" : "the budget of the month";
  if (stop.submitter) words += " of whoever dropped it";
  if (stop.account) words += " of account " + account_name(*stop.account);
  return stop.model.empty() ? words : words + " for " + stop.model;
}

std::string stop_words(Stop const& stop, std::string const& currency) {
  if (stop.scope == Stop::Scope::Failures)
    return fmt::format("a person, for {} of {} jobs have failed, more than {}{}", stop.failed, stop.finished,
                       stop.most.amount, stop.most.percent ? "%" : "");
  std::string used;
  if (stop.cap.pictures) used = fmt::format("{} of {} pictures", stop.counted.pictures, *stop.cap.pictures);
  if (stop.cap.cost)
    used += fmt::format("{}{} of {} {}", used.empty() ? "" : " and ", decimal(stop.counted.cost),
                        decimal(*stop.cap.cost), currency);
  auto const until = stop.until == Instant{} ? std::string{} : "; goes on at " + local(stop.until);
  return fmt::format("{}: {} are spent or reserved{}", cap_of(stop), used, until);
}

// Of jobs of this model, where all lanes that could take them are in bad weather, and that is not what
// hinders all of them.
std::string weather_of(StatusFacts const& facts, std::string const& model, Instant now) {
  LaneRow const* first = nullptr;
  for (auto const& each : facts.lanes) {
    if (each.model != model) continue;
    if (each.weather.kind == Weather::Kind::Fair || each.weather.until <= now) return {};
    if (!first || each.weather.until < first->weather.until) first = &each;
  }
  if (!first) return {};
  auto const& weather = first->weather;
  if (!weather.reason.empty() && facts.hinders.find(weather.reason) != std::string::npos) return {};
  // Where a person has to help nobody knows the end.
  auto const until = weather.kind == Weather::Kind::Account ? ", tried again at " : " until ";
  return fmt::format("the service, {} is {}{}{}{}{}", model, name_of(weather.kind), until,
                     local(weather.until), weather.reason.empty() ? "" : ": ", plain(weather.reason));
}

bool concerns(Stop const& stop, StatusFacts const& facts) {
  if (!stop.manifest.empty()) return stop.manifest == facts.manifest;
  if (stop.submitter && *stop.submitter != facts.owner) return false;
  return stop.model.empty() || facts.census.waiting.contains(stop.model);
}

// What holds the most of them first; where nothing does it is their turn.
std::vector<std::string> reasons(StatusFacts const& facts, Instant now) {
  std::vector<std::string> found;
  auto const free = facts.census[State::Queued] - facts.census.paused;
  if (free > 0 && !facts.hinders.empty()) found.push_back(facts.hinders);
  if (free > 0)
    for (auto const& each : facts.stops)
      if (concerns(each, facts) && (each.until == Instant{} || each.until > now))
        found.push_back(stop_words(each, facts.currency));
  auto by_number = std::vector<std::pair<std::string, std::int64_t>>(facts.census.waiting.begin(),
                                                                     facts.census.waiting.end());
  std::stable_sort(by_number.begin(), by_number.end(),
                   [](auto const& a, auto const& b) { return a.second > b.second; });
  if (free > 0)
    for (auto const& [model, number] : by_number)
      if (auto const words = weather_of(facts, model, now); !words.empty())
        found.push_back(fmt::format("{} ({})", words, count_of(number, "job")));
  if (free > 0 && !facts.uploads.empty())
    found.push_back("jobs with input pictures: none goes up: " + facts.uploads);
  if (facts.census.paused > 0)
    found.push_back(fmt::format("a person, who has paused {}", count_of(facts.census.paused, "job")));
  if (running(facts.census) > 0 && !facts.results.empty())
    found.push_back("finished pictures that are not fetched: " + facts.results);
  if (facts.census[State::Held] > 0)
    found.push_back(
        fmt::format("a person, who decides about {}", count_of(facts.census[State::Held], "job")));
  if (found.empty() && free > 0) found.push_back("free slots at the service; all manifests take turns");
  return found;
}

std::string waits(StatusFacts const& facts, Instant now) {
  std::string text;
  for (auto const& each : reasons(facts, now))
    text += line(text.empty() ? "waits for" : "", plain(each, 2 * kWordsMost));
  return text;
}

std::string end(StatusFacts const& facts, Instant now) {
  if (facts.census.is_over()) return {};
  bool const moves = running(facts.census) > 0 || facts.census[State::Queued] > facts.census.paused;
  if (!moves) return line("end", "nothing happens before a person helps");
  if (facts.left.count() == 0 || !facts.hinders.empty()) return line("end", "cannot be told yet");
  return line("end", "about " + local(now + facts.left) + ", with all that waits in this spool");
}

std::string examples(char const* title, std::vector<JobRow> const& rows, std::int64_t all) {
  if (rows.empty()) return {};
  auto text = fmt::format("\n{}:\n", title);
  for (auto const& row : rows) {
    auto const& error = row.task.error;
    auto const words = plain(error.message);
    text += fmt::format("  {}/{}: {}{}{}\n", row.manifest, row.job, harmless(error.code),
                        error.code.empty() || words.empty() ? "" : ": ", words);
  }
  if (auto const more = all - static_cast<std::int64_t>(rows.size()); more > 0)
    text += fmt::format("  … and {} more\n", more);
  return text;
}

std::string helps(StatusFacts const& facts) {
  auto const& census = facts.census;
  std::string text;
  auto const add = [&](std::string_view wish, std::string_view command, bool failed = false) {
    text += fmt::format("  {:<34} command: {}\n  {:<34} jobs: [{}]\n", wish, command, "", facts.manifest);
    if (failed) text += fmt::format("  {:<34} failed: true\n", "");
  };
  if (census[State::Queued] > census.paused) {
    add("to stop what was not bought yet", "cancel");
    add("to put it off", "pause");
  }
  if (census.paused > 0) add("to go on with what is paused", "resume");
  if (census[State::Failed] > 0) add("to try what failed once more", "retry", true);
  if (text.empty()) return {};
  return "\nWhat you can do: put a text file whose name ends in .yaml into the inbox, with these lines\n" +
         text;
}

}  // namespace

std::string status_text(StatusFacts const& facts, Instant now) {
  auto const& census = facts.census;
  return fmt::format("{}: {}\nwritten {}, and again when something has changed\n\n", facts.manifest,
                     head(census), local(now)) +
         counts(census) + money(facts) + waits(facts, now) + end(facts, now) +
         examples("failed", census.failed, census[State::Failed]) +
         examples("held", census.held, census[State::Held]) + helps(facts);
}

std::string without_time(std::string const& text) {
  auto const first = text.find('\n');
  auto const second = first == text.npos ? first : text.find('\n', first + 1);
  return second == text.npos ? text : text.substr(0, first) + text.substr(second);
}

}  // namespace wanspool
