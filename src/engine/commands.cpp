#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/files.h"
#include "base/log.h"
#include "engine/engine.h"
#include "engine/errand_words.h"
#include "engine/expand.h"

// What a person asks for by a file in the inbox.
namespace wanspool {
namespace {

std::string orders(std::size_t number) {
  return number == 1 ? "1 job is" : std::to_string(number) + " jobs are";
}

// As with a manifest a price is agreed to by whoever asks, or is small enough (manifest.md, Said price).
std::string why_not_pay(Command const& command, Money price, Money ask_above, std::string const& currency) {
  auto const& agreed = command.price;
  if (agreed && command.currency != currency)
    return fmt::format("the price agreed to is in {}, and pictures are paid in {}", command.currency,
                       currency);
  if (price <= agreed.value_or(ask_above)) return {};
  return fmt::format("this would cost {0} {1} at most, {2}; to agree, {3}: price: {0} {1}", decimal(price),
                     currency, agreed ? "more than was agreed to" : "which needs a yes",
                     agreed ? "raise it to" : "add the line");
}

}  // namespace

std::optional<Obeyed> Engine::obey(Command const& command, Instant now) {
  if (store_.has_had_effect(command.id)) return Obeyed{"this command has had its effect before", {}};
  if (command.verb != Command::Verb::List) status_.all_changed();
  switch (command.verb) {
    case Command::Verb::Redo:
      return redo(command, now);
    case Command::Verb::Adopt:
      return adopt(command, now);
    case Command::Verb::Resume:
      return resume(command, now);
    case Command::Verb::Pause:
      return command.jobs.empty() ? pause(command, now) : run_errand(command, now);
    case Command::Verb::Cancel:
    case Command::Verb::Retry:
    case Command::Verb::Priority:
      return run_errand(command, now);
    case Command::Verb::List:
      ask_for_lists(command.id);
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
  auto const currency = settings_.models.empty() ? "" : settings_.models.begin()->second.currency;
  if (auto why = why_not_pay(command, price, settings_.config.ask_above, currency); !why.empty())
    result.complaints.push_back(std::move(why));
  if (!result.complaints.empty()) return result;
  have_effect(effects);
  result.text = fmt::format("{} bought again, for {} {} at most", orders(effects.takes.size()),
                            decimal(price), currency);
  result.counts = fmt::format("changed  {}\nchanged_cost  {}\ncurrency  {}\n", effects.takes.size(),
                              decimal(price), currency);
  log::info("{}", result.text);
  return result;
}

// None: not yet, for one of the two is just being heard of.
std::optional<Obeyed> Engine::adopt(Command const& command, Instant now) {
  auto const& name = command.jobs.front();
  auto const job = wanted(name);
  if (!job) return Obeyed{{}, {name + " is not known here; wanspool list names the jobs"}};
  auto account = job->task.account;
  auto orphan = store_.orphan(account, command.task_id);
  for (auto const& [its, other] : accounts_) {
    auto found = orphan ? std::nullopt : store_.orphan(its, command.task_id);
    if (!found) continue;
    if (job->task.state != State::Queued)
      return Obeyed{{},
                    {fmt::format("task {} was bought under account {}, and {} was sent under {}",
                                 command.task_id, account_name(its), name, account_name(account))}};
    // After an older copy of the queue was put back a job that waits may have been bought under any account.
    account = its;
    orphan = std::move(found);
  }
  if (!accounts_.contains(account))
    return Obeyed{{},
                  {fmt::format("{} was sent under account {}, which is not in the configuration", name,
                               account_name(account))}};
  if (is_busy(job->task.id) || (orphan && is_busy(orphan->id))) return {};
  if (auto why = why_not_adopt(job->task, name, command.task_id, orphan.has_value()); !why.empty())
    return Obeyed{{}, {std::move(why)}};
  if (!orphan)
    for (auto const& known : store_.known({}))
      if (known.task_id == command.task_id && known.account == account)
        return Obeyed{{}, {fmt::format("task {} belongs to another job already", command.task_id)}};
  if (orphan) forget(orphan->id);
  have_effect({command.id, now, {}, {{name, command.task_id, {}, job->task.times.sent, account}}});
  lane(accounts_.at(account), job->task.model).ghosts.erase(job->task.id);
  log::info("{} adopts task {}", name, command.task_id);
  return Obeyed{fmt::format("{} adopts task {}", name, command.task_id), {}};
}

// None: not yet, for what was bought since the copy is still looked for.
std::optional<Obeyed> Engine::resume(Command const& command, Instant now) {
  if (!command.jobs.empty()) return run_errand(command, now);
  if (stamp_ != Instant{}) return {};
  bool const waited = try_lanes_again(now);
  if (paused_.empty()) return Obeyed{waited ? "the lanes try again" : "nothing was paused", {}};
  have_effect({command.id, now, {}, {}, {{"paused", ""}, {"pause", ""}}});
  paused_.clear();
  return Obeyed{"pictures are bought again", {}};
}

// The whole spool; what is paid goes on.
Obeyed Engine::pause(Command const& command, Instant now) {
  bool const was_paused = !paused_.empty();
  auto const wish = fmt::format("paused by a person at {}", rfc3339(now));
  auto const words = was_paused ? paused_ : wish;
  have_effect({command.id, now, {}, {}, {{"pause", wish}, {"paused", words}}});
  paused_ = words;
  if (!was_paused) log::info("the spool is {}", words);
  return {was_paused ? "nothing changes: " + paused_
                     : "no picture is bought until wanspool resume; what is paid goes on",
          {}};
}

// Whoever has paid the bill, or knows that the service is back, need not wait for the next try.
bool Engine::try_lanes_again(Instant now) {
  bool waited = false;
  for (auto* const lane : lanes()) {
    if (lane->weather.until <= now) continue;
    lane->weather.until = now;
    waited = true;
  }
  for (auto& [name, account] : accounts_) {
    account.key_look = now;
    if (!account.refused_key.empty()) account.key_check = now;
  }
  return waited;
}

// One transaction; what it changed takes its place in the memory.
void Engine::have_effect(Effects const& effects) {
  auto const changed = store_.apply(effects);
  budgets_.read_anew();
  for (auto const& task : changed) forget(task.id);
  tally_ = store_.tally();
  for (auto const& task : changed) {
    queue(task.model).read_anew();  // it may hold what has changed
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
  account_of(task).polls.erase({task.due, id});
  downloads_.erase({task.due, id});
  fetches_.erase({task.expires(), id});
  count(task, -1);
  tally_.remove(task);
  doubts_.erase(id);
  dirty_.erase(id);
  take_back(task);
  tasks_.erase(found);
}

// Of every account whose list can be read.
void Engine::ask_for_lists(std::string const& command) {
  answers_.push_back(command);
  bool const some =
      std::any_of(accounts_.begin(), accounts_.end(), [](auto const& each) { return each.second.has_key(); });
  for (auto& [name, account] : accounts_) {
    account.list_wanted = account.has_key() || !some;
    account.list_retry = {};
  }
}

// To whoever asked for the lists, in a file, when all of them are read or cannot be.
void Engine::answer_lists() {
  auto const is_awaited = [](auto const& each) {
    return each.second.list_wanted || each.second.list.stand() == AccountList::Stand::Reading;
  };
  if (answers_.empty() || std::any_of(accounts_.begin(), accounts_.end(), is_awaited)) return;
  auto read_at = Instant::max();
  std::string complaint;
  auto rows = nlohmann::ordered_json::array();
  for (auto const& [name, account] : accounts_) {
    read_at = std::min(read_at, account.list.read_at());
    if (account.list.stand() != AccountList::Stand::Agreed && complaint.empty())
      complaint = accounts_.size() == 1
                      ? account.list.complaint()
                      : fmt::format("account {}: {}", account_name(name),
                                    account.has_key() ? account.list.complaint() : "it has no key");
    for (auto const& row : account.list.rows())
      rows.push_back({{"task_id", row.task_id},
                      {"request_id", row.request_id},
                      {"account", account_name(name)},
                      {"model", row.model},
                      {"status", row.status},
                      {"api_key_id", row.api_key_id},
                      {"created", rfc3339(row.created)}});
  }
  for (auto const& id : std::exchange(answers_, {})) {
    nlohmann::ordered_json answer{{"schema", 1}, {"read_at", rfc3339(read_at)}};
    if (!complaint.empty()) answer["error"] = complaint;
    answer["rows"] = rows;
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
