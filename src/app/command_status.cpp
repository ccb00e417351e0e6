#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <array>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <numeric>

#include "app/commands.h"
#include "app/concerns.h"
#include "app/context.h"
#include "app/exit.h"
#include "app/house.h"
#include "app/inbox_look.h"
#include "app/json_table.h"
#include "app/keeper.h"
#include "app/lanes.h"
#include "app/stops.h"
#include "base/harmless.h"
#include "store/housekeeping.h"

namespace wanspool::app {
namespace {

constexpr char kFooter[] = R"(Examples:
  wanspool status
  watch wanspool status
  wanspool status --json | jq .cost.spent
  wanspool status --csv                       the lanes: model and account, weather, slots, what waits, how it goes

A table has rows of one kind, so --csv tells of the lanes alone; --json tells all.)";

struct Options {
  Where where;
  bool json = false, csv = false;
};

constexpr std::array kColumns{Column{"account", "", "account"},
                              Column{"model", "", "model"},
                              Column{"weather", "", "weather"},
                              Column{"since", "", "since"},
                              Column{"until", "", "until"},
                              Column{"reason", "", "reason"},
                              Column{"slots", "", "slots"},
                              Column{"outstanding", "", "outstanding"},
                              Column{"outstanding_most", "", "outstanding_most"},
                              Column{"waiting", "", "waiting"},
                              Column{"capped", "", "capped"},
                              Column{"median_ms", "", "median_ms"},
                              Column{"p90_ms", "", "p90_ms"},
                              Column{"utilisation", "", "utilisation"},
                              Column{"creates_per_second", "", "creates_per_second"},
                              Column{"queries_per_second", "", "queries_per_second"},
                              Column{"done_by", "", "done_by"},
                              Column{"ages", "", "ages"},
                              Column{"late", "", "late"},
                              Column{"schema", "", "schema"}};

struct Facts {
  Keeper keeper;
  std::string origin, region;
  std::string shared_key, paused, uploads, results;
  Tally tally;  // of tasks, of which a job may have had several, or several jobs one
  std::array<std::int64_t, kStates> jobs{};
  std::vector<LaneFacts> lanes;
  std::vector<Stop> stops;
  std::int64_t paused_jobs = 0, hooks = 0;
  std::string hooks_given_up;  // how many, as a number
  InboxLook inbox;
  Concerns concerns;
};

Facts facts_of(Context const& context) {
  Facts facts;
  facts.keeper = keeper_of(context.spool);
  facts.inbox = look_into_inbox(context.spool, facts.keeper.is_there);
  auto const reader = reader_of(context.spool);
  if (!reader) return facts;
  facts.origin = reader->fact("origin");
  facts.region = reader->fact("region");
  facts.tally = reader->tally();
  facts.jobs = open_housekeeping(context.spool.database)->jobs();
  facts.lanes = lane_facts(*reader, context, BootClock{}.now());
  facts.shared_key = reader->fact("shared_key");
  facts.uploads = reader->fact("uploads");
  facts.results = reader->fact("results");
  facts.paused = reader->fact("paused");
  facts.paused_jobs = reader->paused();
  facts.hooks = reader->hooks_waiting();
  facts.hooks_given_up = reader->fact("hooks");
  facts.stops = reader->stops();
  // A day that has turned while nobody worked stops nothing any more.
  std::erase_if(facts.stops, [now = BootClock{}.now()](Stop const& each) {
    return each.until != Instant{} && each.until <= now;
  });
  facts.concerns = concerns_of(*reader, facts.tally);
  return facts;
}

std::string json_of(Facts const& facts, Context const& context) {
  using json = nlohmann::ordered_json;
  auto const or_null = [](std::string const& text) { return text.empty() ? json(nullptr) : json(text); };
  json jobs;
  for (int state = 0; state < kStates; ++state)
    jobs[std::string{name_of(State{state})}] = facts.jobs.at(static_cast<std::size_t>(state));
  auto lanes = json::array();
  for (auto const& each : facts.lanes) lanes.push_back(json::parse(json_of_lane(each)));
  auto entries = json::array();
  for (auto const& each : facts.inbox.entries) entries.push_back({{"name", each.name}, {"why", each.why}});
  auto const& concerns = facts.concerns;
  auto const expiring = concerns.expiring(BootClock{}.now());
  json document{
      {"schema", 1},
      {"root", context.spool.root.string()},
      {"daemon",
       {{"running", facts.keeper.is_there},
        {"pid", facts.keeper.pid > 0 ? json(facts.keeper.pid) : json(nullptr)}}},
      {"endpoint", context.endpoint},
      {"filled_by", or_null(facts.origin)},
      {"region", or_null(facts.region)},
      {"jobs", std::move(jobs)},
      {"pictures", facts.tally.pictures},
      {"cost",
       {{"spent", decimal(facts.tally.spent)},
        {"reserved", decimal(facts.tally.reserved)},
        {"uncertain", decimal(facts.tally.uncertain)},
        {"currency", context.currency()}}},
      {"lanes", std::move(lanes)},
      {"inbox", facts.inbox.waiting},
      {"inbox_entries", std::move(entries)},
      {"inbox_trouble", or_null(facts.inbox.trouble)},
      {"doubts", concerns.doubts},
      {"orphans",
       {{"count", concerns.orphans.total()},
        {"cost", decimal(concerns.orphans.spent + concerns.orphans.uncertain + concerns.orphans.reserved)},
        {"currency", context.currency()},
        {"folder", context.spool.orphans.string()}}},
      {"expiring",
       {{"pictures", expiring.pictures},
        {"first", or_null(rfc3339(expiring.first))},
        {"job", or_null(expiring.job)}}},
      {"shared_key", or_null(facts.shared_key)},
      {"uploads", or_null(facts.uploads)},
      {"results", or_null(facts.results)},
      {"paused", or_null(facts.paused)},
      {"paused_jobs", facts.paused_jobs},
      {"hooks",
       {{"waiting", facts.hooks},
        {"given_up", facts.hooks_given_up.empty() ? 0 : std::stoll(facts.hooks_given_up)}}},
      {"stops", json::parse(json_of_stops(facts.stops, context.currency()))}};
  return document.dump(2, ' ', false, json::error_handler_t::replace);
}

std::string csv_of(std::vector<LaneFacts> const& lanes) {
  auto text = csv_head(kColumns);
  for (auto const& each : lanes) {
    auto object = nlohmann::ordered_json::parse(json_of_lane(each));
    object["schema"] = 1;
    text += csv_line(object.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace), kColumns);
  }
  return text;
}

