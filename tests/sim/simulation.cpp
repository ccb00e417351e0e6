#include "sim/simulation.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <deque>
#include <exception>
#include <filesystem>
#include <utility>

#include "base/log.h"
#include "engine/house.h"
#include "engine/journal.h"
#include "sim/errands.h"
#include "sim/inspector.h"
#include "sim/weather.h"

namespace wanspool::sim {

using test::House;
using test::Journal;
using test::Steps;
using test::World;

namespace {

constexpr milliseconds kCalmMost{hours{96}};
constexpr milliseconds kCalmCrashes{minutes{3}};
constexpr int kTurnsMost = 60'000;

class Simulation {
 public:
  Simulation(Schedule const& schedule, bool tell)
      : schedule_{schedule},
        world_{static_cast<unsigned>(schedule.seed)},
        studio_{static_cast<unsigned>(schedule.seed) + 1'000'003},
        house_{world_},
        journal_{house_.root / "kept"},
        weather_{schedule},
        inspector_{schedule, worlds(), house_},
        dice_{schedule.seed ^ 0x2545f4914f6cdd1du},
        tell_{tell} {
    for (auto* const world : worlds()) {
      world->habits = schedule.habits;
      world->slots = schedule.slots;
      world->service_least = schedule.service_least;
      world->service_most = schedule.service_most;
      world->latency_most = schedule.latency_most;
      world->fault = [this](World::What what, int, Instant now) {
        return weather_.fault(what, now - begin_);
      };
      world->trace = [this](std::string const& line) { note(line); };
      world->refusal = [this](World::What what, Request const& request, Instant) {
        if (what == World::What::Create) create_leaves(request);
        return std::optional<World::Refusal>{};
      };
    }
    for (auto const& each : schedule.errands) errands_.push_back(&each);
    if (schedule.two_accounts) have_two();
    house_.config.rescan = hours{1};
    house_.steps = &steps_;
    house_.told = [this](Receipt const& receipt) { inspector_.wishes().heard(receipt); };
    test::current_journal = &journal_;
    if (tell) log::set_level(log::Level::Debug);
  }
  ~Simulation() { test::current_journal = nullptr; }

  Outcome run() {
    Outcome outcome;
    try {
      storm();
      calm();
      inspector_.at_end();
      if (schedule_.looks_again) look_again();
    } catch (Broken const& it) {
      outcome.broken = it.invariant + ": " + it.words;
    } catch (std::exception const& error) {
      outcome.broken = std::string{"nothing throws: "} + error.what();
    }
    outcome.trace = trace_;
    outcome.sums = sums();
    return outcome;
  }

 private:
  std::vector<World*> worlds() {
    return schedule_.two_accounts ? std::vector{&world_, &studio_} : std::vector{&world_};
  }
  void have_two() {
    world_.beside = &studio_;
    world_.ids = "main";
    studio_.ids = "studio";
    studio_.host = "http://127.0.0.1:2";
    studio_.caller = "2000000000000002";
    house_.config.accounts["studio"].endpoint = studio_.host + "/api/v1";
  }
  int creates() {
    int sum = 0;
    for (auto const* const world : worlds()) sum += world->creates;
    return sum;
  }

  void storm() {
    drop("m");
    crashes_ = {schedule_.crashes.begin(), schedule_.crashes.end()};
    arm();
    while (world_.now() < begin_ + schedule_.storm) {
      if (!second_ && world_.now() >= begin_ + schedule_.second_manifest) second_ = drop("n");
      drop_errands([this](Errand const& each) { return begin_ + each.at <= world_.now(); });
      turn(std::max(next_drop(), world_.now() + milliseconds{1}));
      if (second_ && errands_.empty() && is_over()) return;
    }
  }

  Instant next_drop() const {
    auto soonest = begin_ + schedule_.storm;
    if (!second_) soonest = std::min(soonest, begin_ + schedule_.second_manifest);
    for (auto const* const each : errands_) soonest = std::min(soonest, begin_ + each->at);
    return soonest;
  }

  void create_leaves(Request const& request) {
    inspector_.buys(request.body);
    just_sent_ = inspector_.wishes().name_of(request.body);
    drop_errands([this](Errand const& each) { return each.creates > 0 && each.creates <= creates(); });
  }

  template <typename Due>
  void drop_errands(Due const& due) {
    for (auto at = errands_.begin(); at != errands_.end();) {
      auto const& errand = **at;
      if (!due(errand)) {
        ++at;
        continue;
      }
      at = errands_.erase(at);
      drop_errand(errand);
      if (errand.crash > 0) stop_soon(errand);
    }
  }

