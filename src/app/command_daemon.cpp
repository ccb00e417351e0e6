#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <csignal>

#include "app/account.h"
#include "app/commands.h"
#include "app/exit.h"
#include "app/house.h"
#include "app/notify.h"
#include "base/log.h"

namespace wanspool::app {
namespace {

constexpr char kFooter[] = R"(Examples:
  wanspool daemon                              in the foreground; Ctrl-C stops it
  wanspool daemon --root /srv/pictures
  systemctl start wanspool                     as a service (Type=notify)

SIGTERM and SIGINT stop it: nothing more is bought, orders that have just left get ten seconds for their
answers, and the next start goes on where it was.)";

struct Options {
  Where where;
  bool verbose = false;
};

// Keeps the service manager informed, never more often than it wants to know.
class Report {
 public:
  void ready() { notify_.send("READY=1"); }
  void stopping() { notify_.send("STOPPING=1"); }

  // Once after every turn.
  void turned(House const& house) {
    auto const now = house.clock.now();
    if (feeds() && now >= fed_ + notify_.watchdog() / 3) {
      notify_.send("WATCHDOG=1");
      fed_ = now;
    }
    if (!notify_.is_heard() || now < told_ + seconds{1}) return;
    auto status = "STATUS=" + progress_line(house.progress());
    if (status == status_) return;
    notify_.send(status);
    status_ = std::move(status);
    told_ = now;
  }
  // When the next turn has to have happened.
  Instant latest(Instant now) const {
    auto const status = notify_.is_heard() ? now + seconds{1} : Instant::max();
    return feeds() ? std::min<Instant>(status, fed_ + notify_.watchdog() / 3) : status;
  }

 private:
  bool feeds() const { return notify_.is_heard() && notify_.watchdog().count() > 0; }

  Notify notify_;
  Instant fed_, told_;
  std::string status_;
};

void greet(Context const& context, House const& house) {
  auto const& tally = house.engine->tally();
  log::info("wanspool {} has {}; buying at {}", WANSPOOL_VERSION, context.spool.root.string(),
            context.endpoint);
  if (context.region == "unknown")
    log::warning(
        "nobody knows the region of this endpoint, so the highest prices are assumed; region: in the "
        "configuration says it");
  log::info("drop manifests into {}; {} queued, {} under way", context.spool.inbox.string(),
            tally[State::Queued], running(tally));
  if (auto const held = tally[State::Held]; held > 0)
    log::warning("{} held: nobody can tell whether they were bought; nothing is sent again",
                 count_of(held, "job"));
  auto const key = read_key(context.config, context.spool.root, context.region);
  if (key.text.empty())
    log::error(
        "there is no API key, so nothing is bought: set DASHSCOPE_API_KEY, the credential "
        "dashscope-api-key, or api_key_file; looked for again every few seconds");
  for (auto const& [name, account] : context.config.accounts)
    if (read_key(context.config, context.spool.root, context.region, name).text.empty())
      log::error(
          "account {0} has no API key, so nothing is bought under it: set its api_key_file, or the "
          "credential "
          "dashscope-api-key-{0}",
          name);
}

int serve(Options const& options) {
  Signals signals{SIGINT, SIGTERM};
  ignore_write_signals();
  if (options.verbose) log::set_level(log::Level::Debug);
  auto const context = open_context(options.where);
  context.spool.make();
  Audience nobody;
  House house{context, nobody};
  greet(context, house);
  Report report;
  report.ready();
  int const wake[] = {signals.fd()};
  int signal = 0;
  while (signal == 0) {
    house.engine->turn(report.latest(house.clock.now()), wake);
    report.turned(house);
    signal = signals.take();
  }
  log::info("stopping by signal {}: {} unanswered", signal, count_of(house.engine->unanswered(), "order"));
  report.stopping();
  house.engine->stop_creating("stopping");
  house.hear_unanswered(signals, [&] { report.turned(house); });
  return kFine;
}

}  // namespace

void add_daemon(CLI::App& program, Chosen& chosen) {
  auto* const command = program.add_subcommand("daemon", "The service, in the foreground");
  auto const options = std::make_shared<Options>();
  command->add_flag("-v,--verbose", options->verbose, "log every request");
  add_where(*command, options->where);
  command->footer(kFooter);
  command->callback([options, &chosen] { chosen = [options] { return serve(*options); }; });
}

}  // namespace wanspool::app
