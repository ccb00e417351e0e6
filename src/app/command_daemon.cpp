#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <csignal>
#include <cstring>
#include <span>
#include <sstream>
#include <system_error>

#include "app/account.h"
#include "app/commands.h"
#include "app/exit.h"
#include "app/house.h"
#include "app/metrics.h"
#include "app/reload.h"
#include "app/report.h"
#include "app/shared_files.h"
#include "app/stops.h"
#include "base/days.h"
#include "base/log.h"

namespace wanspool::app {
namespace {

constexpr char kFooter[] = R"(Examples:
  wanspool daemon                              in the foreground; Ctrl-C stops it
  wanspool daemon --root /srv/pictures
  systemctl start wanspool                     as a service (Type=notify)
  systemctl reload wanspool                    after a change of its configuration

SIGTERM and SIGINT stop it: nothing more is bought, orders that have just left get ten seconds for their
answers, and the next start goes on where it was. SIGHUP makes it read its configuration anew, and nothing that
is under way is lost by it; docs/operations.md says what a change of needs a restart.)";

struct Options {
  Where where;
  bool verbose = false;
  std::string log_format;
};

void greet(Context const& context, House const& house) {
  auto const& tally = house.engine->tally();
  log::info({.event = "start"}, "wanspool {} has {}; buying at {}", WANSPOOL_VERSION,
            context.spool.root.string(), context.endpoint);
  if (context.region == "unknown")
    log::warning(
        "nobody knows the region of this endpoint, so the highest prices are assumed; region: in the "
        "configuration says it");
  log::info("drop manifests into {}; {} queued, {} under way", context.spool.inbox.string(),
            tally[State::Queued], running(tally));
  if (auto const held = tally[State::Held]; held > 0)
    log::warning("{} held: nobody can tell whether {} bought; nothing is sent again", count_of(held, "job"),
                 held == 1 ? "it was" : "they were");
  auto const key = read_key(context.config, context.spool.root, context.region);
  if (key.text.empty())
    log::error(
        "there is no API key, so nothing is bought: set DASHSCOPE_API_KEY or api_key_file, or for the "
        "service /etc/credstore/dashscope-api-key; looked for again every few seconds");
  for (auto const& [name, account] : context.config.accounts)
    if (read_key(context.config, context.spool.root, context.region, name).text.empty())
      log::error(
          "account {0} has no API key, so nothing is bought under it: set its api_key_file, or the "
          "credential "
          "dashscope-api-key-{0}",
          name);
}

// Says of caps what a log should.
class Herald final : public Audience {
 public:
  explicit Herald(std::string currency) : currency_{std::move(currency)} {}

  void receipt(Receipt const& receipt) override { ++(receipt.accepted ? accepted : rejected); }
  void stopped(Stop const& stop) override {
    log::warning({.event = "cap-reached",
                  .manifest = stop.manifest,
                  .model = stop.model,
                  .account = stop.account ? account_name(*stop.account) : std::string{}},
                 "{}", line_of_stop(stop, currency_));
  }

  std::uint64_t accepted = 0, rejected = 0;  // since the start

 private:
  std::string currency_;
};

class Daemon {
 public:
  explicit Daemon(Options const& options)
      : options_{options},
        context_{open_context(options.where)},
        herald_{context_.currency()},
        house_{prepared(), herald_, House::Keys::AtStart},
        metrics_{context_.spool, house_.clock.now()} {
    apply();
  }

  int serve(Signals& signals) {
    greet(context_, house_);
    report_.ready();
    int const wake[] = {signals.fd()};
    int signal = 0;
    while (signal == 0 || signal == SIGHUP) {
      if (signal == SIGHUP) reload();
      turn(wake);
      signal = signals.take();
    }
    auto const unanswered = house_.engine->unanswered();
    log::info({.event = "stop"}, "stopping by SIG{}{}", ::sigabbrev_np(signal),
              unanswered > 0 ? fmt::format(": {} unanswered", count_of(unanswered, "order")) : "");
    report_.stopping();
    house_.engine->stop_creating("stopping");
    house_.hear_unanswered(signals, [&] { report_.turned(house_); });
    return kFine;
  }

 private:
  // What the house says while it is made is said in this form, too.
  Context const& prepared() const {
    set_log_format();
    make_shared(context_.spool, context_.config.files);
    return context_;
  }

  void set_log_format() const {
    bool const json = options_.log_format.empty() ? context_.config.json_logs : options_.log_format == "json";
    log::set_format(json ? log::Format::Json : log::Format::Text);
  }

  // What of the configuration concerns not the engine but how the daemon tells of itself.
  void apply() {
    auto const& config = context_.config;
    set_log_format();
    metrics_.change(config.metrics_file, config.metrics_every);
  }

  void turn(std::span<int const> wake) {
    auto const now = house_.clock.now();
    house_.turn(std::min(report_.latest(now), metrics_.next(now)), wake);
    report_.turned(house_);
    metrics_.turned(house_, herald_.accepted, herald_.rejected);
  }

  void reload() {
    report_.reloading();
    try {
      adopt(reloaded(context_, context_anew(options_.where, context_)));
      metrics_.reloaded(true, house_.clock.now());
    } catch (Quit const& quit) {
      std::istringstream complaints{quit.what()};
      for (std::string line; std::getline(complaints, line);)
        log::warning({.event = "reload-refused"}, "{}", line);
      log::warning({.event = "reload-refused"}, "the old configuration goes on");
      metrics_.reloaded(false, house_.clock.now());
    }
    report_.ready();
  }

  void adopt(Reload reload) {
    set_time_zone(reload.context.config.timezone);
    for (auto const& model : house_.engine->change(reload.context.models, reload.context.config)) {
      reload.context.models.insert(*context_.models.find(model));
      log::warning({.event = "reload", .model = model},
                   "model {} is gone from the configuration and stays until a restart", model);
    }
    context_ = std::move(reload.context);
    apply();
    try {
      house_.hooks->change(context_.config.hooks);
    } catch (std::system_error const& error) {
      log::error("hooks stay as they were: {}", error.what());
    }
    log::info({.event = "reload"}, "{}", words_of_changes(reload.changed));
    if (!reload.kept.empty()) log::warning({.event = "reload"}, "{}", words_of_kept(reload.kept));
  }

  Options const& options_;
  Context context_;
  Herald herald_;
  House house_;
  Metrics metrics_;
  Report report_;
};

int serve(Options const& options) {
  Signals signals{SIGINT, SIGTERM, SIGHUP};
  ignore_write_signals();
  keep_time_zone();
  if (options.verbose) log::set_level(log::Level::Debug);
  if (options.log_format == "json") log::set_format(log::Format::Json);
  return Daemon{options}.serve(signals);
}

}  // namespace

void add_daemon(CLI::App& program, Chosen& chosen) {
  auto* const command = program.add_subcommand("daemon", "The service, in the foreground");
  auto const options = std::make_shared<Options>();
  command->add_flag("-v,--verbose", options->verbose, "log every request");
  command
      ->add_option("--log-format", options->log_format,
                   "of lines that no journal takes; else what the configuration says, else text")
      ->type_name("FORMAT")
      ->check(CLI::IsMember({"text", "json"}));
  add_where(*command, options->where);
  command->footer(kFooter);
  command->callback([options, &chosen] { chosen = [options] { return serve(*options); }; });
}

}  // namespace wanspool::app
