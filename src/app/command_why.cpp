#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <cstdio>
#include <iostream>
#include <map>
#include <nlohmann/json.hpp>
#include <unordered_map>

#include "app/commands.h"
#include "app/context.h"
#include "app/exit.h"
#include "app/house.h"
#include "app/json_table.h"
#include "app/keeper.h"
#include "app/lanes.h"
#include "app/people.h"
#include "app/removed.h"
#include "app/rows.h"
#include "app/stops.h"
#include "app/words.h"
#include "base/files.h"
#include "base/harmless.h"
#include "core/why.h"
#include "engine/reserve.h"

namespace wanspool::app {
namespace {

constexpr char kFooter[] = R"(Examples:
  wanspool why cats/hero
  wanspool why cats --json | jq -r .reason | sort | uniq -c

A job that waits has one reason: held, stopped, paused, dependency, failures, budget, disk, weather, deadline,
slot or rate.)";

struct Options {
  Where where;
  std::vector<std::string> jobs;
  bool json = false, csv = false;
};

constexpr std::array kColumns{Column{"job", "", "job"},       Column{"state", "", "state"},
                              Column{"reason", "", "reason"}, Column{"text", "", "text"},
                              Column{"until", "", "until"},   Column{"schema", "", "schema"}};

// What is the same for all jobs, and what is the same for those of one lane.
class Surroundings {
 public:
  Surroundings(Context const& context, Reader& reader, Instant now)
      : context_{context}, reader_{reader}, owners_{reader}, lanes_{lane_facts(reader, context, now)} {
    works_ = keeper_of(context.spool).is_there;
    paused_ = reader.fact("paused");
    uploads_ = reader.fact("uploads");
    room_ = free_space(context.spool.out) > kReserve && free_space(context.spool.state) > kReserve;
    stops_ = reader.stops();
  }

  Situation of(JobRow const& row) {
    Situation it;
    it.task = row.task;
    it.somebody_works = works_;
    it.paused = !paused_.empty() || row.wish == Wish::Paused;
    it.has_room = room_;
    if (row.task.state != State::Queued) return it;
    if (row.task.inputs & kJobInput) it.awaits = reader_.waits_for(row.task.id);
    it.uploads_stand = row.task.brings_inputs() && !uploads_.empty();
    it.stop = stop_of(row.task);
    it.before = before(row.task);
    look_at_lanes(it);
    return it;
  }
  std::string words(Situation const& it, Reason const& reason) const;

 private:
  // Of the accounts that could buy it those that would at all; where none would, the one that will first.
  void look_at_lanes(Situation& it) const {
    LaneFacts const* best = nullptr;
    for (auto const& each : lanes_) {
      if (each.row.model != it.task.model) continue;
      if (!best || each.row.weather.until < best->row.weather.until) best = &each;
    }
    if (!best) return;
    it.weather = best->row.weather;
    for (auto const& each : lanes_) {
      if (each.row.model != it.task.model) continue;
      if (&each != best && each.row.weather.kind != Weather::Kind::Fair) continue;
      it.outstanding += each.outstanding;
      it.room += each.room;
      it.slots += each.slots;
      it.usual = std::max(it.usual, each.median);
    }
  }
  std::optional<Stop> stop_of(Task const& task) {
    auto const submitter = owners_.of(task);
    auto const found = wanspool::app::stop_of(stops_, task, context_.account_names(), submitter);
    if (!found) return {};
    auto its = stops_[*found];
    its.until = *kept_until(stops_, task, context_.account_names(), submitter);
    return its;
  }
  // Tasks of its model that go before it.
  std::int64_t before(Task const& task) {
    auto& places = places_[task.model];
    if (places.empty()) {
      std::int64_t place = 0;
      for (auto const id : reader_.in_line(task.model)) places[id] = place++;
    }
    auto const found = places.find(task.id);
    return found == places.end() ? 0 : found->second;
  }

