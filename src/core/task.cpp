#include "core/task.h"

#include <algorithm>
#include <cstdio>

namespace wanspool {
namespace {

// "2026-11-22 17:38:24.817", the milliseconds may be missing.
std::optional<Instant> read_provider_time(std::string const& text) {
  int year = 0, hour = 0, minute = 0, second = 0, milli = 0;
  unsigned month = 0, day = 0;
  auto const fields = std::sscanf(text.c_str(), "%4d-%2u-%2u %2d:%2d:%2d.%3d", &year, &month, &day, &hour,
                                  &minute, &second, &milli);
  if (fields < 6) return {};
  std::chrono::year_month_day const date{std::chrono::year{year}, std::chrono::month{month},
                                         std::chrono::day{day}};
  if (!date.ok()) return {};
  return std::chrono::sys_days{date} + hours{hour} + minutes{minute} + seconds{second} + milliseconds{milli};
}

std::optional<milliseconds> between(std::string const& from, std::string const& to) {
  auto const begin = read_provider_time(from), end = read_provider_time(to);
  if (!begin || !end || *end < *begin) return {};
  return *end - *begin;
}

}  // namespace

std::optional<milliseconds> Times::waited() const {
  return between(submit_time, scheduled_time);
}

std::optional<milliseconds> Times::worked() const {
  return between(scheduled_time, end_time);
}

std::string_view name_of(State state) {
  switch (state) {
    case State::Queued:
      return "queued";
    case State::Submitting:
      return "submitting";
    case State::Submitted:
      return "submitted";
    case State::Running:
      return "running";
    case State::Downloading:
      return "downloading";
    case State::Done:
      return "done";
    case State::Failed:
      return "failed";
    case State::Canceled:
      return "canceled";
    case State::Held:
      return "held";
  }
  return "";
}

std::string_view name_of(OnDoubt on_doubt) {
  switch (on_doubt) {
    case OnDoubt::Adopt:
      return "adopt";
    case OnDoubt::Hold:
      return "hold";
    case OnDoubt::Resubmit:
      return "resubmit";
  }
  return "";
}

std::string_view name_of(FetchInputs fetch) {
  switch (fetch) {
    case FetchInputs::OnFailure:
      return "on-failure";
    case FetchInputs::Never:
      return "never";
    case FetchInputs::Always:
      return "always";
  }
  return {};
}

std::string_view name_of(Priority priority) {
  switch (priority) {
    case Priority::High:
      return "high";
    case Priority::Normal:
      return "normal";
    case Priority::Low:
      return "low";
  }
  return "";
}

bool is_final(State state) {
  return state == State::Done || state == State::Failed || state == State::Canceled;
}

int Task::pictures_safe() const {
  return static_cast<int>(
      std::count_if(pictures.begin(), pictures.end(), [](auto const& each) { return !each.file.empty(); }));
}

Instant Task::expires() const {
  auto soonest = Instant::max();
  for (auto const& each : pictures)
    if (each.file.empty() && each.lost.empty()) soonest = std::min(soonest, each.expires);
  return soonest;
}

bool Task::complete() const {
  return std::all_of(pictures.begin(), pictures.end(),
                     [](auto const& each) { return !each.file.empty() || !each.lost.empty(); });
}

}  // namespace wanspool
