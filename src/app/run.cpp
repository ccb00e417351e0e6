#include "app/run.h"

#include <fmt/format.h>

#include <algorithm>
#include <csignal>
#include <optional>

#include "app/account.h"
#include "app/deliver.h"
#include "app/exit.h"
#include "app/house.h"
#include "app/keeper.h"
#include "app/paper.h"
#include "app/stops.h"
#include "app/watch.h"
#include "base/log.h"
#include "engine/inbox_names.h"
#include "store/housekeeping.h"

namespace wanspool::app {
namespace {

constexpr milliseconds kShowEvery{200};

// Says on the screen what happens, and remembers what the exit code depends on.
class Witness final : public Audience {
 public:
  explicit Witness(Screen& screen) : screen_{screen} {}

  void receipt(Receipt const& receipt) override {
    auto const source = shown_name(receipt.source);
    if (!receipt.words.empty()) return screen_.say(source + ": " + receipt.words);
    if (receipt.accepted)
      return screen_.say(fmt::format("accepted {}: {}, {} new", source, count_of(receipt.taken.jobs, "job"),
                                     receipt.taken.fresh + receipt.taken.again));
    something_failed_ = true;
    screen_.say("rejected " + source);
    for (auto const& each : receipt.complaints) screen_.say(each.str());
  }
  void picture(std::filesystem::path const& path) override { screen_.picture(path); }
  void expiring(Task const& task, milliseconds left) override {
    auto const why = trouble_words(task.error);
    screen_.say(fmt::format("{}: paid for and not fetched, and its address dies in {}{}{}", task.name,
                            human(left), why.empty() ? "" : ": ", why));
  }
  void ended(Task const& task) override {
    if (task.state == State::Done) return;
    something_failed_ = something_failed_ || task.state != State::Held;
    screen_.say(fmt::format("{}: {}: {}", task.name, name_of(task.state), trouble_words(task.error)));
  }

  bool something_failed() const { return something_failed_; }

 private:
  Screen& screen_;
  bool something_failed_ = false;
};

// One run that has the spool for itself.
class Run {
 public:
  Run(Context const& context, Screen& screen, Signals& signals)
      : context_{context}, screen_{screen}, signals_{signals}, witness_{screen}, house_{context, witness_} {}

  int work(std::vector<Paper> const& papers) {
    auto& engine = *house_.engine;
    for (auto const& each : papers) take(each);
    int const wake[] = {signals_.fd()};
    while ((!engine.idle() || house_.hooks->is_busy()) && !leaving_) {
      show();
      house_.turn(house_.clock.now() + seconds{1}, wake);
      if (auto const signal = signals_.take()) hear(signal);
    }
    screen_.clear();
    if (leaving_) tell_what_is_out_there();
    tell_what_is_untold();
    screen_.end(last_progress());
    return exit_code();
  }

 private:
  // What is wrong with one is said when it is rejected; the others are bought.
  void take(Paper const& paper) {
    auto const& [proposal, handover] = paper;
    bool const brings = !proposal.names.empty() || !handover.globs.empty() || !handover.without.empty();
    if (paper.is_bundle() && (proposal.ok() || brings))
      house_.engine->take_copy(Parcel{context_.spool, paper}.folder());
    else
      house_.engine->take_copy(paper.proposal.file);
  }

  // Progress looks into the inbox, which may be long, and a turn may be short.
  void show() {
    auto const now = house_.clock.now();
    if (now < shown_ + kShowEvery) return;
    screen_.progress(house_.progress(), now);
    shown_ = now;
  }

  // The first Ctrl-C stops buying, everything after it leaves.
  void hear(int signal) {
    if (signal == SIGINT && !stopped_) {
      screen_.say("nothing more is bought; what is paid is finished. Ctrl-C again leaves at once");
    } else {
      leaving_ = true;
    }
    stopped_ = true;
    house_.engine->stop_creating("stopping: nothing more is bought");
    if (!leaving_ || house_.engine->unanswered() == 0) return;
    screen_.say("waiting ten seconds at most for the answer of an order that has left; Ctrl-C gives it up");
    house_.hear_unanswered(signals_, [] {});
  }

  // While it works tasks are counted, for that costs nothing; a job may have had several, and several jobs
  // one.
  Progress last_progress() const {
    auto progress = house_.progress();
    progress.tally.tasks = open_housekeeping(context_.spool.database)->jobs();
    return progress;
  }

  void tell_what_is_out_there() {
    auto const tasks = house_.store->active();
    if (tasks.empty()) return;
    auto first = Instant::max();
    for (auto const& each : tasks)
      if (each.times.accepted != Instant{}) first = std::min(first, each.times.accepted);
    auto const until = first == Instant::max() ? "" : ", the first until " + local_time(first + hours{24});
    screen_.say(
        fmt::format("{} at the provider; their pictures are kept for 24 hours{}. Run again to fetch them",
                    count_of(static_cast<std::int64_t>(tasks.size()), "task"), until));
  }

  // Where nobody was in a hurry none runs any more; some may wait for their next try.
  void tell_what_is_untold() {
    house_.hooks->stop();
    auto const reader = reader_of(context_.spool);
    if (auto const left = reader ? reader->hooks_waiting() : 0; left > 0)
      screen_.say(fmt::format("{} not ended well; the next run or daemon tries again",
                              left == 1 ? "1 hook has" : fmt::format("{} hooks have", left)));
  }

