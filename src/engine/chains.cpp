#include "engine/chains.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/input_names.h"
#include "engine/expand.h"
#include "provider/provider.h"

namespace wanspool {
namespace {

constexpr std::size_t kMostWaiting = 10'000;

}  // namespace

Chains::Chains(std::vector<std::uint64_t> sources, BoughtFor bought_for)
    : sources_{std::move(sources)}, fingerprints_(sources_.size()), bought_for_{std::move(bought_for)} {}

std::string* Chains::fingerprint_of(std::string const& job) {
  auto const hash = std::hash<std::string>{}(job);
  auto const found = std::lower_bound(sources_.begin(), sources_.end(), hash);
  if (found == sources_.end() || *found != hash) return nullptr;
  return &fingerprints_[static_cast<std::size_t>(found - sources_.begin())];
}

void Chains::add(NewJob row, Take const& take) {
  std::vector<std::string> missing;
  for (auto const& source : row.sources)
    if (auto const* const fingerprint = fingerprint_of(source.job);
        fingerprint == nullptr || fingerprint->empty())
      missing.push_back(source.job);
  if (missing.empty()) return finish(std::move(row), take);
  if (waiting_.size() >= kMostWaiting)
    throw Overfull{
        fmt::format("more than {} jobs stand before those that they are made from; write the sources first",
                    kMostWaiting)};
  for (auto const& source : missing) wanted_by_[source].push_back(last_ + 1);
  waiting_.emplace(++last_, Waiting{std::move(row), missing.size()});
}

// And with it those that have waited for it, and so on.
void Chains::finish(NewJob row, Take const& take) {
  std::vector<NewJob> ready;
  ready.push_back(std::move(row));
  while (!ready.empty()) {
    auto next = std::move(ready.back());
    ready.pop_back();
    if (!next.sources.empty()) complete_row(next);
    remember(next);
    auto const followers = wanted_by_.extract(next.name);
    take(std::move(next));
    if (!followers) continue;
    for (auto const number : followers.mapped()) {
      auto const follower = waiting_.find(number);
      if (--follower->second.missing > 0) continue;
      ready.push_back(std::move(follower->second.row));
      waiting_.erase(follower);
    }
  }
}

void Chains::remember(NewJob const& row) {
  auto* const slot = fingerprint_of(row.name);
  if (slot == nullptr) return;
  auto bought = bought_for_ ? bought_for_(row.name, row.fingerprint) : std::string{};
  *slot = bought.empty() ? row.fingerprint : std::move(bought);
}

void Chains::complete_row(NewJob& row) {
  for (auto& source : row.sources) source.fingerprint = *fingerprint_of(source.job);
  auto const body = provider::with_inputs(row.body, [&](std::string const& input) {
    auto picture = picture_of_job(input);
    if (!picture) return input;
    picture->source = *fingerprint_of(picture->source);
    return picture->str();
  });
  identify(row, body);
}

}  // namespace wanspool
