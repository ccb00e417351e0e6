#include "app/proposal_json.h"

#include <nlohmann/json.hpp>

#include "app/stops.h"

namespace wanspool::app {
namespace {

using json = nlohmann::ordered_json;

std::string written(json const& object) {
  return object.dump(-1, ' ', false, json::error_handler_t::replace);
}

json list_json(std::vector<Complaint> const& complaints) {
  json list = json::array();
  for (auto const& each : complaints)
    list.push_back({{"file", each.file}, {"line", each.line}, {"column", each.column}, {"text", each.text}});
  return list;
}

json bad_rows_json(std::vector<BadRow> const& rows) {
  json list = json::array();
  for (auto const& each : rows)
    list.push_back({{"file", each.file}, {"line", each.line}, {"key", each.key}, {"text", each.text}});
  return list;
}

json amount_json(Amount const& amount) {
  return {{"jobs", amount.jobs},
          {"pictures_most", amount.most},
          {"pictures_least", amount.least},
          {"price_most", decimal(amount.price_most)},
          {"price_least", decimal(amount.price_least)}};
}

json base_json(Proposal const& proposal) {
  auto const& head = proposal.head;
  return {{"schema", 1},
          {"file", proposal.file},
          {"manifest", head.name},
          {"ok", proposal.ok()},
          {"jobs", head.jobs}};
}

json warnings_json(Proposal const& proposal) {
  auto warnings = list_json(proposal.head.warnings);
  for (auto const& each : surprises(proposal.plan))
    warnings.push_back({{"file", proposal.file}, {"line", 0}, {"column", 0}, {"text", each}});
  return warnings;
}

void add_words(json& object, Proposal const& proposal) {
  auto const& head = proposal.head;
  object["found"] = head.found;
  object["warnings"] = warnings_json(proposal);
  object["bad_rows"] = bad_rows_json(head.bad_rows);
  object["complaints"] = list_json(head.complaints);
}

json states_json(std::array<std::int64_t, kStates> const& states) {
  json object = json::object();
  for (int state = 0; state < kStates; ++state)
    if (auto const number = states[static_cast<std::size_t>(state)]; number > 0)
      object[std::string{wanspool::name_of(State{state})}] = number;
  return object;
}

json lanes_json(Plan const& plan) {
  json list = json::array();
  for (auto const& [model, lane] : plan.lanes) {
    if (lane.buys.jobs == 0) continue;
    auto object = json{{"model", model}};
    object.update(amount_json(lane.buys));
    object["picture"] = decimal(lane.picture);
    object["price_date"] = lane.price_date;
    object["listed"] = lane.is_listed;
    object["slots"] = lane.pace.limits.slots;
    object["seconds_a_task"] = lane.pace.a_task().count() / 1000.0;
    object["measured"] = lane.pace.service.count() > 0;
    object["ahead"] = lane.pace.ahead;
    list.push_back(std::move(object));
  }
  return list;
}

void add_changes(json& object, Plan const& plan) {
  for (auto const change : {Change::New, Change::Same, Change::Changed, Change::Gone})
    object[std::string{name_of(change)}] = amount_json(plan[change]);
  object["same"]["states"] = states_json(plan.same);
  object["gone"]["states"] = states_json(plan.gone);
  object["left_out"] = {{"jobs", plan.left_out}};
  object["again"] = plan.again;
  object["for_nothing"] = plan.shared;
  if (plan.part_of) object["part_of"] = *plan.part_of;
}

void add_times(json& object, Plan const& plan, Instant now) {
  auto const morning = next_morning(now);
  auto const known = [&](json value) { return plan.cap ? json(nullptr) : std::move(value); };
  object["seconds"] = known(plan.time().count() / 1000);
  object["until"] = known(rfc3339(now + plan.time()));
  object["there"] = {{"at", rfc3339(morning)}, {"pictures", known(plan.pictures_within(morning - now))}};
  object["cap"] = plan.cap ? json::parse(json_of_stops({*plan.cap}, plan.currency)).front() : json(nullptr);
}

}  // namespace

std::string json_of(Difference const& each, std::string const& currency) {
  return written({{"schema", 1},
                  {"job", each.job},
                  {"change", name_of(each.change)},
                  {"buys", each.buys},
                  {"pictures_most", each.pictures},
                  {"price_most", decimal(each.price)},
                  {"currency", currency}});
}

std::string check_json(Proposal const& proposal) {
  auto object = base_json(proposal);
  auto const buys = proposal.plan.buys();
  object["pictures_most"] = buys.most;
  object["price_most"] = decimal(buys.price_most);
  object["currency"] = proposal.plan.currency;
  add_words(object, proposal);
  return written(object);
}

std::vector<std::string> complaints_json(Proposal const& proposal) {
  std::vector<std::string> lines;
  auto const add = [&](std::string_view level, json const& list) {
    for (auto each : list) {
      each["manifest"] = proposal.file;
      each["level"] = level;
      each["schema"] = 1;
      lines.push_back(written(each));
    }
  };
  add("error", list_json(proposal.head.complaints));
  add("warning", warnings_json(proposal));
  add("left out", bad_rows_json(proposal.head.bad_rows));
  return lines;
}

std::string plan_json(Proposal const& proposal, Money ask_above, Instant now) {
  auto object = base_json(proposal);
  auto const& plan = proposal.plan;
  if (proposal.ok()) {
    add_changes(object, plan);
    auto buys = amount_json(plan.buys());
    buys.erase("jobs");
    object.update(buys);
    object["currency"] = plan.currency;
    object["region"] = plan.region;
    object["models"] = lanes_json(plan);
    object["ask_above"] = decimal(ask_above);
    object["needs_yes"] = needs_yes(plan, ask_above);
    object["refusal"] = refusal(plan, ask_above);
    add_times(object, plan, now);
  }
  add_words(object, proposal);
  return written(object);
}

}  // namespace wanspool::app
