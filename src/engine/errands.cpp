#include <fmt/format.h>

#include <algorithm>

#include "base/log.h"
#include "engine/engine.h"
#include "engine/errand_words.h"

// What a person asks of many jobs: a piece at each step, so that a million of them never stop the wheel.
namespace wanspool {
namespace {

// Well under 50 ms.
constexpr std::size_t kRowsAtOnce = 200;

Errand::Verb errand_of(Command::Verb verb) {
  switch (verb) {
    case Command::Verb::Retry:
      return Errand::Verb::Retry;
    case Command::Verb::Pause:
      return Errand::Verb::Pause;
    case Command::Verb::Resume:
      return Errand::Verb::Resume;
    case Command::Verb::Priority:
      return Errand::Verb::Priority;
    default:
      return Errand::Verb::Cancel;
  }
}

}  // namespace

// None: not yet, for something that it may mean is just being heard of.
std::optional<Obeyed> Engine::run_errand(Command const& command, Instant now) {
  auto const is_over = [this](auto const& each) {
    return is_final(each.second.state) && is_busy(each.first);
  };
  if (std::any_of(tasks_.begin(), tasks_.end(), is_over)) return {};
  if (!errand_ || errand_->first.id != command.id) {
    Errand errand{command.id, errand_of(command.verb), command.jobs, command.failed, command.priority};
    if (errand.verb == Errand::Verb::Resume)
      for (auto const& each : command.jobs)
        if (store_.standing(each).outcomes.blamed() > 0) errand.forgiven.push_back(each);
    errand_.emplace(std::move(errand), ErrandLog{});
  }
  auto& [errand, log] = *errand_;
  store_.run_errand(errand, log, kRowsAtOnce, now);
  // What is final and still in the memory may be queued again.
  for (auto at = tasks_.begin(); at != tasks_.end();) {
    auto const id = (at++)->first;
    if (is_final(tasks_.at(id).state)) forget(id);
  }
  read_queue_anew();
  if (log.under_way) follow_wishes(now);
  if (!log.done) return Obeyed{{}, {}, true};
  auto const currency = settings_.models.empty() ? "" : settings_.models.begin()->second.currency;
  auto obeyed = obeyed_errand(errand, log, currency);
  errand_.reset();
  return obeyed;
}

// What a person has canceled and nobody else wants is canceled at the provider, as far as it still can be.
void Engine::follow_wishes(Instant now) {
  auto const canceled = store_.canceled();
  std::vector<std::int64_t> wanted_again;
  for (auto const& [id, task] : tasks_)
    if (task.is_unwanted() && !is_final(task.state) &&
        !std::binary_search(canceled.begin(), canceled.end(), id))
      wanted_again.push_back(id);
  for (auto const id : wanted_again) tell(id, news::WantedAgain{}, now);
  for (auto const id : canceled)
    if (auto const found = tasks_.find(id); found != tasks_.end() && !found->second.is_unwanted())
      tell(id, news::CancelAsked{}, now);
}

void Engine::cancel(Task const& task) {
  auto& account = account_of(task);
  account.queries.began();
  auto request = provider::cancel_request(account.endpoint, task.task_id);
  request.ticket = take_off({Flight::Kind::Cancel, task.id, 0, nullptr});
  http_.start(std::move(request));
}

void Engine::hear_cancel(Task const& task, Reply const& reply, Instant now) {
  account_of(task).queries.ended(now);
  auto const news = provider::read_cancel(reply);
  if (auto const* it = std::get_if<news::CancelUnheard>(&news))
    log::debug("{} is not canceled yet: {}", task.name, it->trouble.message);
  tell(task.id, news, now);
}

}  // namespace wanspool
