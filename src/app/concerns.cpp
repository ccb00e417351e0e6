#include "app/concerns.h"

#include <fmt/format.h>

#include <set>

#include "app/words.h"

namespace wanspool::app {
namespace {

constexpr hours kWarning{6};
constexpr hours kUrgent{1};

std::string expiring_words(Expiring const& expiring, Instant now) {
  auto const count = count_of(expiring.pictures, "picture");
  auto const left = expiring.first - now;
  if (left <= milliseconds{0})
    return fmt::format("URGENT: {} to fetch; an address of {} has died, a query asks for a new one", count,
                       expiring.job);
  return fmt::format("{}{} must be fetched within {}, {} first;", left <= kUrgent ? "URGENT: " : "", count,
                     human(left), expiring.job);
}

}  // namespace

void Concerns::add(Task const& task) {
  doubts += task.in_doubt();
  if (task.orphan) orphans.add(task);
  if (task.state != State::Downloading) return;
  auto const name = task.orphan ? "orphans/" + task.task_id : task.name;
  for (auto const& each : task.pictures)
    if (each.file.empty() && each.lost.empty()) addresses.emplace_back(each.expires, name);
}

Expiring Concerns::expiring(Instant now) const {
  Expiring soon;
  for (auto const& [expires, name] : addresses) {
    if (expires > now + kWarning) continue;
    ++soon.pictures;
    if (soon.pictures > 1 && expires >= soon.first) continue;
    soon.first = expires;
    soon.job = name;
  }
  return soon;
}

Concerns concerns_of(Reader& reader, Tally const& tally) {
  Concerns concerns;
  reader.orphans([&](Task const& task) {
    concerns.add(task);
    return true;
  });
  if (tally[State::Submitting] + tally[State::Downloading] == 0) return concerns;
  std::set<std::int64_t> seen;  // a shared purchase counts once
  reader.jobs({}, [&](JobRow const& row) {
    auto const state = row.task.state;
    if ((state == State::Submitting || state == State::Downloading) && seen.insert(row.task.id).second)
      concerns.add(row.task);
    return true;
  });
  return concerns;
}

std::vector<Said> words_of_concerns(Concerns const& concerns, std::int64_t held, Spool const& spool,
                                    std::string const& currency, Instant now) {
  std::vector<Said> lines;
  auto const add = [&](char const* name, std::string text, std::string helps) {
    lines.push_back({name, std::move(text)});
    lines.push_back({"", std::move(helps)});
  };
  if (concerns.doubts > 0)
    add("doubts",
        count_of(concerns.doubts, "order") +
            " sent and unanswered; the account's list says what became of it:",
        "wanspool list --state submitting");
  if (held > 0)
    add("held", count_of(held, "job") + " may have been bought or not; a person decides:",
        "wanspool list --state held, then wanspool show JOB");
  if (concerns.orphans.total() > 0) {
    auto const& orphans = concerns.orphans;
    auto const cost = money(orphans.spent + orphans.uncertain + orphans.reserved, currency);
    add("orphans", fmt::format("{}, {}, paid for and no job's:", count_of(orphans.total(), "task"), cost),
        spool.orphans.string());
  }
  if (auto const soon = concerns.expiring(now); soon.pictures > 0)
    add("expiring", expiring_words(soon, now), "keep a daemon or a run at work");
  return lines;
}

std::vector<Said> words_of_shared_key(std::string const& seen) {
  if (seen.empty()) return {};
  auto const at = read_time(seen);
  return {{"key", fmt::format("shared: another program made a task with it, last seen {};",
                              at ? local_time(*at) : one_line(seen))},
          {"", "what is in doubt is held until wanspool has a key of its own"}};
}

}  // namespace wanspool::app
