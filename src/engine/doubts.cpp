#include <fmt/format.h>

#include <algorithm>

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
  auto& its = lane(task.model);
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
      if (task.sent != Instant{} && task.sent >= tasks_.at(id).possible_until &&
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
Instant Engine::next_list(Instant now) {
  if (endpoint_.key.empty() || watch_.is_asking()) return Instant::max();
  if (list_.stand() == AccountList::Stand::Reading)
    return list_.is_asking() ? Instant::max() : std::max(list_retry_, lists_.opens(now));
  auto soonest = answers_.empty() && stamp_ == Instant{} ? Instant::max() : now;
  for (auto const& [id, memory] : doubts_) soonest = std::min(soonest, list_due(tasks_.at(id)));
  return std::max(soonest, list_retry_);
}

void Engine::read_list(Instant now) {
  if (next_list(now) > now) return;
  if (list_.stand() != AccountList::Stand::Reading) {
    list_.begin(now);
    watch_.give_way();
  }
  if (lists_.allowance(now) <= 0) return;
  lists_.began();
  auto request = provider::list_request(endpoint_, list_.take_page());
  request.ticket = ++last_ticket_;
  flights_.emplace(last_ticket_, Flight{Flight::Kind::List, 0, 0, nullptr});
  http_.start(std::move(request));
}

void Engine::hear_list(Reply const& reply, Instant now) {
  lists_.ended(now);
  auto const answer = provider::read_list(reply);
  list_.hear(answer);
  if (list_.stand() != AccountList::Stand::Reading) answer_lists();
  switch (list_.stand()) {
    case AccountList::Stand::Idle:
    case AccountList::Stand::Reading:
      return;
    case AccountList::Stand::Agreed:
      list_misses_ = 0;
      return settle_doubts(now);
    case AccountList::Stand::Refused:
      log::warning("the service does not show the account's list: {}", list_.complaint());
      list_retry_ = now + wait_of(policy_.lane, list_misses_++, reply.ticket);
      end_restore_unseen(list_.complaint());
      return give_doubts_up("the service does not show the account's list: " + list_.complaint(), now);
    case AccountList::Stand::Failed:
      log::warning("the account's list cannot be read now: {}", list_.complaint());
      list_retry_ = now + wait_of(policy_.lane, list_misses_++, reply.ticket);
      return;
  }
}

// The store's and, where it is newer, the memory's.
std::vector<KnownTask> Engine::known_tasks(Instant now) {
  std::unordered_map<std::string, KnownTask> newer;
  for (auto const& [id, task] : tasks_) {
    if (task.task_id.empty()) continue;
    bool const bounded = !task.adopted && !task.orphan;
    newer[task.task_id] = {task.task_id, bounded ? task.times.sent : Instant{},
                           bounded ? task.times.accepted : Instant{}, task.orphan};
  }
  auto known = store_.known(now - kKnownBack);
  std::erase_if(known, [&](KnownTask const& each) { return newer.contains(each.task_id); });
  for (auto& [id, each] : newer) known.push_back(std::move(each));
  return known;
}

std::vector<Doubt> Engine::doubts(Instant now) {
  std::vector<Doubt> all;
  for (auto const& [id, task] : tasks_) {
    if (task.state != State::Submitting) continue;
    Doubt doubt{id, task.model, task.times.sent, task.possible_until, task.request_id, task.on_doubt, {}};
    bool const ripe = task.in_doubt() && task.possible_until + policy_.list_delay <= list_.read_at();
    doubt.stand = ripe ? Doubt::Stand::Ripe : Doubt::Stand::Young;
    all.push_back(std::move(doubt));
  }
  for (auto const& task : store_.held(now - kKnownBack))
    all.push_back({task.id, task.model, task.times.sent, task.possible_until, task.request_id, task.on_doubt,
                   Doubt::Stand::Held});
  std::sort(all.begin(), all.end(), [](Doubt const& a, Doubt const& b) { return a.task < b.task; });
  return all;
}

void Engine::settle_doubts(Instant now) {
  auto const rows = list_.rows();
  auto const judged = doubts(now);
  auto const verdicts = settle(judged, rows, known_tasks(now), policy_, list_.read_at());
  if (stamp_ == Instant{}) note_account(verdicts, rows, now);
  for (auto const& doubt : judged)
    if (doubt.stand == Doubt::Stand::Ripe) doubts_.at(doubt.task).looked = list_.read_at();
  for (auto const& verdict : verdicts.each) obey_verdict(verdict, now);
  end_restore(verdicts, rows, now);
}

void Engine::obey_verdict(Verdict const& verdict, Instant now) {
  auto const name = tasks_.at(verdict.task).name;
  switch (verdict.what) {
    case Verdict::What::Adopt:
      if (store_.orphan({}, verdict.row.task_id)) {
        file_orphan(verdict.row, verdict.accepted, verdict.task);
        return tell(
            verdict.task,
            news::Undecidable{
                fmt::format("task {}, which lies in orphans/, may be its own", verdict.row.task_id), true},
            now);
      }
      log::info("{} was bought: the account's list shows its task {}", name, verdict.row.task_id);
      lane(tasks_.at(verdict.task).model).ghosts.erase(verdict.task);
      return tell(verdict.task, news::Adopted{verdict.row.task_id, verdict.row.request_id, verdict.accepted},
                  now);
    case Verdict::What::NeverAccepted:
      log::info("{} was never bought: {}; it is sent again", name, verdict.why);
      lane(tasks_.at(verdict.task).model).ghosts.erase(verdict.task);
      return tell(verdict.task, news::NeverAccepted{verdict.why}, now);
    case Verdict::What::Undecidable:
      for (auto const& row : verdict.candidates) file_orphan(row, row.created, verdict.task);
      return tell(verdict.task, news::Undecidable{verdict.why, !verdict.candidates.empty()}, now);
    case Verdict::What::Wait:
      log::debug("{} stays in doubt: {}", name, verdict.why);
      return;
  }
}

// Where no list can be had a person decides, at once: the tasks of the account live for a day only.
void Engine::give_doubts_up(std::string const& why, Instant now) {
  std::vector<std::int64_t> ripe;
  for (auto const& [id, memory] : doubts_)
    if (tasks_.at(id).possible_until + policy_.list_delay <= list_.read_at()) ripe.push_back(id);
  for (auto const id : ripe) tell(id, news::Undecidable{why}, now);
}

// A task that was sent after a doubt and accepted will prove that the list had come so far.
void Engine::note_evidence(Task const& accepted, Instant now) {
  for (auto& [id, memory] : doubts_)
    if (memory.evidence == Instant{} && accepted.times.sent >= tasks_.at(id).possible_until)
      memory.evidence = now;
}

void Engine::file_orphan(ListRow const& row, Instant accepted, std::int64_t candidate_for) {
  // It may cost what the job would that it may be of.
  auto const wanted = candidate_for == 0 ? 1 : tasks_.at(candidate_for).wanted;
  for (auto& each : orphans_)
    if (each.row.task_id == row.task_id) {
      if (candidate_for != 0) each.candidate_for.push_back(candidate_for);
      each.wanted = std::max(each.wanted, wanted);
      return;
    }
  auto const model = settings_.models.find(row.model);
  NewOrphan orphan{row, accepted, {}, wanted, {}, {}};
  if (model != settings_.models.end()) orphan.price = model->second.price_in(region_);
  if (candidate_for != 0) orphan.candidate_for.push_back(candidate_for);
  orphans_.push_back(std::move(orphan));
}

void Engine::note_account(Verdicts const& verdicts, std::vector<ListRow> const& rows, Instant now) {
  for (auto const& row : rows)
    if (verdicts.own_keys.contains(row.api_key_id) && !row.caller.empty() && store_.fact("account").empty())
      facts_["account"] = row.caller;
  if (verdicts.strangers.empty() || now < shared_again_) return;
  shared_again_ = now + kSharedAgain;
  facts_["shared_key"] = rfc3339(now);
  log::warning(
      "{} tasks of the account were made with our key and not by us ({} …): somebody shares the key, so that "
      "doubts are left to a person; a key of its own would mend that",
      verdicts.strangers.size(), verdicts.strangers.front().task_id);
}

}  // namespace wanspool
