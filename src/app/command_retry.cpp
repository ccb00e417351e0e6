#include <fmt/format.h>

#include <CLI/CLI.hpp>

#include "app/commands.h"
#include "app/exit.h"
#include "app/request.h"

namespace wanspool::app {
namespace {

constexpr char kFooter[] = R"(Examples:
  wanspool retry cats                         what failed or was canceled of this manifest
  wanspool retry --failed                     all that has failed
  wanspool retry --failed 'cats/**'

Queues again what is known to have cost nothing. What was delivered is never paid again, and what was paid for and
not delivered is refused: that is for wanspool redo, which shows the price.)";

struct Options {
  Where where;
  bool failed = false, json = false;
  std::vector<std::string> jobs;
};

int retry(Options const& options) {
  if (options.jobs.empty() && !options.failed)
    throw Quit{kWrong, "which jobs? name some, or --failed for all that has failed"};
  auto const context = open_context(options.where);
  Command command{Command::Verb::Retry, new_id(), {}, {}};
  command.failed = options.failed;
  if (!options.jobs.empty())
    command.jobs = words_of_jobs(options.jobs, context, reader_of(context.spool).get());
  Screen screen;
  screen.say("spool " + context.spool.root.string());
  return hand_over(context, command, screen, options.json);
}

}  // namespace

void add_retry(CLI::App& program, Chosen& chosen) {
  auto* const command =
      program.add_subcommand("retry", "Queue again what failed or was canceled and cost nothing");
  auto const options = std::make_shared<Options>();
  command->add_flag("--failed", options->failed, "only what has failed; without JOB all of it");
  command->add_option("JOB", options->jobs, "which; - reads names from standard input");
  command->add_flag("--json", options->json, kAnswers);
  add_where(*command, options->where);
  command->footer(kFooter);
  command->callback([options, &chosen] { chosen = [options] { return retry(*options); }; });
}

}  // namespace wanspool::app
