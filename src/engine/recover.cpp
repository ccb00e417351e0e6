#include <fmt/format.h>

#include "base/log.h"
#include "engine/engine.h"
#include "engine/leftovers.h"
#include "engine/paths.h"

// After a start: whose spool this is, and what a stopped program has left under way.
namespace wanspool {

// A drawn placeholder must never count as bought.
void Engine::check_origin() {
  auto const filled_by = store_.fact("origin"), region = store_.fact("region");
  auto const ours = region_ == "loopback" ? "emulator" : "service";
  origin_known_ = !filled_by.empty();
  if (origin_known_ && filled_by != ours)
    throw StoreBroken{fmt::format("this spool was filled by {}, and {} is {}; use another --root",
                                  filled_by == "emulator" ? "an emulator" : "the service", settings_.endpoint,
                                  region_ == "loopback" ? "an emulator" : "the service"),
                      78};
  if (!region.empty() && region != region_ && region_ != "unknown" && region != "unknown")
    throw StoreBroken{fmt::format("this spool belongs to region {}, and {} is in {}; use another --root",
                                  region, settings_.endpoint, region_),
                      78};
}

void Engine::remember_origin() {
  if (origin_known_) return;
  store_.set_fact("region", region_);
  store_.set_fact("origin", region_ == "loopback" ? "emulator" : "service");
  origin_known_ = true;
}

void Engine::recover() {
  auto const now = clock_.now();
  tally_ = store_.tally();
  uploads_told_ = store_.fact("uploads");
  for (auto const& model : store_.queued_models()) lane(model);
  for (auto& row : store_.lanes()) {
    lane(row.model).recall(row, now);
    // The key, the bill and the network may be others by now; a refusal for speed is remembered.
    auto const kind = row.weather.kind;
    if (kind != Weather::Kind::Throttled && kind != Weather::Kind::OutOfQuota) continue;
    row.weather.until = std::min(row.weather.until, now + policy_.retry_after_most);
    lane(row.model).weather = row.weather;
  }
  for (auto const& [model, row] : settings_.models)
    for (auto const& task : store_.created_since({{}, model}, now - lane(model).limits.window))
      // One that was refused and sent again is remembered with its last create alone.
      for (int i = 0; i < std::max(1, task.creates); ++i)
        lane(model).creates.recall(task.answered == Instant{} ? now : task.answered);
  for (auto const& task : store_.held(now - kGhostLife - policy_.create_life))
    if (task.possible_until + kGhostLife > now)
      lane(task.model).ghosts[task.id] = task.possible_until + kGhostLife;
  // Nobody remembers the queries of before: as if all that may be had just been answered.
  for (int i = 0; i < settings_.config.queries_per_second; ++i) queries_.recall(now);
  for (int i = 0; i < settings_.config.lists_per_second; ++i) lists_.recall(now);
  steady_since_ = now;
  auto const active = store_.active();
  for (auto const& task : active) {
    count(task, 1);
    tasks_.emplace(task.id, task);
    schedule(task);
    remember_doubt(task);
  }
  for (auto const& task : active)
    if (task.state == State::Submitting && !task.in_doubt())
      tell(task.id, news::Unanswered{"the program stopped before the answer came", {}, false, true}, now);
  give_up_doubts_of_copy(now);
  recall_evidence(now);
}

void Engine::tidy_up() {
  std::set<std::filesystem::path> busy;
  for (auto const& [id, task] : tasks_)
    if (!task.orphan) {
      busy.insert(settings_.spool.out / task.name);
      for (auto const& each : task.pictures)
        busy.insert(settings_.spool.out / below_out(task.name, PicturePaths{task}.file(each.number)));
    }
  workers_.submit([out = settings_.spool.out, before = std::filesystem::file_time_type::clock::now(),
                   busy = std::move(busy)]() -> Workers::After {
    remove_leftovers(out, before, busy);
    return {};
  });
}

}  // namespace wanspool
