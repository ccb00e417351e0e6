#include "engine/hooks.h"

#include <algorithm>
#include <charconv>
#include <iterator>

#include "base/log.h"
#include "core/lane.h"

namespace wanspool {
namespace {

constexpr milliseconds kStoreRetry{2000};

std::int64_t number_of(std::string const& text) {
  std::int64_t number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

std::string job_of_row(HookRow const& row) {
  return row.job.empty() ? std::string{} : row.manifest + "/" + row.job;
}

log::About about(HookRow const& row, char const* event) {
  return {.event = event, .job = job_of_row(row), .manifest = row.manifest, .account = row.account};
}

}  // namespace

std::string name_of(HookRow const& row) {
  auto const what = row.event == HookEvent::Stopped ? "account " + account_name(row.account)
                    : row.job.empty()               ? row.manifest
                                                    : job_of_row(row);
  return fmt::format("{} of {}", name_of(row.event), what);
}

void Hooks::watch(HookCommands const& commands, Instant now) {
  std::vector<HookEvent> events;
  for (auto const& [event, command] : commands.commands) events.push_back(event);
  store_.watch_hooks(events, now);
  watches_ = !events.empty();
  lost_ = lost_told_ = number_of(store_.fact("hooks"));
  due_ = watches_ ? now : Instant::max();
}

void Hooks::step(Instant now) {
  write_ends(now);
  if (!watches_ || stopping_ || !ends_.empty() || at_work_ >= kAtOnce) return;
  due_ = Instant::max();
  auto const most = running_.size() + kAtOnce + 1;
  auto const rows = store_.hooks(most);
  for (auto const& row : rows) {
    if (running_.contains(row.number)) continue;
    if (row.due > now || at_work_ >= kAtOnce) {
      due_ = row.due;
      break;
    }
    running_.insert(row.number);
    if (start_(row))
      ++at_work_;
    else
      ends_.push_back({row.number, true, {}, 0});
  }
  if (due_ == Instant::max() && rows.size() == most) due_ = now;  // there may be more
  write_ends(now);
}

void Hooks::ended(HookRow const& row, End const& end, Instant now) {
  --at_work_;
  if (end.kind == End::Kind::CutOff) return static_cast<void>(running_.erase(row.number));
  HookEnd written{row.number, true, {}, row.tries + 1};
  if (end.kind == End::Kind::Well) {
    ++counts_.well;
    lost_ = 0;
  } else if (row.tries < static_cast<int>(std::size(kWaits))) {
    ++counts_.badly;
    written.over = false;
    written.due = now + kWaits[row.tries];
    log::info(about(row, "hook-failed"), "hook {}: {}; tried again in {}", name_of(row), end.words,
              human(kWaits[row.tries]));
  } else {
    ++counts_.badly;
    give_up(row, end.words);
  }
  ends_.push_back(written);
}

// A program that never works is one thing to mend, however many jobs there are.
void Hooks::give_up(HookRow const& row, std::string const& words) {
  ++counts_.given_up;
  auto const said = fmt::format("hook {} is given up after {} tries: {}", name_of(row), row.tries + 1, words);
  log::line(lost_++ == 0 ? log::Level::Warning : log::Level::Info, about(row, "hook-given-up"), said);
}

void Hooks::write_ends(Instant now) {
  if ((ends_.empty() && lost_ == lost_told_) || now < retry_) return;
  try {
    std::vector<Fact> facts;
    if (lost_ != lost_told_) facts.push_back({"hooks", lost_ == 0 ? "" : std::to_string(lost_)});
    store_.end_hooks(ends_, facts);
  } catch (StoreFull const&) {
    retry_ = now + kStoreRetry;
    return;
  }
  for (auto const& each : ends_) {
    running_.erase(each.number);
    if (!each.over) due_ = std::min(due_, each.due);
  }
  ends_.clear();
  lost_told_ = lost_;
  retry_ = {};
}

Instant Hooks::next() const {
  if (!ends_.empty()) return retry_;
  return watches_ && !stopping_ && at_work_ < kAtOnce ? due_ : Instant::max();
}

bool Hooks::is_busy(Instant now) const {
  return at_work_ > 0 || !ends_.empty() || (watches_ && !stopping_ && due_ <= now);
}

}  // namespace wanspool
