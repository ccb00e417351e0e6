#include <fmt/format.h>

#include <CLI/CLI.hpp>

#include "app/commands.h"
#include "app/exit.h"
#include "app/request.h"

namespace wanspool::app {
namespace {

constexpr char kFooter[] = R"(Examples:
  wanspool cancel cats/hero                   one job, and all that is called cats/hero/…
  wanspool cancel cats                        a whole manifest
  wanspool cancel 'cats/*/red'                '*' is within a part of a name, '**' across parts
  wanspool list --state queued --json | jq -r .job | wanspool cancel -

What was not sent is stopped at once. What is at the provider is asked to be canceled there, which works while it
waits; what is being drawn is paid, comes, and is filed as done. A job whose create is unanswered is canceled when
its fate is known. Another job that wants the same pictures gets them. wanspool retry queues canceled jobs again, and
so does dropping their manifest.)";

struct Options {
  Where where;
  std::vector<std::string> jobs;
  bool json = false;
};

int cancel(Options const& options) {
  auto const context = open_context(options.where);
  auto const words = words_of_jobs(options.jobs, context, reader_of(context.spool).get());
  Screen screen;
  screen.say("spool " + context.spool.root.string());
  return hand_over(context, {Command::Verb::Cancel, new_id(), words, {}}, screen, options.json);
}

}  // namespace

void add_cancel(CLI::App& program, Chosen& chosen) {
  auto* const command = program.add_subcommand(
      "cancel", "Stop jobs: at once what was not sent, at the provider what waits there");
  auto const options = std::make_shared<Options>();
  command->add_option("JOB", options->jobs, "which; - reads names from standard input")->required();
  command->add_flag("--json", options->json, kAnswers);
  add_where(*command, options->where);
  command->footer(kFooter);
  command->callback([options, &chosen] { chosen = [options] { return cancel(*options); }; });
}

}  // namespace wanspool::app
