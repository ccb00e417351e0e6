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
                                  filled_by == "emulator" ? "an emulator" : "the service",
                                  settings_.accounts.front().endpoint,
                                  region_ == "loopback" ? "an emulator" : "the service"),
                      78};
  if (!region.empty() && region != region_ && region_ != "unknown" && region != "unknown")
    throw StoreBroken{fmt::format("this spool belongs to region {}, and {} is in {}; use another --root",
                                  region, settings_.accounts.front().endpoint, region_),
                      78};
}

// Whoever takes an account out of the configuration must not lose what is paid for under it.
void Engine::check_accounts() {
  for (auto const& task : store_.active())
    if (!accounts_.contains(task.account))
      throw StoreBroken{
          fmt::format(
              "{} is at the provider under account {}, which is not in the configuration; put it back "
              "until all its tasks are over",
              task.name.empty() ? task.task_id : task.name, account_name(task.account)),
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
  results_told_ = store_.fact("results");
  for (auto const& [model, row] : settings_.models) queue(model);
  for (auto const& model : store_.queued_models()) queue(model);
  for (auto& row : store_.lanes()) {
    auto const found = accounts_.find(row.account);
    if (found == accounts_.end()) continue;
    auto& its = lane(found->second, row.model);
    its.recall(row, now);
    // The key, the bill and the network may be others by now; a refusal for speed is remembered.
    auto const kind = row.weather.kind;
    if (kind != Weather::Kind::Throttled && kind != Weather::Kind::OutOfQuota) {
      // Whoever asks for the status reads what is written.
      if (kind != Weather::Kind::Fair) dirty_lanes_.insert(its.key);
      continue;
    }
    row.weather.until = std::min(row.weather.until, now + policy_.retry_after_most);
    its.weather = row.weather;
  }
  for (auto const& [model, row] : settings_.models) recall_creates(model, now);
  for (auto const& task : store_.held(now - kGhostLife - policy_.create_life))
    if (task.possible_until + kGhostLife > now && accounts_.contains(task.account))
      lane(task).ghosts[task.id] = task.possible_until + kGhostLife;
  for (auto& [name, account] : accounts_) account.begin(now);
  steady_since_ = now;
  auto const active = store_.active();
  for (auto task : active) {
    queue(task.model);
    // The key and the bill may be others by now.
    if (task.error.kind == Trouble::Kind::Account) task.error = {};
    if (is_refused(task)) task.due = std::min(task.due, now);
    count(task, 1);
    tasks_.emplace(task.id, task);
    schedule(task);
    remember_doubt(task);
  }
  for (auto const& task : active)
    if (task.state == State::Submitting && !task.in_doubt())
      tell(task.id, news::Unanswered{"the program stopped before the answer came", {}, false, true}, now);
  give_up_doubts_of_copy(now);
  follow_wishes(now);
  recall_evidence(now);
  if (accounts_.size() == 1) return;
  compare_keys();
  // The lists tell whether two keys are of one account.
  for (auto& [name, account] : accounts_) account.list_wanted = account.has_key();
}

// One that was refused and sent again is remembered with its last create alone: the others may have left
// under any account.
void Engine::recall_creates(std::string const& model, Instant now) {
  for (auto& [name, account] : accounts_) {
    auto& its = lane(account, model);
    for (auto const& [other, ignored] : accounts_)
      for (auto const& task : store_.created_since({other, model}, now - its.limits.window)) {
        auto const creates = std::max(1, task.creates) - (other == name ? 0 : 1);
        for (int i = 0; i < creates; ++i)
          its.creates.recall(task.answered == Instant{} ? now : task.answered);
      }
  }
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