  Context const& context_;
  Reader& reader_;
  Owners owners_;
  std::vector<LaneFacts> lanes_;
  std::vector<Stop> stops_;
  std::map<std::string, std::unordered_map<std::int64_t, std::int64_t>> places_;  // by model
  std::string paused_, uploads_;
  bool works_ = false, room_ = true;
};

std::string Surroundings::words(Situation const& it, Reason const& reason) const {
  using Kind = Reason::Kind;
  switch (reason.kind) {
    case Kind::Held:
      return one_line(it.task.error.message) + "; wanspool show tells what a person can do";
    case Kind::Stopped:
      return "nobody works on this spool; wanspool daemon, or wanspool run";
    case Kind::Paused:
      return paused_.empty() ? std::string{"a person has paused it; wanspool resume with its name"}
                             : one_line(paused_) + "; wanspool resume";
    case Kind::Dependency:
      return it.awaits.empty() ? "no input picture goes up: " + one_line(uploads_)
                               : fmt::format("it is made from {}", fmt::join(it.awaits, ", "));
    case Kind::Failures:
    case Kind::Budget:
      return words_of_stop(*it.stop, context_.currency()).text;
    case Kind::Disk:
      return "the disk has no room for what is under way";
    case Kind::Weather:
      return fmt::format("{} is {}: {}", it.task.model, name_of(it.weather.kind),
                         one_line(it.weather.reason));
    case Kind::Deadline:
      return "its turn comes after its deadline; a higher priority may help";
    case Kind::Slot:
      return fmt::format("at the provider: {}; before it: {}", count_of(it.outstanding, "task"),
                         count_of(it.before, "job"));
    case Kind::Rate:
      return "it is next";
  }
  return {};
}

// Of a job that does not wait to be bought.
std::string state_words(JobRow const& row, Context const& context, Removed& removed) {
  auto const& task = row.task;
  if (task.in_doubt())
    return fmt::format("sent and unanswered; the account's list is read at {} and says whether it was bought",
                       rfc3339(task.possible_until + context.config.list_delay));
  std::string const text{meaning_of(row, context.spool, removed)};
  auto const error = task.state == State::Failed ? trouble_words(task.error) : std::string{};
  return error.empty() ? text : text + ": " + error;
}

// When it is thought to end, where its text does not say so.
std::string end_words(Reason const& reason, Instant now) {
  using Kind = Reason::Kind;
  if (reason.until == Instant{} || reason.kind == Kind::Budget) return {};
  return (reason.kind == Kind::Weather ? "; tried again at " : "; about ") + near_time(reason.until, now);
}

std::string json_of(JobRow const& row, std::optional<Reason> const& reason, std::string const& text) {
  nlohmann::ordered_json object{{"schema", 1}, {"job", name_of(row)}, {"state", shown_state(row)}};
  object["reason"] = reason ? nlohmann::ordered_json(wanspool::name_of(reason->kind)) : nullptr;
  object["text"] = text;
  bool const knows = reason && reason->until != Instant{};
  object["until"] = knows ? nlohmann::ordered_json(rfc3339(reason->until)) : nullptr;
  return object.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

int why(Options const& options) {
  auto const context = open_context(options.where);
  Names names{job_words(options.jobs, std::cin, std::filesystem::current_path(), context.spool)};
  auto const reader = reader_of(context.spool);
  if (!reader) throw Quit{kNoSuch, "nothing has been taken in yet"};
  auto const now = BootClock{}.now();
  Surroundings surroundings{context, *reader, now};
  Removed removed{context.spool};
  if (options.csv) std::fputs(csv_head(kColumns).c_str(), stdout);
  each_job(*reader, names, [&](JobRow const& row) {
    auto const situation = surroundings.of(row);
    auto const reason = wanspool::why(situation, now);
    auto const text = reason ? surroundings.words(situation, *reason) : state_words(row, context, removed);
    if (options.json || options.csv) {
      auto const object = json_of(row, reason, text);
      std::fputs((options.csv ? csv_line(object, kColumns) : object + "\n").c_str(), stdout);
      return true;
    }
    auto line = fmt::format("{}  {}: {}", name_of(row),
                            reason ? wanspool::name_of(reason->kind) : shown_state(row), text);
    if (reason) line += end_words(*reason, now);
    std::printf("%s\n", harmless(with_local_times(line, now)).c_str());
    return true;
  });
  refuse_unmatched(*reader, names);
  return kFine;
}

}  // namespace

void add_why(CLI::App& program, Chosen& chosen) {
  auto* const command = program.add_subcommand("why", "Why jobs wait, one reason each, and for how long");
  auto const options = std::make_shared<Options>();
  command->add_option("JOB", options->jobs, "which; - reads names from standard input")->required();
  add_forms(*command, options->json, options->csv, "one object a line");
  add_where(*command, options->where);
  command->footer(kFooter);
  command->callback([options, &chosen] { chosen = [options] { return why(*options); }; });
}

}  // namespace wanspool::app
