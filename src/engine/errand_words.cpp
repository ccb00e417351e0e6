#include "engine/errand_words.h"

#include <fmt/format.h>

#include <iterator>

namespace wanspool {
namespace {

using Verb = Errand::Verb;

class Words {
 public:
  Words(Errand const& errand, ErrandLog const& log, std::string const& currency)
      : errand_{errand}, log_{log}, currency_{currency} {}

  std::string text() {
    switch (errand_.verb) {
      case Verb::Cancel:
        cancel();
        break;
      case Verb::Retry:
        retry();
        break;
      case Verb::Pause:
        pause();
        break;
      case Verb::Resume:
        resume();
        break;
      case Verb::Priority:
        priority();
        break;
    }
    for (auto const& each : log_.strange) add(each + " is not known here");
    return text_;
  }

 private:
  // "no job is …", "1 job is …", "3 jobs are …"
  static std::string jobs(std::int64_t number) {
    if (number == 0) return "no job is";
    return number == 1 ? "1 job is" : fmt::format("{} jobs are", number);
  }
  static std::string are(std::int64_t number) {
    return fmt::format("{} {}", number, number == 1 ? "is" : "are");
  }
  std::string at_most(Money cost) const { return fmt::format("{} {} at most", decimal(cost), currency_); }
  void add(std::string const& words) { text_ += (text_.empty() ? "" : "; ") + words; }
  void add(std::int64_t number, std::string const& words) {
    if (number > 0) add(words);
  }

  void cancel() {
    add(jobs(log_.changed) + " stopped");
    add(log_.shared,
        fmt::format("of these {} wanted by another job too, which gets what they share", are(log_.shared)));
    add(log_.asked, fmt::format("{} at the provider, which is asked to cancel what still waits there ({})",
                                are(log_.asked), at_most(log_.asked_cost)));
    add(log_.unanswered, fmt::format("{} sent and not answered; what was accepted is canceled there ({})",
                                     are(log_.unanswered), at_most(log_.unanswered_cost)));
    add(log_.drawn, fmt::format("{} being drawn, which nobody can stop: {} ({})", are(log_.drawn),
                                log_.drawn == 1 ? "it is paid and comes" : "they are paid and come",
                                at_most(log_.drawn_cost)));
    add(log_.paid, fmt::format("{} paid and here or on the way", are(log_.paid)));
    add(log_.over, fmt::format("{} over already", are(log_.over)));
    held();
  }
  void retry() {
    add(jobs(log_.changed) + " queued again");
    add(log_.paid, fmt::format("{} delivered and not bought again (redo does that)", are(log_.paid)));
    add(log_.over, fmt::format("{} waiting, under way or no longer wanted", are(log_.over)));
    add(log_.overdue,
        fmt::format("{} overdue: drop the manifest again with another deadline", are(log_.overdue)));
    if (log_.lost > 0) {
      auto const more = log_.lost - static_cast<std::int64_t>(log_.examples.size());
      add(fmt::format("{} paid for, or may be, and not delivered; only redo buys again: {}{}", are(log_.lost),
                      fmt::join(log_.examples, ", "), more > 0 ? fmt::format(" and {} more", more) : ""));
    }
    held();
  }
  void pause() {
    add(jobs(log_.changed) + " paused");
    add(log_.shared,
        fmt::format("of these {} wanted by another job too and bought for that one", are(log_.shared)));
    add(log_.asked, fmt::format("{} sent and paid, which goes on", are(log_.asked)));
    add(log_.over, fmt::format("{} over, canceled or paused already", are(log_.over)));
    held();
  }
  void resume() {
    if (log_.changed > 0 || errand_.forgiven.empty())
      add(log_.changed > 0 ? jobs(log_.changed) + " no longer paused" : "no job was paused");
    for (auto const& each : errand_.forgiven) add(fmt::format("failed jobs of {} are forgiven", each));
  }
  void priority() {
    add(fmt::format("{} of {} priority now", jobs(log_.changed), name_of(errand_.priority)));
    add(log_.asked, fmt::format("{} sent already", are(log_.asked)));
    add(log_.over, fmt::format("{} over", are(log_.over)));
  }
  void held() {
    add(log_.held, fmt::format("{} held: nobody knows whether {} bought; wanspool list --state held",
                               are(log_.held), log_.held == 1 ? "it was" : "they were"));
  }

  Errand const& errand_;
  ErrandLog const& log_;
  std::string const& currency_;
  std::string text_;
};

// In the order of kCounts.
std::string rows_of(ErrandLog const& log, std::string const& currency) {
  struct Row {
    std::int64_t jobs = 0;
    Money cost;
  };
  Row const rows[] = {{log.changed, {}},
                      {log.shared, {}},
                      {log.asked, log.asked_cost},
                      {log.drawn, log.drawn_cost},
                      {log.unanswered, log.unanswered_cost},
                      {log.paid, {}},
                      {log.over, {}},
                      {log.held, {}},
                      {log.overdue, {}},
                      {log.lost, {}}};
  static_assert(std::size(rows) == std::size(kCounts));
  std::string text;
  bool costs = false;
  for (std::size_t i = 0; i < std::size(rows); ++i) {
    auto const& [jobs, cost] = rows[i];
    if (jobs > 0 || text.empty()) text += fmt::format("{}  {}\n", kCounts[i], jobs);
    if (cost > Money{}) text += fmt::format("{}_cost  {}\n", kCounts[i], decimal(cost));
    costs = costs || cost > Money{};
  }
  return costs ? text + fmt::format("currency  {}\n", currency) : text;
}

}  // namespace

std::string why_not_adopt(Task const& task, std::string const& job, std::string const& task_id,
                          bool lies_there) {
  if (task.state == State::Held || task.in_doubt()) return {};
  if (task.state != State::Queued)
    return fmt::format(
        "{} is {}, so there is nothing to decide; only a job that is held, in doubt or waiting can be given "
        "a task: wanspool list --state held",
        job, name_of(task.state));
  if (lies_there) return {};
  return fmt::format(
      "{} waits to be bought, and task {} is none of those in orphans/; of what was never sent only one of "
      "these can be the purchase",
      job, task_id);
}

Obeyed obeyed_errand(Errand const& errand, ErrandLog const& log, std::string const& currency) {
  Obeyed obeyed;
  if (!errand.words.empty() && log.strange.size() == errand.words.size()) {
    for (auto const& each : log.strange)
      obeyed.complaints.push_back(each + " is not known here; wanspool list names the jobs");
    return obeyed;
  }
  obeyed.text = Words{errand, log, currency}.text();
  obeyed.counts = rows_of(log, currency);
  return obeyed;
}

}  // namespace wanspool
