#include <fmt/format.h>

#include <utility>

#include "base/count.h"
#include "base/files.h"
#include "base/log.h"
#include "engine/about.h"
#include "engine/engine.h"
#include "engine/paths.h"
#include "provider/addresses.h"

namespace wanspool {
namespace {

void tell_of(std::string const& whose, LaneKey const& lane, Weather const& weather, Instant now) {
  if (weather.kind == Weather::Kind::Fair) return log::info(about("lane-weather", lane), "{} goes on", whose);
  bool const stops = weather.kind == Weather::Kind::Account;
  if (stops) return log::error(about("account-stopped", lane), "{} is stopped: {}", whose, weather.reason);
  log::warning(about("lane-weather", lane), "{} waits {}: {}: {}", whose, human(weather.until - now),
               name_of(weather.kind), weather.reason);
}

void tell_of_step(Task const& before, Task const& task) {
  if (before.task_id.empty() && !task.task_id.empty())
    log::info(about("job-began", task), "{} is ordered: task {}", task.name, task.task_id);
  if (task.state == before.state) return;
  if (task.state == State::Downloading && task.cancel == Cancel::TooLate)
    log::info("{} was canceled and had been drawn: it is paid, and its pictures are fetched", task.name);
  if (task.state == State::Held)
    log::warning(about("job-held", task), "{} is held: {}", task.name, task.error.message);
  if (task.state == State::Failed)
    log::warning(about("job-failed", task), "{} failed: {}", task.name, task.error.message);
  if (task.state == State::Canceled)
    log::line(before.is_unwanted() ? log::Level::Info : log::Level::Warning, about("job-canceled", task),
              fmt::format("{} is canceled: {}", task.name, task.error.message));
  if (task.state == State::Done)
    log::info(about("job-done", task), "{} is done: {}", task.name,
              count_of(task.pictures_safe(), "picture"));
}

}  // namespace

void Engine::hear(Reply reply, Instant now) {
  auto const found = flights_.find(reply.ticket);
  if (found == flights_.end()) return;
  auto const flight = std::move(found->second);
  flights_.erase(found);
  traffic_.add(flight.asks(), reply);
  if (flight.kind == Flight::Kind::List) return hear_list(accounts_.at(flight.account), reply, now);
  if (flight.kind == Flight::Kind::Watch) return hear_look(accounts_.at(flight.account), reply, now);
  if (flight.kind == Flight::Kind::KeyCheck) return hear_key_check(accounts_.at(flight.account), reply, now);
  if (flight.kind == Flight::Kind::Input) return static_cast<void>(inputs_.hear(reply, now));
  land(flight.task);
  auto const task = tasks_.at(flight.task);
  switch (flight.kind) {
    case Flight::Kind::Create:
      return hear_create(task, reply, now);
    case Flight::Kind::Query:
      return hear_query(task, reply, now);
    case Flight::Kind::Cancel:
      return hear_cancel(task, reply, now);
    case Flight::Kind::Picture:
      return hear_picture(flight, reply, now);
    case Flight::Kind::List:
    case Flight::Kind::Watch:
    case Flight::Kind::KeyCheck:
    case Flight::Kind::Input:
      return;
  }
}

void Engine::hear_create(Task const& task, Reply const& reply, Instant now) {
  auto& its = lane(task);
  its.creates.ended(now);
  --its.in_flight;
  auto const news = provider::read_create(reply);
  auto const known = its.controller.memory();
  auto const* const refused = std::get_if<news::Refused>(&news);
  // Where every slot is taken the sky is clear: only the end of a task helps.
  bool const full =
      refused && its.is_for_slots(refused->trouble.over) && refused->trouble.retry_after == milliseconds{0};
  if (refused) its.refused(task.id, refused->trouble.over, now);
  if (std::holds_alternative<news::Accepted>(news)) its.accepted(now);
  if (its.controller.memory() != known) note_limits(its, known);
  if (!full) tell_lanes(its.key, news, now);
  tell(task.id, news, now);
  if (std::holds_alternative<news::Accepted>(news)) note_evidence(task, now);
}

void Engine::note_limits(Lane const& its, ControllerMemory const& before) {
  auto const& known = its.controller.memory();
  dirty_lanes_.insert(its.key);
  if (known.most != before.most && known.refusals > before.refusals)
    log::info("lane {} keeps {} tasks at once: the account refused one more", name_of(its.key), known.most);
  if (known.creates != before.creates && known.creates > 0)
    log::info("lane {} sends {} tasks a window from now on", name_of(its.key), known.creates);
}

void Engine::land(std::int64_t task) {
  if (--busy_[task] == 0) busy_.erase(task);
}

void Engine::hear_query(Task const& task, Reply const& reply, Instant now) {
  auto& account = account_of(task);
  account.queries.ended(now);
  auto const news = provider::read_query(reply, now);
  tell(task.id, news, now);
  if (provider::is_normal(news)) {
    account.answered = now;
    trust_account(account);
  }
  if (std::holds_alternative<news::Vanished>(news)) doubt_account(account, now);
  if (std::holds_alternative<news::NoAnswer>(news)) steady_since_ = now;
  if (auto const* it = std::get_if<news::NoAnswer>(&news); it && it->trouble.kind == Trouble::Kind::Account) {
    log::error("the service refuses to say how {} stands: {}", task.name, it->trouble.message);
    account.refused_key = account.endpoint.key;
  }
}

void Engine::hear_picture(Flight const& flight, Reply const& reply, Instant now) {
  --downloads_open_;
  auto const sink = flight.sink;
  if (reply.complete() && reply.status / 100 == 2 && sink->whole())
    return keep_picture(flight.task, flight.sink);
  sink->let_go(reply);
  if (auto const& trouble = sink->disk_trouble()) {
    file_trouble(trouble->message, now);
    return tell(flight.task, news::PictureMissed{flight.picture, *trouble}, now);
  }
  auto missed = provider::read_missed(reply, flight.picture);
  if (reply.status / 100 == 2 && reply.complete())
    missed.trouble = {Trouble::Kind::Retry, "BadPicture", sink->complaint()};
  if (missed.trouble.code == provider::kAddressRefused) note_refusal(flight.task, missed, now);
  log::debug("{} picture {}: {}", tasks_.at(flight.task).name, flight.picture, missed.trouble.message);
  tell(flight.task, missed, now);
}

void Engine::keep_picture(std::int64_t id, std::shared_ptr<PictureSink> sink) {
  ++busy_[id];
  workers_.submit([this, id, sink = std::move(sink)] { return after_picture(id, sink->finish()); });
}

Workers::After Engine::after_picture(std::int64_t id, News const& news) {
  return [this, id, news] {
    land(id);
    auto const now = clock_.now();
    if (auto const* safe = std::get_if<news::PictureSafe>(&news)) {
      picture_size_ = (picture_size_ * 7 + safe->picture.bytes) / 8;
      auto const& task = tasks_.at(id);
      if (!task.orphan) audience_.picture(settings_.spool.out / below_out(task.name, safe->picture.file));
    } else if (auto const& trouble = std::get<news::PictureMissed>(news).trouble;
               trouble.kind == Trouble::Kind::Lane) {
      file_trouble(trouble.message, now);
    }
    tell(id, news, now);
  };
}

void Engine::tell(std::int64_t id, News const& news, Instant now) {
  auto const& known = tasks_.at(id);
  auto const before = known.state;
  auto task = learn(known, news, policy_for(known), now);
  if (task.state == State::Queued) tell_inputs(known, news, now);
  if (!known.in_doubt() && task.in_doubt())
    log::warning(about("job-in-doubt", task), "{} is in doubt: {}; the account's list will tell, from {} on",
                 task.name, task.error.message, rfc3339(task.possible_until + policy_.list_delay));
  if (task.state == State::Held && task.error.code == "Misfit" && !task.task_id.empty()) {
    file_orphan(account_of(task), {task.task_id, task.request_id, task.model, {}, {}, {}, {}},
                task.times.accepted, id);
    task.task_id.clear();
    task.request_id.clear();
  }
  learn_service(known, task, now);
  if (task.state != before && task.state == State::Downloading) refill(task);
  tell_of_step(known, task);
  put(std::move(task));
}

// What the service could not read goes up once more before the task is sent again.
void Engine::tell_inputs(Task const& task, News const& news, Instant now) {
  auto const* const refused = std::get_if<news::Refused>(&news);
  auto const* const gave_up = std::get_if<news::GaveUp>(&news);
  bool const unread = (refused && refused->trouble.input) || (gave_up && gave_up->trouble.input);
  if (unread && task.brings_inputs()) inputs_.forget(task, now);
}

// What a create says of its lane; what it says of the key or the bill concerns every lane of the account.
void Engine::tell_lanes(LaneKey const& about, News const& news, Instant now) {
  auto const* const refused = std::get_if<news::Refused>(&news);
  bool const every =
      refused && refused->trouble.kind == Trouble::Kind::Account && refused->trouble.every_lane;
  auto& account = accounts_.at(about.account);
  bool told = false;
  for (auto& [model, lane] : account.lanes) {
    if (model != about.model && !every && lane.weather.kind != Weather::Kind::Account) continue;
    if (model != about.model && !every && !std::holds_alternative<news::Accepted>(news)) continue;
    auto weather = learn(lane.weather, news, policy_, now);
    if (weather == lane.weather) continue;
    // One line for all lanes of a key.
    if (weather.kind != lane.weather.kind && !(every && std::exchange(told, true)))
      tell_of(every ? "account " + account_name(account.name) : "lane " + name_of(lane.key), lane.key,
              weather, now);
    lane.weather = std::move(weather);
    dirty_lanes_.insert(lane.key);
  }
  if (std::holds_alternative<news::Accepted>(news) && !account.refused_key.empty()) {
    account.refused_key.clear();
    account.key_check = Instant::max();
  }
  if (!every) return;
  account.refused_key = account.endpoint.key;
  // The same key may be let in again. What waits is tried before that: it says more.
  account.key_check = now + policy_.account_probe + minutes{1};
}

// If the provider knows none of our tasks, the account is another one than yesterday's; no task is touched.
void Engine::doubt_account(Account& account, Instant now) {
  int unknown = 0;
  for (auto const& [id, task] : tasks_) {
    if (task.account != account.name) continue;
    if (task.state != State::Submitted && task.state != State::Running) continue;
    if (task.unknown_since == Instant{} || now - task.unknown_since < policy_.list_delay) return;
    ++unknown;
  }
  if (unknown == 0 || account.doubted) return;
  account.doubted = true;
  tell_lanes(
      account.lanes.begin()->second.key,
      news::Refused{{Trouble::Kind::Account,
                     "TasksUnknown",
                     fmt::format("the provider knows none of the {} tasks that are out there; is this the "
                                 "right key and endpoint?",
                                 unknown),
                     {},
                     true}},
      now);
}

void Engine::trust_account(Account& account) {
  if (!std::exchange(account.doubted, false)) return;
  account.refused_key.clear();
  for (auto& [model, lane] : account.lanes) {
    if (lane.weather.kind != Weather::Kind::Account) continue;
    lane.weather = {};
    dirty_lanes_.insert(lane.key);
  }
}

void Engine::file_trouble(std::string const& words, Instant now) {
  if (disk_words_ != words) log::warning("no picture is bought until there is room: {}", words);
  disk_words_ = words;
  disk_until_ = now + seconds{5};
  disk_look_ = now + seconds{5};
}

}  // namespace wanspool
