#include <fmt/format.h>

#include <CLI/CLI.hpp>

#include "app/commands.h"
#include "app/exit.h"
#include "app/request.h"

namespace wanspool::app {
namespace {

constexpr char kFooter[] = R"(Examples:
  wanspool priority high cats/hero
  wanspool priority low 'archive/**'

It says who is bought next, from the next create on. A manifest that is dropped again with another 'priority:' changes
it for all of its jobs that wait.)";

struct Options {
  Where where;
  std::string level;
  std::vector<std::string> jobs;
  bool json = false;
};

int priority(Options const& options) {
  auto const context = open_context(options.where);
  Command command{Command::Verb::Priority, new_id(), {}, {}};
  for (auto const each : {Priority::High, Priority::Normal, Priority::Low})
    if (options.level == wanspool::name_of(each)) command.priority = each;
  command.jobs = words_of_jobs(options.jobs, context, reader_of(context.spool).get());
  Screen screen;
  screen.say("spool " + context.spool.root.string());
  return hand_over(context, command, screen, options.json);
}

}  // namespace

void add_priority(CLI::App& program, Chosen& chosen) {
  auto* const command =
      program.add_subcommand("priority", "Let jobs that wait go before others, or after them");
  auto const options = std::make_shared<Options>();
  command->add_option("LEVEL", options->level, "high, normal or low")
      ->required()
      ->check(CLI::IsMember(std::vector<std::string>{"high", "normal", "low"}));
  command->add_option("JOB", options->jobs, "which; - reads names from standard input")->required();
  command->add_flag("--json", options->json, kAnswers);
  add_where(*command, options->where);
  command->footer(kFooter);
  command->callback([options, &chosen] { chosen = [options] { return priority(*options); }; });
}

}  // namespace wanspool::app
