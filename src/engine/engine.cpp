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
constexpr milliseconds kStoreRetry{2000};
constexpr milliseconds kGather{10};
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
      inputs_{settings_.spool,
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
               }}},
      budgets_{settings_.config.caps, names_of(settings_.accounts), store, clock.now()} {
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
    read_list(account, now);
    look_at_list(account, now);
  }
  index_.step(now, [this] { return at_rest(); });
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

// A sync costs more than an answer takes on a good line. While a create is unanswered the next one cannot be
// sent, so what is heard meanwhile waits for its answer, for a moment, and shares its transaction.
bool Engine::may_gather(Instant now) {
  auto const is_create = [](Deed const& deed) { return deed.act == Act::Submit; };
  bool const pressing = std::any_of(deeds_.begin(), deeds_.end(), is_create) || store_retry_ != Instant{};
  if (pressing || unanswered() == 0 || (dirty_.empty() && deeds_.empty())) {
    gather_until_ = {};
    return false;
  }
  if (gather_until_ == Instant{}) gather_until_ = now + kGather;
  if (now < gather_until_) return true;
  gather_until_ = {};
  return false;
}

// One transaction for the whole turn. After it final tasks leave the memory.
bool Engine::commit(Instant now) {
  if (store_retry_ > now) return false;
  Batch batch;
  batch.delivered = deliveries_.take_done();
  auto moved = deliveries_.take_moved();
  for (auto const& task : moved) take_over_places(task);
  inputs_.write_to(batch);
  write_what_is_learned(now);
  if (dirty_.empty() && dirty_lanes_.empty() && orphans_.empty() && refills_.empty() && facts_.empty() &&
      batch.empty() && !budgets_.has_news())
    return true;
  batch.at = now;
  budgets_.write_to(batch);
  batch.orphans = orphans_;
  batch.refills = refills_;
  for (auto const& [key, value] : facts_) batch.facts.push_back({key, value});
  for (auto const id : dirty_) batch.tasks.push_back(tasks_.at(id));
  auto const heard = batch.tasks.size();
  for (auto const& task : moved)
    if (!tasks_.contains(task.id)) batch.tasks.push_back(task);
  for (auto const& key : dirty_lanes_)
    batch.lanes.push_back(accounts_.at(key.account).lanes.at(key.model).row());
  auto const is_create = [](Deed const& deed) { return deed.act == Act::Submit; };
  std::vector<Task> made;
  try {
    if (std::any_of(deeds_.begin(), deeds_.end(), is_create)) remember_origin();
    made = store_.commit(batch);
  } catch (StoreFull const& full) {
    file_trouble(full.what(), now);
    store_retry_ = now + kStoreRetry;
    deliveries_.give_back(batch.delivered, moved);
    return false;
  }
  store_retry_ = {};
  dirty_.clear();
  dirty_lanes_.clear();
  orphans_.clear();
  refills_.clear();
  facts_.clear();
  inputs_.committed();
  budgets_.committed(batch);
  for (auto const& job : deliveries_.committed(batch.delivered)) {
    index_.add(job);
    // It may have had lines with other names.
    index_.doubt(manifest_of(job));
  }
  // One whose manifest was dropped anew meanwhile is to be delivered once more.
  if (!batch.delivered.empty()) deliveries_.look();
  take_up_made(made);
  batch.tasks.resize(heard);
  for (auto const& task : batch.tasks) let_go(task);
  auto const is_queued = [](Task const& task) { return task.state == State::Queued; };
  if (std::any_of(batch.tasks.begin(), batch.tasks.end(), is_queued)) tally_ = store_.tally();
  return true;
}

// What the commit made is under way from now on.
void Engine::take_up_made(std::vector<Task> const& made) {
  for (auto const& task : made) {
    if (task.orphan)
      log::warning("task {} of the account is fetched into {}", task.task_id,
                   settings_.spool.orphan_folder(task.task_id).string());
    if (task.state != State::Queued) {
      put(task);
      continue;
    }
    tally_.add(task);
    queue(task.model).more = true;
  }
}

// What nothing happens to any more by itself leaves the memory once it is written.
void Engine::let_go(Task const& task) {
  if (task.state == State::Queued) return queue_again(task);
  if (!is_final(task.state) && task.state != State::Held) return;
  wake_successors();
  if (task.state == State::Done) deliveries_.look();
  tell_index(task);
  audience_.ended(task);
  if (task.state == State::Failed && task.pictures.empty() && !task.orphan && task.parent == 0)
    failures_.push_back(task);
  if (!is_busy(task.id)) tasks_.erase(task.id);
}

