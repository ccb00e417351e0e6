#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <iostream>

#include "app/commands.h"
#include "app/exit.h"
#include "app/request.h"
#include "app/rows.h"

namespace wanspool::app {
namespace {

constexpr char kFooter[] = R"(Examples:
  wanspool redo cats/hero                     another picture of it, with another seed
  wanspool redo 'cats/**' --yes               without being asked
  wanspool list --state failed --json | jq -r .job | wanspool redo - --yes

The only command that pays again. The price is shown before; the old pictures stay where they are until the new
ones are here, and then move to old/. Without a terminal it needs --yes.)";

struct Options {
  Where where;
  std::vector<std::string> jobs;
  bool yes = false;
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
  for (auto const& each : jobs) {
    auto const& task = each.task;
    auto const most = task.price * task.wanted;
    all.pictures += task.wanted;
    all.most += most;
    bool const held = is_doubtful(task);
    all.held += held;
    screen.say(fmt::format("{}: {}, at most {}{}", name_of(each), count_of(task.wanted, "picture"),
                           money(most, currency),
                           held ? "; it may have been bought already: this may pay twice" : ""));
  }
  return all;
}

int redo(Options const& options) {
  auto const context = open_context(options.where);
  auto const words = job_words(options.jobs, std::cin, std::filesystem::current_path(), context.spool);
  auto const jobs = jobs_meant(reader_of(context.spool).get(), words);
  if (jobs.empty()) throw Quit{kNoSuch, "no job was named"};
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
  return hand_over(context, command, screen);
}

}  // namespace

void add_redo(CLI::App& program, Chosen& chosen) {
  auto* const command = program.add_subcommand("redo", "Buy jobs again: shows the price, asks, pays again");
  auto const options = std::make_shared<Options>();
  command->add_option("JOB", options->jobs, "which. - reads names from standard input")->required();
  command->add_flag("--yes", options->yes, "the price is agreed to");
  add_where(*command, options->where);
  command->footer(kFooter);
  command->callback([options, &chosen] { chosen = [options] { return redo(*options); }; });
}

}  // namespace wanspool::app
