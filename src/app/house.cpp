#include "app/house.h"

#include <fmt/format.h>

#include <algorithm>
#include <system_error>
#include <vector>

#include "app/account.h"
#include "app/exit.h"
#include "app/keeper.h"
#include "app/stops.h"
#include "engine/inbox_names.h"
#include "net/net.h"

namespace wanspool::app {
namespace {

// Somebody who only looks who has the spool holds its lock for a moment: what fails is tried once more.
std::unique_ptr<Store> open_patiently(Spool const& spool) {
  try {
    return open_store(spool.database);
  } catch (StoreBroken const& broken) {
    if (broken.exit_code != kTaken || keeper_of(spool).is_there) throw;
    return open_store(spool.database);
  }
}

// A row of the user's own may have been taken out while jobs of it wait.
void check_models(Store& store, Models const& models) {
  for (auto const& each : store.queued_models())
    if (!models.contains(each))
      throw Quit{
          kMisconfigured,
          fmt::format("jobs of model '{}' wait here, and neither the table nor the configuration has it; "
                      "put its row back under models:",
                      each)};
}

// For those who look at it from outside; where the disk is full it is not worth a stop.
void note_version(Store& store) {
  try {
    if (store.fact("program") != WANSPOOL_VERSION) store.set_fact("program", WANSPOOL_VERSION);
  } catch (StoreFull const&) {
  }
}

}  // namespace

House::House(Context const& context, Audience& audience, Keys keys)
    : store{open_patiently(context.spool)}, spool_{context.spool}, currency_{context.currency()} {
  check_models(*store, context.models);
  note_version(*store);
  hooks = std::make_unique<Hooking>(context, *store, clock);
  http = open_net(
      {.user_agent = "wanspool/" WANSPOOL_VERSION, .foreign_may_be_private = context.region == "loopback"},
      clock);
  EngineSettings settings;
  settings.spool = context.spool;
  settings.accounts = accounts_of(context.config, context.spool.root, context.endpoint, context.region);
  settings.region = context.region;
  settings.models = context.models;
  settings.config = context.config;
  settings.checks_keys = keys == Keys::AtStart;
  engine = std::make_unique<Engine>(std::move(settings), clock, *http, *store, audience);
}

void House::turn(Instant latest, std::span<int const> wake) {
  std::vector<int> fds{wake.begin(), wake.end()};
  if (hooks->wake_fd() >= 0) fds.push_back(hooks->wake_fd());
  engine->turn(std::min(latest, hooks->next()), fds);
  hooks->step();
}

Progress House::progress() const {
  auto hinders = hindrance_words(engine->hindrance(), engine->weather(), clock.now());
  auto const stops = engine->stops();
  if (hinders.empty() && !stops.empty() && engine->tally()[State::Queued] > 0)
    hinders = line_of_stop(stops.front(), currency_);
  return {engine->tally(), currency_, engine->time_left(), files_in(spool_.inbox), hinders};
}

Service House::standing() const {
  Progress progress{engine->tally(), currency_, engine->time_left(), files_in(spool_.inbox), {}};
  auto const waiting = progress.tally[State::Queued];
  auto const now = clock.now();
  auto const hindrance = engine->hindrance();
  if (hindrance.kind != Hindrance::Kind::None)
    progress.hinders = hindrance_words(hindrance, {}, now);
  else if (waiting > 0)
    progress.hinders = worst_weather(engine->weather(), now);
  if (auto const stops = engine->stops(); waiting > 0 && !stops.empty()) {
    progress.hinders += (progress.hinders.empty() ? "" : "; ") + line_of_stop(stops.front(), currency_);
    if (stops.size() > 1) progress.hinders += fmt::format(" (and {} more)", stops.size() - 1);
  }
  return {std::move(progress), engine->today(), engine->cap_of_today()};
}

void House::hear_unanswered(Signals& signals, std::function<void()> const& each_turn) {
  hooks->break_off();
  int const wake[] = {signals.fd()};
  auto const until = clock.now() + seconds{10};
  // Whoever wants another configuration now gets it with the next start.
  auto const is_hurried = [&] {
    auto const signal = signals.take();
    return signal != 0 && signal != SIGHUP;
  };
  while ((engine->unanswered() > 0 || engine->is_telling()) && clock.now() < until && !is_hurried()) {
    turn(std::min<Instant>(until, clock.now() + seconds{1}), wake);
    each_turn();
  }
}

std::int64_t files_in(std::filesystem::path const& inbox) {
  std::error_code error;
  std::int64_t count = 0;
  for (std::filesystem::directory_iterator at{inbox, error}, end; !error && at != end; at.increment(error)) {
    count += why_ignored(at->path().filename().string()).empty();
  }
  return count;
}

}  // namespace wanspool::app