// A refill's pictures are told of with its job's, or after them.
void Engine::tell_index(Task const& task) {
  if (!is_final(task.state) || task.orphan || task.pictures_safe() == 0) return;
  index_.add(task.name, task.parent == 0 ? 0 : task.id);
  if (task.take > 1) index_.doubt(manifest_of(task.name));
}

// Of a manifest that was known some jobs may have changed, moved or gone.
void Engine::note_receipt(Receipt const& receipt) {
  if (receipt.accepted && receipt.taken.fresh < receipt.taken.jobs) index_.doubt(receipt.manifest);
  if (receipt.accepted && receipt.taken.retired > 0) index_.doubt(receipt.manifest);
  audience_.receipt(receipt);
}

// A refused task goes back to its place, which the store knows: its manifest may have got other terms since
// it was sent, or a drop may have left nobody who wants it, and then the store has ended it.
void Engine::queue_again(Task const& task) {
  auto& its = queue(task.model);
  tasks_.erase(task.id);
  its.read_anew();
}

Instant Engine::next_due(Instant now) {
  auto soonest = std::max(intake_.next_look(now), intake_retry_);
  if (store_retry_ > now) return store_retry_;
  if (!dirty_.empty() || !deeds_.empty()) return std::max(now, gather_until_);
  if (downloads_open_ < downloads_most()) {
    if (!fetches_.empty()) return now;
    if (!downloads_.empty()) soonest = std::min(soonest, downloads_.begin()->first);
  }
  if (tally_[State::Downloading] > 0) soonest = std::min(soonest, alarm_look_);
  if (!disk_words_.empty()) soonest = std::min(soonest, disk_look_);
  if (stopping_.empty() && paused_.empty())
    soonest = std::min({soonest, inputs_.next_step(now), std::max(now, budgets_.next_look())});
  soonest =
      std::min({soonest, deliveries_.next_step(now), index_.next_step(now, [this] { return at_rest(); })});
  for (auto& [name, account] : accounts_) {
    soonest = std::min({soonest, next_list(account, now), next_look(account, now)});
    if (!account.has_key() || !account.refused_key.empty()) soonest = std::min(soonest, account.key_look);
    if (!account.polls.empty() && account.has_key())
      soonest = std::min(soonest, std::max(account.polls.begin()->first, account.queries.opens(now)));
  }
  for (auto& [model, queue] : queues_) {
    if (queue.window.empty() && queue.more) return now;
    if (!stopping_.empty()) continue;
    for (auto const& task : queue.window)
      if (task.deadline != Instant{}) soonest = std::min(soonest, task.deadline);
    if (queue.window.empty() || !paused_.empty() || !disk_words_.empty()) continue;
    if (uncollected() < fetches_most()) soonest = std::min(soonest, next_create(queue, now));
  }
  return soonest;
}

// What no account may buy is in no window.
bool Engine::is_kept_from(Account const& account, Task const& queued) {
  return accounts_.size() > 1 && budgets_.stops(queued, account.name);
}

// When one of what waits may leave, if nothing is heard before; Instant::max() if only that helps.
Instant Engine::next_create(Queue const& queue, Instant now) {
  auto soonest = Instant::max();
  for (auto& [name, account] : accounts_) {
    auto& its = lane(account, queue.model);
    if (!account.has_key() || !account.twin.empty() || its.in_flight >= its.creates_at_once()) continue;
    auto room = its.room_opens(now);
    for (auto const& [id, until] : its.ghosts) room = std::min(room, std::max(now, until));
    if (room == Instant::max()) continue;
    auto due = Instant::max();
    for (auto const& task : queue.window)
      if (task.due < due && is_ready(task, account) && !is_kept_from(account, task)) due = task.due;
    if (due == Instant::max()) {
      if (its.weather.until > now) soonest = std::min(soonest, its.weather.until);
      continue;
    }
    auto chance = std::max({due, room, its.weather.until, its.quiet_until, its.creates.opens(now)});
    for (auto const& [id, until] : its.ghosts) chance = std::max(chance, std::min(until, now + seconds{1}));
    soonest = std::min(soonest, chance);
  }
  return soonest;
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
