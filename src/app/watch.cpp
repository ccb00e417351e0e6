#include "app/watch.h"

#include <algorithm>

#include "app/exit.h"
#include "app/house.h"
#include "app/keeper.h"
#include "app/people.h"
#include "app/rows.h"
#include "app/stops.h"
#include "engine/paths.h"

namespace wanspool::app {
namespace {

// A look at many jobs takes long: it is taken more rarely, so that it never costs more than a twentieth.
milliseconds pause_after(milliseconds look) {
  return std::max(milliseconds{300}, look * 20);
}

template <typename Row>
void add_money(LedgerRow& sum, Row const& more) {
  sum.spent += more.spent;
  sum.reserved += more.reserved;
  sum.uncertain += more.uncertain;
}

}  // namespace

Watch::Watch(Context const& context, Names names, Screen& screen, Signals& signals, Tell tell)
    : context_{context}, names_{std::move(names)}, screen_{screen}, signals_{signals}, tell_{tell} {}

void Watch::skip_present(Failed failed) {
  reader_ = reader_of(context_.spool);
  if (reader_)
    each_job(*reader_, names_, [&](JobRow const& row) {
      fresh_pictures(row);
      if (failed == Failed::CountsFromNow && has_failed(row.task))
        failed_before_.emplace(row.task.id, row.task.times.done);
      return true;
    });
}

bool Watch::has_failed(Task const& task) const {
  return (task.state == State::Failed || task.state == State::Canceled) &&
         !failed_before_.contains({task.id, task.times.done});
}

// Those that have not been told of yet; from now on they have.
std::vector<std::string> Watch::fresh_pictures(JobRow const& row) {
  std::vector<std::string> fresh;
  auto const tell_of = [&](Task const& task) {
    for (auto const& each : task.pictures) {
      // A later take's picture has its predecessor's name and is another one.
      auto const name = below_out(name_of(row), file_of(row, task, each));
      if (!each.file.empty() && told_.insert(name + " " + each.sha256).second) fresh.push_back(name);
    }
  };
  if (!has_its_pictures(row)) return fresh;
  tell_of(row.task);
  if (row.task.refill)
    for (auto const& each : reader_->refills_of(row.task.id)) tell_of(each);
  return fresh;
}

// False while there is no database yet.
bool Watch::look() {
  if (!reader_) reader_ = reader_of(context_.spool);
  if (!reader_) return false;
  if (!glance_) glance_ = open_glance(context_.spool.database);
  tally_ = {};
  lanes_ = reader_->lanes();
  stops_ = reader_->stops();
  is_paused_ = !reader_->fact("paused").empty();
  stopping_.clear();
  kept_ = kept_for_now_ = refused_ = failed_ = 0;
  LedgerRow bought;
  // What is shown is shown after the reading: a screen that stands still must not hold the database.
  std::vector<std::string> pictures;
  each_job(*reader_, names_, [&](JobRow const& row) {
    tally_.add(row.task);
    failed_ += has_failed(row.task);
    if (!names_.mean_all()) add_money(bought, glance_->spent_on(row));
    note_stop(row, row.task);
    // A refill that is not over yet is part of its job.
    if (row.task.refill)
      for (auto const& each : reader_->refills_of(row.task.id)) {
        if (is_final(each.state)) continue;
        tally_.add(each);
        note_stop(row, each);
      }
    if (tell_ == Tell::Nothing) return true;
    for (auto& each : fresh_pictures(row)) pictures.push_back(std::move(each));
    return true;
  });
  if (names_.mean_all()) add_money(bought, reader_->tally());
  // Several jobs may share a purchase, and one may have had several.
  tally_.spent = bought.spent;
  tally_.reserved = bought.reserved;
  tally_.uncertain = bought.uncertain;
  for (auto const& each : pictures) screen_.picture(context_.spool.out / each);
  return true;
}

void Watch::note_stop(JobRow const& row, Task const& queued) {
  if (queued.state != State::Queued) return;
  if (is_paused_ || row.wish == Wish::Paused) {
    ++kept_;
    return;
  }
  auto const submitter = stops_.empty() ? kUnknownSubmitter : Owners{*reader_}.of(queued);
  auto const until = kept_until(stops_, queued, context_.account_names(), submitter);
  if (!until) {
    refused_ += no_account_buys(queued.model);
    return;
  }
  ++(*until == Instant{} ? kept_ : kept_for_now_);
  auto const its = stop_of(stops_, queued, context_.account_names(), submitter);
  if (std::find(stopping_.begin(), stopping_.end(), *its) == stopping_.end()) stopping_.push_back(*its);
}

// Whether the key or the bill of every account stops this model's jobs.
bool Watch::no_account_buys(std::string const& model) const {
  auto const accounts = context_.account_names();
  return std::all_of(accounts.begin(), accounts.end(), [&](auto const& account) {
    return std::any_of(lanes_.begin(), lanes_.end(), [&](LaneRow const& lane) {
      return lane.account == account && lane.model == model && lane.weather.kind == Weather::Kind::Account;
    });
  });
}

// Once, however often its sums change.
void Watch::tell(Stop const& stop) {
  auto its = stop;
  its.counted = {};
  its.failed = its.finished = 0;
  if (std::find(stops_told_.begin(), stops_told_.end(), its) != stops_told_.end()) return;
  stops_told_.push_back(std::move(its));
  screen_.say("wanspool: " + line_of_stop(stop, context_.currency()));
}

// Whoever waits for the turn of a day is told so when it begins.
void Watch::tell_waits(Instant now) {
  for (auto const i : stopping_)
    if (stops_[i].until > now) tell(stops_[i]);
}

void Watch::tell_stops(Instant now) {
  for (auto const i : stopping_) tell(stops_[i]);
  if (refused_ > 0)
    screen_.say("wanspool: " + weather_words(lanes_, now) +
                "; nothing is lost: the daemon goes on when that is mended");
}

bool Watch::is_settled(Loneliness loneliness) const {
  auto const kept = kept_ + refused_ + (loneliness == Loneliness::Leaves ? kept_for_now_ : 0);
  return running(tally_) == 0 && tally_[State::Queued] <= kept;
}

Progress Watch::progress(Instant now, bool alone) const {
  auto hinders = weather_words(lanes_, now);
  if (tally_[State::Queued] == 0) hinders.clear();
  if (alone && !is_settled(Loneliness::Waits))
    hinders = "no daemon has this spool now: wanspool daemon, or wanspool run";
  return {tally_, context_.currency(), {}, files_in(context_.spool.inbox), hinders};
}

Watch::End Watch::until_settled(std::optional<milliseconds> timeout, Loneliness loneliness) {
  auto const start = clock_.now();
  for (;;) {
    auto const before = clock_.now();
    bool const known = look();
    auto const now = clock_.now();
    bool const alone = !keeper_of(context_.spool).is_there;
    auto const state = progress(now, alone);
    if (is_settled(loneliness) && (known || loneliness == Loneliness::Leaves)) {
      screen_.clear();
      tell_stops(now);
      screen_.end(state);
      return End::Settled;
    }
    if (loneliness == Loneliness::Waits) tell_waits(now);
    screen_.progress(state, now);
    if (alone && loneliness == Loneliness::Leaves) return End::Alone;
    if (timeout && now >= start + *timeout) return End::TimedOut;
    auto pause = pause_after(now - before);
    if (timeout) pause = std::min(pause, start + *timeout - now);
    if (auto const signal = signals_.wait(static_cast<int>(pause.count()))) {
      screen_.clear();
      return End::Interrupted;
    }
  }
}

int Watch::exit_code() const {
  if (tally_.total() == 0) return kNoSuch;
  if (refused_ > 0) return kAccount;
  if (failed_ > 0) return kFailed;
  return tally_[State::Held] + tally_[State::Queued] > 0 ? kPerson : kFine;
}

}  // namespace wanspool::app
