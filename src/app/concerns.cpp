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
  if (expiring.first <= now)
    return fmt::format(
        "URGENT: {} to fetch, of {}; the address of one has died at {}, a query asks for a new one", count,
        expiring.job, near_time(expiring.first, now));
  return fmt::format("{}{} must be fetched within {}: {} first; keep a daemon or a run at work",
                     expiring.first - now <= kUrgent ? "URGENT: " : "", count, human(expiring.first - now),
                     expiring.job);
}

}  // namespace

void Concerns::add(Task const& task) {
  doubts += task.in_doubt();
  if (task.orphan) {
    ++orphans;
    orphans_cost += task.spent + task.uncertain + task.reserved;
  }
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
  if (concerns.doubts > 0)
    lines.push_back(
        {"doubts", fmt::format("{} sent and unanswered; the account's list tells whether they were "
                               "bought: wanspool list --state submitting",
                               count_of(concerns.doubts, "order"))});
  if (held > 0)
    lines.push_back(
        {"held", fmt::format("{} may have been bought or not; a person decides: wanspool list --state "
                             "held, wanspool show JOB",
                             count_of(held, "job"))});
  if (concerns.orphans > 0)
    lines.push_back(
        {"orphans", fmt::format("{}, {}: paid for and no job's; in {}", count_of(concerns.orphans, "task"),
                                money(concerns.orphans_cost, currency), spool.orphans.string())});
  if (auto const soon = concerns.expiring(now); soon.pictures > 0)
    lines.push_back({"expiring", expiring_words(soon, now)});
  return lines;
}

std::string shared_key_words(std::string const& seen) {
  auto const at = read_time(seen);
  return fmt::format(
      "shared: another program made a task with it, last seen {}; what is in doubt is held until wanspool "
      "has a "
      "key of its own",
      at ? local_time(*at) : one_line(seen));
}

}  // namespace wanspool::app
