#include <algorithm>
#include <utility>

#include "engine/engine.h"

// What a new configuration changes while the wheel turns.
namespace wanspool {

std::vector<std::string> Engine::change(Models models, Config config) {
  auto const now = clock_.now();
  std::vector<std::string> kept;
  for (auto const& [name, row] : settings_.models)
    if (models.emplace(name, row).second) kept.push_back(name);
  settings_.config = std::move(config);
  auto const& its = settings_.config;
  if (models != settings_.models) {
    settings_.models.swap(models);
    former_models_.push_back(std::move(models));
  }
  for (auto const& [model, row] : settings_.models) queue(model);
  policy_.list_delay = its.list_delay;
  policy_.stop_margin = std::max(policy_.loss_margin, policy_.list_delay / 6);
  budgets_.change(its.caps, now);
  intake_.change(settings_.models, {its.settle, its.rescan}, its.ask_above);
  change_limits(now);
  read_windows_anew();
  return kept;
}

void Engine::change_limits(Instant now) {
  auto const& config = settings_.config;
  for (auto& [name, account] : accounts_) {
    auto const other = config.accounts.find(name);
    if (name.empty()) account.change(config.queries_per_second, config.lists_per_second, now);
    if (other != config.accounts.end())
      account.change(other->second.queries_per_second, other->second.lists_per_second, now);
    for (auto& [model, lane] : account.lanes) {
      auto const row = settings_.models.find(model);
      if (row == settings_.models.end()) continue;
      auto const known = lane.controller.memory();
      slots_ -= lane.limits.slots;
      lane.change(limits_of(row->second, region_, config, name), now);
      slots_ += lane.limits.slots;
      if (lane.controller.memory() != known) dirty_lanes_.insert(lane.key);
    }
  }
}

}  // namespace wanspool
