#include <fmt/format.h>

#include <algorithm>

#include "base/count.h"
#include "base/log.h"
#include "engine/engine.h"

// The end of a doubt (design §3): what the account's list says of creates whose answers were lost.
namespace wanspool {
namespace {

// The list reaches back 24 hours; clocks differ.
constexpr hours kKnownBack{26};
constexpr hours kSharedAgain{1};

}  // namespace

void Engine::remember_doubt(Task const& task) {
  if (!task.in_doubt()) {
    doubts_.erase(task.id);
    return;
  }
  if (!doubts_.emplace(task.id, DoubtMemory{}).second) return;
  auto& its = lane(task);
  its.ghosts[task.id] = task.possible_until + kGhostLife;
  // More than the window, for the provider's clock is known only as well as answers are quick and clocks
  // count.
  its.quiet_until = std::max<Instant>(its.quiet_until, task.possible_until + policy_.loss_margin * 3 / 2);
}

// After a start: which of what was accepted since was sent after a doubt.
void Engine::recall_evidence(Instant now) {
  if (doubts_.empty()) return;
  auto earliest = now;
  for (auto const& [id, memory] : doubts_) earliest = std::min(earliest, tasks_.at(id).possible_until);
  for (auto const& task : store_.known(std::max<Instant>(earliest, now - kKnownBack)))
    for (auto& [id, memory] : doubts_)
      if (task.account == tasks_.at(id).account && task.sent != Instant{} &&
          task.sent >= tasks_.at(id).possible_until &&
          (memory.evidence == Instant{} || task.accepted < memory.evidence))
        memory.evidence = task.accepted;
}

// When the list may next say something new of it.
Instant Engine::list_due(Task const& doubt) const {
  auto const& memory = doubts_.at(doubt.id);
  auto const ripe = doubt.possible_until + policy_.list_delay;
  auto const patience = doubt.possible_until + policy_.list_delay * policy_.evidence_patience;
  auto const looked = memory.looked;
  if (looked < ripe) return ripe;
  // Beyond the list's reach the next look leaves it to a person.
  auto due = doubt.times.sent + policy_.list_reach + milliseconds{1};
  if (looked < patience) due = std::min(due, patience);
  if (memory.evidence != Instant{})
    due = std::min(due, std::max(memory.evidence, looked) + policy_.list_delay);
  return due;
}

// Nothing but another create or a person ends a doubt that only waits for the end of the list's reach.
bool Engine::is_stuck(Task const& doubt) const {
  auto const memory = doubts_.find(doubt.id);
  return memory != doubts_.end() && memory->second.looked != Instant{} &&
         list_due(doubt) >= doubt.times.sent + policy_.list_reach;
}

// When a page of the list is to be asked for next.
Instant Engine::next_list(Account& account, Instant now) {
  if (!account.has_key() || account.watch.is_asking()) return Instant::max();
  if (account.list.stand() == AccountList::Stand::Reading)
    return account.list.is_asking() ? Instant::max() : std::max(account.list_retry, account.lists.opens(now));
  bool const wanted = account.list_wanted || (stamp_ != Instant{} && unread_.contains(account.name));
  auto soonest = wanted ? now : Instant::max();
  for (auto const& [id, memory] : doubts_)
    if (auto const& task = tasks_.at(id); task.account == account.name)
      soonest = std::min(soonest, list_due(task));
  return std::max(soonest, account.list_retry);
}

void Engine::read_list(Account& account, Instant now) {
  if (next_list(account, now) > now) return;
  if (account.list.stand() != AccountList::Stand::Reading) {
    account.list.begin(now);
    account.watch.give_way();
  }
  if (account.lists.allowance(now) <= 0) return;
  account.lists.began();
  auto request = provider::list_request(account.endpoint, account.list.take_page());
  request.ticket = ++last_ticket_;
  flights_.emplace(last_ticket_, Flight{Flight::Kind::List, 0, 0, nullptr, account.name});
  http_.start(std::move(request));
}

void Engine::hear_list(Account& account, Reply const& reply, Instant now) {
  auto& list = account.list;
  account.lists.ended(now);
  auto const answer = provider::read_list(reply);
  list.hear(answer);
  if (list.stand() != AccountList::Stand::Reading) {
    account.list_wanted = false;
    answer_lists();
  }
  switch (list.stand()) {
    case AccountList::Stand::Idle:
      return;
    case AccountList::Stand::Reading:
      if (list.misses() > 0)
        account.list_retry = now + wait_of(policy_.lane, list.misses() - 1, reply.ticket);
      return;
    case AccountList::Stand::Agreed:
      account.list_misses = 0;
      settle_doubts(account, now);
      if (answers_.empty())
        for (auto& [name, each] : accounts_) each.list.let_go_of_rows();
      return;
    case AccountList::Stand::Refused:
      log::warning("the service does not show the account's list: {}", list.complaint());
      account.list_retry = now + wait_of(policy_.lane, account.list_misses++, reply.ticket);
      end_restore_unseen(account, list.complaint(), now);
      return give_doubts_up(account, "the service does not show the account's list: " + list.complaint(),
                            now);
    case AccountList::Stand::Failed:
      log::warning("the account's list cannot be read now: {}", list.complaint());
      account.list_retry = now + wait_of(policy_.lane, account.list_misses++, reply.ticket);
      return;
  }
}

// The store's and, where it is newer, the memory's.
std::vector<KnownTask> Engine::known_tasks(Account const& account, Instant now) {
  std::unordered_map<std::string, KnownTask> newer;
  for (auto const& [id, task] : tasks_) {
    if (task.task_id.empty() || !is_one_with(account, task.account)) continue;
    bool const bounded = !task.adopted && !task.orphan;
    newer[task.task_id] = {task.task_id, bounded ? task.times.sent : Instant{},
                           bounded ? task.times.accepted : Instant{}, task.orphan, task.account};
  }
  auto known = store_.known(now - kKnownBack);
  std::erase_if(known, [&](KnownTask const& each) {
    return !is_one_with(account, each.account) || newer.contains(each.task_id);
  });
  for (auto& [id, each] : newer) known.push_back(std::move(each));
  return known;
}

std::vector<Doubt> Engine::doubts(Account const& account, Instant now) {
  std::vector<Doubt> all;
  auto const read_at = account.list.read_at();
  for (auto const& [id, task] : tasks_) {
    if (task.state != State::Submitting || task.account != account.name) continue;
    Doubt doubt{id, task.model, task.times.sent, task.possible_until, task.request_id, task.on_doubt, {}};
    bool const ripe = task.in_doubt() && task.possible_until + policy_.list_delay <= read_at;
    doubt.stand = ripe ? Doubt::Stand::Ripe : Doubt::Stand::Young;
    all.push_back(std::move(doubt));
  }
  for (auto const& task : store_.held(now - kKnownBack)) {
    if (task.account != account.name) continue;
    all.push_back({task.id, task.model, task.times.sent, task.possible_until, task.request_id, task.on_doubt,
                   Doubt::Stand::Held});
  }
  std::sort(all.begin(), all.end(), [](Doubt const& a, Doubt const& b) { return a.task < b.task; });
  return all;
}

void Engine::settle_doubts(Account& account, Instant now) {
  auto const rows = account.list.rows();
  auto const judged = doubts(account, now);
  auto const read_at = account.list.read_at();
  auto const verdicts = settle(judged, rows, known_tasks(account, now), policy_, read_at);
  if (stamp_ == Instant{}) note_account(account, verdicts, rows, now);
  for (auto const& doubt : judged)
    if (doubt.stand == Doubt::Stand::Ripe) doubts_.at(doubt.task).looked = read_at;
  for (auto const& verdict : verdicts.each) obey_verdict(verdict, now);
  if (stamp_ == Instant{} || unread_.erase(account.name) == 0) return;
  look_for_strangers(account, verdicts, rows, now);
  if (unread_.empty()) end_restore(now);
}

void Engine::obey_verdict(Verdict const& verdict, Instant now) {
  auto const name = tasks_.at(verdict.task).name;
  auto& account = account_of(tasks_.at(verdict.task));
  auto& its = lane(tasks_.at(verdict.task));
  switch (verdict.what) {
    case Verdict::What::Adopt:
      if (store_.orphan(account.name, verdict.row.task_id)) {
        file_orphan(account, verdict.row, verdict.accepted, verdict.task);
        return tell(
            verdict.task,
            news::Undecidable{
                fmt::format("task {}, which lies in orphans/, may be its own", verdict.row.task_id), true},
            now);
      }
      log::info("{} was bought: the account's list shows its task {}", name, verdict.row.task_id);
      its.ghosts.erase(verdict.task);
      return tell(verdict.task, news::Adopted{verdict.row.task_id, verdict.row.request_id, verdict.accepted},
                  now);
    case Verdict::What::NeverAccepted:
      log::info("{} was never bought: {}; it is sent again", name, verdict.why);
      its.ghosts.erase(verdict.task);
      return tell(verdict.task, news::NeverAccepted{verdict.why}, now);
    case Verdict::What::Undecidable:
      for (auto const& row : verdict.candidates) file_orphan(account, row, row.created, verdict.task);
      return tell(verdict.task, news::Undecidable{verdict.why, !verdict.candidates.empty()}, now);
    case Verdict::What::Wait:
      log::debug("{} stays in doubt: {}", name, verdict.why);
      return;
  }
}

// Where no list can be had a person decides, at once: the tasks of the account live for a day only.
void Engine::give_doubts_up(Account const& account, std::string const& why, Instant now) {
  std::vector<std::int64_t> ripe;
  for (auto const& [id, memory] : doubts_) {
    auto const& task = tasks_.at(id);
    if (task.account == account.name && task.possible_until + policy_.list_delay <= account.list.read_at())
      ripe.push_back(id);
  }
  for (auto const id : ripe) tell(id, news::Undecidable{why}, now);
}

// A task that was sent after a doubt and accepted will prove that the list had come so far.
void Engine::note_evidence(Task const& accepted, Instant now) {
  for (auto& [id, memory] : doubts_) {
    auto const& doubt = tasks_.at(id);
    if (doubt.account == accepted.account && memory.evidence == Instant{} &&
        accepted.times.sent >= doubt.possible_until)
      memory.evidence = now;
  }
}

bool Engine::needs_evidence(Account const& account) const {
  return std::any_of(doubts_.begin(), doubts_.end(), [&](auto const& each) {
    return each.second.evidence == Instant{} && tasks_.at(each.first).account == account.name;
  });
}

void Engine::file_orphan(Account const& account, ListRow const& row, Instant accepted,
                         std::int64_t candidate_for) {
  // It may cost what the job would that it may be of.
  auto const wanted = candidate_for == 0 ? 1 : tasks_.at(candidate_for).wanted;
  for (auto& each : orphans_)
    if (each.row.task_id == row.task_id && each.account == account.name) {
      if (candidate_for != 0) each.candidate_for.push_back(candidate_for);
      each.wanted = std::max(each.wanted, wanted);
      return;
    }
  auto const model = settings_.models.find(row.model);
  NewOrphan orphan{row, accepted, {}, wanted, {}};
  orphan.account = account.name;
  if (model != settings_.models.end()) orphan.price = model->second.price_in(region_);
  if (candidate_for != 0) orphan.candidate_for.push_back(candidate_for);
  orphans_.push_back(std::move(orphan));
}

void Engine::note_account(Account& account, Verdicts const& verdicts, std::vector<ListRow> const& rows,
                          Instant now) {
  for (auto const& row : rows)
    if (verdicts.own_keys.contains(row.api_key_id) && !row.caller.empty()) {
      find_twins(account, row.caller);
      break;
    }
  if (verdicts.strangers.empty() || now < account.shared_again) return;
  account.shared_again = now + kSharedAgain;
  facts_["shared_key"] = rfc3339(now);
  log::warning(
      "{} of the account, {} first, made with our key and not by us: somebody shares the key, so that "
      "doubts are left to a person; a key of its own would mend that",
      count_of(static_cast<std::int64_t>(verdicts.strangers.size()), "task"),
      verdicts.strangers.front().task_id);
}

// Two keys of one account would share its slots and rates, and neither would know of the other.
void Engine::find_twins(Account& account, std::string const& caller) {
  auto const fact = account.name.empty() ? std::string{"account"} : "account:" + account.name;
  if (store_.fact(fact) != caller) facts_[fact] = caller;
  account.caller = caller;
  for (auto& [name, other] : accounts_)
    if (name != account.name && other.caller == caller)
      account.name < name ? call_twin(other, account) : call_twin(account, other);
}

void Engine::compare_keys() {
  for (auto& [name, account] : accounts_)
    for (auto& [other, its] : accounts_)
      if (name < other && account.has_key() && account.endpoint.key == its.endpoint.key)
        call_twin(its, account);
}

// The main one goes on, and of others the one whose name comes first.
void Engine::call_twin(Account& twin, Account const& of) {
  if (!twin.twin.empty()) return;
  twin.twin = fmt::format(
      "its key is of the same account as that of {}, whose limits both would share; take one of them out of "
      "the configuration",
      account_name(of.name));
  log::error({.event = "account-stopped", .account = account_name(twin.name)}, "account {} buys nothing: {}",
             account_name(twin.name), twin.twin);
  for (auto& [model, lane] : twin.lanes) {
    lane.weather = {Weather::Kind::Account, clock_.now() + policy_.account_probe, clock_.now(), 1, twin.twin};
    dirty_lanes_.insert(lane.key);
  }
}

// Tasks of the one are in the list of the other.
bool Engine::is_one_with(Account const& account, std::string const& other) const {
  if (other == account.name) return true;
  auto const its = accounts_.find(other);
  if (its == accounts_.end()) return false;
  return (account.has_key() && account.endpoint.key == its->second.endpoint.key) ||
         (!account.caller.empty() && account.caller == its->second.caller);
}

}  // namespace wanspool
