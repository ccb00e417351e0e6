#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <iostream>

#include "app/commands.h"
#include "app/context.h"
#include "app/exit.h"
#include "app/rows.h"
#include "app/words.h"

namespace wanspool::app {
namespace {

constexpr char kFooter[] = R"(Examples:
  wanspool list                               every job
  wanspool list cats                          the manifest cats
  wanspool list 'cats/*/red' --long           '*' is within a part of a name, '**' across parts
  wanspool list --state failed,held
  wanspool list --json --state done | jq -r '.pictures[].file'
  wanspool list --json | jq -r .job | wanspool wait -)";

struct Options {
  Where where;
  std::vector<std::string> jobs, states;
  bool long_form = false, json = false;
};

std::vector<std::string> state_names() {
  std::vector<std::string> names;
  for (int state = 0; state < kStates; ++state) names.emplace_back(wanspool::name_of(State{state}));
  return names;
}

// The last thing we know to have happened.
Instant last_change(Times const& times) {
  return std::max({times.queued, times.sent, times.accepted, times.running, times.finished, times.done});
}

std::string line_of(JobRow const& row, Options const& options, std::string const& currency) {
  auto const& task = row.task;
  auto text = fmt::format("{:<40}  {:<11}  {:>3}/{:<3}  {:>12}", name_of(row), wanspool::name_of(task.state),
                          task.pictures_safe(), task.wanted,
                          money(task.spent + task.reserved + task.uncertain, currency));
  if (options.long_form)
    text += fmt::format("  {:<24}  {:<36}  {}:{}", local_time(last_change(task.times)),
                        task.task_id.empty() ? "-" : task.task_id, row.source, row.line);
  if (auto const words = trouble_words(task.error); !words.empty() && task.state != State::Done)
    text += "  " + words;
  return text;
}

int list(Options const& options) {
  auto const context = open_context(options.where);
  Names names{job_words(options.jobs, std::cin, std::filesystem::current_path(), context.spool)};
  auto const reader = reader_of(context.spool);
  if (!reader && !options.jobs.empty()) throw Quit{kNoSuch, "nothing has been taken in yet"};
  if (!reader) return kFine;
  auto const wanted = [&](State state) {
    auto const name = wanspool::name_of(state);
    return options.states.empty() ||
           std::find(options.states.begin(), options.states.end(), name) != options.states.end();
  };
  // Printed after the reading: a pager that waits must not hold the database.
  std::string text;
  each_job(*reader, names, [&](JobRow const& row) {
    if (!wanted(row.task.state)) return true;
    text += options.json ? job_json(row, context.spool, context.currency())
                         : line_of(row, options, context.currency());
    text += '\n';
    return true;
  });
  std::fwrite(text.data(), 1, text.size(), stdout);
  refuse_unmatched(*reader, names);
  return kFine;
}

}  // namespace

void add_list(CLI::App& program, Chosen& chosen) {
  auto* const command = program.add_subcommand("list", "Jobs: state, pictures, cost and, if any, trouble");
  auto const options = std::make_shared<Options>();
  command->add_option("JOB", options->jobs, "which; all without it. - reads names from standard input");
  command->add_option("--state", options->states, "only these, with commas between")
      ->delimiter(',')
      ->type_name("STATE")
      ->check(CLI::IsMember(state_names()));
  command->add_flag("--long", options->long_form, "when, task id and where it was asked for as well");
  command->add_flag("--json", options->json, "one object a line");
  add_where(*command, options->where);
  command->footer(kFooter);
  command->callback([options, &chosen] { chosen = [options] { return list(*options); }; });
}

}  // namespace wanspool::app
