#include <CLI/CLI.hpp>
#include <csignal>
#include <cstdio>
#include <iostream>

#include "app/commands.h"
#include "app/exit.h"
#include "app/job_csv.h"
#include "app/rows.h"
#include "app/watch.h"

namespace wanspool::app {
namespace {

constexpr char kFooter[] = R"(Examples:
  wanspool wait cats && ls spool/out/cats
  wanspool wait 'cats/**' --timeout 3600
  wanspool list --json --state queued | jq -r .job | wanspool wait -

What a cap of a day or a month keeps is waited for; a line says until when. Ends with 0 when all are done, 1 when one
failed or was canceled or the time ran out, 3 when the key or the bill stops them, 4 when there is none, 6 when only a
person helps: one is held or paused, or a manifest's budget is reached.)";

struct Options {
  Where where;
  std::vector<std::string> jobs;
  double timeout = 0;
  bool json = false, csv = false;
};

void print_jobs(Context const& context, Names names, bool csv) {
  auto const reader = reader_of(context.spool);
  auto const glance = open_glance(context.spool.database);
  auto text = csv ? job_csv_head() : std::string{};
  each_job(*reader, names, [&](JobRow const& row) {
    auto const object = job_json(row, glance->spent_on(row), context.spool, context.currency());
    text += csv ? job_csv(object) : object + "\n";
    return true;
  });
  std::fwrite(text.data(), 1, text.size(), stdout);
}

int wait(Options const& options) {
  auto const context = open_context(options.where);
  Names names{job_words(options.jobs, std::cin, std::filesystem::current_path(), context.spool)};
  Signals signals{SIGINT, SIGTERM};
  Screen screen;
  auto const reader = reader_of(context.spool);
  if (!reader) throw Quit{kNoSuch, "nothing has been taken in yet"};
  each_job(*reader, names, [](JobRow const&) { return true; });
  refuse_unmatched(*reader, names);
  Watch watch{context, names, screen, signals, Watch::Tell::Nothing};
  std::optional<milliseconds> timeout;
  if (options.timeout > 0) timeout = milliseconds{static_cast<std::int64_t>(options.timeout * 1000)};
  auto const end = watch.until_settled(timeout);
  if (end == Watch::End::Interrupted) leave_by(SIGINT);
  if (options.json || options.csv) print_jobs(context, names, options.csv);
  if (end != Watch::End::TimedOut) return watch.exit_code();
  screen.say("wanspool: the time ran out before all jobs were over");
  return kFailed;
}

}  // namespace

void add_wait(CLI::App& program, Chosen& chosen) {
  auto* const command = program.add_subcommand("wait", "Wait until jobs are over, or wait for a person");
  auto const options = std::make_shared<Options>();
  command->add_option("JOB", options->jobs, "which. - reads names from standard input")->required();
  command->add_option("--timeout", options->timeout, "seconds after which to give up; 0: never")
      ->check(CLI::NonNegativeNumber)
      ->type_name("SECONDS");
  add_forms(*command, options->json, options->csv, "at the end one object a line for each job",
            "at the end a table (RFC 4180) of the jobs, as list --csv prints it");
  add_where(*command, options->where);
  command->footer(kFooter);
  command->callback([options, &chosen] { chosen = [options] { return wait(*options); }; });
}

}  // namespace wanspool::app
