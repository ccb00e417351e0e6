#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "base/files.h"
#include "base/log.h"
#include "engine/engine.h"
#include "engine/expand.h"

// What a person asks for by a file in the inbox.
namespace wanspool {
namespace {

std::string orders(std::size_t number) {
  return number == 1 ? "1 job is" : std::to_string(number) + " jobs are";
}

}  // namespace

std::optional<Obeyed> Engine::obey(Command const& command, Instant now) {
  if (store_.has_had_effect(command.id)) return Obeyed{"this command has had its effect before", {}};
  switch (command.verb) {
    case Command::Verb::Redo:
      return redo(command, now);
    case Command::Verb::Adopt:
      return adopt(command, now);
    case Command::Verb::Resume:
      return resume(command, now);
    case Command::Verb::List:
      answers_.push_back(command.id);
      list_retry_ = {};
      return Obeyed{"the account's list is read", {}};
  }
  return {};
}

// The store's word, and the memory's where that is newer.
std::optional<Wanted> Engine::wanted(std::string const& job) {
  auto found = store_.wanted(job);
  if (!found) return {};
  if (auto const known = tasks_.find(found->task.id); known != tasks_.end()) found->task = known->second;
  return found;
}

std::string Engine::why_not_redo(Wanted const& job) {
  auto const& task = job.task;
  if (task.state == State::Queued) return "waits to be bought; there is nothing to buy again";
  if (task.in_doubt() && !is_stuck(task))
    return "is in doubt, and the account's list will tell; wait for that";
  if (!is_final(task.state) && task.state != State::Held && !task.in_doubt())
    return "is at the provider; wait for it, and look at what comes";
  for (auto const& refill : family_of(task))
    if (refill.id != task.id && !is_final(refill.state) && refill.state != State::Held)
      return "is being refilled; wait for that";
  return {};
}

// None: not yet, for it is just being heard of.
std::optional<Obeyed> Engine::redo(Command const& command, Instant now) {
  Effects effects{command.id, now, {}, {}};
  Obeyed result;
  Money price;
  std::map<std::string, int> takes;
  for (auto const& name : command.jobs) {
    auto const job = wanted(name);
    if (job && is_busy(job->task.id)) return {};
    auto const hindrance = job ? why_not_redo(*job) : "is not known here; wanspool list names the jobs";
    if (!hindrance.empty()) {
      result.complaints.push_back(name + " " + hindrance);
      continue;
    }
    // Jobs that share a purchase get one each.
    auto& newest = takes[job->base];
    auto const take = newest = std::max(newest, job->takes) + 1;
    effects.takes.push_back({name, take, take_fingerprint(job->base, take),
                             provider::redo_body(job->body, provider::seed_of(job->base, take))});
    price += job->task.price * job->task.wanted;
  }
  if (!result.complaints.empty()) return result;
  have_effect(effects);
  result.text =
      fmt::format("{} bought again, for {} {} at most", orders(effects.takes.size()), decimal(price),
                  settings_.models.empty() ? "" : settings_.models.begin()->second.currency);
  log::info("{}", result.text);
  return result;
}

// None: not yet, for one of the two is just being heard of.
std::optional<Obeyed> Engine::adopt(Command const& command, Instant now) {
  auto const& name = command.jobs.front();
  auto const job = wanted(name);
  if (!job) return Obeyed{{}, {name + " is not known here; wanspool list names the jobs"}};
  auto const orphan = store_.orphan(job->task.account, command.task_id);
  if (is_busy(job->task.id) || (orphan && is_busy(orphan->id))) return {};
  bool const may =
      job->task.state == State::Held || job->task.in_doubt() || (orphan && job->task.state == State::Queued);
  if (!may)
    return Obeyed{{},
                  {fmt::format("{} is {}, and only a job that is held, in doubt or waiting can adopt a task",
                               name, name_of(job->task.state))}};
  if (!orphan)
    for (auto const& known : store_.known({}))
      if (known.task_id == command.task_id)
        return Obeyed{{}, {fmt::format("task {} belongs to another job already", command.task_id)}};
  if (orphan) forget(orphan->id);
  have_effect({command.id, now, {}, {{name, command.task_id, {}, job->task.times.sent}}});
  lane(job->task.model).ghosts.erase(job->task.id);
  log::info("{} adopts task {}", name, command.task_id);
  return Obeyed{fmt::format("{} adopts task {}", name, command.task_id), {}};
}

// None: not yet, for what was bought since the copy is still looked for.
std::optional<Obeyed> Engine::resume(Command const& command, Instant now) {
  if (!command.jobs.empty()) return forgive(command, now);
  if (stamp_ != Instant{}) return {};
  bool const waited = try_lanes_again(now);
  if (paused_.empty()) return Obeyed{waited ? "the lanes try again" : "nothing was paused", {}};
  have_effect({command.id, now, {}, {}, {{"paused", ""}}});
  paused_.clear();
  return Obeyed{"pictures are bought again", {}};
}

// Whoever has paid the bill, or knows that the service is back, need not wait for the next try.
bool Engine::try_lanes_again(Instant now) {
  bool waited = false;
  for (auto& [model, lane] : lanes_) {
    if (lane.weather.until <= now) continue;
    lane.weather.until = now;
    waited = true;
  }
  key_look_ = now;
  return waited;
}

// What has failed of these manifests is no reason to hold back the rest.
Obeyed Engine::forgive(Command const& command, Instant now) {
  Obeyed result;
  for (auto const& name : command.jobs) {
    auto const its = store_.standing(name);
    if (its.manifest.empty())
      result.complaints.push_back(name + " is not known here; wanspool list names the manifests' jobs");
    result.text +=
        fmt::format("{}{}: {} of {} finished jobs that failed are forgiven", result.text.empty() ? "" : "; ",
                    name, its.outcomes.blamed(), its.outcomes.finished());
  }
  if (!result.complaints.empty()) return result;
  Effects effects{command.id, now, {}, {}};
  effects.forgiven = command.jobs;
  have_effect(effects);
  log::info("{}", result.text);
  return result;
}

// One transaction; what it changed takes its place in the memory.
void Engine::have_effect(Effects const& effects) {
  auto const changed = store_.apply(effects);
  budgets_.read_anew();
  for (auto const& task : changed) forget(task.id);
  tally_ = store_.tally();
  for (auto const& task : changed) {
    auto& its = lane(task.model);
    its.window.clear();  // it may hold what has changed
    its.more = true;
    if (task.state == State::Queued || task.state == State::Held || is_final(task.state)) continue;
    tally_.remove(task);  // put() counts it
    put(task);
  }
}

// As if it had never been under way; what the store says of it is all there is.
void Engine::forget(std::int64_t id) {
  auto const found = tasks_.find(id);
  if (found == tasks_.end()) return;
  auto const& task = found->second;
  polls_.erase({task.due, id});
  downloads_.erase({task.due, id});
  fetches_.erase({task.expires(), id});
  count(task, -1);
  tally_.remove(task);
  doubts_.erase(id);
  dirty_.erase(id);
  take_back(task);
  tasks_.erase(found);
}

// To whoever asked for the list, in a file, when it is read or cannot be.
void Engine::answer_lists() {
  for (auto const& id : std::exchange(answers_, {})) {
    nlohmann::ordered_json answer{{"schema", 1}, {"read_at", rfc3339(list_.read_at())}};
    if (list_.stand() != AccountList::Stand::Agreed) answer["error"] = list_.complaint();
    auto rows = nlohmann::ordered_json::array();
    for (auto const& row : list_.rows())
      rows.push_back({{"task_id", row.task_id},
                      {"request_id", row.request_id},
                      {"model", row.model},
                      {"status", row.status},
                      {"api_key_id", row.api_key_id},
                      {"created", rfc3339(row.created)}});
    answer["rows"] = std::move(rows);
    auto const text = answer.dump(1, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n";
    workers_.submit([path = settings_.spool.answers / (id + ".json"), text]() -> Workers::After {
      try {
        write_file_safely(path, text);
      } catch (std::system_error const& error) {
        log::warning("cannot answer: {}", error.what());
      }
      return {};
    });
  }
}

}  // namespace wanspool