  void drop_errand(Errand errand) {
    std::replace(errand.words.begin(), errand.words.end(), std::string{"@"}, just_sent_);
    if (errand.verb == "drop") {
      if (errand.words.front() == "m" || second_) drop(errand.words.front());
      return;
    }
    auto const name = fmt::format("e{}.yaml", ++sums_.errands);
    note(fmt::format("{}: {}", name, text_of(errand)));
    inspector_.wishes().dropped(name, errand);
    put(name, text_of(errand));
  }

  // Unless it stops sooner.
  void stop_soon(Errand const& errand) {
    auto const step = steps_.taken + errand.crash;
    if (!house_.is_open() || (steps_.crash_at > 0 && steps_.crash_at <= step)) return;
    crashes_.push_front({step, errand.power_cut, milliseconds{0}});
    steps_.crash_at = step;
  }

  // Nothing goes wrong any more but what is bound to. After the last crash there is one more job, for the
  // list to be believed.
  void calm() {
    if (!second_) second_ = drop("n");
    for (auto const* const each : std::exchange(errands_, {})) drop_errand(*each);
    weather_.calm();
    note("calm");
    if (!schedule_.calm_crashes.empty()) {
      crashes_ = {schedule_.calm_crashes.begin(), schedule_.calm_crashes.end()};
      arm();
      drop_one("y");
      for (auto const end = world_.now() + kCalmCrashes; world_.now() < end && !crashes_.empty();) turn(end);
    }
    crashes_.clear();
    arm();
    if (!schedule_.errands.empty()) drop_errand(wish("resume"));
    drop_one("z");
    if (!schedule_.errands.empty()) {
      come_to_rest(false);
      inspector_.at_rest();
      drop_errand(wish("resume", {"**"}));
      drop_errand(wish("retry", {"**"}));
    }
    come_to_rest(true);
  }

  static Errand wish(std::string const& verb, std::vector<std::string> words = {}) {
    Errand errand;
    errand.verb = verb;
    errand.words = std::move(words);
    return errand;
  }

  void come_to_rest(bool finished) {
    auto const end = world_.now() + kCalmMost;
    // Once more than it says so: what was dropped must have been seen.
    for (int rests = 0; rests < 2;) {
      if (world_.now() > end || sums_.turns > kTurnsMost) throw Broken{"every job ends", stuck()};
      turn(world_.now() + minutes{10});
      if (schedule_.two_accounts) order_more();
      rests = is_over(finished) ? rests + 1 : 0;
    }
  }

  // A doubt under one account may be younger than the last order, which went to the other: only one more
  // order can show what became of it.
  void order_more() {
    bool const doubts = house_.is_open() && house_.engine->tally()[State::Submitting] > 0;
    if (!doubts || world_.now() < more_at_) return;
    more_at_ = world_.now() + minutes{15};
    drop_one(fmt::format("x{}", ++more_));
  }

  // What is finished stays finished.
  void look_again() {
    house_.close();
    crashes_.clear();
    arm();
    auto const before = creates();
    house_.open();
    inspector_.after_start();
    for (int i = 0; i < 50; ++i) house_.engine->turn(world_.now() + minutes{10});
    if (creates() != before) throw Broken{"nothing is bought twice", "a finished house buys"};
    inspector_.at_end();
  }

  // Where not all is finished, what waits for a person may wait.
  bool is_over(bool finished = true) const {
    if (!house_.is_open() || !house_.engine->idle()) return false;
    auto const& tally = house_.engine->tally();
    for (auto const state : {State::Submitting, State::Submitted, State::Running, State::Downloading})
      if (tally[state] > 0) return false;
    return !finished || tally[State::Queued] == 0;
  }

  std::string stuck() const {
    if (!house_.is_open()) return "the program does not stay up";
    std::string words = "after days of calm ";
    for (auto const& task : house_.store->active())
      words += fmt::format("{} is {} ({}); ", task.name, name_of(task.state), task.error.message);
    return words + fmt::format("{} queued; {}", house_.store->tally()[State::Queued],
                               house_.engine->hindrance().text);
  }

  void turn(Instant latest) {
    try {
      if (!house_.is_open()) {
        house_.open();
        note("started");
        inspector_.after_start();
      }
      house_.engine->turn(latest);
    } catch (test::Crash const&) {
      return crash();
    }
    ++sums_.turns;
    inspector_.after_turn();
  }

  void arm() { steps_ = {0, crashes_.empty() ? 0 : crashes_.front().step}; }

  void crash() {
    auto const how = crashes_.front();
    crashes_.pop_front();
    note(fmt::format("{} at step {}", how.power_cut ? "power cut" : "crash", how.step));
    ++sums_.crashes;
    sums_.in_errand += inspector_.wishes().is_awaited();
    sums_.in_recovery += lives_++ > 0 && how.step <= 30;
    sums_.steps += steps_.taken;
    inspector_.before_stop();
    house_.close();
    if (how.power_cut) {
      auto const taken_back = journal_.power_cut(dice_.source());
      note(fmt::format("{} things were taken back", taken_back));
      ++sums_.power_cuts;
      sums_.taken_back += taken_back;
    } else if (!kWholeEngine) {
      journal_.forget();
    }
    inspector_.files();
    world_.pass(how.absence);
    arm();
  }

