#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "base/disk.h"
#include "base/files.h"
#include "base/log.h"
#include "engine/engine.h"
#include "engine/line_up.h"
#include "engine/reserve.h"

namespace wanspool {
namespace {

constexpr std::size_t kWindow = 64;
constexpr std::size_t kManyDrops = 64;
constexpr milliseconds kManyDropsLook{250};
// A picture takes a few tenths of a second to fetch, and a task ten seconds at least to be drawn.
constexpr int kSlotsADownload = 16, kDownloadsMost = 64;
constexpr std::size_t kTrial = 64u << 10;
constexpr milliseconds kDiskLook{1000};
constexpr milliseconds kAlarmLook{minutes{1}};

// Why nothing can be stored in `folder`, which is made if somebody took it away; "" if it can. To try it out
// costs a small file, and is done only after something went wrong.
std::string trouble_with(std::filesystem::path const& folder, bool try_it) try {
  make_folders(folder);
  if (!try_it) return {};
  write_file_safely(folder / ".wanspool-trial", std::string(kTrial, '\0'));
  disk::remove(folder / ".wanspool-trial");
  return {};
} catch (std::system_error const& error) {
  return error.what();
}

}  // namespace

void Engine::admit(Instant now) {
  look_at_disk(now);
  for (auto& [name, account] : accounts_) look_at_key(account, now);
  watch_expiries(now);
  deliveries_.step(now);
  if (budgets_.look(now)) read_windows_anew();
  // What waits for its commit has not been counted as begun: more of its kind would be more than is allowed.
  if (deeds_.empty()) {
    for (auto& [name, account] : accounts_)
      if (account.has_key()) admit_polls(account, now);
    admit_downloads(now);
  }
  for (auto& [model, queue] : queues_) admit_creates(queue, now);
  tell_of_uploads();
  tell_of_refusals();
}

void Engine::tell_of_uploads() {
  if (inputs_.complaint() == uploads_told_) return;
  uploads_told_ = inputs_.complaint();
  facts_["uploads"] = uploads_told_;
}

// Until it is performed nothing else begins for its task, whatever is heard of that meanwhile.
void Engine::plan_act(std::int64_t task, Act act) {
  deeds_.push_back({task, act});
  planned_.insert(task);
}

void Engine::admit_polls(Account& account, Instant now) {
  auto allowance = account.queries.allowance(now);
  auto& polls = account.polls;
  while (allowance > 0 && !polls.empty() && polls.begin()->first <= now) {
    --allowance;
    auto const id = polls.begin()->second;
    polls.erase(polls.begin());
    plan_act(id, next(tasks_.at(id), now).act);
  }
}

std::int64_t Engine::fetches_most() const {
  return std::max(kFetchesLeast, slots_);
}

int Engine::downloads_most() const {
  return std::max(settings_.downloads_at_once, std::min(kDownloadsMost, slots_ / kSlotsADownload));
}

// Of what is due the picture that dies first comes first.
void Engine::admit_downloads(Instant now) {
  while (!downloads_.empty() && downloads_.begin()->first <= now) {
    auto const id = downloads_.begin()->second;
    downloads_.erase(downloads_.begin());
    fetches_.emplace(tasks_.at(id).expires(), id);
  }
  auto room = downloads_most() - downloads_open_;
  while (room > 0 && !fetches_.empty()) {
    auto const id = fetches_.begin()->second;
    fetches_.erase(fetches_.begin());
    auto const& task = tasks_.at(id);
    room -= static_cast<int>(task.pictures.size());
    plan_act(id, next(task, now).act);
  }
}

// Results vanish after a day (contract §6): whoever can mend what keeps them from us hears of it in time.
void Engine::watch_expiries(Instant now) {
  if (now < alarm_look_) return;
  alarm_look_ = now + kAlarmLook;
  std::erase_if(alarms_, [&](auto const& each) { return !tasks_.contains(each.first); });
  for (auto const& [id, task] : tasks_) {
    auto const expires = task.expires();
    if (task.state != State::Downloading || expires == Instant::max()) continue;
    auto const left = expires - now;
    auto const alarm = left <= hours{1} ? Alarm::OneHour : left <= hours{6} ? Alarm::SixHours : Alarm::None;
    if (alarm == Alarm::None || alarms_[id] >= alarm) continue;
    alarms_[id] = alarm;
    audience_.expiring(task, left);
    log::line(alarm == Alarm::OneHour ? log::Level::Error : log::Level::Warning,
              fmt::format("{} is paid for and not fetched, and its address dies {}{}{}", task.name,
                          left.count() > 0 ? "in " + human(left) : "now",
                          task.error.message.empty() ? "" : ": ", task.error.message));
  }
}

void Engine::admit_creates(Queue& queue, Instant now) {
  page_in(queue, now);
  if (stopping_.empty()) end_overdue(queue, now);
  if (!settings_.models.contains(queue.model)) return refuse_all(queue, now);
  if (!stopping_.empty() || !paused_.empty() || !disk_words_.empty()) return;
  std::set<std::int64_t> passed;
  do {
    look_at_inputs(queue, now);
    while (plan_create(queue, now)) continue;
  } while (pass_over_stopped(queue, passed, now) || pass_over_waiting(queue, now));
}

// Under the account that has most room for it.
bool Engine::plan_create(Queue& queue, Instant now) {
  for (auto* const account : by_room(queue.model, now)) {
    auto const ready = std::find_if(queue.window.begin(), queue.window.end(), [&](Task const& task) {
      return task.due <= now && is_ready(task, *account) && !budgets_.stops(task, account->name);
    });
    if (ready == queue.window.end()) continue;
    auto task = std::move(*ready);
    queue.window.erase(ready);
    begin_create(queue, *account, std::move(task), now);
    return true;
  }
  return false;
}

void Engine::begin_create(Queue& queue, Account& account, Task queued, Instant now) {
  queued.account = account.name;
  auto plan = next(std::move(queued), now);
  auto& its = lane(account, queue.model);
  its.began(plan.task.id);
  queue.turns.took(queue.ahead.erase(plan.task.id) > 0);
  queue.shares.erase(plan.task.id);
  budgets_.plan(plan.task);
  // The allowance is taken here, so that what is planned and not yet performed counts already.
  ++its.in_flight;
  its.creates.began();
  plan_act(plan.task.id, plan.act);
  take_up(std::move(plan.task));
}

// Jobs behind a cap make place for those that may be bought. Returns whether others are at hand now than
// those that were passed over in this turn.
bool Engine::pass_over_stopped(Queue& queue, std::set<std::int64_t>& passed, Instant now) {
  auto const is_stopped = [&](Task const& task) {
    return std::all_of(accounts_.begin(), accounts_.end(),
                       [&](auto const& each) { return budgets_.stops(task, each.first); });
  };
  auto const before = passed.size();
  auto const pass = [&](Task const& task) { return is_stopped(task) && (passed.insert(task.id), true); };
  if (std::erase_if(queue.window, pass) == 0 || passed.size() == before) return false;
  queue.more = true;
  queue.next_look = {};
  page_in(queue, now);
  end_overdue(queue, now);
  return !queue.window.empty();
}

// Where all that is at hand waits for its pictures to go up, what brings none goes on. Returns whether some
// of it is at hand now.
bool Engine::pass_over_waiting(Queue& queue, Instant now) {
  if (queue.window.empty() || !queue.more || !queue.more_plain || by_room(queue.model, now).empty())
    return false;
  // Where enough of those are at hand it is not pictures that they wait for.
  auto const plain = std::count_if(queue.window.begin(), queue.window.end(), [&](Task const& task) {
    return task.due <= now && !task.brings_inputs();
  });
  if (static_cast<std::size_t>(plain) >= kWindow / 2) return false;
  auto rooms = budgets_.rooms(queue.model, now);
  rooms.plain = true;
  std::set<std::int64_t> at_hand;
  for (auto const& task : queue.window) at_hand.insert(task.id);
  auto const is_known = [&](std::int64_t id) { return tasks_.contains(id) || at_hand.contains(id); };
  auto next = line_up(store_, queue.model, queue.turns, kWindow / 2, is_known, rooms);
  auto const before = queue.window.size();
  for (auto& task : next.tasks) {
    if (task.due > now) continue;
    if (next.ahead.contains(task.id)) queue.ahead.insert(task.id);
    task.account.clear();
    queue.window.push_back(std::move(task));
  }
  queue.more_plain = queue.window.size() > before;
  end_overdue(queue, now);
  return queue.more_plain;
}

// Whether or not it could be bought now: nobody waits for it any more.
void Engine::end_overdue(Queue& queue, Instant now) {
  for (std::size_t at = 0; at < queue.window.size();) {
    if (!is_overdue(queue.window[at], now)) {
      ++at;
      continue;
    }
    take_up(next(std::move(queue.window[at]), now).task);
    queue.window.erase(queue.window.begin() + static_cast<std::ptrdiff_t>(at));
  }
}

// A queued task that was only at hand is under way from now on.
void Engine::take_up(Task task) {
  dirty_.insert(task.id);
  auto queued = task;
  queued.state = State::Queued;
  queued.reserved = {};
  tally_.remove(queued);
  put(std::move(task));
}

// The table of models has changed since these were queued: nobody knows any more where they would be sent.
void Engine::refuse_all(Queue& queue, Instant now) {
  for (auto& queued : std::exchange(queue.window, {}))
    end_unsent(std::move(queued),
               {Trouble::Kind::Fatal, "UnknownModel",
                fmt::format("this version knows no model '{}'; nothing was sent", queue.model)},
               now);
}

// As if the service had refused it; one that is overdue is canceled for that.
void Engine::end_unsent(Task queued, Trouble const& trouble, Instant now) {
  auto task = next(std::move(queued), now).task;
  if (task.state != State::Submitting) return take_up(std::move(task));
  auto const id = task.id;
  --task.creates;
  task.times.sent = {};
  take_up(std::move(task));
  tell(id, news::Refused{trouble}, now);
}

// Keeps the next queued tasks at hand; the rest stays in the store, however many they are.
void Engine::page_in(Queue& queue, Instant now) {
  if (!queue.more || queue.window.size() >= kWindow / 2 || now < queue.next_look) return;
  auto const is_known = [&](std::int64_t id) { return tasks_.contains(id); };
  auto next = line_up(store_, queue.model, queue.turns, kWindow, is_known, budgets_.rooms(queue.model, now));
  queue.window = std::move(next.tasks);
  queue.ahead = std::move(next.ahead);
  queue.more = queue.window.size() == kWindow;
  queue.more_plain = true;
  // About five times what it takes, so that creates of other drops are not held up for long.
  if (next.drops >= kManyDrops)
    queue.next_look = now + std::min(kManyDropsLook, milliseconds{static_cast<int>(next.drops / 16)});
  // Whatever account they were refused under.
  for (auto& task : queue.window) task.account.clear();
  std::erase_if(queue.shares, [&](auto const& each) {
    return std::none_of(queue.window.begin(), queue.window.end(),
                        [&](Task const& task) { return task.id == each.first; });
  });
}

// Creates stop while there is not room for everything that is paid or may be, and a reserve.
void Engine::look_at_disk(Instant now) {
  if (now < disk_look_) return;
  disk_look_ = now + kDiskLook;
  if (now < disk_until_) return;
  auto words = what_hinders_storing();
  if (words.empty() && !disk_words_.empty()) log::info("there is room again: pictures are bought");
  if (!words.empty() && disk_words_.empty())
    log::warning("no picture is bought until there is room: {}", words);
  disk_words_ = std::move(words);
}

std::string Engine::what_hinders_storing() const {
  std::int64_t pictures = 0;
  for (auto const& [id, task] : tasks_) {
    // A quota is full long before the file system is: what is paid for must come first.
    if (task.state == State::Downloading && task.error.code == kDiskFull) return task.error.message;
    if (!is_final(task.state)) pictures += std::max(task.wanted, static_cast<int>(task.pictures.size()));
  }
  auto const& spool = settings_.spool;
  for (auto const& folder : {spool.out, spool.spill})
    if (auto words = trouble_with(folder, !disk_words_.empty()); !words.empty()) return words;
  auto const needed = kReserve + static_cast<std::uintmax_t>(pictures * picture_size_);
  for (auto const& folder : {spool.out, spool.state})
    if (auto const room = free_space(folder); room < needed)
      return fmt::format("{} has {} MiB left, and {} MiB are needed for what is under way", folder.string(),
                         room >> 20, needed >> 20);
  return {};
}

}  // namespace wanspool
