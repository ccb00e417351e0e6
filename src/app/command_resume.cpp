#include <CLI/CLI.hpp>

#include "app/commands.h"
#include "app/exit.h"
#include "app/request.h"

namespace wanspool::app {
namespace {

constexpr char kFooter[] = R"(Examples:
  wanspool status                             says whether this spool waits, and why
  wanspool resume

A spool whose database was put back from a backup buys nothing until somebody has looked: what was bought since
may be missing in it.)";

int resume(Where const& where) {
  auto const context = open_context(where);
  auto const reader = reader_of(context.spool);
  auto const paused = reader ? reader->fact("paused") : std::string{};
  Screen screen;
  screen.say("spool " + context.spool.root.string());
  if (paused.empty()) {
    screen.say("nothing waits for this: the spool is not paused");
    return kFine;
  }
  screen.say("it waits: " + one_line(paused));
  return hand_over(context, {Command::Verb::Resume, new_id(), {}, {}}, screen);
}

}  // namespace

void add_resume(CLI::App& program, Chosen& chosen) {
  auto* const command =
      program.add_subcommand("resume", "Let a spool buy again that waits after a backup was put back");
  auto const where = std::make_shared<Where>();
  add_where(*command, *where);
  command->footer(kFooter);
  command->callback([where, &chosen] { chosen = [where] { return resume(*where); }; });
}

}  // namespace wanspool::app