void line(char const* name, std::string const& text) {
  std::printf("%-9s %s\n", name, harmless(text).c_str());
}

// "27 done", "30: 27 done, 3 queued"
std::string jobs_of(std::array<std::int64_t, kStates> const& jobs) {
  auto const all = std::accumulate(jobs.begin(), jobs.end(), std::int64_t{0});
  if (all == 0) return "none yet";
  std::vector<std::string> parts;
  for (std::size_t state = 0; state < jobs.size(); ++state)
    if (jobs.at(state) > 0)
      parts.push_back(fmt::format("{} {}", jobs.at(state), name_of(static_cast<State>(state))));
  auto const text = fmt::format("{}", fmt::join(parts, ", "));
  return parts.size() == 1 ? text : fmt::format("{}: {}", all, text);
}

std::string weather_of(std::string const& whose, Weather const& weather, Instant now) {
  // The account's end nobody knows, only the moment of the next try.
  bool const stopped = weather.kind == Weather::Kind::Account;
  auto text = fmt::format("{}: {} since {}", whose, name_of(weather.kind), local_time(weather.since));
  if (weather.until > now) text += (stopped ? ", tried again at " : ", until ") + local_time(weather.until);
  return weather.reason.empty() ? text : text + ": " + one_line(weather.reason);
}

