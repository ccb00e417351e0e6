#include "core/task.h"

#include <algorithm>

namespace wanspool {

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
