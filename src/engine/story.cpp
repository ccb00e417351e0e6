#include "engine/story.h"

#include <nlohmann/json.hpp>

namespace wanspool {
namespace {

using json = nlohmann::ordered_json;

// Round brackets: in curly ones the library makes a list of one.
json or_null(std::string const& text) {
  return text.empty() ? json(nullptr) : json(text);
}

json times_of(Times const& times) {
  return {{"queued", or_null(rfc3339(times.queued))},
          {"sent", or_null(rfc3339(times.sent))},
          {"accepted", or_null(rfc3339(times.accepted))},
          {"seen_running", or_null(rfc3339(times.running))},
          {"seen_finished", or_null(rfc3339(times.finished))},
          {"done", or_null(rfc3339(times.done))},
          {"provider",
           {{"submit_time", or_null(times.submit_time)},
            {"scheduled_time", or_null(times.scheduled_time)},
            {"end_time", or_null(times.end_time)}}}};
}

void add_pictures(Task const& task, json& list) {
  for (auto const& each : task.pictures) {
    if (!each.file.empty())
      list.push_back({{"file", each.file},
                      {"sha256", each.sha256},
                      {"width", each.width},
                      {"height", each.height},
                      {"bytes", each.bytes}});
    else
      list.push_back({{"file", nullptr}, {"error", or_null(each.lost)}});
  }
}

json pictures_of(std::vector<Task> const& family) {
  auto list = json::array();
  for (auto const& task : family) add_pictures(task, list);
  return list;
}

json cost_of(Task const& task, std::vector<Task> const& family, std::string const& currency) {
  Money spent, uncertain;
  int charged = 0;
  for (auto const& each : family) {
    spent += each.spent;
    uncertain += each.uncertain;
    charged += each.image_count;
  }
  return {{"spent", decimal(spent)},
          {"uncertain", decimal(uncertain)},
          {"currency", currency},
          {"pictures_wanted", task.wanted},
          {"pictures_charged", charged}};
}

}  // namespace

std::vector<Picture> safe_pictures(std::vector<Task> const& family) {
  std::vector<Picture> pictures;
  for (auto const& task : family)
    for (auto const& picture : task.pictures)
      if (!picture.file.empty()) pictures.push_back(picture);
  return pictures;
}

std::string result_json(Task const& task, Story const& story, std::vector<Task> const& family) {
  auto const slash = task.name.find('/');
  json result;
  result["schema"] = 1;
  result["job"] = task.name;
  result["manifest"] = task.name.substr(0, slash);
  result["fingerprint"] = story.fingerprint;
  result["take"] = story.take;
  result["model"] = task.model;
  result["request"] = json::parse(story.request, nullptr, false);
  result["task_id"] = or_null(task.task_id);
  if (!task.account.empty()) result["account"] = task.account;
  result["request_id"] = or_null(task.request_id);
  result["times"] = times_of(task.times);
  result["polls"] = task.polls;
  result["usage"] = task.usage.empty() ? json(nullptr) : json::parse(task.usage, nullptr, false);
  result["cost"] = cost_of(task, family, story.currency);
  result["pictures"] = pictures_of(family);
  result["state"] = name_of(task.state);
  result["error"] = nullptr;
  if (!task.error.code.empty())
    result["error"] = {{"code", task.error.code}, {"message", task.error.message}};
  else if (!task.shortfall.empty())
    result["error"] = {{"code", "PicturesFailed"}, {"message", task.shortfall}};
  return result.dump(2, ' ', false, json::error_handler_t::replace) + "\n";
}

}  // namespace wanspool