  bool drop(std::string const& name) {
    std::vector<Job> jobs;
    for (auto const& each : schedule_.jobs)
      if (each.manifest == name) jobs.push_back(each);
    if (!jobs.empty()) put_manifest(name, jobs, manifest_of(schedule_, name));
    return true;
  }

  void drop_one(std::string const& name) {
    std::vector<Job> jobs{{name, "last", "one more for " + name}};
    // One for each account, in which only a later task of its own may end a doubt.
    if (schedule_.two_accounts) jobs.push_back({name, "least", "and one for " + name});
    std::string text = "manifest: 1\ndefaults: { model: wan2.6-t2i }\njobs:\n";
    for (auto const& each : jobs) text += fmt::format("  - {{ id: {}, prompt: {} }}\n", each.id, each.prompt);
    put_manifest(name, jobs, text);
  }

  void put_manifest(std::string const& name, std::vector<Job> const& jobs, std::string const& text) {
    inspector_.wishes().dropped(name, jobs);
    put(name + ".yaml", text);
  }

  // They are taken in the order of their times, which must not be that of the day.
  void put(std::string const& name, std::string const& text) {
    house_.drop(name, text);
    timespec const time{1'700'000'000 + ++files_, 0}, times[2] = {time, time};
    ::utimensat(AT_FDCWD, (house_.root / "inbox" / name).c_str(), times, 0);
  }

  // FNV-1a over everything that is told.
  void note(std::string const& line) {
    for (auto const each : line) trace_ = (trace_ ^ static_cast<unsigned char>(each)) * 0x100000001b3u;
    if (tell_) fmt::print(stderr, "{}\n", line);
  }

  Sums sums() {
    auto sums = sums_;
    sums.seeds = 1;
    sums.steps += steps_.taken;
    sums.creates = creates();
    for (auto const* const world : worlds()) sums.tasks += static_cast<std::int64_t>(world->tasks().size());
    sums.doubts = weather_.doubts();
    sums.done = inspector_.done;
    sums.failed = inspector_.failed;
    sums.held = inspector_.held;
    sums.adopted = inspector_.adopted;
    sums.pictures = inspector_.pictures;
    sums.paused = inspector_.paused;
    sums.canceled = inspector_.canceled;
    return sums;
  }

  Schedule const& schedule_;
  World world_, studio_;
  Instant begin_ = world_.now();
  Steps steps_;
  House house_;
  Journal journal_;
  Weather weather_;
  Inspector inspector_;
  Dice dice_;
  bool tell_;
  bool second_ = false;
  int lives_ = 0;
  int more_ = 0, files_ = 0;
  std::string just_sent_ = "nobody";
  std::deque<Errand const*> errands_;  // that were not dropped yet
  Instant more_at_;
  std::deque<Crash> crashes_;
  std::uint64_t trace_ = 0xcbf29ce484222325u;
  Sums sums_;
};

}  // namespace

Sums& Sums::operator+=(Sums const& other) {
  seeds += other.seeds, failures += other.failures;
  turns += other.turns, steps += other.steps, creates += other.creates, tasks += other.tasks,
      doubts += other.doubts;
  crashes += other.crashes, power_cuts += other.power_cuts, in_recovery += other.in_recovery,
      taken_back += other.taken_back;
  done += other.done, failed += other.failed, held += other.held, adopted += other.adopted,
      pictures += other.pictures;
  errands += other.errands, in_errand += other.in_errand, paused += other.paused, canceled += other.canceled;
  return *this;
}

std::string Sums::words() const {
  return fmt::format(
      "{} seeds, {} broken: {} turns, {} steps; {} creates of {} tasks, {} in doubt by their answer; {} "
      "stops, {} of "
      "them power cuts that took {} things back, {} soon after another one; {} jobs done ({} by adoption), "
      "{} failed, "
      "{} held; {} pictures; {} commands, {} stops before their receipts, {} jobs paused and {} canceled "
      "when "
      "all had come to rest",
      seeds, failures, turns, steps, creates, tasks, doubts, crashes, power_cuts, taken_back, in_recovery,
      done, adopted, failed, held, pictures, errands, in_errand, paused, canceled);
}

Outcome simulate(Schedule const& schedule, bool tell) {
  if (tell) fmt::print(stderr, "{}\n", schedule.words());
  Simulation simulation{schedule, tell};
  return simulation.run();
}

}  // namespace wanspool::sim
