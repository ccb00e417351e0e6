#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>

#include "app/commands.h"
#include "app/exit.h"
#include "app/request.h"
#include "app/stops.h"

namespace wanspool::app {
namespace {

constexpr char kFooter[] = R"(Examples:
  wanspool status                             says whether this spool waits, and why
  wanspool resume
  wanspool resume fruit nuts                  what has failed of these is no reason to hold back the rest

A spool whose database was put back from a backup buys nothing until somebody has looked: what was bought since
may be missing in it. A manifest of which more has failed than its max_failures allows buys nothing more until it
is named here; what has failed until then counts no longer.)";

struct Options {
  Where where;
  std::vector<std::string> manifests;
};

// As the spool knows them, each once.
std::vector<std::string> known_manifests(Reader* reader, std::vector<std::string> const& words) {
  std::vector<std::string> names;
  for (auto const& word : words) {
    auto const name = normal_name(word);
    if (name.empty() || !reader || reader->standing(name).manifest.empty())
      throw Quit{kNoSuch, fmt::format("there is no manifest '{}' here; wanspool list names the jobs of all",
                                      one_line(word))};
    if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
  }
  return names;
}

int resume_spool(Context const& context, Reader* reader, Screen& screen) {
  auto const paused = reader ? reader->fact("paused") : std::string{};
  auto const lanes = reader ? reader->lanes() : std::vector<LaneRow>{};
  bool const waits = std::any_of(lanes.begin(), lanes.end(), [now = BootClock{}.now()](LaneRow const& each) {
    return each.weather.until > now;
  });
  if (paused.empty() && !waits) {
    screen.say("nothing waits for this: the spool is not paused");
    for (auto const& each : reader ? reader->stops() : std::vector<Stop>{})
      screen.say(line_of_stop(each, context.currency()));
    return kFine;
  }
  screen.say(paused.empty() ? "lanes wait in bad weather; they try again now"
                            : "it waits: " + one_line(paused));
  return hand_over(context, {Command::Verb::Resume, new_id(), {}, {}}, screen);
}

int resume_manifests(Context const& context, Reader* reader, std::vector<std::string> const& names,
                     Screen& screen) {
  for (auto const& name : names) {
    auto const outcomes = reader->standing(name).outcomes;
    screen.say(fmt::format("{}: {} of {} failed", name, outcomes.blamed(),
                           count_of(outcomes.finished(), "finished job")));
  }
  return hand_over(context, {Command::Verb::Resume, new_id(), names, {}}, screen);
}

int resume(Options const& options) {
  auto const context = open_context(options.where);
  auto const reader = reader_of(context.spool);
  Screen screen;
  auto const names = known_manifests(reader.get(), options.manifests);
  screen.say("spool " + context.spool.root.string());
  return names.empty() ? resume_spool(context, reader.get(), screen)
                       : resume_manifests(context, reader.get(), names, screen);
}

}  // namespace

void add_resume(CLI::App& program, Chosen& chosen) {
  auto* const command = program.add_subcommand(
      "resume", "Let a spool or a manifest buy again that waits until somebody has looked");
  auto const options = std::make_shared<Options>();
  command->add_option("MANIFEST", options->manifests, "whose failures are forgiven; none: the whole spool");
  add_where(*command, options->where);
  command->footer(kFooter);
  command->callback([options, &chosen] { chosen = [options] { return resume(*options); }; });
}

}  // namespace wanspool::app
