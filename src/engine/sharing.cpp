#include <algorithm>
#include <utility>

#include "engine/engine.h"

// Which account buys what (design §4: jobs go where slots are free).
namespace wanspool {
namespace {

// Pictures go up for so many jobs ahead of those that an account has a slot for.
constexpr std::size_t kAhead = 4;

}  // namespace

bool Engine::may_create(Account& account, Lane& lane, Instant now) {
  std::erase_if(lane.ghosts, [&](auto const& ghost) { return ghost.second <= now; });
  return account.has_key() && account.twin.empty() && lane.in_flight < lane.creates_at_once() &&
         lane.has_room(now) && lane.weather.until <= now && lane.quiet_until <= now &&
         uncollected() < fetches_most() && lane.creates.allowance(now) > 0;
}

// Those that may send one of this model now, the emptiest first; before them those where only a later task
// can tell what became of a doubt.
std::vector<Account*> Engine::by_room(std::string const& model, Instant now) {
  std::vector<Account*> able;
  for (auto& [name, account] : accounts_)
    if (may_create(account, lane(account, model), now)) able.push_back(&account);
  if (able.size() < 2) return able;
  std::stable_sort(able.begin(), able.end(), [&](Account* a, Account* b) {
    return std::pair{!needs_evidence(*a), lane(*a, model).load(now)} <
           std::pair{!needs_evidence(*b), lane(*b, model).load(now)};
  });
  return able;
}

// Neither its key nor its bill keeps it from buying this, nor a cap of its own, and pictures go up there.
bool Engine::may_buy(Account& account, Task const& queued) {
  return account.has_key() && account.twin.empty() && !inputs_.is_stuck(account.name) &&
         lane(account, queued.model).weather.kind != Weather::Kind::Account && !is_kept_from(account, queued);
}

// A picture that goes up is good for one account alone (contract §7).
bool Engine::is_ready(Task const& queued, Account const& account) const {
  return !queued.brings_inputs() || (queued.account == account.name && inputs_.is_ready(queued.id));
}

// Which account the pictures of a job go up for: whoever will have a slot for it first, by what it has now.
std::string const& Engine::share_of(Queue& queue, Task const& task, Instant now) {
  auto const known = queue.shares.find(task.id);
  bool const any =
      std::any_of(accounts_.begin(), accounts_.end(), [&](auto& each) { return may_buy(each.second, task); });
  if (known != queue.shares.end() && (!any || may_buy(accounts_.at(known->second), task)))
    return known->second;
  std::map<std::string, int> shares;
  for (auto const& [id, name] : queue.shares) ++shares[name];
  Account* best = nullptr;
  double least = 0;
  for (auto& [name, account] : accounts_) {
    if (any && !may_buy(account, task)) continue;
    auto& its = lane(account, queue.model);
    auto const load = its.load(now) + shares[name] * its.weight(now);
    if (best && load >= least) continue;
    best = &account;
    least = load;
  }
  return queue.shares.insert_or_assign(task.id, best->name).first->second;
}

// An account that has a slot and nothing to put into it takes over what another one cannot send yet.
void Engine::share_out(Queue& queue, Instant now) {
  if (accounts_.size() == 1) return;
  for (auto* const account : by_room(queue.model, now)) {
    std::size_t its = 0;
    for (auto const& task : queue.window)
      its += task.due <= now && (!task.brings_inputs() || task.account == account->name);
    for (auto& task : queue.window) {
      if (its >= kAhead) break;
      if (task.due > now || !task.brings_inputs() || task.account == account->name) continue;
      auto& other = accounts_.at(task.account);
      if (!may_buy(*account, task)) continue;
      if (may_buy(other, task) && may_create(other, lane(other, queue.model), now)) continue;
      task.account = queue.shares[task.id] = account->name;
      ++its;
    }
  }
}

// Pictures go up ahead of the creates that use them, so that no slot waits for one; a job whose picture will
// never be there ends here.
void Engine::look_at_inputs(Queue& queue, Instant now) {
  for (auto& task : queue.window)
    if (task.brings_inputs() && task.due <= now) task.account = share_of(queue, task, now);
  share_out(queue, now);
  for (std::size_t at = 0; at < queue.window.size();) {
    auto& task = queue.window[at];
    auto& account = account_of(task);
    bool const looks = task.brings_inputs() && task.due <= now && account.has_key() &&
                       lane(account, queue.model).weather.until <= now;
    auto const look = looks ? inputs_.look(task, now) : Inputs::Look{Inputs::Stand::Ready};
    if (look.stand != Inputs::Stand::Hopeless) {
      ++at;
      continue;
    }
    auto hopeless = std::move(task);
    queue.window.erase(queue.window.begin() + static_cast<std::ptrdiff_t>(at));
    end_unsent(std::move(hopeless), look.trouble, now);
  }
  inputs_.step(now);
}

}  // namespace wanspool
