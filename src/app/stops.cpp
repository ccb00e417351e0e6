#include "app/stops.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "app/people.h"
#include "app/words.h"

namespace wanspool::app {
namespace {

using json = nlohmann::ordered_json;
using Scope = Stop::Scope;

std::string used(Stop const& stop, std::string const& currency) {
  std::string words;
  if (stop.cap.pictures) words = fmt::format("{} of {} pictures", stop.counted.pictures, *stop.cap.pictures);
  if (stop.cap.cost)
    words += fmt::format("{}{} of {}", words.empty() ? "" : " and ", decimal(stop.counted.cost),
                         money(*stop.cap.cost, currency));
  return words + " are spent or reserved";
}

// What is left is too little for the next one.
bool is_left(Stop const& stop) {
  bool const pictures = stop.cap.pictures && stop.counted.pictures < *stop.cap.pictures;
  bool const cost = stop.cap.cost && stop.counted.cost < *stop.cap.cost;
  return pictures || cost;
}

std::string when(Stop const& stop) {
  std::string const period = stop.scope == Scope::Day ? "today" : "this month";
  auto const whose = stop.submitter ? fmt::format("{}, submitter {}", period, user_name(*stop.submitter))
                     : stop.account ? period + ", account " + account_name(*stop.account)
                                    : period;
  return stop.model.empty() ? whose : whose + ", " + stop.model;
}

std::string share(Share const& most) {
  return fmt::format("{}{}", most.amount, most.percent ? "%" : "");
}

std::string_view name_of(Scope scope) {
  switch (scope) {
    case Scope::Manifest:
    case Scope::Failures:
      return "manifest";
    case Scope::Day:
      return "day";
    case Scope::Month:
      return "month";
  }
  return "";
}

std::string budget_words(Stop const& stop, std::string const& currency, std::string_view who) {
  auto const words =
      fmt::format("{}: {}{}; ", stop.manifest.empty() ? when(stop) : stop.manifest, used(stop, currency),
                  is_left(stop) ? fmt::format(", and {} needs more", who) : "");
  if (!stop.manifest.empty()) return words + "raise `budget` in its manifest and drop it again";
  if (stop.until == Instant{}) return words + "raise `budget` in the configuration and reload it";
  return words + "goes on at " + local_time(stop.until);
}

json json_of(Stop const& stop, std::string const& currency) {
  auto const or_null = [](std::string const& text) { return text.empty() ? json(nullptr) : json(text); };
  json object{{"reason", stop.scope == Scope::Failures ? "failures" : "budget"},
              {"scope", name_of(stop.scope)},
              {"manifest", or_null(stop.manifest)},
              {"model", or_null(stop.model)},
              {"account", stop.account ? json(account_name(*stop.account)) : json(nullptr)},
              {"submitter", stop.submitter ? json(user_name(*stop.submitter)) : json(nullptr)},
              {"until", or_null(rfc3339(stop.until))}};
  if (stop.scope == Scope::Failures) {
    object["failed"] = stop.failed;
    object["finished"] = stop.finished;
    object["most"] = share(stop.most);
    return object;
  }
  if (stop.cap.pictures)
    object["pictures"] = {{"counted", stop.counted.pictures}, {"most", *stop.cap.pictures}};
  if (stop.cap.cost)
    object["cost"] = {
        {"counted", decimal(stop.counted.cost)}, {"most", decimal(*stop.cap.cost)}, {"currency", currency}};
  return object;
}

}  // namespace

std::optional<std::size_t> stop_of(std::vector<Stop> const& stops, Task queued,
                                   std::vector<std::string> const& accounts, std::int64_t submitter) {
  if (!kept_until(stops, queued, accounts, submitter)) return {};
  for (std::size_t i = 0; i < stops.size(); ++i)
    for (auto const& account : accounts) {
      queued.account = account;
      if (kept_until(stops[i], queued, submitter)) return i;
    }
  return {};
}

Said words_of_stop(Stop const& stop, std::string const& currency, std::string_view who) {
  if (stop.scope != Scope::Failures) return {"budget", budget_words(stop, currency, who)};
  return {"failures", fmt::format("{0}: {1} of {2} failed, more than {3}; wanspool resume {0}", stop.manifest,
                                  stop.failed, stop.finished, share(stop.most))};
}

std::string line_of_stop(Stop const& stop, std::string const& currency) {
  auto const said = words_of_stop(stop, currency);
  return said.name + ": " + said.text;
}

std::string json_of_stops(std::vector<Stop> const& stops, std::string const& currency) {
  auto list = json::array();
  for (auto const& each : stops) list.push_back(json_of(each, currency));
  return list.dump(-1, ' ', false, json::error_handler_t::replace);
}

}  // namespace wanspool::app