// Of lanes that are stopped with their account only those that have more to tell.
void print_lanes(std::vector<LaneFacts> const& lanes, Instant now) {
  AccountStops stops;
  std::int64_t at_rest = 0;
  for (auto const& each : lanes) {
    auto const& weather = each.row.weather;
    auto const name = name_of(each.row.key());
    auto const more = words_of_lane(each, now);
    if (weather.kind == Weather::Kind::Fair) {
      if (more.empty()) {
        ++at_rest;
        continue;
      }
      line("lane", name + ": fair");
    } else if (weather.kind != Weather::Kind::Account) {
      line("lane", weather_of(name, weather, now));
    } else {
      if (stops.is_new(each.row))
        line("lanes", weather_of("all of account " + account_name(each.row.account), weather, now));
      if (!more.empty()) line("lane", name + ": stopped with its account");
    }
    for (auto const& said : more) line(said.name.c_str(), said.text);
  }
  if (at_rest > 0) line("lanes", count_of(at_rest, "lane") + " fair and with nothing to do");
}

std::string filled_by(Facts const& facts) {
  if (facts.origin.empty()) return "nobody yet";
  return facts.origin == "emulator" ? "an emulator: its pictures are drawn, not bought"
                                    : "the service, region " + facts.region;
}

void print(Facts const& facts, Context const& context) {
  line("spool", context.spool.root.string());
  line("daemon", !facts.keeper.is_there ? "none; start one: wanspool daemon, or wanspool run"
                 : facts.keeper.pid > 0 ? fmt::format("running, pid {}", facts.keeper.pid)
                                        : "running");
  line("filled by", filled_by(facts));
  line("jobs", jobs_of(facts.jobs));
  line("pictures", std::to_string(facts.tally.pictures));
  line("money",
       fmt::format("spent {}, reserved {}, uncertain {} {}", decimal(facts.tally.spent),
                   decimal(facts.tally.reserved), decimal(facts.tally.uncertain), context.currency()));
  print_lanes(facts.lanes, BootClock{}.now());
  for (auto const& each : words_of_inbox(facts.inbox)) line(each.name.c_str(), one_line(each.text));
  for (auto const& each : words_of_concerns(facts.concerns, facts.tally[State::Held], context.spool,
                                            context.currency(), BootClock{}.now()))
    line(each.name.c_str(), each.text);
  if (!facts.uploads.empty()) {
    line("uploads", "no input picture goes up: " + one_line(facts.uploads));
    line("", "jobs that bring one wait; it is tried again by itself");
  }
  if (!facts.results.empty()) {
    line("results", "paid for and not fetched: " + one_line(facts.results) + ";");
    line("", "they wait 24 hours; a changed configuration needs a new start");
  }
  for (auto const& each : words_of_shared_key(facts.shared_key)) line(each.name.c_str(), each.text);
  for (auto const& each : facts.stops) {
    auto const said = words_of_stop(each, context.currency());
    line(said.name.c_str(), one_line(said.text));
  }
  if (facts.paused_jobs > 0)
    line("paused",
         fmt::format("{} paused by name; wanspool list --state paused, wanspool resume JOB",
                     facts.paused_jobs == 1 ? "1 job is" : fmt::format("{} jobs are", facts.paused_jobs)));
  if (facts.hooks > 0) line("hooks", fmt::format("{} to be run", count_of(facts.hooks, "command")));
  if (!facts.hooks_given_up.empty())
    line("hooks",
         fmt::format("{} given up since one last ended well; the log says why", facts.hooks_given_up));
  if (facts.paused.empty()) return;
  line("paused", "nothing is bought: " + one_line(with_local_times(facts.paused, BootClock{}.now())) + ";");
  line("", "wanspool resume");
}

int status(Options const& options) {
  auto const context = open_context(options.where);
  auto const facts = facts_of(context);
  if (options.json)
    std::printf("%s\n", json_of(facts, context).c_str());
  else if (options.csv)
    std::fputs(csv_of(facts.lanes).c_str(), stdout);
  else
    print(facts, context);
  return kFine;
}

}  // namespace

void add_status(CLI::App& program, Chosen& chosen) {
  auto* const command =
      program.add_subcommand("status", "What is done, what it waits for, and what was spent");
  auto const options = std::make_shared<Options>();
  add_forms(*command, options->json, options->csv, "one JSON document",
            "the lanes alone, as a table (RFC 4180) with a line of names");
  add_where(*command, options->where);
  command->footer(kFooter);
  command->callback([options, &chosen] { chosen = [options] { return status(*options); }; });
}

}  // namespace wanspool::app
