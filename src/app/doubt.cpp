#include "app/doubt.h"

#include <fmt/format.h>

#include "app/words.h"

namespace wanspool::app {

namespace fs = std::filesystem;

namespace {

std::string cost_words(Task const& task, std::string const& currency) {
  if (task.spent > Money{}) return money(task.spent, currency);
  if (task.uncertain > Money{}) return money(task.uncertain, currency) + " (uncertain)";
  return task.reserved > Money{} ? "at most " + money(task.reserved, currency) : money({}, currency);
}

void add_pictures(std::vector<Said>& lines, Task const& task, fs::path const& folder) {
  for (auto const& each : task.pictures)
    if (!each.file.empty()) lines.push_back({"", (folder / each.file).string()});
}

void add_what_is_known(std::vector<Said>& lines, Task const& task, std::string const& currency, Instant now) {
  lines.push_back(
      {"doubt", "its order was sent" +
                    (task.times.sent == Instant{} ? "" : " at " + near_time(task.times.sent, now)) +
                    " and its answer was lost"});
  if (task.possible_until != Instant{})
    lines.push_back(
        {"", fmt::format("it was accepted before {}, or never", near_time(task.possible_until, now))});
  auto const cost = task.reserved > Money{}
                        ? money(task.reserved, currency) + " stay reserved"
                        : std::string{"what it may have cost is counted with its candidates"};
  lines.push_back({"", cost + "; it is never sent again"});
  lines.push_back({"", "by itself, for that could pay twice"});
}

void add_candidates(std::vector<Said>& lines, Whole const& whole, Spool const& spool,
                    std::string const& currency, Instant now) {
  for (auto const& each : whole.candidates) {
    lines.push_back(
        {"candidate", fmt::format("{}: {}, made {}, {}", each.task_id, wanspool::name_of(each.state),
                                  near_time(each.times.accepted, now), cost_words(each, currency))});
    add_pictures(lines, each, spool.orphan_folder(each.task_id));
    lines.push_back(
        {"", fmt::format("if it is this one:  wanspool adopt {} {}", name_of(whole.row), each.task_id)});
  }
  if (!whole.candidates.empty()) return;
  lines.push_back(
      {"", "no task of the account is known that it may have bought; the provider's console lists"});
  lines.push_back({"", "those of the last 24 hours. One that it was:"});
  lines.push_back({"", fmt::format("  wanspool adopt {} TASK_ID", name_of(whole.row))});
}

}  // namespace

std::vector<Said> words_of_doubt(Whole const& whole, Spool const& spool, std::string const& currency,
                                 milliseconds list_delay, Instant now) {
  auto const& task = whole.row.task;
  std::vector<Said> lines;
  if (task.in_doubt()) {
    lines.push_back({"doubt", fmt::format("sent and unanswered; the account's list is read at {}",
                                          near_time(task.possible_until + list_delay, now))});
    lines.push_back({"", "and says whether it was bought; until then it is not sent again"});
    for (auto const& each : whole.candidates)
      lines.push_back(
          {"candidate", fmt::format("{}: {}, made {}", each.task_id, wanspool::name_of(each.state),
                                    near_time(each.times.accepted, now))});
    return lines;
  }
  if (task.state != State::Held) return lines;
  add_what_is_known(lines, task, currency, now);
  add_candidates(lines, whole, spool, currency, now);
  lines.push_back(
      {"", fmt::format("to buy it anew:     wanspool redo {}   (may pay twice)", name_of(whole.row))});
  return lines;
}

std::vector<Said> words_of_purchases(Whole const& whole, Spool const& spool, std::string const& currency) {
  std::vector<Said> lines;
  auto const tell = [&](char const* name, Task const& task, fs::path const& folder,
                        std::string const& words) {
    lines.push_back(
        {name, fmt::format("{}: {}, {}{}", words, wanspool::name_of(task.state), cost_words(task, currency),
                           task.task_id.empty() ? "" : ", task " + task.task_id)});
    if (auto const why = trouble_words(task.error); !why.empty() && task.state != State::Done)
      lines.push_back({"", why});
    add_pictures(lines, task, folder);
  };
  for (auto const& each : whole.purchases.refills)
    tell("refill", each, spool.out / whole.row.task.name,
         fmt::format("{} from picture {} on", count_of(each.wanted, "picture"), each.first));
  auto const old = folder_of_replaced(whole.row, spool);
  for (auto each : whole.purchases.replaced) {
    std::error_code ignored;
    for (auto& picture : each.pictures)
      if (!fs::exists(old / picture.file, ignored)) picture.file.clear();
    tell("earlier", each, old, fmt::format("take {}", each.take));
  }
  return lines;
}

}  // namespace wanspool::app
