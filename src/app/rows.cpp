#include "app/rows.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "app/exit.h"
#include "app/removed.h"
#include "base/glob.h"
#include "base/nearest.h"
#include "engine/paths.h"
#include "manifest/patterns.h"

namespace wanspool::app {
namespace {

using json = nlohmann::ordered_json;

json or_null(std::string const& text) {
  return text.empty() ? json(nullptr) : json(text);
}

json times_of(Times const& times) {
  return {
      {"queued", or_null(rfc3339(times.queued))},          {"sent", or_null(rfc3339(times.sent))},
      {"accepted", or_null(rfc3339(times.accepted))},      {"seen_running", or_null(rfc3339(times.running))},
      {"seen_finished", or_null(rfc3339(times.finished))}, {"done", or_null(rfc3339(times.done))}};
}

using PathOf = std::function<std::filesystem::path(Task const&, Picture const&)>;

// No address: it is signed, and whoever holds it can fetch the picture.
json pictures_of(Task const& task, PathOf const& path_of) {
  auto list = json::array();
  for (auto const& each : task.pictures)
    list.push_back({{"number", each.number},
                    {"file", each.file.empty() ? json(nullptr) : json(path_of(task, each).string())},
                    {"sha256", or_null(each.sha256)},
                    {"width", each.width},
                    {"height", each.height},
                    {"bytes", each.bytes},
                    {"error", or_null(each.lost)}});
  return list;
}

template <typename Bought>
json cost_of(Bought const& bought, std::string const& currency) {
  return {{"spent", decimal(bought.spent)},
          {"reserved", decimal(bought.reserved)},
          {"uncertain", decimal(bought.uncertain)},
          {"currency", currency}};
}

json error_of(Task const& task) {
  if (task.error.code.empty() && task.error.message.empty()) return nullptr;
  return {{"code", task.error.code}, {"message", task.error.message}};
}

PathOf in_folder(std::filesystem::path const& folder) {
  return [folder](Task const&, Picture const& picture) { return (folder / picture.file).lexically_normal(); };
}

// A purchase beside the job's own, whose pictures lie in `folder` or where `path_of` says.
json purchase_of(Task const& task, std::filesystem::path const& folder, PathOf const& path_of,
                 std::string const& currency) {
  return {{"task_id", or_null(task.task_id)},
          {"state", wanspool::name_of(task.state)},
          {"take", task.take},
          {"times", times_of(task.times)},
          {"cost", cost_of(task, currency)},
          {"folder", folder.string()},
          {"pictures_wanted", task.wanted},
          {"pictures", pictures_of(task, path_of)},
          {"error", error_of(task)}};
}

json purchases_json(std::vector<Task> const& tasks, std::string const& currency,
                    std::function<std::filesystem::path(Task const&)> const& folder) {
  auto list = json::array();
  for (auto const& each : tasks)
    list.push_back(purchase_of(each, folder(each), in_folder(folder(each)), currency));
  return list;
}

json refills_json(JobRow const& row, std::vector<Task> const& refills, Spool const& spool,
                  std::string const& currency) {
  auto list = json::array();
  for (auto const& each : refills)
    list.push_back(purchase_of(
        each, spool.out / row.task.name,
        [&](Task const& task, Picture const& picture) { return picture_path(row, task, picture, spool); },
        currency));
  return list;
}

// A name in old/ may be another than it was in out/.
std::vector<Task> with_present_files(std::vector<Task> tasks, std::filesystem::path const& folder) {
  std::error_code ignored;
  for (auto& task : tasks)
    for (auto& each : task.pictures)
      if (!std::filesystem::exists(folder / each.file, ignored)) each.file.clear();
  return tasks;
}

json object_of(JobRow const& row, LedgerRow const& bought, Spool const& spool, std::string const& currency) {
  auto const& task = row.task;
  json object;
  object["schema"] = 1;
  object["job"] = name_of(row);
  object["manifest"] = row.manifest;
  object["state"] = std::string{wanspool::name_of(task.state)};
  object["retired"] = row.retired;
  object["paused"] = row.wish == Wish::Paused && row.task.state == State::Queued;
  object["cancel_asked"] = row.task.is_unwanted() && !is_final(row.task.state);
  object["model"] = task.model;
  object["pictures_wanted"] = task.wanted;
  object["pictures"] = pictures_of(
      task, [&](Task const& its, Picture const& picture) { return picture_path(row, its, picture, spool); });
  object["cost"] = cost_of(bought, currency);
  object["bought_for"] = or_null(bought_for(row));
  object["take"] = task.take;
  object["task_id"] = or_null(task.task_id);
  object["times"] = times_of(task.times);
  object["error"] = error_of(task);
  object["source"] = row.source;
  object["line"] = row.line;
  return object;
}

// What to type for a word that has found nothing: a glob may have meant what lies below.
std::string likely_word(std::string const& word, std::vector<std::string> const& known) {
  if (!is_glob(word)) return nearest(word, known);
  auto const below = word + "/**";
  return std::any_of(known.begin(), known.end(),
                     [&](std::string const& name) { return glob_matches(below, name); })
             ? below
             : std::string{};
}

}  // namespace

void each_job(Reader& reader, Names& names, std::function<bool(JobRow const&)> const& take) {
  bool more = true;
  auto const filter = [&](JobRow const& row) { return !names.match(name_of(row)) || (more = take(row)); };
  if (names.manifests().empty()) return reader.jobs({}, filter);
  for (auto const& manifest : names.manifests())
    if (more) reader.jobs(manifest, filter);
}

std::string name_of(JobRow const& row) {
  return row.manifest + "/" + row.job;
}

std::string bought_for(JobRow const& row) {
  return row.task.name == name_of(row) ? std::string{} : row.task.name;
}

bool has_its_pictures(JobRow const& row) {
  bool const is_its_own = row.task.name == name_of(row);
  return is_its_own || (row.delivered && row.task.state == State::Done);
}

std::filesystem::path folder_of_pictures(JobRow const& row, Spool const& spool) {
  return spool.out / (has_its_pictures(row) ? name_of(row) : row.task.name);
}

std::filesystem::path picture_path(JobRow const& row, Task const& task, Picture const& picture,
                                   Spool const& spool) {
  if (!has_its_pictures(row)) return spool.out / below_out(task.name, picture.file);
  return spool.out / below_out(name_of(row), file_of(row, task, picture));
}

bool is_missing(JobRow const& row, Spool const& spool) {
  if (row.task.state != State::Done) return false;
  auto const& pictures = row.task.pictures;
  return std::any_of(pictures.begin(), pictures.end(), [&](Picture const& picture) {
    std::error_code ignored;
    return !picture.file.empty() &&
           !std::filesystem::exists(picture_path(row, row.task, picture, spool), ignored);
  });
}

std::string_view shown_state(JobRow const& row) {
  if (row.retired) return "retired";
  if (row.wish == Wish::Paused && row.task.state == State::Queued) return "paused";
  return wanspool::name_of(row.task.state);
}

std::filesystem::path folder_of_replaced(JobRow const& row, Spool const& spool) {
  bool const stays = row.task.state != State::Done;
  return (stays ? spool.out : spool.old) / name_of(row);
}

Purchases purchases_of(Reader& reader, JobRow const& row) {
  Purchases purchases{reader.refills_of(row.task.id), {}};
  for (auto& each : reader.replaced(name_of(row))) {
    auto refills = reader.refills_of(each.id);
    purchases.replaced.push_back(std::move(each));
    for (auto& refill : refills) purchases.replaced.push_back(std::move(refill));
  }
  return purchases;
}

std::string job_json(JobRow const& row, LedgerRow const& bought, Spool const& spool,
                     std::string const& currency) {
  return object_of(row, bought, spool, currency).dump(-1, ' ', false, json::error_handler_t::replace);
}

Whole whole_of(Reader& reader, Glance& glance, JobRow row) {
  auto bought = glance.spent_on(row);
  auto request = reader.body(row.task.id);
  auto purchases = purchases_of(reader, row);
  bool const open = row.task.state == State::Held || row.task.in_doubt();
  auto candidates = open ? reader.candidates(row.task.id) : std::vector<Task>{};
  auto waits_for =
      row.task.state == State::Queued ? reader.waits_for(row.task.id) : std::vector<std::string>{};
  return {std::move(row),        std::move(request),   std::move(purchases),
          std::move(candidates), std::move(waits_for), std::move(bought)};
}

std::string whole_json(Whole const& whole, Spool const& spool, std::string const& currency) {
  auto const& [row, request, purchases, candidates, waits_for, bought] = whole;
  auto object = object_of(row, bought, spool, currency);
  auto const& times = row.task.times;
  object["fingerprint"] = row.fingerprint;
  object["request_id"] = or_null(row.task.request_id);
  object["polls"] = row.task.polls;
  object["creates"] = row.task.creates;
  object["times"]["provider"] = {{"submit_time", or_null(times.submit_time)},
                                 {"scheduled_time", or_null(times.scheduled_time)},
                                 {"end_time", or_null(times.end_time)}};
  object["possible_until"] = or_null(rfc3339(row.task.possible_until));
  object["usage"] = row.task.usage.empty() ? json(nullptr) : json::parse(row.task.usage, nullptr, false);
  object["candidates"] = purchases_json(candidates, currency,
                                        [&](Task const& task) { return spool.orphan_folder(task.task_id); });
  object["waits_for"] = waits_for;
  Removed removed{spool};
  object["missing"] = is_missed(row, spool, removed);
  object["removed"] = is_removed(row, spool, removed);
  object["vars"] = row.vars.empty() ? json(nullptr) : json::parse(row.vars, nullptr, false);
  object["refills"] = refills_json(row, purchases.refills, spool, currency);
  auto const old = folder_of_replaced(row, spool);
  object["replaced"] =
      purchases_json(with_present_files(purchases.replaced, old), currency, [&](Task const&) { return old; });
  object["request"] = json::parse(request, nullptr, false);
  return object.dump(-1, ' ', false, json::error_handler_t::replace);
}

void refuse_unmatched(Reader& reader, Names const& names) {
  auto const missing = names.unmatched();
  if (missing.empty()) return;
  constexpr std::size_t kNamesMost = 20'000;
  std::set<std::string> known;
  reader.jobs({}, [&](JobRow const& row) {
    known.insert(row.manifest);
    known.insert(name_of(row));
    return known.size() < kNamesMost;
  });
  std::vector<std::string> const candidates{known.begin(), known.end()};
  std::string words;
  for (auto const& each : missing) {
    auto const near = likely_word(each, candidates);
    words += fmt::format("{}no job is called '{}'{}", words.empty() ? "" : "\n", each,
                         near.empty() ? "; wanspool list names them" : "; did you mean '" + near + "'?");
  }
  throw Quit{kNoSuch, words};
}

}  // namespace wanspool::app