  int exit_code() const {
    auto const& engine = *house_.engine;
    if (engine.account_is_stopped()) {
      tell_account();
      return kAccount;
    }
    if (witness_.something_failed()) return kFailed;
    auto const& tally = engine.tally();
    if (auto const held = tally[State::Held]; held > 0)
      screen_.say(
          fmt::format("wanspool: {} held: nobody can tell whether {} bought, and nothing is sent "
                      "again; wanspool list --state held",
                      count_of(held, "job"), held == 1 ? "it was" : "they were"));
    if (auto const refused = engine.refused_addresses(); !refused.empty())
      screen_.say("wanspool: what is paid for waits at the service, for 24 hours at most: " + refused);
    // Else whoever stopped the run knows that it left things undone.
    if (auto const doubts = tally[State::Submitting]; doubts > 0 && !stopped_)
      screen_.say(
          fmt::format("wanspool: {} in doubt: only a later order can show whether it was bought; the next "
                      "one ends that, or wanspool redo",
                      count_of(doubts, "job")));
    if (tally[State::Queued] > 0 && !stopped_) tell_paused();
    if (tally[State::Queued] > 0 && !stopped_)
      for (auto const& each : engine.stops())
        screen_.say("wanspool: " + line_of_stop(each, context_.currency()));
    bool const waits = tally[State::Held] + tally[State::Queued] + running(tally) > 0;
    return waits ? kPerson : kFine;
  }

  void tell_paused() const {
    auto const reader = reader_of(context_.spool);
    if (auto const paused = reader ? reader->paused() : 0; paused > 0)
      screen_.say(fmt::format("wanspool: {} paused; wanspool list --state paused, wanspool resume JOB",
                              paused == 1 ? "1 job is" : fmt::format("{} jobs are", paused)));
  }

  void tell_account() const {
    auto const key = read_key(context_.config, context_.spool.root, context_.region);
    if (!key.complaint.empty()) screen_.say("wanspool: " + key.complaint);
    if (key.text.empty())
      screen_.say(
          "wanspool: there is no API key, and without one nothing is bought: export "
          "DASHSCOPE_API_KEY=…, or set api_key_file in " +
          (context_.spool.root / "config.yaml").string());
    else
      screen_.say("wanspool: the service refuses the account; " +
                  hindrance_words(house_.engine->hindrance(), house_.engine->weather(), house_.clock.now()));
    screen_.say("nothing is lost: run again when that is mended");
  }

  Context const& context_;
  Screen& screen_;
  Signals& signals_;
  Witness witness_;
  House house_;
  Instant shown_;
  bool stopped_ = false, leaving_ = false;
};

// What the daemon is given: taken or rejected, then watched. Empty if it has left with work undone.
class Guest {
 public:
  Guest(Context const& context, Screen& screen, Signals& signals)
      : context_{context}, screen_{screen}, signals_{signals} {}

  std::optional<int> follow(std::vector<Paper> const& papers) {
    std::vector<std::string> manifests;
    bool good = true;
    for (auto const& each : papers) {
      manifests.push_back(each.proposal.head.name);
      good = tell_complaints(each.proposal) && good;
    }
    if (!good) return kFailed;
    Watch watch{context_, Names{manifests}, screen_, signals_};
    watch.skip_present(Watch::Failed::CountsFromNow);
    std::vector<Delivery> deliveries;
    for (auto const& each : papers) deliveries.push_back(deliver(context_.spool, each));
    auto const sorted = await(context_.spool, deliveries, {}, screen_, signals_);
    if (sorted.interrupted) leave();
    if (sorted.rejected > 0 && sorted.accepted == 0) return kFailed;
    auto const end = watch.until_settled({}, Watch::Loneliness::Leaves);
    if (end == Watch::End::Interrupted) leave();
    if (end == Watch::End::Alone) return {};
    auto const code = watch.exit_code();
    return sorted.rejected > 0 ? kFailed : code == kNoSuch ? kFine : code;
  }

 private:
  [[noreturn]] void leave() {
    screen_.say("left; the daemon goes on");
    leave_by(SIGINT);
  }

  Context const& context_;
  Screen& screen_;
  Signals& signals_;
};

std::string who_has(Spool const& spool) {
  auto const keeper = keeper_of(spool);
  return keeper.pid > 0 ? fmt::format("a daemon (pid {}) has this spool", keeper.pid)
                        : std::string{"a daemon has this spool"};
}

}  // namespace

int run(RunOptions const& options) {
  refuse_missing(options.files);
  Signals signals{SIGINT, SIGTERM};
  ignore_write_signals();
  // What the engine logs for a service the screen says in its own words.
  log::set_level(options.verbose ? log::Level::Debug : log::Level::Off);
  auto const context = open_context(options.where, Making::Allowed);
  Screen screen{options.verbose ? Screen::Mode::Plain : Screen::mode_of(stderr)};
  screen.say("spool " + context.spool.root.string());
  auto papers = approve(propose_all(options.files, {context, options.selection}), options.selection, context,
                        options.yes, screen);
  if (!papers) return kPerson;
  for (;;) {
    std::optional<Run> alone;
    try {
      alone.emplace(context, screen, signals);
    } catch (StoreBroken const& broken) {
      if (broken.exit_code != kTaken) throw;
      screen.say(who_has(context.spool) + "; it gets the work, and this watches");
    }
    if (alone) return alone->work(*papers);
    if (auto const code = Guest{context, screen, signals}.follow(*papers)) return *code;
    papers->clear();  // they are in the spool
  }
}

}  // namespace wanspool::app
