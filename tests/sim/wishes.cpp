#include "sim/wishes.h"

#include <fmt/format.h>

#include <algorithm>

#include "sim/errands.h"

namespace wanspool::sim {
namespace {

constexpr std::string_view kBefore = "had its effect before";

bool may_still_be_sent(State state) {
  return state == State::Queued || state == State::Submitting || state == State::Submitted ||
         state == State::Running;
}

bool asks_for(std::string const& body, std::string const& prompt) {
  return body.find(prompt + "\"") != body.npos;
}

}  // namespace

void Wishes::dropped(std::string const& manifest, std::vector<Job> const& jobs) {
  for (auto const& each : jobs) jobs_.try_emplace(manifest + "/" + each.id, Standing{each.prompt});
  Errand again;
  again.verb = "drop";
  again.words = {manifest};
  awaited_.push_back({manifest + ".yaml", again});
}

void Wishes::dropped(std::string const& source, Errand const& errand) {
  told_[source] = 0;
  awaited_.push_back({source, errand});
}

void Wishes::heard(Receipt const& receipt) {
  auto const found = std::find_if(awaited_.begin(), awaited_.end(),
                                  [&](Awaited const& each) { return each.source == receipt.source; });
  if (found == awaited_.end()) {
    trouble_ = fmt::format("{} is told of once more", receipt.source);
    return;
  }
  auto const it = *found;
  awaited_.erase(found);
  tell(it, receipt.accepted, receipt.words);
}

void Wishes::stopped() {
  for (auto& each : awaited_) each.stopped = true;
}

void Wishes::started() {
  for (auto at = awaited_.begin(); at != awaited_.end();) {
    bool const accepted = house_.is_there("accepted/" + at->source),
               rejected = house_.is_there("rejected/" + at->source);
    if (at->errand.verb == "drop" || (!accepted && !rejected)) {
      ++at;
      continue;
    }
    auto const it = *at;
    at = awaited_.erase(at);
    tell(it, accepted, accepted ? house_.text("accepted/" + it.source + ".receipt.txt") : "");
  }
}

void Wishes::tell(Awaited const& it, bool accepted, std::string const& words) {
  auto const& errand = it.errand;
  if (errand.verb != "drop") ++told_[it.source];
  bool const before = !errand.id.empty() && had_effect_.contains(errand.id);
  bool const says_so = words.find(kBefore) != words.npos;
  // Who was stopped between its effect and its receipt says so too.
  if (says_so ? !before && !it.stopped : before && accepted)
    trouble_ = fmt::format("{} {} its effect before, and is told: {}", it.source,
                           before ? "has had" : "has not had", words);
  if (!accepted || before) return;
  if (!errand.id.empty()) had_effect_.insert(errand.id);
  obey(it);
}

void Wishes::obey(Awaited const& it) {
  auto const& errand = it.errand;
  if (errand.words.empty() && errand.verb == "pause") spool_paused_ = true;
  if (errand.words.empty() && errand.verb == "resume") spool_paused_ = false;
  for (auto& [name, job] : jobs_) {
    bool const meant = means(errand, name) || (errand.words.empty() && errand.verb == "retry");
    auto const slash = name.find('/');
    auto const row = meant ? house_.store->job(name.substr(0, slash), name.substr(slash + 1)) : std::nullopt;
    if (row) obey(it, row->task.state, job);
  }
}

void Wishes::obey(Awaited const& it, State state, Standing& job) {
  auto const& verb = it.errand.verb;
  if (verb == "cancel" && state != State::Held) {
    if (may_still_be_sent(state) || state == State::Canceled) job.paused = false;
    job.canceled = true;
    job.unsure = false;
  }
  if (verb == "retry" && it.errand.failed) {
    if (state == State::Queued || state == State::Failed) job.canceled = false;
    job.unsure = job.unsure || it.stopped;
  } else if (verb == "retry" || verb == "drop") {
    job.canceled = job.unsure = false;
  }
  if (verb == "pause" && !job.canceled && may_still_be_sent(state)) job.paused = true;
  if (verb == "resume") job.paused = false;
}

bool Wishes::is_asked(std::initializer_list<std::string_view> verbs, std::string const& job) const {
  return std::any_of(awaited_.begin(), awaited_.end(), [&](Awaited const& each) {
    auto const& errand = each.errand;
    bool const meant = errand.words.empty() ? job.empty() || errand.verb == "retry" : means(errand, job);
    return meant && std::find(verbs.begin(), verbs.end(), errand.verb) != verbs.end();
  });
}

std::string Wishes::name_of(std::string const& body) const {
  auto const found = std::find_if(jobs_.begin(), jobs_.end(),
                                  [&](auto const& each) { return asks_for(body, each.second.prompt); });
  return found == jobs_.end() ? "nobody" : found->first;
}

std::string Wishes::why_not(std::string const& body) const {
  std::string why;
  for (auto const& [name, job] : jobs_) {
    if (!asks_for(body, job.prompt)) continue;
    if (spool_paused_ && !is_asked({"resume"}, "")) return name + ", while the spool is paused";
    if (job.canceled && !job.unsure && !is_asked({"retry", "drop"}, name))
      why = name + ", which is canceled";
    else if (job.paused && !is_asked({"resume"}, name))
      why = name + ", which is paused";
    else
      return {};
  }
  return why;
}

bool Wishes::is_canceled(std::string const& job) const {
  auto const found = jobs_.find(job);
  return found != jobs_.end() && (found->second.canceled || found->second.unsure);
}

bool Wishes::is_paused(std::string const& job) const {
  auto const found = jobs_.find(job);
  return found != jobs_.end() && found->second.paused;
}

bool Wishes::is_awaited() const {
  return std::any_of(awaited_.begin(), awaited_.end(),
                     [](Awaited const& each) { return each.errand.verb != "drop"; });
}

std::string Wishes::trouble() const {
  if (!trouble_.empty()) return trouble_;
  for (auto const& [source, times] : told_) {
    if (times != 1) return fmt::format("{} was told of {} times", source, times);
    bool const accepted = house_.is_there("accepted/" + source),
               rejected = house_.is_there("rejected/" + source);
    auto const paper = accepted ? "accepted/" + source + ".receipt.txt" : "rejected/" + source + ".error.txt";
    if (accepted == rejected || house_.is_there("inbox/" + source) || !house_.is_there(paper) ||
        house_.text(paper).size() < 2)
      return fmt::format("{} is not put away once, with a receipt", source);
  }
  return {};
}

}  // namespace wanspool::sim
