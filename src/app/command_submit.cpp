#include <CLI/CLI.hpp>
#include <csignal>

#include "app/commands.h"
#include "app/deliver.h"
#include "app/exit.h"
#include "app/keeper.h"
#include "app/paper.h"
#include "app/watch.h"

namespace wanspool::app {
namespace {

constexpr milliseconds kPatience{15'000};
constexpr char kFooter[] = R"(Examples:
  wanspool submit cats.yaml
  wanspool submit cats.yaml dogs.yaml --wait > pictures.txt
  wanspool submit cats.yaml --wait && wanspool show cats/hero
  wanspool submit catalog.yaml --sample 20        look at twenty first; the whole one later buys only the rest

The manifest is checked and compared with what is bought, its price is shown, and where that is more than ask_above
(50 CNY unless configured) a person is asked; --yes answers. Then it is copied into the inbox by one rename, with the
files it names, and taken by the daemon. With --wait one path per finished picture is printed on standard output,
everything else on standard error, and it ends as wanspool wait does: what a cap of a day or a month keeps is waited
for, and a line says until when.)";

struct Options {
  Where where;
  std::vector<std::string> files;
  Selection selection;
  bool wait = false, yes = false;
};

int submit(Options const& options) {
  auto const context = open_context(options.where);
  auto proposals = propose_all(options.files, {context, options.selection});
  if (!tell_complaints(proposals)) throw Quit{kWrong, "nothing was submitted"};
  Signals signals{SIGINT, SIGTERM};
  Screen screen;
  screen.say("spool " + context.spool.root.string());
  auto const papers = approve(std::move(proposals), options.selection, context, options.yes, screen);
  if (!papers) return kPerson;
  std::vector<std::string> manifests;
  for (auto const& each : *papers) manifests.push_back(each.proposal.head.name);
  Watch watch{context, Names{manifests}, screen, signals};
  if (options.wait) watch.skip_present();
  std::vector<Delivery> deliveries;
  for (auto const& each : *papers) deliveries.push_back(deliver(context.spool, each));
  if (!options.wait && !keeper_of(context.spool).is_there) {
    screen.say("in the inbox; no daemon has this spool now: wanspool daemon, or wanspool run");
    return kFine;
  }
  auto const sorted =
      await(context.spool, deliveries, options.wait ? milliseconds{0} : kPatience, screen, signals);
  if (sorted.interrupted) leave_by(SIGINT);
  if (sorted.waiting > 0) screen.say("in the inbox, not taken yet; wanspool status says when it is");
  if (options.wait && sorted.accepted > 0) {
    if (watch.until_settled({}) == Watch::End::Interrupted) leave_by(SIGINT);
    if (sorted.rejected == 0) return watch.exit_code();
  }
  return sorted.rejected > 0 ? kFailed : kFine;
}

}  // namespace

void add_submit(CLI::App& program, Chosen& chosen) {
  auto* const command = program.add_subcommand("submit", "Check manifests, show the price, hand them over");
  auto const options = std::make_shared<Options>();
  command->add_option("FILE", options->files, "manifests (.yaml, .yml, .json)")->required();
  command->add_flag("--wait", options->wait, "until all their jobs are over; prints each picture's path");
  command->add_flag("--yes", options->yes, "the price is agreed to");
  add_selection(*command, options->selection);
  add_where(*command, options->where);
  command->footer(kFooter);
  command->callback([options, &chosen] { chosen = [options] { return submit(*options); }; });
}

}  // namespace wanspool::app
