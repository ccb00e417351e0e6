#include "app/listing.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

#include "app/words.h"

namespace wanspool::app {
namespace {

using nlohmann::json;

// Clocks differ, and the provider's may be the one that is wrong.
constexpr minutes kSlack{5};
constexpr hours kListReach{24};  // contract §8.1

std::string text_at(json const& object, char const* key) {
  auto const found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string{};
}

std::optional<ListRow> row_of(json const& object) {
  if (!object.is_object()) return {};
  ListRow row;
  row.task_id = text_at(object, "task_id");
  row.request_id = text_at(object, "request_id");
  row.model = text_at(object, "model");
  row.status = text_at(object, "status");
  row.api_key_id = text_at(object, "api_key_id");
  row.created = read_time(text_at(object, "created")).value_or(Instant{});
  return row.task_id.empty() ? std::nullopt : std::optional{std::move(row)};
}

bool may_be_of(OurTasks::Open const& open, ListRow const& row) {
  if (!row.model.empty() && row.model != open.model) return false;
  bool const after = row.created + kSlack >= open.sent;
  return after && (open.until == Instant::max() || row.created <= open.until + kSlack);
}

Finding not_shown(std::string const& task_id, OurTasks::One const& task) {
  return {fmt::format("task {} of {}, accepted {}, is not in the account's list", task_id, task.name,
                      local_time(task.accepted)),
          fmt::format("check that the key is the same account's; wanspool show {}", task.name)};
}

Finding nobodys_task(ListRow const& row) {
  return {fmt::format("task {} ({}, {}, made {}) was made with our key and is nobody's here", row.task_id,
                      row.model, row.status, local_time(row.created)),
          "if another program uses this key give wanspool one of its own; if a backup was put back, start "
          "the daemon: it files it in orphans/"};
}

}  // namespace

std::optional<Listing> read_listing(std::string_view text) {
  auto const document = json::parse(text, nullptr, false);
  if (!document.is_object() || document.value("schema", json{}) != 1) return {};
  Listing listing;
  listing.error = text_at(document, "error");
  if (!listing.error.empty()) return listing;
  auto const read_at = read_time(text_at(document, "read_at"));
  auto const rows = document.find("rows");
  if (!read_at || rows == document.end() || !rows->is_array()) return {};
  listing.read_at = *read_at;
  for (auto const& each : *rows) {
    auto row = row_of(each);
    if (!row) return {};
    listing.rows.push_back(std::move(*row));
  }
  return listing;
}

void OurTasks::add(Task const& task) {
  if (!task.task_id.empty())
    by_id[task.task_id] = {task.orphan ? "orphans/" + task.task_id : task.name, task.times.accepted};
  if (task.state == State::Submitting)
    open.push_back(
        {task.model, task.times.sent, task.in_doubt() ? task.possible_until : Instant{Instant::max()}});
}

std::vector<Finding> compare(Listing const& listing, OurTasks const& ours, milliseconds list_delay) {
  std::vector<Finding> findings;
  std::set<std::string> shown, own_keys;
  for (auto const& row : listing.rows) {
    shown.insert(row.task_id);
    if (ours.has(row.task_id) && !row.api_key_id.empty()) own_keys.insert(row.api_key_id);
  }
  auto const first = listing.read_at - kListReach + kSlack, last = listing.read_at - list_delay;
  for (auto const& [task_id, task] : ours.by_id)
    if (task.accepted > first && task.accepted < last && !shown.contains(task_id))
      findings.push_back(not_shown(task_id, task));
  for (auto const& row : listing.rows) {
    if (ours.has(row.task_id) || !own_keys.contains(row.api_key_id)) continue;
    bool const may_be_ours = std::any_of(ours.open.begin(), ours.open.end(),
                                         [&](OurTasks::Open const& open) { return may_be_of(open, row); });
    if (!may_be_ours) findings.push_back(nobodys_task(row));
  }
  return findings;
}

}  // namespace wanspool::app
