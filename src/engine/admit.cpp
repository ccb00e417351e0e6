#include <fmt/format.h>

#include <algorithm>

#include "base/disk.h"
#include "base/files.h"
#include "base/log.h"
#include "engine/engine.h"
#include "engine/line_up.h"

namespace wanspool {
namespace {

constexpr std::size_t kWindow = 64;
constexpr std::uintmax_t kReserve = 64u << 20;
constexpr std::size_t kTrial = 64u << 10;
constexpr milliseconds kDiskLook{1000};
constexpr milliseconds kKeyLook{5000};
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
  look_at_key(now);
  watch_expiries(now);
  deliveries_.step(now);
  if (budgets_.look(now)) read_windows_anew();
  // What waits for its commit has not been counted as begun: more of its kind would be more than is allowed.
  if (deeds_.empty()) {
    if (!endpoint_.key.empty()) admit_polls(now);
    admit_downloads(now);
  }
  for (auto& [model, lane] : lanes_) admit_creates(lane, now);
  tell_of_uploads();
}

void Engine::tell_of_uploads() {
  if (inputs_.complaint() == uploads_told_) return;
  uploads_told_ = inputs_.complaint();
  facts_["uploads"] = uploads_told_;
}

void Engine::admit_polls(Instant now) {
  auto allowance = queries_.allowance(now);
  while (allowance > 0 && !polls_.empty() && polls_.begin()->first <= now) {
    --allowance;
    auto const id = polls_.begin()->second;
    polls_.erase(polls_.begin());
    deeds_.push_back({id, next(tasks_.at(id), now).act});
  }
}

// Of what is due the picture that dies first comes first.
void Engine::admit_downloads(Instant now) {
  while (!downloads_.empty() && downloads_.begin()->first <= now) {
    auto const id = downloads_.begin()->second;
    downloads_.erase(downloads_.begin());
    fetches_.emplace(tasks_.at(id).expires(), id);
  }
  auto room = settings_.downloads_at_once - downloads_open_;
  while (room > 0 && !fetches_.empty()) {
    auto const id = fetches_.begin()->second;
    fetches_.erase(fetches_.begin());
    auto const& task = tasks_.at(id);
    room -= static_cast<int>(task.pictures.size());
    deeds_.push_back({id, next(task, now).act});
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
              fmt::format("{} is paid for and not fetched, and its address dies {}: {}", task.name,
                          left.count() > 0 ? "in " + human(left) : "now", task.error.message));
  }
}

bool Engine::may_create(Lane& lane, Instant now) {
  std::erase_if(lane.ghosts, [&](auto const& ghost) { return ghost.second <= now; });
  return !endpoint_.key.empty() && lane.in_flight < lane.creates_at_once() && lane.has_room(now) &&
         lane.weather.until <= now && lane.quiet_until <= now && uncollected() < kFetchesMost &&
         lane.creates.allowance(now) > 0;
}

void Engine::admit_creates(Lane& lane, Instant now) {
  page_in(lane, now);
  if (stopping_.empty()) end_overdue(lane, now);
  if (!settings_.models.contains(lane.model)) return refuse_all(lane, now);
  if (!stopping_.empty() || !paused_.empty() || !disk_words_.empty()) return;
  do {
    look_at_inputs(lane, now);
    plan_creates(lane, now);
  } while (pass_over_stopped(lane, now));
}

void Engine::plan_creates(Lane& lane, Instant now) {
  while (may_create(lane, now)) {
    auto const ready = std::find_if(lane.window.begin(), lane.window.end(), [&](Task const& task) {
      return task.due <= now && is_ready(task) && !budgets_.stops(task);
    });
    if (ready == lane.window.end()) break;
    auto plan = next(std::move(*ready), now);
    lane.window.erase(ready);
    lane.began(plan.task.id);
    lane.turns.took(lane.ahead.erase(plan.task.id) > 0);
    budgets_.plan(plan.task);
    // The allowance is taken here, so that what is planned and not yet performed counts already.
    ++lane.in_flight;
    lane.creates.began();
    deeds_.push_back({plan.task.id, plan.act});
    take_up(std::move(plan.task));
  }
}

// Jobs behind a cap make place for those that may be bought. Returns whether others are at hand now.
bool Engine::pass_over_stopped(Lane& lane, Instant now) {
  if (std::erase_if(lane.window, [&](Task const& task) { return budgets_.stops(task); }) == 0) return false;
  lane.more = true;
  page_in(lane, now);
  end_overdue(lane, now);
  return !lane.window.empty();
}

bool Engine::is_ready(Task const& queued) const {
  return !queued.brings_inputs() || inputs_.is_ready(queued.id);
}

// Pictures go up ahead of the creates that use them, so that no slot waits for one; a job whose picture will
// never be there ends here.
void Engine::look_at_inputs(Lane& lane, Instant now) {
  if (lane.weather.until > now || endpoint_.key.empty()) return;
  for (std::size_t at = 0; at < lane.window.size();) {
    auto& task = lane.window[at];
    auto const look = task.brings_inputs() && task.due <= now ? inputs_.look(task, now)
                                                              : Inputs::Look{Inputs::Stand::Ready};
    if (look.stand != Inputs::Stand::Hopeless) {
      ++at;
      continue;
    }
    auto hopeless = std::move(task);
    lane.window.erase(lane.window.begin() + static_cast<std::ptrdiff_t>(at));
    end_unsent(std::move(hopeless), look.trouble, now);
  }
  inputs_.step(now);
}

// Whether or not it could be bought now: nobody waits for it any more.
void Engine::end_overdue(Lane& lane, Instant now) {
  for (std::size_t at = 0; at < lane.window.size();) {
    if (!is_overdue(lane.window[at], now)) {
      ++at;
      continue;
    }
    take_up(next(std::move(lane.window[at]), now).task);
    lane.window.erase(lane.window.begin() + static_cast<std::ptrdiff_t>(at));
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
void Engine::refuse_all(Lane& lane, Instant now) {
  for (auto& queued : std::exchange(lane.window, {}))
    end_unsent(std::move(queued),
               {Trouble::Kind::Fatal, "UnknownModel",
                fmt::format("this version knows no model '{}'; nothing was sent", lane.model)},
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
void Engine::page_in(Lane& lane, Instant now) {
  if (!lane.more || lane.window.size() >= kWindow / 2) return;
  auto const is_known = [&](std::int64_t id) { return tasks_.contains(id); };
  auto next = line_up(store_, lane.model, lane.turns, kWindow, is_known, budgets_.rooms(lane.model, now));
  lane.window = std::move(next.tasks);
  lane.ahead = std::move(next.ahead);
  lane.more = lane.window.size() == kWindow;
}

// A person may have put another key there since the service refused the last one.
void Engine::look_at_key(Instant now) {
  if (now < key_look_ || (!endpoint_.key.empty() && refused_key_.empty())) return;
  key_look_ = now + kKeyLook;
  auto key = settings_.key();
  if (key.empty() && !lanes_.empty()) {
    if (lanes_.begin()->second.weather.kind == Weather::Kind::Account) return;
    return tell_lanes(lanes_.begin()->second,
                      news::Refused{{Trouble::Kind::Account,
                                     "NoKey",
                                     "there is no API key; set DASHSCOPE_API_KEY or api_key_file",
                                     {},
                                     true}},
                      now);
  }
  if (key.empty() || key == refused_key_) return;
  endpoint_.key = std::move(key);
  refused_key_.clear();
  for (auto& [model, lane] : lanes_)
    if (lane.weather.kind == Weather::Kind::Account) lane.weather.until = now;
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
