#include "base/log.h"
#include "engine/engine.h"
#include "provider/addresses.h"

// Addresses in answers that nothing is fetched from: what they are of is paid for, and a person may say that
// they are right.
namespace wanspool {
namespace {

constexpr minutes kRefusedWait{1};
constexpr std::size_t kRemembered = 100;

}  // namespace

// Said once for each reason. Whether its day is over is the service's to say, as ever.
void Engine::note_refusal(std::int64_t id, news::PictureMissed& missed, Instant now) {
  auto const& task = tasks_.at(id);
  auto const& why = missed.trouble.message;
  missed.trouble.retry_after = kRefusedWait;
  missed.expired = now - task.times.finished >= policy_.task_life;
  if (refusals_told_.size() < kRemembered && refusals_told_.insert(why).second)
    log::warning("{} is paid for and waits, for 24 hours at most: {}", task.name, why);
  refused_[id] = why;
}

bool Engine::is_refused(Task const& task) const {
  return task.state == State::Downloading && !task.ask_again && task.error.code == provider::kAddressRefused;
}

std::string Engine::refused_addresses() const {
  return refused_.empty() ? std::string{} : refused_.begin()->second;
}

void Engine::tell_of_refusals() {
  std::erase_if(refused_, [&](auto const& each) {
    auto const found = tasks_.find(each.first);
    return found == tasks_.end() || !is_refused(found->second);
  });
  if (refused_addresses() == results_told_) return;
  results_told_ = refused_addresses();
  facts_["results"] = results_told_;
}

}  // namespace wanspool
