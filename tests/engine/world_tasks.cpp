#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "engine/world.h"

// What the provider inside the world knows of its tasks, so that it finds one of many at once.
namespace wanspool::test {

std::optional<std::size_t> World::place_of(std::string const& task_id) const {
  auto const found = by_id_.find(task_id);
  if (found == by_id_.end()) return {};
  return found->second;
}

World::Task const* World::find(std::string const& task_id) const {
  auto const place = place_of(task_id);
  return place ? &tasks_[*place] : nullptr;
}

void World::forget(std::string const& task_id) {
  auto const place = place_of(task_id);
  if (!place) return;
  by_id_.erase(task_id);
  auto& task = tasks_[*place];
  task.id += " (forgotten)";
  by_id_.emplace(task.id, *place);
}

int World::charged() const {
  int sum = 0;
  for (auto const& task : tasks_)
    if (task.ours && !task.fails && !task.failed && !task.canceled && task.accepted <= now_)
      sum += task.pictures;
  return sum;
}

// Begun or not: one that arrives later and was sent sooner has its slot already.
int World::outstanding_at(Instant at) const {
  return static_cast<int>(std::count_if(under_way_.begin(), under_way_.end(), [&](auto place) {
    return tasks_[place].ours && at < tasks_[place].ends;
  }));
}

World::Task World::made(std::string const& body, Instant arrival) {
  Task task;
  task.id = fmt::format("{}-{}", ids, tasks_.size() + 1);
  task.request_id = fmt::format("{}-request-{}", ids, tasks_.size() + 1);
  task.body = body;
  task.model = nlohmann::json::parse(body).value("model", "");
  task.accepted = task.begins = arrival;
  // A free slot now, or the first that will be free.
  if (slots > 0 && outstanding_at(arrival) >= slots) {
    std::vector<Instant> ends;
    for (auto const place : under_way_)
      if (auto const& other = tasks_[place]; other.ours && other.ends > arrival) ends.push_back(other.ends);
    auto const free = ends.end() - slots;
    std::nth_element(ends.begin(), free, ends.end());
    task.begins = *free;
  }
  task.ends = task.begins + (service ? service(random_) : between(service_least, service_most));
  return task;
}

void World::add(Task task) {
  auto const place = tasks_.size();
  by_id_.emplace(task.id, place);
  by_body_[task.body].push_back(place);
  std::erase_if(under_way_, [&](auto each) { return tasks_[each].ends <= now_; });
  if (task.ours) under_way_.push_back(place);
  auto const older = std::lower_bound(by_acceptance_.begin(), by_acceptance_.end(), task.accepted,
                                      [&](auto each, Instant at) { return tasks_[each].accepted < at; });
  by_acceptance_.insert(older, place);
  tasks_.push_back(std::move(task));
}

void World::take(Task task) {
  for (auto const place : by_body_[task.body])
    if (auto const& other = tasks_[place];
        other.ours && !((other.fails || other.failed || other.canceled) && other.ends <= task.accepted))
      rebought.push_back(
          fmt::format("{} was bought again as {} while it lives: {}", other.id, task.id, task.body));
  ++accepted[task.body];
  if (!task.fails) billed += task.pictures;
  auto const at = task.accepted;
  add(std::move(task));
  // What is outstanding counts from its acceptance, begun or not: more than the slots would be a broken
  // limit. What was accepted behind our back is beyond anybody's limit.
  most_at_once = std::max(
      most_at_once, static_cast<int>(std::count_if(under_way_.begin(), under_way_.end(), [&](auto place) {
        auto const& each = tasks_[place];
        return each.ours && !each.late && each.accepted <= at && at < each.ends;
      })));
}

// Somebody else of the account makes a task.
void World::visit(Instant arrival, std::string const& body) {
  for (auto const& [share, key] :
       {std::pair{habits.strangers, "1002"}, std::pair{habits.familiars, "1001"}}) {
    if (!happens(share)) continue;
    auto task = made(body, arrival + any_up_to(seconds{2}));
    task.ours = false;
    task.api_key_id = key;
    add(std::move(task));
  }
}

// The first of by_acceptance_ that was accepted later.
std::vector<std::size_t>::iterator World::accepted_after(Instant at) {
  return std::partition_point(by_acceptance_.begin(), by_acceptance_.end(),
                              [&](auto place) { return tasks_[place].accepted <= at; });
}

void World::order_by_acceptance() {
  std::sort(by_acceptance_.begin(), by_acceptance_.end(), [&](auto a, auto b) {
    return std::pair{tasks_[a].accepted, b} < std::pair{tasks_[b].accepted, a};
  });
}

// Who sees the connection break before it has accepted either does so at once or not at all.
void World::forget_flights() {
  if (beside) beside->forget_flights();
  flights_.clear();
  for (auto& task : tasks_) {
    bool const far = habits.tardiness > milliseconds{0} && task.ours && task.accepted != Instant::max();
    if (!far || task.accepted <= now_ + habits.tardiness) continue;
    auto const sooner = now_ + any_up_to(habits.tardiness) - task.accepted;
    if (happens(0.5)) {
      task.accepted = Instant::max();
      task.ours = false;
      --accepted[task.body];
      if (!task.fails) billed -= task.pictures;
      continue;
    }
    task.accepted += sooner;
    task.begins += sooner;
    task.ends += sooner;
  }
  order_by_acceptance();
}

}  // namespace wanspool::test
