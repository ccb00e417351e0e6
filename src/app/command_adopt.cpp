#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <iostream>

#include "app/commands.h"
#include "app/exit.h"
#include "app/request.h"
#include "app/rows.h"
#include "engine/errand_words.h"

namespace wanspool::app {
namespace {

constexpr char kFooter[] = R"(Examples:
  wanspool show cats/hero                     the candidates of a held job, and where their pictures lie
  wanspool adopt cats/hero 0385dc79-5ff8-4d82-bcb6-7d1fb0b1f2c4

Ends a doubt by hand: this task of the account is what the job bought. Nothing is paid for it again. Without a
terminal it needs --yes.)";

struct Options {
  Where where;
  std::string job, task_id;
  bool yes = false;
};

JobRow the_job(std::vector<JobRow> const& jobs, std::string const& asked) {
  auto const found =
      std::find_if(jobs.begin(), jobs.end(), [&](JobRow const& row) { return name_of(row) == asked; });
  if (found == jobs.end() && jobs.size() > 1)
    throw Quit{kWrong, fmt::format("'{}' means {} jobs; a task belongs to one", asked, jobs.size())};
  return found == jobs.end() ? jobs.front() : *found;
}

// A queue that was put back from a copy may still want what lies in orphans/.
bool is_orphan(Reader& reader, std::string const& task_id) {
  bool found = false;
  reader.orphans([&](Task const& orphan) { return !(found = orphan.task_id == task_id); });
  return found;
}

// What is known of the task that is to be the job's.
std::string words_about(std::vector<Task> const& candidates, std::string const& task_id,
                        std::string const& job, std::string const& currency) {
  for (auto const& each : candidates)
    if (each.task_id == task_id)
      return fmt::format("task {}: {}, made {}, {}", task_id, wanspool::name_of(each.state),
                         local_time(each.times.accepted),
                         money(each.spent + each.reserved + each.uncertain, currency));
  return fmt::format("task {} is none of the candidates that are known here; wanspool show {} names them",
                     task_id, job);
}

int adopt(Options const& options) {
  auto const context = open_context(options.where);
  auto const words = job_words({options.job}, std::cin, std::filesystem::current_path(), context.spool);
  if (words.size() != 1) throw Quit{kWrong, "adopt wants one job and one task id"};
  auto const reader = reader_of(context.spool);
  auto const row = the_job(jobs_meant(reader.get(), words), words.front());
  auto const job = name_of(row);
  bool const lies_there = row.task.state == State::Queued && is_orphan(*reader, options.task_id);
  if (auto const why = why_not_adopt(row.task, job, options.task_id, lies_there); !why.empty())
    throw Quit{kWrong, why};
  Screen screen;
  screen.say("spool " + context.spool.root.string());
  screen.say(words_about(reader->candidates(row.task.id), options.task_id, job, context.currency()));
  screen.say(
      fmt::format("it becomes the purchase of {}, and the doubt is over; its cost is counted there,", job));
  screen.say("and its pictures come to " + (context.spool.out / job).string());
  if (!is_agreed(fmt::format("Is it what {} bought?", job), options.yes)) return kPerson;
  return hand_over(context, {Command::Verb::Adopt, new_id(), {job}, options.task_id}, screen);
}

}  // namespace

void add_adopt(CLI::App& program, Chosen& chosen) {
  auto* const command =
      program.add_subcommand("adopt", "Say which task of the account is what a held job bought");
  auto const options = std::make_shared<Options>();
  command->add_option("JOB", options->job, "a job that is held, in doubt or waiting")->required();
  command->add_option("TASK_ID", options->task_id, "as wanspool show or the provider's console names it")
      ->required()
      ->check([](std::string const& text) {
        return text.empty() || text.find_first_of(" \t\n/") != text.npos ? "that is no task id" : "";
      });
  command->add_flag("--yes", options->yes, "without being asked");
  add_where(*command, options->where);
  command->footer(kFooter);
  command->callback([options, &chosen] { chosen = [options] { return adopt(*options); }; });
}

}  // namespace wanspool::app
