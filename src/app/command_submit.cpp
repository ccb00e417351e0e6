#include <CLI/CLI.hpp>
#include <csignal>

#include "app/commands.h"
#include "app/deliver.h"
#include "app/estimate.h"
#include "app/exit.h"
#include "app/keeper.h"
#include "app/watch.h"

namespace wanspool::app {
namespace {

constexpr milliseconds kPatience{15'000};
constexpr char kFooter[] = R"(Examples:
  wanspool submit cats.yaml
  wanspool submit cats.yaml dogs.yaml --wait > pictures.txt
  wanspool submit cats.yaml --wait && wanspool show cats/hero

The manifest is checked, copied into the inbox by one rename, and taken by the daemon. With --wait one path per
finished picture is printed on standard output; everything else goes to standard error.)";

struct Options {
  Where where;
  std::vector<std::string> files;
  bool wait = false, yes = false;
};

int submit(Options const& options) {
  auto const context = open_context(options.where);
  std::vector<Estimate> estimates;
  for (auto const& file : options.files) estimates.push_back(estimate(file, context.models, context.region));
  if (!tell_complaints(estimates)) throw Quit{kWrong, "nothing was submitted"};
  Signals signals{SIGINT, SIGTERM};
  Screen screen;
  screen.say("spool " + context.spool.root.string());
  std::vector<std::string> manifests;
  for (auto const& each : estimates) {
    screen.say(each.str());
    manifests.push_back(each.manifest);
  }
  Watch watch{context, Names{manifests}, screen, signals};
  if (options.wait) watch.skip_present();
  std::vector<Delivery> deliveries;
  for (auto const& each : estimates) deliveries.push_back(deliver(context.spool, each.file));
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
  add_where(*command, options->where);
  command->footer(kFooter);
  command->callback([options, &chosen] { chosen = [options] { return submit(*options); }; });
}

}  // namespace wanspool::app
