#include "emulator/tasks.h"

#include <fmt/format.h>
#include <time.h>

#include <algorithm>

#include "emulator/models.h"

namespace wanspool::emulator {
namespace {

// The finishing step of splitmix64: every bit of the outcome hangs on every bit that went in.
std::uint64_t mixed(std::uint64_t x) {
  x += 0x9e3779b97f4a7c15u;
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
  return x ^ (x >> 31);
}

}  // namespace

std::string_view name(State state) {
  switch (state) {
    case State::Pending:
      return "PENDING";
    case State::Running:
      return "RUNNING";
    case State::Succeeded:
      return "SUCCEEDED";
    case State::Failed:
      return "FAILED";
    case State::Canceled:
      return "CANCELED";
    case State::Unknown:
      return "UNKNOWN";
  }
  return "UNKNOWN";
}

std::uint64_t hash_of(std::string_view text, std::uint64_t seed) {
  auto sum = mixed(seed);
  for (auto const c : text) sum = mixed(sum ^ static_cast<unsigned char>(c));
  return sum;
}

std::string beijing(Instant at) {
  auto const there = at + hours{8};
  auto const whole = std::chrono::floor<seconds>(there);
  std::time_t const stamp = whole.time_since_epoch().count();
  std::tm tm{};
  gmtime_r(&stamp, &tm);
  return fmt::format("{:04}-{:02}-{:02} {:02}:{:02}:{:02}.{:03}", tm.tm_year + 1900, tm.tm_mon + 1,
                     tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec, (there - whole).count());
}

std::string World::new_id(std::uint64_t count) const {
  auto const high = mixed(seed_ ^ mixed(count));
  auto const low = mixed(high ^ count);
  return fmt::format("{:08x}-{:04x}-4{:03x}-{:04x}-{:012x}", high >> 32, high >> 16 & 0xffff, high & 0xfff,
                     (low >> 48 & 0x3fff) | 0x8000, low & 0xffffffffffff);
}

std::string World::account() const {
  constexpr std::uint64_t kFirst = 1'000'000'000'000'000;
  return std::to_string(kFirst + (options_.key.empty() ? 1 : hash_of(options_.key) % kFirst));
}

milliseconds World::duration(Task const& task) const {
  auto const mean = task.fate.service_time.value_or(options_.service_time);
  auto const share = static_cast<double>(hash_of(task.id) >> 11) * 0x1p-53;
  auto const factor = 1 + options_.spread * (2 * share - 1);
  auto const length = static_cast<double>(mean.count()) * (task.fate.service_time ? 1 : factor);
  return options_.scaled(milliseconds{static_cast<long long>(length)});
}

int World::slots(std::string_view model) const {
  auto const* const row = find_model(model);
  return options_.slots.value_or(row ? row->slots : 0);
}

bool World::refuses(std::string const& model, Instant now) {
  if (options_.over_slots == OverSlots::Queue || slots(model) == 0) return false;
  auto& lane = lanes_[model];
  advance(model, lane, now);
  return lane.running.size() >= static_cast<std::size_t>(slots(model));
}

Task& World::create(Order order, std::string request_id, std::string api_key_id, Fault const& fate,
                    Instant now) {
  auto const index = tasks_.size();
  auto& task = tasks_.emplace_back();
  task.id = new_id();
  task.request_id = std::move(request_id);
  task.api_key_id = std::move(api_key_id);
  task.order = std::move(order);
  task.created = now;
  task.fate = fate;
  task.vanished = fate.vanish;
  task.takes = duration(task);
  by_id_.emplace(task.id, index);
  if (task.order.at_once) {
    task.started = now;
    task.ended = now + task.takes;
    finish(task);
    return task;
  }
  auto& lane = lanes_[task.order.model];
  advance(task.order.model, lane, now);
  if (lane.running.empty() && lane.waiting.empty()) lane.active_since = now;
  lane.waiting.push_back(index);
  fill(lane, slots(task.order.model), now);
  lane.most_waiting = std::max(lane.most_waiting, lane.waiting.size());
  return task;
}

void World::add_stranger(std::string model, std::string api_key_id, Instant now) {
  auto& task = strangers_.emplace_back();
  task.id = new_id();
  task.request_id = new_id();
  task.api_key_id = std::move(api_key_id);
  task.order.model = std::move(model);
  task.order.prompt = "a stranger's picture";
  task.order.size = {1280, 1280};
  task.created = task.started = now;
  task.takes = duration(task);
  task.ended = now + task.takes;
  task.state = State::Running;
}

void World::finish_strangers(Instant now) {
  for (auto& task : strangers_)
    if (task.state == State::Running && task.ended <= now) finish(task);
}

Task* World::find_stranger(std::string_view id, Instant now) {
  finish_strangers(now);
  auto const found =
      std::find_if(strangers_.begin(), strangers_.end(), [&](auto const& each) { return each.id == id; });
  return found == strangers_.end() || too_old(*found, now) ? nullptr : &*found;
}

void World::fill(Lane& lane, int slots, Instant at) {
  while (!lane.waiting.empty() && (slots == 0 || lane.running.size() < static_cast<std::size_t>(slots))) {
    start(lane, lane.waiting.front(), at);
    lane.waiting.pop_front();
  }
  lane.most_running = std::max(lane.most_running, lane.running.size());
}

void World::start(Lane& lane, std::size_t index, Instant at) {
  auto& task = tasks_[index];
  task.state = State::Running;
  task.started = at;
  task.ended = at + task.takes;
  lane.running.emplace(task.ended, index);
}

void World::finish(Task& task) const {
  task.state = task.fate.fail ? State::Failed : State::Succeeded;
  if (task.state == State::Failed) return;
  task.drawn = std::clamp(task.fate.pictures.value_or(task.order.pictures), 0, task.order.pictures);
  // One good picture makes a success there, and none a failure (contract §3.3).
  if (task.drawn == 0 && task.order.answers == Answers::Results) task.state = State::Failed;
  task.fetched.assign(static_cast<std::size_t>(task.drawn), 0);
}

void World::advance(std::string const& model, Lane& lane, Instant now) {
  while (!lane.running.empty() && lane.running.top().first <= now) {
    auto const [end, index] = lane.running.top();
    lane.running.pop();
    auto& task = tasks_[index];
    lane.busy += end - task.started;
    finish(task);
    fill(lane, slots(model), end);
    if (lane.running.empty()) lane.active += end - lane.active_since;
  }
}

void World::advance(Instant now) {
  for (auto& [model, lane] : lanes_) advance(model, lane, now);
}

bool World::too_old(Task const& task, Instant now) const {
  auto const over = task.state != State::Pending && task.state != State::Running;
  return over && now - task.ended >= options_.scaled(options_.life);
}

bool World::is_listed(Task const& task, Instant now) const {
  return !task.vanished && !task.order.at_once && !too_old(task, now) &&
         now - task.created >= options_.scaled(options_.list_delay);
}

std::vector<Task const*> World::listed(Instant now) {
  advance(now);
  finish_strangers(now);
  std::vector<Task const*> all;
  auto ours = tasks_.rbegin();
  for (auto theirs = strangers_.rbegin(); ours != tasks_.rend() || theirs != strangers_.rend();) {
    bool const is_ours =
        theirs == strangers_.rend() || (ours != tasks_.rend() && ours->created >= theirs->created);
    auto const& task = is_ours ? *ours++ : *theirs++;
    if (is_listed(task, now)) all.push_back(&task);
  }
  return all;
}

Task* World::find(std::string_view id, Instant now) {
  auto const found = by_id_.find(std::string{id});
  if (found == by_id_.end()) return find_stranger(id, now);
  auto& task = tasks_[found->second];
  if (!task.order.at_once) advance(task.order.model, lanes_[task.order.model], now);
  return task.vanished || too_old(task, now) ? nullptr : &task;
}

bool World::cancel(std::string_view id, Instant now) {
  auto* const task = find(id, now);
  if (!task || task->state != State::Pending) return false;
  auto& waiting = lanes_[task->order.model].waiting;
  std::erase_if(waiting, [&](auto index) { return &tasks_[index] == task; });
  task->state = State::Canceled;
  task->ended = now;
  return true;
}

}  // namespace wanspool::emulator
