#include "engine/engine.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/disk.h"
#include "base/files.h"
#include "base/log.h"
#include "base/memory.h"
#include "engine/leftovers.h"
#include "engine/paths.h"

namespace wanspool {
namespace {

constexpr milliseconds kSleepNoticed{30'000};
constexpr milliseconds kIntakeRetry{5000};

// What of a task is worth a write: a poll that learned nothing is not.
Task essence(Task task) {
  task.polls = task.misses = 0;
  task.due = task.unknown_since = {};
  return task;
}

std::vector<std::string> names_of(std::vector<AccountSettings> const& accounts) {
  std::vector<std::string> names;
  for (auto const& each : accounts) names.push_back(each.name);
  return names;
}

// A doubt's slot is counted by its lane's ghosts.
bool holds_a_slot(Task const& task) {
  return (task.state == State::Submitting && !task.in_doubt()) || task.state == State::Submitted ||
         task.state == State::Running;
}

}  // namespace

Engine::Engine(EngineSettings settings, Clock const& clock, Http& http, Store& store, Audience& audience)
    : settings_{std::move(settings)},
      region_{settings_.region.empty() ? provider::region_of(settings_.accounts.at(0).endpoint)
                                       : settings_.region},
      clock_{clock},
      http_{http},
      store_{store},
      audience_{audience},
      workers_{settings_.workers},
      intake_{{settings_.spool,
               settings_.models,
               region_,
               {settings_.config.settle, settings_.config.rescan},
               settings_.models.empty() ? "" : settings_.models.begin()->second.currency,
               settings_.config.ask_above,
               [this] { return time_left(); },
               [this](Command const& command, Instant now) { return obey(command, now); }},
              store,
              workers_,
              [this](Receipt const& receipt) { note_receipt(receipt); }},
      deliveries_{settings_.spool,
                  store,
                  workers_,
                  {[this](Task const& task) { return family_of(task); },
                   [this](Task const& task) { return story_of(task); },
                   [this](std::filesystem::path const& path) { audience_.picture(path); }}},
      index_{settings_.spool, workers_,
             settings_.models.empty() ? "" : settings_.models.begin()->second.currency},
      inputs_{
          settings_.spool,
          settings_.models,
          store,
          workers_,
          policy_.query,
          {[this](std::string const& account) -> provider::Endpoint const& {
             return accounts_.at(account).endpoint;
           },
           [this](Request request) { return send_input(std::move(request)); },
           [this](LaneKey const& its, Trouble const& trouble) {
             tell_lanes(its, news::Refused{trouble}, clock_.now());
           },
           [hosts = Hosts{"upload_hosts", settings_.config.upload_hosts, Hosts::Plain::Refused,
                          region_ == "loopback"}](std::string const& url) { return hosts.why_not(url); }}},
      budgets_{settings_.config.caps, names_of(settings_.accounts), store, clock.now()},
      result_hosts_{"result_hosts", settings_.config.result_hosts, Hosts::Plain::Allowed,
                    region_ == "loopback"},
      status_{settings_.spool, workers_,
              settings_.models.empty() ? "" : settings_.models.begin()->second.currency,
              [this] { return status_outlook(); }} {
  for (auto const& each : settings_.accounts) accounts_.emplace(each.name, each);
  policy_.list_delay = settings_.config.list_delay;
  // Names that a stopped program has made and not synced would be built upon.
  disk::sync_all(settings_.spool.out);
  policy_.stop_margin = std::max(policy_.loss_margin, policy_.list_delay / 6);
  check_origin();
  check_accounts();
  begin_restore(clock_.now());
  recover();
  tidy_up();
}

// What the workers touch is about to go.
Engine::~Engine() {
  index_.stop();
  status_.stop();
  workers_.stop();
}

Lane& Engine::lane(Account& account, std::string const& model) {
  auto const found = account.lanes.find(model);
  if (found != account.lanes.end()) return found->second;
  auto const row = settings_.models.find(model);
  auto const limits = row == settings_.models.end()
                          ? Limits{}
                          : limits_of(row->second, region_, settings_.config, account.name);
  slots_ += limits.slots;
  return account.lanes.emplace(model, Lane{{account.name, model}, limits}).first->second;
}

std::vector<Lane*> Engine::lanes() {
  std::vector<Lane*> all;
  for (auto& [name, account] : accounts_)
    for (auto& [model, lane] : account.lanes) all.push_back(&lane);
  return all;
}

// With its lanes, so that a status can tell of them.
Queue& Engine::queue(std::string const& model) {
  auto const found = queues_.find(model);
  if (found != queues_.end()) return found->second;
  for (auto& [name, account] : accounts_) lane(account, model);
  return queues_.emplace(model, Queue{model}).first->second;
}

// However many are out there, what is asked in vain must leave queries for what has ended.
Policy Engine::policy_for(Task const& task) {
  auto policy = policy_;
  auto const& account = account_of(task);
  bool const watched = account.watch.is_trusted() && account.list.stand() != AccountList::Stand::Reading;
  policy.others_answered = account.answered;
  policy.pace = lane(task).pace_of(task, watched);
  auto const most = account.queries_per_second;
  if (most > 0)
    policy.pace.step = std::max(policy.pace.step, milliseconds{1000} * 2 * account.out_there / most);
  return policy;
}

void Engine::turn(Instant latest, std::span<int const> wake) {
  auto before = clock_.now();
  auto const until = std::min(latest, next_due(before));
  std::vector<int> fds{wake.begin(), wake.end()};
  fds.push_back(workers_.wake_fd());
  // A bell that nobody may answer yet would ring all the time.
  if (intake_.wake_fd() >= 0 && may_take_in() && std::max(intake_retry_, store_retry_) <= before)
    fds.push_back(intake_.wake_fd());
  auto replies = http_.wait(until, fds);

  auto const now = clock_.now();
  notice_sleep(std::max(until, before), now);
  // While a commit is owed to a full disk nothing new is begun.
  bool const owed = store_retry_ != Instant{};
  // Before anything is heard, for what is taken in changes the sums in the store.
  if (!owed && may_take_in()) take_in(now);
  for (auto& reply : replies) hear(std::move(reply), now);
  workers_.collect();
  if (!owed) admit(now);
  if (may_gather(now) || !commit(now)) return;
  for (auto& [name, account] : accounts_) {
    check_key(account, now);
    read_list(account, now);
    look_at_list(account, now);
  }
  index_.step(now, [this] { return at_rest(); });
  status_.step(now, [this] { return at_rest() && index_.idle(); });
  planned_.clear();
  for (auto const& deed : std::exchange(deeds_, {})) perform(deed, now);
  for (auto const& task : std::exchange(failures_, {})) tell_failure(task);
  rest_when_done();
}

// A daemon waits for its next manifest for days.
void Engine::rest_when_done() {
  bool const rests = tasks_.empty() && idle();
  if (std::exchange(rests_, rests) || !rests) return;
  store_.rest();
  give_memory_back();
}

// What a manifest or a command changes in the store must not meet what the memory has still to write.
bool Engine::may_take_in() const {
  return dirty_.empty() && deeds_.empty() && orphans_.empty() && refills_.empty() && facts_.empty();
}

void Engine::take_in(Instant now) {
  if (now < intake_retry_) return;
  try {
    if (!intake_.step(now)) return;
    read_queue_anew();
    follow_wishes(now);
    deliveries_.look();
  } catch (StoreFull const& full) {
    file_trouble(full.what(), now);
    intake_retry_ = now + kIntakeRetry;
  } catch (std::system_error const& error) {
    intake_retry_ = now + kIntakeRetry;
    if (disk_is_full(error.code())) return file_trouble(error.what(), now);
    if (error.code() == std::errc::io_error) throw;
    log::warning("manifests wait: {}", error.what());
  }
}

// What waits may have been replaced, canceled, or put into another order: nothing of it is planned yet, for
// nothing is taken in while a plan waits for its commit.
void Engine::read_queue_anew() {
  tally_ = store_.tally();
  for (auto& [model, row] : settings_.models) queue(model);
  budgets_.read_anew();
  read_windows_anew();
  inputs_.look_anew();
}

void Engine::read_windows_anew() {
  for (auto& [model, queue] : queues_) queue.read_anew();
}

// A purchase that has ended may have kept a newer one of its job waiting, in any lane. Where all that waits
// is at hand there is none.
void Engine::wake_successors() {
  std::int64_t at_hand = 0;
  for (auto const& [model, queue] : queues_) at_hand += static_cast<std::int64_t>(queue.window.size());
  if (tally_[State::Queued] <= at_hand) return;
  for (auto& [model, queue] : queues_) queue.more = queue.more_plain = true;
}

// The laptop slept: the world has changed, connections are dead and waiting has been done.
void Engine::notice_sleep(Instant expected, Instant now) {
  if (expected == Instant::max() || now - expected < kSleepNoticed) return;
  log::info("slept for {}; asking about everything again", human(now - expected));
  http_.drop_connections();
  steady_since_ = now;
  for (auto* const lane : lanes())
    if (lane->weather.kind != Weather::Kind::Account)
      lane->weather.until = std::min(lane->weather.until, now);
  std::vector<std::set<std::pair<Instant, std::int64_t>>*> all{&downloads_};
  for (auto& [name, account] : accounts_) all.push_back(&account.polls);
  for (auto* const dues : all) {
    std::set<std::pair<Instant, std::int64_t>> fresh;
    for (auto const& [due, id] : *dues) {
      tasks_.at(id).due = std::min(due, now);
      fresh.emplace(tasks_.at(id).due, id);
    }
    dues->swap(fresh);
  }
}

void Engine::count(Task const& task, int sign) {
  if (holds_a_slot(task)) lane(task).outstanding += sign;
  if (task.state == State::Submitted || task.state == State::Running) account_of(task).out_there += sign;
}

// The one place where what we know of a task changes.
void Engine::put(Task task) {
  auto const id = task.id;
  auto const found = tasks_.find(id);
  bool const fresh = found == tasks_.end();
  auto& known = fresh ? tasks_.emplace(id, task).first->second : found->second;
  if (!fresh) {
    account_of(known).polls.erase({known.due, id});
    downloads_.erase({known.due, id});
    fetches_.erase({known.expires(), id});
    count(known, -1);
    tally_.remove(known);
    if (essence(known) != essence(task)) dirty_.insert(id);
    known = std::move(task);
  }
  count(known, 1);
  tally_.add(known);
  remember_doubt(known);
  schedule(known);
}

void Engine::schedule(Task const& task) {
  if (is_busy(task.id)) return;
  if (task.state == State::Submitted || task.state == State::Running ||
      (task.state == State::Downloading && task.ask_again))
    account_of(task).polls.emplace(task.due, task.id);
  else if (task.state == State::Downloading)
    downloads_.emplace(task.due, task.id);
}

void Engine::stop_creating(std::string reason) {
  stopping_ = std::move(reason);
}

int Engine::unanswered() const {
  int sum = 0;
  for (auto const& [name, account] : accounts_)
    for (auto const& [model, lane] : account.lanes) sum += lane.in_flight;
  return sum;
}

}  // namespace wanspool
