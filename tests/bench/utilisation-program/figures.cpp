#include "bench/utilisation-program/figures.h"

#include <algorithm>
#include <functional>
#include <queue>
#include <utility>

namespace wanspool::bench {
namespace {

using Tasks = std::vector<test::World::Task>;

double seconds_of(milliseconds length) {
  return static_cast<double>(length.count()) / 1000;
}

// When each begins and ends, in the order of time; of one moment the ends first.
std::vector<std::pair<Instant, int>> changes_of(Tasks const& tasks) {
  std::vector<std::pair<Instant, int>> changes;
  for (auto const& task : tasks) {
    changes.emplace_back(task.begins, 1);
    changes.emplace_back(task.ends, -1);
  }
  std::sort(changes.begin(), changes.end());
  return changes;
}

// All slots were taken for the first time; where they never were, as many tasks had begun as there are slots.
Instant filled_at(Tasks const& tasks, int slots) {
  int busy = 0, begun = 0;
  Instant enough;
  for (auto const& [at, change] : changes_of(tasks)) {
    busy += change;
    if (busy >= slots) return at;
    if (change > 0 && ++begun == slots) enough = at;
  }
  return enough;
}

// From the moment when all slots were filled to the one when the last create was accepted: after it there is
// no work for a slot that falls free.
double steady_of(Tasks const& tasks, int slots) {
  auto const from = filled_at(tasks, slots);
  Instant until;
  for (auto const& task : tasks) until = std::max(until, task.accepted);
  if (from == Instant{} || until <= from) return 0;
  milliseconds used{0};
  for (auto const& task : tasks)
    used += std::max(milliseconds{0}, std::min(task.ends, until) - std::max(task.begins, from));
  return seconds_of(used) / (slots * seconds_of(until - from));
}

// A slot that falls free is filled at that moment; of creates only so many leave in a second.
milliseconds ideal(Scene const& scene) {
  std::priority_queue<milliseconds, std::vector<milliseconds>, std::greater<>> free;
  for (int i = 0; i < scene.slots; ++i) free.emplace(0);
  milliseconds last{0};
  int number = 0;
  for (auto const service : services_of(scene)) {
    auto const end = std::max(free.top(), milliseconds{seconds{number++ / scene.creates}}) + service;
    free.pop();
    free.push(end);
    last = std::max(last, end);
  }
  return last;
}

milliseconds quantile(std::vector<milliseconds>& lengths, double share) {
  if (lengths.empty()) return {};
  auto const at = static_cast<std::ptrdiff_t>(share * static_cast<double>(lengths.size() - 1));
  std::nth_element(lengths.begin(), lengths.begin() + at, lengths.end());
  return lengths[static_cast<std::size_t>(at)];
}

}  // namespace

Figures figures_of(test::World const& world, Scene const& scene) {
  Figures figures;
  auto const& tasks = world.tasks();
  if (tasks.empty()) return figures;
  auto first = Instant::max();
  Instant last;
  std::vector<milliseconds> lags;
  int queries = 0;
  for (auto const& task : tasks) {
    queries += task.queries;
    first = std::min(first, task.accepted);
    if (task.noticed == Instant{}) continue;
    last = std::max(last, task.noticed);
    lags.push_back(task.noticed - task.ends);
  }
  auto const took = seconds_of(last - first), count = static_cast<double>(tasks.size());
  figures.tasks = static_cast<int>(tasks.size());
  figures.finished = figures.tasks == scene.tasks && lags.size() == tasks.size();
  figures.steady = steady_of(tasks, scene.slots);
  figures.makespan = took / seconds_of(ideal(scene));
  figures.polls = queries / count;
  figures.lists = world.lists / took;
  figures.queries = world.queries / took;
  figures.lag = seconds_of(quantile(lags, 0.5));
  figures.lag_p95 = seconds_of(quantile(lags, 0.95));
  figures.refused_slots = world.refused_for_slots;
  figures.refused_rate = world.refused_for_rate;
  return figures;
}

}  // namespace wanspool::bench
