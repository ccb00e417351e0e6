#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <iostream>
#include <nlohmann/json.hpp>

#include "app/commands.h"
#include "app/context.h"
#include "app/doubt.h"
#include "app/exit.h"
#include "app/job_csv.h"
#include "app/removed.h"
#include "app/rows.h"
#include "app/words.h"
#include "base/harmless.h"
#include "engine/inbox_names.h"

namespace wanspool::app {
namespace {

constexpr char kFooter[] = R"(Examples:
  wanspool show cats/hero
  wanspool show out/cats/hero/image-1.png     the job that this picture belongs to
  wanspool show cats/hero --json | jq .request

Of a job that is held it shows the tasks that it may have bought, where their pictures lie, and what to type.)";

struct Options {
  Where where;
  std::string job;
  bool json = false, csv = false;
};

void line(char const* name, std::string const& text) {
  if (!text.empty()) std::printf("%-10s %s\n", name, harmless_lines(text).c_str());
}

JobRow the_job(Reader& reader, Names& names, std::string const& asked) {
  std::vector<JobRow> found;
  std::size_t count = 0;
  each_job(reader, names, [&](JobRow const& row) {
    if (name_of(row) == asked) {
      found = {row};
      count = 1;
      return false;
    }
    if (count++ == 0) found.push_back(row);
    return true;
  });
  refuse_unmatched(reader, names);
  if (count > 1)
    throw Quit{kWrong, fmt::format("'{}' means {} jobs; wanspool list '{}' names them", asked, count, asked)};
  return found.front();
}

void print_times(Times const& times) {
  line("queued", local_time(times.queued));
  line("sent", local_time(times.sent));
  line("accepted", local_time(times.accepted));
  line("working", local_time(times.running));
  line("finished", local_time(times.finished));
  line("done", local_time(times.done));
  std::string theirs;
  for (auto const& [name, at] :
       {std::pair{"submitted", times.submit_time}, std::pair{"scheduled", times.scheduled_time},
        std::pair{"ended", times.end_time}})
    if (!at.empty()) theirs += fmt::format("{}{} {}", theirs.empty() ? "" : ", ", name, at);
  if (!theirs.empty()) line("provider", theirs + " (its clock, zone not named)");
}

void print_pictures(JobRow const& row, Spool const& spool) {
  auto const& task = row.task;
  for (auto const& each : task.pictures) {
    if (!each.file.empty())
      line("picture", fmt::format("{}  {}x{}, {} bytes", picture_path(row, task, each, spool).string(),
                                  each.width, each.height, each.bytes));
    else
      line("picture", fmt::format("{}: {}", each.number,
                                  each.lost.empty() ? "not here yet" : "lost: " + one_line(each.lost)));
  }
  bool const over = task.state == State::Done || task.state == State::Failed;
  if (over && !task.pictures.empty() && static_cast<int>(task.pictures.size()) < task.wanted)
    line("", fmt::format("{} were asked for and {} came{}{}", task.wanted, task.pictures.size(),
                         task.shortfall.empty() ? "" : ": ", one_line(task.shortfall)));
}

void print(std::vector<Said> const& lines) {
  for (auto const& each : lines) line(each.name.c_str(), each.text);
}

void print(Whole const& whole, Context const& context) {
  auto const& row = whole.row;
  auto const& task = row.task;
  auto const currency = context.currency();
  line("job", name_of(row));
  Removed removed{context.spool};
  line("state",
       fmt::format("{}: {}", wanspool::name_of(task.state), meaning_of(row, context.spool, removed)));
  if (is_missing(row, context.spool)) line("", "to buy it again: wanspool redo " + name_of(row));
  if (row.wish == Wish::Paused) line("", "paused: it is not bought until wanspool resume " + name_of(row));
  if (task.is_unwanted() && !is_final(task.state))
    line("", task.cancel == Cancel::TooLate
                 ? "a cancel came too late: it is being drawn, paid, and comes"
                 : "to be canceled at the provider; what is drawn before that is paid, and comes");
  if (row.retired) line("", "retired: it is gone from its manifest; what was bought stays");
  for (auto const& each : whole.waits_for) line("waits for", each + ", whose picture it is made from");
  if (task.state != State::Done) line("why", trouble_words(task.error));
  print(words_of_doubt(whole, context.spool, currency, context.config.list_delay, BootClock{}.now()));
  if (auto const other = bought_for(row); !other.empty())
    line("shared", "the same request as " + other + ", bought once for both, in its name");
  line("model", task.model);
  line("asked in", fmt::format("{}, line {}", shown_name(row.source), row.line));
  if (task.take > 1) line("take", fmt::format("{}: bought again on purpose, with another seed", task.take));
  print_times(task.times);
  line("polls", std::to_string(task.polls));
  line("task id", task.task_id);
  line("request id", task.request_id);
  line("cost", fmt::format("spent {}, reserved {}, uncertain {} {}", decimal(whole.bought.spent),
                           decimal(whole.bought.reserved), decimal(whole.bought.uncertain), currency));
  line("folder", (context.spool.out / name_of(row)).string());
  print_pictures(row, context.spool);
  print(words_of_purchases(whole, context.spool, currency));
  auto const request = nlohmann::json::parse(whole.request, nullptr, false);
  line("request", request.is_discarded()
                      ? whole.request
                      : request.dump(2, ' ', false, nlohmann::json::error_handler_t::replace));
}

int show(Options const& options) {
  auto const context = open_context(options.where);
  auto const words = job_words({options.job}, std::cin, std::filesystem::current_path(), context.spool);
  if (words.size() != 1) throw Quit{kWrong, "show wants one job; wanspool list shows many"};
  Names names{words};
  auto const reader = reader_of(context.spool);
  if (!reader) throw Quit{kNoSuch, "nothing has been taken in yet"};
  auto const glance = open_glance(context.spool.database);
  auto const whole = whole_of(*reader, *glance, the_job(*reader, names, words.front()));
  if (options.json)
    std::printf("%s\n", whole_json(whole, context.spool, context.currency()).c_str());
  else if (options.csv)
    std::fputs(
        (job_csv_head() + job_csv(job_json(whole.row, whole.bought, context.spool, context.currency())))
            .c_str(),
        stdout);
  else
    print(whole, context);
  return kFine;
}

}  // namespace

void add_show(CLI::App& program, Chosen& chosen) {
  auto* const command = program.add_subcommand("show", "All that is known of one job");
  auto const options = std::make_shared<Options>();
  command->add_option("JOB", options->job, "its name, or a path under out/")->required();
  add_forms(*command, options->json, options->csv, "one JSON document",
            "a table (RFC 4180) of one line, with the columns of list --csv");
  add_where(*command, options->where);
  command->footer(kFooter);
  command->callback([options, &chosen] { chosen = [options] { return show(*options); }; });
}

}  // namespace wanspool::app
