#include "app/hook_document.h"

#include <nlohmann/json.hpp>
#include <vector>

#include "app/rows.h"
#include "base/harmless.h"
#include "base/log_entry.h"
#include "core/caps.h"
#include "core/lane.h"

namespace wanspool::app {
namespace {

using json = nlohmann::ordered_json;

json or_null(std::string const& text) {
  return text.empty() ? json(nullptr) : json(text);
}

// Words of the service, which may name an address.
json reason(std::string const& code, std::string const& message) {
  return {{"code", or_null(harmless(code))},
          {"message", or_null(harmless(log::without_secrets(message, {})))}};
}

json cost(Money spent, Money reserved, Money uncertain, std::string const& currency) {
  return {{"spent", decimal(spent)},
          {"reserved", decimal(reserved)},
          {"uncertain", decimal(uncertain)},
          {"currency", currency}};
}

// The purchase and what was bought again because its answer lacked it.
std::vector<Task> family_of(Task const& task, Store& store) {
  std::vector<Task> family{task};
  for (std::size_t i = 0; i < family.size(); ++i)
    for (auto& each : store.refills_of(family[i].id)) family.push_back(std::move(each));
  return family;
}

void tell_job(json& document, JobRow const& job, Store& store, Spool const& spool,
              std::string const& currency) {
  auto const& task = job.task;
  document["state"] = std::string{shown_state(job)};
  document["model"] = task.model;
  document["account"] = account_name(task.account);
  document["task_id"] = or_null(task.task_id);
  document["take"] = task.take;
  auto files = json::array();
  Money spent, reserved, uncertain;
  bool const is_charged = bought_for(job).empty();
  for (auto const& each : family_of(task, store)) {
    if (is_charged) {
      spent += each.spent;
      reserved += each.reserved;
      uncertain += each.uncertain;
    }
    for (auto const& picture : each.pictures)
      if (!picture.file.empty()) files.push_back(picture_path(job, each, picture, spool).string());
  }
  document["folder"] = folder_of_pictures(job, spool).string();
  document["pictures_wanted"] = task.wanted;
  document["files"] = std::move(files);
  document["cost"] = cost(spent, reserved, uncertain, currency);
}

void tell_manifest(json& document, HookRow const& row, Spool const& spool, std::string const& currency) {
  document["jobs"] = {
      {"done", row.done}, {"failed", row.failed}, {"canceled", row.canceled}, {"held", row.on_hold}};
  document["pictures"] = row.pictures;
  document["folder"] = (spool.out / row.manifest).string();
  document["cost"] = cost(row.spent, row.reserved, row.uncertain, currency);
}

void tell_stop(json& document, HookRow const& row) {
  document["account"] = account_name(row.account);
  document["models"] = row.models;
  // A lane remembers "CODE: words".
  auto const colon = row.message.find(": ");
  bool const has_code = colon != row.message.npos && row.message.find(' ') > colon;
  document["error"] = has_code ? reason(row.message.substr(0, colon), row.message.substr(colon + 2))
                               : reason({}, row.message);
}

}  // namespace

std::string hook_document(HookRow const& row, Store& store, Spool const& spool, std::string const& currency) {
  json document{{"schema", 1},
                {"id", row.id},
                {"event", std::string{name_of(row.event)}},
                {"time", rfc3339(row.at)},
                {"try", row.tries + 1},
                {"root", spool.root.string()}};
  if (!row.manifest.empty()) {
    auto const owner = store.owner_of(row.manifest).value_or(kUnknownSubmitter);
    document["manifest"] = row.manifest;
    // No name: to look one up may take its time, and the wheel waits.
    document["submitter_id"] = owner == kUnknownSubmitter ? json(nullptr) : json(owner);
  }
  if (row.event == HookEvent::Job || row.event == HookEvent::Failure) {
    auto const job = store.job(row.manifest, row.job);
    if (!job) return {};
    document["job"] = row.manifest + "/" + row.job;
    tell_job(document, *job, store, spool, currency);
  }
  if (row.event == HookEvent::Failure) {
    document["failure"] = row.held ? "held" : "failed";
    document["error"] = reason(row.code, row.message);
  }
  if (row.event == HookEvent::Manifest) tell_manifest(document, row, spool, currency);
  if (row.event == HookEvent::Stopped) tell_stop(document, row);
  return document.dump(-1, ' ', false, json::error_handler_t::replace) + "\n";
}

}  // namespace wanspool::app
