#include <fmt/format.h>

#include <CLI/CLI.hpp>

#include "app/commands.h"
#include "app/exit.h"
#include "app/request.h"

namespace wanspool::app {
namespace {

constexpr char kFooter[] = R"(Examples:
  wanspool pause                              nothing more is bought
  wanspool pause cats dogs/rex                nothing more of these
  wanspool resume cats dogs/rex

What is paid goes on: it is fetched and filed. A pause outlives a stop, and dropping the manifest again; jobs that are
new in it are not paused. wanspool resume without a JOB ends the pause of the whole spool alone.)";

struct Options {
  Where where;
  std::vector<std::string> jobs;
  bool json = false;
};

int pause(Options const& options) {
  auto const context = open_context(options.where);
  Command command{Command::Verb::Pause, new_id(), {}, {}};
  if (!options.jobs.empty())
    command.jobs = words_of_jobs(options.jobs, context, reader_of(context.spool).get());
  Screen screen;
  screen.say("spool " + context.spool.root.string());
  return hand_over(context, command, screen, options.json);
}

}  // namespace

void add_pause(CLI::App& program, Chosen& chosen) {
  auto* const command =
      program.add_subcommand("pause", "Buy nothing more, of some jobs or of the whole spool");
  auto const options = std::make_shared<Options>();
  command->add_option("JOB", options->jobs,
                      "which; none: the whole spool. - reads names from standard input");
  command->add_flag("--json", options->json, kAnswers);
  add_where(*command, options->where);
  command->footer(kFooter);
  command->callback([options, &chosen] { chosen = [options] { return pause(*options); }; });
}

}  // namespace wanspool::app
