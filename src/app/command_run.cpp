#include <CLI/CLI.hpp>

#include "app/commands.h"
#include "app/paper.h"
#include "app/run.h"

namespace wanspool::app {
namespace {

constexpr char kFooter[] = R"(Examples:
  wanspool run cats.yaml                       buy its pictures, and leave when they are here
  wanspool run                                 whatever lies in the inbox or was not finished last time
  wanspool run catalog.yaml --sample 20        twenty of its jobs; the whole one later buys only the rest
  wanspool run cats.yaml 2>/dev/null | xargs -d '\n' open

One path per finished picture is printed on standard output; progress goes to standard error. Where a daemon has
the spool, the files are handed to it and watched. A price above ask_above (50 CNY unless configured) is asked for;
--yes answers. Ctrl-C once: nothing more is bought, what is paid is finished. Twice: it leaves; what is out there is
fetched by the next run, if that is within 24 hours.)";

}  // namespace

void add_run(CLI::App& program, Chosen& chosen) {
  auto* const command =
      program.add_subcommand("run", "Take manifests and the inbox, work until all is finished, leave");
  auto const options = std::make_shared<RunOptions>();
  command->add_option("FILE", options->files, "manifests (.yaml, .yml, .json)");
  command->add_flag("--until-idle", options->until_idle, "leave when nothing is left to do (the default)");
  command->add_flag("--yes", options->yes, "the price is agreed to");
  add_selection(*command, options->selection);
  command->add_flag("-v,--verbose", options->verbose, "log what happens, every request included");
  add_where(*command, options->where);
  command->footer(kFooter);
  command->callback([options, &chosen] { chosen = [options] { return run(*options); }; });
}

}  // namespace wanspool::app
