#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <iostream>
#include <system_error>

#include "app/commands.h"
#include "app/exit.h"
#include "app/name_list.h"
#include "app/removed.h"
#include "app/request.h"
#include "app/rows.h"
#include "base/files.h"

namespace wanspool::app {
namespace {

constexpr char kFooter[] = R"(Examples:
  wanspool redo cats/hero                     another picture of it, with another seed
  wanspool redo 'cats/**' --yes               without being asked
  wanspool redo --from bad.csv                the jobs that a review names
  wanspool redo --deleted catalog             those whose pictures somebody has deleted
  wanspool list --state failed --json | wanspool redo --from - --yes

A FILE of names has one a line, # begins a comment; or it is a table with a header, or JSONL, and its column job,
file_name, file, path, picture or name names a job or one of its pictures, as list --pictures --csv prints them.

The only command that pays again. The price is shown before; the old pictures stay where they are until the new
ones are here, and then move to old/. Without a terminal it needs --yes.)";

constexpr std::size_t kShown = 20;
constexpr std::size_t kListMost = 512u << 20;

struct Options {
  Where where;
  std::vector<std::string> jobs;
  std::string from;
  bool deleted = false, yes = false, json = false;
};

// Nobody can tell, or not yet, whether it was bought.
bool is_doubtful(Task const& task) {
  return task.state == State::Held || task.in_doubt();
}

// What may be bought again is over, or waits for a person.
void refuse_unfinished(std::vector<JobRow> const& jobs) {
  for (auto const& each : jobs) {
    auto const state = each.task.state;
    if (is_final(state) || is_doubtful(each.task)) continue;
    auto const helps = state == State::Queued ? "it has not been bought yet; a run or a daemon does that"
                                              : "it is under way; wanspool wait says when it is over";
    throw Quit{kWrong,
               fmt::format("{} is {}: {}; nothing was done", name_of(each), wanspool::name_of(state), helps)};
  }
}

struct Price {
  std::int64_t pictures = 0, held = 0;
  Money most;
};

Price show_prices(std::vector<JobRow> const& jobs, std::string const& currency, Screen& screen) {
  Price all;
  std::size_t shown = 0;
  for (auto const& each : jobs) {
    auto const& task = each.task;
    auto const most = task.price * task.wanted;
    all.pictures += task.wanted;
    all.most += most;
    bool const held = is_doubtful(task);
    all.held += held;
    if (++shown > kShown) continue;
    screen.say(fmt::format("{}: {}, at most {}{}", name_of(each), count_of(task.wanted, "picture"),
                           money(most, currency),
                           held ? "; it may have been bought already: this may pay twice" : ""));
  }
  if (shown > kShown) screen.say(fmt::format("… and {} more", shown - kShown));
  return all;
}

std::vector<std::string> words_of(Options const& options, Spool const& spool) {
  auto const here = std::filesystem::current_path();
  auto arguments = options.jobs;
  if (options.from == "-") arguments.push_back("-");
  auto words = job_words(arguments, std::cin, here, spool);
  if (options.from.empty() || options.from == "-") return words;
  std::string list;
  try {
    list = read_file(options.from, kListMost);
  } catch (std::system_error const& error) {
    throw Quit{kWrong, error.what()};
  }
  for (auto const& each : names_in(list, options.from)) words.push_back(job_word(each, here, spool));
  return words;
}

std::vector<JobRow> jobs_of(Options const& options, Spool const& spool) {
  if (options.jobs.empty() && options.from.empty() && !options.deleted)
    throw Quit{kWrong,
               "which jobs? name some, or --from a list, or --deleted for all whose pictures were deleted"};
  auto const words = words_of(options, spool);
  if (words.empty() && !options.deleted) throw Quit{kNoSuch, "no job was named"};
  auto jobs = jobs_meant(reader_of(spool).get(), words);
  if (!options.deleted) return jobs;
  // What wanspool gc was told to remove is not to be paid again.
  Removed removed{spool};
  std::erase_if(jobs, [&](JobRow const& row) { return !is_missed(row, spool, removed); });
  if (jobs.empty()) throw Quit{kNoSuch, "no picture was deleted"};
  return jobs;
}

int redo(Options const& options) {
  auto const context = open_context(options.where);
  auto const jobs = jobs_of(options, context.spool);
  refuse_unfinished(jobs);
  Screen screen;
  screen.say("spool " + context.spool.root.string());
  auto const price = show_prices(jobs, context.currency(), screen);
  screen.say(
      fmt::format("{}, at most {}, at most {}; the old pictures move to old/ when the new ones are here",
                  count_of(static_cast<std::int64_t>(jobs.size()), "job"),
                  count_of(price.pictures, "picture"), money(price.most, context.currency())));
  auto const question = price.held > 0
                            ? fmt::format("{} in doubt and may be paid twice. Buy again?",
                                          price.held == 1 ? "1 is" : fmt::format("{} are", price.held))
                            : std::string{"Buy again?"};
  if (!is_agreed(question, options.yes)) return kPerson;
  Command command{Command::Verb::Redo, new_id(), {}, {}};
  for (auto const& each : jobs) command.jobs.push_back(name_of(each));
  command.price = price.most;
  command.currency = context.currency();
  return hand_over(context, command, screen, options.json);
}

}  // namespace

void add_redo(CLI::App& program, Chosen& chosen) {
  auto* const command = program.add_subcommand("redo", "Buy jobs again: shows the price, asks, pays again");
  auto const options = std::make_shared<Options>();
  command->add_option("JOB", options->jobs, "which. - reads names from standard input");
  command
      ->add_option("--from", options->from,
                   "names: a list, a CSV with a header, or JSONL; - for standard input")
      ->type_name("FILE");
  command->add_flag("--deleted", options->deleted, "of these or of all, those whose pictures were deleted");
  command->add_flag("--yes", options->yes, "the price is agreed to");
  command->add_flag("--json", options->json, kAnswers);
  add_where(*command, options->where);
  command->footer(kFooter);
  command->callback([options, &chosen] { chosen = [options] { return redo(*options); }; });
}

}  // namespace wanspool::app
