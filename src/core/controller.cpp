#include "core/controller.h"

#include <algorithm>
#include <limits>

namespace wanspool {
namespace {

constexpr int kUnbounded = std::numeric_limits<int>::max() / 2;
// Of so many tasks one may find a free slot before there are more that wait.
constexpr int kIdleShare = 50;
// A turnover of a few slots tells little; of a thousand nobody need wait for the whole of it.
constexpr int kSeenLeast = 8, kSeenMost = 200;
// How long after a refusal one more is tried, doubling: below the slots that we know of somebody else takes
// some, who may leave soon; beyond them the account is one that refuses.
constexpr milliseconds kSoon{30'000}, kSoonMost{minutes{10}};
constexpr milliseconds kLater{minutes{10}}, kLaterMost{hours{24}};
// Creates that must go well before there is one more in a window: so many windows full.
constexpr int kGoodWindows = 10;

milliseconds doubled(milliseconds first, milliseconds most, int times) {
  for (int i = 0; i < times && first < most; ++i) first *= 2;
  return std::min(first, most);
}

}  // namespace

Controller::Controller(Limits const& limits, ControllerMemory const& memory)
    : limits_{limits}, memory_{memory} {
  if (memory_.slots == limits.slots && memory_ != ControllerMemory{}) return;
  memory_ = {};
  memory_.slots = limits.slots;
  memory_.surplus = std::clamp(limits.slots / 20, 1, std::max(1, surplus_most()));
}

// What is out there was sent under the old limits, and tells nothing of the new ones.
void Controller::change(Limits const& limits) {
  Controller fresh{limits, memory_};
  fresh.generation_ = generation_ + 1;
  fresh.dispatch_ = dispatch_;
  *this = fresh;
}

// So that whoever is admitted next waits no longer than one task takes.
int Controller::surplus_most() const {
  return std::max(1, limits_.slots - 1);
}

// Where nobody has told how many there are, there may be more.
bool Controller::is_below_slots(int tasks) const {
  return limits_.slots == 0 || tasks < limits_.slots;
}

int Controller::outstanding(Instant now) const {
  auto const wanted = limits_.slots == 0 ? kUnbounded : limits_.slots + memory_.surplus;
  if (memory_.most == 0) return wanted;
  return std::min(wanted, memory_.most + (now >= memory_.again ? 1 : 0));
}

int Controller::creates() const {
  if (memory_.creates == 0) return limits_.creates;
  return limits_.creates == 0 ? memory_.creates : std::min(memory_.creates, limits_.creates);
}

void Controller::accepted(int others, Instant now) {
  if (memory_.creates > 0 && ++good_ >= memory_.creates * kGoodWindows) {
    good_ = 0;
    // Where nobody has told how many there are, one by one would take for ever.
    memory_.creates += limits_.creates == 0 ? std::max(1, memory_.creates / 4) : 1;
    if (memory_.creates >= limits_.creates && limits_.creates > 0) memory_.creates = 0;
  }
  if (memory_.most == 0 || others < memory_.most) return;
  // With our slots taken it may be luck: one of ours had just ended. Below them somebody has left.
  if (is_below_slots(memory_.most)) memory_.below = 0;
  ++memory_.most;
  memory_.again =
      now + (is_below_slots(memory_.most) ? milliseconds{0} : doubled(kLater, kLaterMost, memory_.refusals));
}

bool Controller::is_for_slots(Trouble::Over over, int others) const {
  if (others == 0) return false;
  if (over == Trouble::Over::Slots) return true;
  // It does not say which limit; beyond the slots it is likely that one.
  return over == Trouble::Over::Some && limits_.slots > 0 && others >= limits_.slots;
}

void Controller::refused(Trouble::Over over, int others, Instant now) {
  if (is_for_slots(over, others)) {
    // Of several that were under way together only the first says something new.
    if (memory_.most != 0 && others >= memory_.most && now < memory_.again) return;
    memory_.most = others;
    auto& times = is_below_slots(others) ? memory_.below : memory_.refusals;
    memory_.again = now + (is_below_slots(others) ? doubled(kSoon, kSoonMost, times)
                                                  : doubled(kLater, kLaterMost, times));
    ++times;
    return;
  }
  auto const before = creates();
  if (over == Trouble::Over::Burst) memory_.creates = 1;
  if (over == Trouble::Over::Rate || over == Trouble::Over::Some) memory_.creates = std::max(1, before / 2);
  good_ = 0;
}

void Controller::began(milliseconds waited, int generation, milliseconds usual) {
  if (generation == 0) {
    dispatch_ = std::clamp((dispatch_ * 7 + waited * 2) / 8, milliseconds{100}, milliseconds{2000});
    return;
  }
  // It was accepted and waited: this account queues, whatever was refused before.
  if (waited > 2 * dispatch_ && memory_.most >= limits_.slots)
    memory_.most = memory_.refusals = memory_.below = 0;
  if (generation != generation_) return;
  ++seen_;
  idle_ += waited <= dispatch_;
  shortest_ = std::min(shortest_, waited);
  if (seen_ >= std::clamp(limits_.slots, kSeenLeast, kSeenMost)) judge(usual);
}

void Controller::judge(milliseconds usual) {
  auto const surplus = memory_.surplus;
  auto const apart = usual / std::max(1, limits_.slots);  // between two ends
  if (idle_ * kIdleShare > seen_)
    memory_.surplus = std::min(surplus_most(), surplus + std::max(1, surplus / 4));
  else if (idle_ == 0 && shortest_ > 2 * apart + dispatch_)
    memory_.surplus = std::max(1, surplus - 1);
  if (memory_.surplus != surplus) ++generation_;
  seen_ = idle_ = 0;
  shortest_ = milliseconds::max();
}

}  // namespace wanspool
