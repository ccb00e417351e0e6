#include "emulator/ledger.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <unordered_map>

#include "base/sha256.h"
#include "emulator/models.h"

namespace wanspool::emulator {
namespace {

using json = nlohmann::ordered_json;

struct Totals {
  std::map<State, std::uint64_t> states;
  std::uint64_t pictures = 0;
  std::uint64_t fetched = 0;        // pictures that came whole at least once
  std::uint64_t fetched_again = 0;  // further times
  long long cost = 0;
  std::uint64_t same_body = 0;  // tasks beyond the first of their body
};

using Bodies = std::unordered_map<std::string, std::uint64_t>;

long long cost_of(Task const& task) {
  auto const* const model = find_model(task.order.model);
  return model ? model->price * task.drawn : 0;
}

Bodies count_bodies(World& world) {
  Bodies bodies;
  for (auto const& task : world.tasks()) ++bodies[task.order.body_sha];
  return bodies;
}

Totals add_up(World& world, Bodies const& bodies) {
  Totals totals;
  for (auto const& task : world.tasks()) {
    ++totals.states[task.state];
    totals.pictures += static_cast<std::uint64_t>(task.drawn);
    totals.cost += cost_of(task);
    for (auto const times : task.fetched) {
      totals.fetched += times > 0 ? 1 : 0;
      totals.fetched_again += times > 1 ? times - 1 : 0;
    }
  }
  totals.same_body = world.tasks().size() - bodies.size();
  return totals;
}

struct Use {
  milliseconds busy{0};
  milliseconds active{0};
  milliseconds span{0};  // first create to last end, or to now while something runs
  std::size_t most_running = 0;
  std::size_t most_waiting = 0;
};

Use use_of(std::string const& model, Lane const& lane, World& world, Instant now) {
  Use use{lane.busy, lane.active, {}, lane.most_running, lane.most_waiting};
  Instant first;
  Instant last;
  for (auto const& task : world.tasks()) {
    if (task.order.model != model || task.order.at_once) continue;
    if (first == Instant{}) first = task.created;
    auto const over = task.state != State::Pending && task.state != State::Running;
    last = std::max(last, over ? task.ended : now);
    if (task.state == State::Running) use.busy += now - task.started;
  }
  if (!lane.running.empty()) use.active += now - lane.active_since;
  use.span = last - first;
  return use;
}

json share(milliseconds busy, int slots, milliseconds span) {
  if (slots == 0 || span.count() == 0) return nullptr;
  return static_cast<double>(busy.count()) / (static_cast<double>(span.count()) * slots);
}

json lanes_of(World& world, Instant now) {
  json out = json::object();
  for (auto const& [model, lane] : world.lanes()) {
    auto const use = use_of(model, lane, world, now);
    out[model] = {{"max_simultaneous", use.most_running},
                  {"max_pending", use.most_waiting},
                  {"busy_slot_ms", use.busy.count()},
                  {"active_ms", use.active.count()},
                  {"span_ms", use.span.count()},
                  {"slots", world.slots(model)},
                  {"utilisation_active", share(use.busy, world.slots(model), use.active)},
                  {"utilisation_span", share(use.busy, world.slots(model), use.span)}};
  }
  return out;
}

json task_json(Task const& task, Bodies const& bodies) {
  json out{{"task_id", task.id},
           {"request_id", task.request_id},
           {"api_key_id", task.api_key_id},
           {"model", task.order.model},
           {"workspace", task.order.workspace},
           {"synchronous", task.order.at_once},
           {"status", task.vanished ? "UNKNOWN" : name(task.state)},
           {"prompt_sha256", sha256_hex(task.order.prompt)},
           {"body_sha256", task.order.body_sha},
           {"creates_of_body", bodies.at(task.order.body_sha)},
           {"created_ms", task.created.time_since_epoch().count()},
           {"charged_pictures", task.drawn},
           {"cost", money(cost_of(task))},
           {"fetched", task.fetched}};
  if (task.started != Instant{}) out["started_ms"] = task.started.time_since_epoch().count();
  if (task.ended != Instant{}) out["ended_ms"] = task.ended.time_since_epoch().count();
  return out;
}

}  // namespace

std::string money(long long millionths) {
  auto text = fmt::format("{}.{:06}", millionths / 1'000'000, millionths % 1'000'000);
  while (text.ends_with('0') && text[text.size() - 3] != '.') text.pop_back();
  return text;
}

std::string ledger_json(Ledger const& ledger, World& world, std::uint64_t faults, bool per_task,
                        Instant now) {
  world.advance(now);
  auto const bodies = count_bodies(world);
  auto const totals = add_up(world, bodies);
  json states = json::object();
  for (auto const& [state, count] : totals.states) states[std::string{name(state)}] = count;
  json out{{"schema", 1},
           {"creates",
            {{"received", ledger.creates},
             {"accepted", ledger.accepted},
             {"refused", ledger.refused},
             {"same_body_again", totals.same_body}}},
           {"tasks_by_status", states},
           {"charged_pictures", totals.pictures},
           {"cost", money(totals.cost)},
           {"currency", "CNY"},
           {"pictures_fetched", totals.fetched},
           {"pictures_fetched_again", totals.fetched_again},
           {"queries", ledger.queries},
           {"lists", ledger.lists},
           {"cancels", ledger.cancels},
           {"canceled", ledger.canceled},
           {"policies", ledger.policies},
           {"uploads", ledger.uploads},
           {"downloads", ledger.downloads},
           {"web", ledger.web},
           {"faults", faults},
           {"shots", ledger.shots},
           {"strangers", {{"other_keys", ledger.strangers}, {"own_key", ledger.strangers_own_key}}},
           {"seed", world.seed()},
           {"up_ms", (now - ledger.begun).count()},
           {"lanes", lanes_of(world, now)}};
  if (!per_task) return out.dump();
  out["tasks"] = json::array();
  for (auto const& task : world.tasks()) out["tasks"].push_back(task_json(task, bodies));
  return out.dump();
}

std::string ledger_table(Ledger const& ledger, World& world, std::uint64_t faults, Instant now) {
  world.advance(now);
  auto const bodies = count_bodies(world);
  auto const totals = add_up(world, bodies);
  std::string refused;
  for (auto const& [code, count] : ledger.refused) refused += fmt::format("  {} {}", code, count);
  std::string states;
  for (auto const& [state, count] : totals.states) states += fmt::format("  {} {}", name(state), count);
  auto out = fmt::format(
      "emulator ledger after {}\n"
      "  creates    {} received, {} accepted, {} beyond the first of their body\n"
      "  refused   {}\n"
      "  tasks     {}\n"
      "  charged    {} pictures, {} CNY\n"
      "  fetched    {} of {} pictures, {} times more than once\n"
      "  calls      {} queries, {} lists, {} cancels, {} uploads, {} downloads\n"
      "  faults     {} met, {} shots\n",
      human(now - ledger.begun), ledger.creates, ledger.accepted, totals.same_body,
      refused.empty() ? " none" : refused, states.empty() ? " none" : states, totals.pictures,
      money(totals.cost), totals.fetched, totals.pictures, totals.fetched_again, ledger.queries, ledger.lists,
      ledger.cancels, ledger.uploads, ledger.downloads, faults, ledger.shots);
  for (auto const& [model, lane] : world.lanes()) {
    auto const use = use_of(model, lane, world, now);
    auto const busy = share(use.busy, world.slots(model), use.span);
    out += fmt::format("  {:<10} at most {} at once, {} waiting", model, use.most_running, use.most_waiting);
    out += busy.is_null() ? "\n"
                          : fmt::format("; slots busy {:.1f} % from first create to last end\n",
                                        100 * busy.get<double>());
  }
  return out;
}

}  // namespace wanspool::emulator
