#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <map>
#include <set>

#include "app/checks.h"
#include "app/concerns.h"
#include "app/inbox_look.h"
#include "app/stops.h"
#include "app/words.h"
#include "core/controller.h"
#include "engine/inbox_names.h"

namespace wanspool::app::check {

namespace fs = std::filesystem;

namespace {

constexpr std::uintmax_t kQuick = 64u << 20;
constexpr std::size_t kToldMost = 3;
constexpr std::size_t kAnswersSought = 20;  // the newest may not be answered yet
constexpr char kPutBack[] =
    "stop the daemon, keep a copy of state/wanspool.db*, and put a backup in the queue's place, as wanspool"
    " backup says; state/ itself stays where it is";

bool is_ours(Patient const& patient, LaneRow const& lane) {
  auto const names = patient.context.account_names();
  return std::find(names.begin(), names.end(), lane.account) != names.end();
}

std::string what_helps(std::string const& reason) {
  if (reason.find("Arrearage") != std::string::npos)
    return "pay the account's bill; creates begin again by themselves within five minutes, or at wanspool "
           "resume";
  if (reason.find("InvalidApiKey") != std::string::npos)
    return "put a right key there, of this region; a service needs a restart for it";
  if (reason.find("NoKey") != std::string::npos) return "give it a key; it is looked for every few seconds";
  return "what the provider says has to be put right in its console; then wanspool resume";
}

// When an answer to a create was heard last; "never": there was none.
Instant last_heard(Patient const& patient) {
  Instant last;
  for (auto const& lane : patient.reader->lanes())
    for (auto const& task : patient.glance->newest(lane.key(), kAnswersSought))
      last = std::max(last, task.answered);
  return last;
}

// Behind the lane's name.
std::string limits_words(Patient const& patient, LaneRow const& lane, Limits const& limits,
                         Limits const& table) {
  auto const creates = [](Limits const& of) {
    return of.creates == 0 ? std::string{"any number of creates"}
                           : fmt::format("{} creates in {}", of.creates, human(of.window));
  };
  auto const slots = [](Limits const& of) {
    return of.slots == 0 ? std::string{"any number of tasks"} : fmt::format("{} slots", of.slots);
  };
  auto words = fmt::format("{}, {}", creates(limits), slots(limits));
  if (limits.creates != table.creates || limits.slots != table.slots)
    words += fmt::format(" as configured (the table of models: {}, {})", creates(table), slots(table));
  auto const ahead = Controller{limits, lane.memory}.outstanding(patient.machine.now());
  if (limits.slots > 0 && ahead > limits.slots)
    words += fmt::format("; {} more may wait there", ahead - limits.slots);
  return words;
}

// Of its words the lane's name is left to the caller.
Diagnosis limits_of_lane(Patient const& patient, LaneRow const& lane, Model const& model) {
  auto const limits = limits_of(model, patient.context.region, patient.context.config, lane.account);
  auto const now = patient.machine.now();
  auto words = limits_words(patient, lane, limits, model.limits_in(patient.context.region));
  auto const& weather = lane.weather;
  bool const is_bad = weather.kind != Weather::Kind::Fair && weather.kind != Weather::Kind::Account;
  if (is_bad && (weather.until > now || patient.keeper.is_there)) {
    words += fmt::format("; {} since {}", name_of(weather.kind), near_time(weather.since, now));
    if (!weather.reason.empty()) words += ": " + weather.reason;
    return warning(words,
                   "it is tried again by itself, and nothing is charged; wanspool resume tries at once");
  }
  bool const is_learned = lane.memory.slots == limits.slots;
  auto const helps = fmt::format("set limits: {{ {}: … }} to what the account's console allows", lane.model);
  if (int const creates = Controller{limits, lane.memory}.creates(); creates > 0 && creates < limits.creates)
    return warning(fmt::format("{}; the account refuses more than {} of these", words, creates), helps);
  if (is_learned && lane.memory.most > 0 && lane.memory.most < limits.slots)
    return warning(fmt::format("{}; the account refuses the task after {}", words, lane.memory.most), helps);
  return fine(words);
}

void tell_inbox(InboxLook const& look, std::string& words) {
  std::size_t told = 0;
  for (auto const& each : look.entries) {
    if (each.why.starts_with("ignored")) continue;
    if (++told > kToldMost) break;
    words += fmt::format("{}{} ({})", told == 1 ? ": " : ", ", shown_name(each.name), each.why);
  }
}

// What a daemon was told when it asked about the keys; "" where it has not.
std::string keys_taken(Patient const& patient) {
  std::string words;
  auto const names = patient.context.account_names();
  for (auto const& each : names) {
    auto const taken = read_time(patient.reader->fact(each.empty() ? "key_taken" : "key_taken:" + each));
    if (!taken) continue;
    auto const whose = names.size() == 1 ? std::string{"the key"} : account_name(each) + "'s key";
    words += fmt::format("the service took {} at {}; ", whose, near_time(*taken, patient.machine.now()));
  }
  return words;
}

// What leads back to who has filled it.
std::string right_endpoint(std::string const& filled_by) {
  if (filled_by == "emulator") return "set DASHSCOPE_HTTP_BASE_URL to the address of an emulator";
  auto const* const set = std::getenv("DASHSCOPE_HTTP_BASE_URL");
  return set && *set ? "unset DASHSCOPE_HTTP_BASE_URL" : "correct endpoint: in the configuration";
}

}  // namespace

Diagnoses daemon(Patient const& patient) {
  auto const& keeper = patient.keeper;
  if (!keeper.is_there)
    return {warning("nobody works on this spool",
                    patient.is_service() ? "systemctl status wanspool; journalctl -u wanspool -n 20"
                                         : "wanspool daemon, or wanspool run")};
  auto const found = keeper.pid > 0 ? fmt::format("at work, pid {}", keeper.pid) : std::string{"at work"};
  auto const program = patient.reader ? patient.reader->fact("program") : std::string{};
  if (!program.empty() && program != WANSPOOL_VERSION)
    return {warning(fmt::format("{}, of version {}; this is {}", found, program, WANSPOOL_VERSION),
                    "restart it: systemctl restart wanspool")};
  return {fine(found + (program.empty() ? "" : ", version " + program))};
}

Diagnoses queue(Patient const& patient) {
  auto const& file = patient.spool().database;
  if (!patient.broken.empty())
    return {wrong(
        patient.broken_code, patient.broken,
        patient.broken_code == kMisconfigured
            ? "a daemon of this version brings an older queue up to date; for a newer one install its program"
            : kPutBack)};
  if (!patient.reader) return {fine("none yet; whoever works first makes it")};
  std::error_code ignored;
  auto const size = fs::file_size(file, ignored);
  auto const found =
      fmt::format("{}, {}, {:.1f} MiB", file.string(), count_of(patient.reader->tally().total(), "task"),
                  static_cast<double>(size) / (1 << 20));
  if (size > kQuick) return {fine(found + "; not read through, wanspool verify does")};
  auto const complaint = patient.glance->quick_check();
  if (complaint.empty()) return {fine(found + ", whole")};
  return {wrong(kBrokenDisk, fmt::format("{} is damaged: {}", file.string(), complaint), kPutBack)};
}

Diagnoses origin(Patient const& patient) {
  auto const filled_by = patient.reader->fact("origin"), region = patient.reader->fact("region");
  if (filled_by.empty()) return {};
  auto const ours = patient.is_emulated() ? "emulator" : "service";
  if (filled_by != ours)
    return {wrong(
        kMisconfigured,
        fmt::format("this spool was filled by {} {}, and {} is {} {}", filled_by == "emulator" ? "an" : "the",
                    filled_by, patient.context.endpoint, patient.is_emulated() ? "an" : "the", ours),
        "use another --root, or " + right_endpoint(filled_by))};
  bool const known = region != "unknown" && patient.context.region != "unknown";
  if (known && region != patient.context.region && !region.empty())
    return {wrong(kMisconfigured,
                  fmt::format("this spool belongs to region {}, and {} is in {}", region,
                              patient.context.endpoint, patient.context.region),
                  "use another --root, or the endpoint of its region")};
  return {fine(patient.is_emulated() ? "filled by an emulator: its pictures are drawn, not bought"
                                     : "filled by the service, region " + region)};
}

Diagnoses account(Patient const& patient) {
  Diagnoses all;
  AccountStops stops;
  for (auto const& lane : patient.reader->lanes()) {
    auto const& reason = lane.weather.reason;
    if (is_ours(patient, lane) && stops.is_new(lane))
      all.push_back(
          wrong(kAccount, fmt::format("{}: {}", account_name(lane.account), reason), what_helps(reason)));
  }
  if (auto const seen = patient.reader->fact("shared_key"); !seen.empty())
    all.push_back(warning("another program makes tasks with our key, last seen " +
                              with_local_times(seen, patient.machine.now()),
                          "give wanspool a key of its own: until then what is in doubt is held"));
  if (!all.empty()) return all;
  auto const last = last_heard(patient);
  if (last == Instant{}) return {fine(keys_taken(patient) + "nothing was ordered yet")};
  return {fine("in good standing; the last order was answered at " + near_time(last, patient.machine.now()))};
}

Diagnoses limits(Patient const& patient) {
  Diagnoses all;
  // Most models have the same limits: one line tells of all of these.
  std::map<std::string, std::string> names_of_fine;
  for (auto const& lane : patient.reader->lanes()) {
    auto const model = patient.context.models.find(lane.model);
    if (model == patient.context.models.end() || !is_ours(patient, lane)) continue;
    auto its = limits_of_lane(patient, lane, model->second);
    auto const name = name_of(lane.key());
    if (its.level == Level::Ok) {
      auto& names = names_of_fine[its.found];
      names += (names.empty() ? "" : ", ") + name;
      continue;
    }
    its.found = name + ": " + its.found;
    all.push_back(std::move(its));
  }
  for (auto const& [words, names] : names_of_fine) all.push_back(fine(names + ": " + words));
  return all;
}

Diagnoses inbox(Patient const& patient) {
  auto const look = look_into_inbox(patient.spool(), patient.keeper.is_there);
  if (!look.trouble.empty())
    return {wrong(kCannotMake, "cannot be looked through: " + look.trouble,
                  "see its owner and mode: ls -ld " + patient.spool().inbox.string())};
  if (look.waiting == 0) return {fine("empty")};
  auto words = look.waiting == 1 ? "one entry lies there" : fmt::format("{} entries lie there", look.waiting);
  tell_inbox(look, words);
  if (!patient.keeper.is_there) return {warning(words, "start a daemon, or wanspool run")};
  auto const is_passing = [](auto const& each) {
    return each.why.starts_with("ignored") || each.why.starts_with("still being written");
  };
  if (std::all_of(look.entries.begin(), look.entries.end(), is_passing)) return {fine(words)};
  return {warning(words, "docs/inbox.md says of each reason what helps")};
}

Diagnoses results(Patient const& patient) {
  Diagnoses all;
  if (auto const why = patient.reader->fact("results"); !why.empty())
    all.push_back(wrong(kMisconfigured, "paid for and not fetched: " + why,
                        "add the host to result_hosts: if it is right, and restart; they wait 24 hours"));
  if (auto const why = patient.reader->fact("uploads"); !why.empty())
    all.push_back(
        warning("no input picture goes up: " + why, "it is tried again by itself; jobs without one go on"));
  Concerns concerns;
  for (auto const& task : patient.glance->active(kActiveMost)) concerns.add(task);
  auto const now = patient.machine.now();
  if (auto const soon = concerns.expiring(now); soon.pictures > 0)
    all.push_back(
        warning(fmt::format("{} of {} must be fetched before {}", count_of(soon.pictures, "picture"),
                            soon.job, near_time(soon.first, now)),
                patient.keeper.is_there ? "look at disk and network: a daemon is at it"
                                        : "start a daemon, or wanspool run, now"));
  if (all.empty()) all.push_back(fine("nothing that is paid for is stuck"));
  return all;
}

Diagnoses waiting(Patient const& patient) {
  Diagnoses all;
  auto& reader = *patient.reader;
  if (auto const why = reader.fact("paused"); !why.empty())
    all.push_back(
        warning("nothing is bought: " + with_local_times(why, patient.machine.now()), "wanspool resume"));
  if (auto const jobs = reader.paused(); jobs > 0)
    all.push_back(warning(count_of(jobs, "job") + " paused by name",
                          "wanspool list --state paused, wanspool resume JOB"));
  if (auto const held = reader.tally()[State::Held]; held > 0)
    all.push_back(warning(count_of(held, "job") + " held: nobody can tell whether " +
                              (held == 1 ? "it was bought" : "they were bought"),
                          "wanspool list --state held, then wanspool show JOB"));
  auto const now = patient.machine.now();
  for (auto const& stop : reader.stops())
    if (stop.until == Instant{} || stop.until > now)
      all.push_back(
          warning(line_of_stop(stop, patient.context.currency()),
                  stop.until == Instant{} ? "raise it or let it be; other jobs go on" : "raise it, or wait"));
  if (all.empty()) all.push_back(fine("nothing waits for one"));
  return all;
}

}  // namespace wanspool::app::check
