#include "app/rows.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "app/exit.h"
#include "base/nearest.h"

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

// No address: it is signed, and whoever holds it can fetch the picture.
json pictures_of(Task const& task, std::filesystem::path const& folder) {
  auto list = json::array();
  for (auto const& each : task.pictures)
    list.push_back({{"number", each.number},
                    {"file", each.file.empty() ? json(nullptr) : json((folder / each.file).string())},
                    {"sha256", or_null(each.sha256)},
                    {"width", each.width},
                    {"height", each.height},
                    {"bytes", each.bytes},
                    {"error", or_null(each.lost)}});
  return list;
}

json object_of(JobRow const& row, Spool const& spool, std::string const& currency) {
  auto const& task = row.task;
  json object;
  object["schema"] = 1;
  object["job"] = name_of(row);
  object["manifest"] = row.manifest;
  object["state"] = std::string{wanspool::name_of(task.state)};
  object["model"] = task.model;
  object["pictures_wanted"] = task.wanted;
  object["pictures"] = pictures_of(task, spool.out / name_of(row));
  object["cost"] = {{"spent", decimal(task.spent)},
                    {"reserved", decimal(task.reserved)},
                    {"uncertain", decimal(task.uncertain)},
                    {"currency", currency}};
  object["task_id"] = or_null(task.task_id);
  object["times"] = times_of(task.times);
  object["error"] = task.error.code.empty() && task.error.message.empty()
                        ? json(nullptr)
                        : json{{"code", task.error.code}, {"message", task.error.message}};
  object["source"] = row.source;
  object["line"] = row.line;
  return object;
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

std::string job_json(JobRow const& row, Spool const& spool, std::string const& currency,
                     std::string const& request) {
  auto object = object_of(row, spool, currency);
  if (!request.empty()) {
    auto const& times = row.task.times;
    object["fingerprint"] = row.fingerprint;
    object["request_id"] = or_null(row.task.request_id);
    object["polls"] = row.task.polls;
    object["creates"] = row.task.creates;
    object["times"]["provider"] = {{"submit_time", or_null(times.submit_time)},
                                   {"scheduled_time", or_null(times.scheduled_time)},
                                   {"end_time", or_null(times.end_time)}};
    object["usage"] = row.task.usage.empty() ? json(nullptr) : json::parse(row.task.usage, nullptr, false);
    object["request"] = json::parse(request, nullptr, false);
  }
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
    auto const near = nearest(each, candidates);
    words += fmt::format("{}no job is called '{}'{}", words.empty() ? "" : "\n", each,
                         near.empty() ? "; wanspool list names them" : "; did you mean '" + near + "'?");
  }
  throw Quit{kNoSuch, words};
}

}  // namespace wanspool::app
