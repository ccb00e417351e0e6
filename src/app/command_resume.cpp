#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>

#include "app/commands.h"
#include "app/exit.h"
#include "app/inbox_look.h"
#include "app/request.h"
#include "app/stops.h"

namespace wanspool::app {
namespace {

constexpr char kFooter[] = R"(Examples:
  wanspool status                             says whether this spool waits, and why
  wanspool resume
  wanspool resume fruit nuts                  what has failed of these is no reason to hold back the rest
  wanspool resume fruit 'nuts/**'             what was paused of these is bought again

Without a JOB the pause of the whole spool ends; jobs that were paused by name wait on. A spool whose database was
put back from a backup buys nothing until somebody has looked: what was bought since may be missing in it. A manifest
of which more has failed than its max_failures allows buys nothing more until it is named here; what has failed until
then counts no longer.)";

struct Options {
  Where where;
  std::vector<std::string> jobs;
  bool json = false;
};

// Whatever nobody has taken yet, or has not gone through with, may be a pause.
bool may_pause(Spool const& spool) {
  std::error_code ignored;
  if (look_into_inbox(spool, false).waiting > 0) return true;
  return std::filesystem::directory_iterator{spool.claims, ignored} != std::filesystem::directory_iterator{};
}

int resume_spool(Context const& context, Reader* reader, bool json, Screen& screen) {
  Command const command{Command::Verb::Resume, new_id(), {}, {}};
  // Before the queue is asked: what is gone from there has had its effect.
  bool const may = may_pause(context.spool);
  auto const paused = reader ? reader->fact("paused") : std::string{};
  auto const lanes = reader ? reader->lanes() : std::vector<LaneRow>{};
  bool const waits = std::any_of(lanes.begin(), lanes.end(), [now = BootClock{}.now()](LaneRow const& each) {
    return each.weather.until > now;
  });
  if (paused.empty() && !waits && !may) {
    std::string const words = "nothing waits for this: the spool is not paused";
    screen.say(words);
    if (json) print_answer(command, "nothing", words);
    for (auto const& each : reader ? reader->stops() : std::vector<Stop>{})
      screen.say(line_of_stop(each, context.currency()));
    return kFine;
  }
  if (!paused.empty())
    screen.say("it waits: " + one_line(with_local_times(paused, BootClock{}.now())));
  else
    screen.say(waits ? "lanes wait in bad weather; they try again now"
                     : "the spool is not paused; what lies in its inbox may be about to pause it");
  return hand_over(context, command, screen, json);
}

int resume_jobs(Context const& context, Reader& reader, std::vector<std::string> const& words, bool json,
                Screen& screen) {
  for (auto const& word : words) {
    auto const its = reader.standing(word);
    if (its.outcomes.blamed() == 0) continue;
    screen.say(fmt::format("{}: {} of {} failed", word, its.outcomes.blamed(),
                           count_of(its.outcomes.finished(), "finished job")));
  }
  return hand_over(context, {Command::Verb::Resume, new_id(), words, {}}, screen, json);
}

int resume(Options const& options) {
  auto const context = open_context(options.where);
  auto const reader = reader_of(context.spool);
  Screen screen;
  std::vector<std::string> words;
  if (!options.jobs.empty()) words = words_of_jobs(options.jobs, context, reader.get());
  screen.say("spool " + context.spool.root.string());
  return words.empty() ? resume_spool(context, reader.get(), options.json, screen)
                       : resume_jobs(context, *reader, words, options.json, screen);
}

}  // namespace

void add_resume(CLI::App& program, Chosen& chosen) {
  auto* const command =
      program.add_subcommand("resume", "Let a spool, a manifest or jobs buy again that wait for a person");
  auto const options = std::make_shared<Options>();
  command->add_option("JOB", options->jobs,
                      "which; none: the whole spool. - reads names from standard input");
  command->add_flag("--json", options->json, kAnswers);
  add_where(*command, options->where);
  command->footer(kFooter);
  command->callback([options, &chosen] { chosen = [options] { return resume(*options); }; });
}

}  // namespace wanspool::app
