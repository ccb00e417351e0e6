#include "emulator/bodies.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "emulator/font.h"
#include "emulator/models.h"

namespace wanspool::emulator {
namespace {

using json = nlohmann::ordered_json;

constexpr char kNoPicture[] = "InternalError.Timeout";
constexpr char kNoPictureMessage[] =
    "An internal timeout error has occured during execution, please try again later or contact service "
    "support.";

// A task id comes from an address and may be any bytes.
std::string text_of(json const& body) {
  return body.dump(-1, ' ', false, json::error_handler_t::replace);
}

json times_of(Task const& task) {
  json output{
      {"task_id", task.id}, {"task_status", name(task.state)}, {"submit_time", beijing(task.created)}};
  if (task.started != Instant{}) output["scheduled_time"] = beijing(task.started);
  if (task.state != State::Pending && task.state != State::Running) output["end_time"] = beijing(task.ended);
  return output;
}

json choice_of(json content) {
  return {{"finish_reason", "stop"}, {"message", {{"role", "assistant"}, {"content", std::move(content)}}}};
}

json image_of(Task const& task, int number, std::string const& host) {
  return {{"image", host + task.addresses[static_cast<std::size_t>(number)]}, {"type", "image"}};
}

// Text and pictures in turn, in one choice.
json interleaved(Task const& task, std::string const& host) {
  auto content = json::array();
  auto const about = task.order.prompt.substr(0, task.order.prompt.find('\n'));
  if (task.drawn == 0)
    content.push_back({{"text", "Here is a written answer without a picture: " + about}, {"type", "text"}});
  for (int number = 0; number < task.drawn; ++number) {
    content.push_back({{"text", fmt::format("{}Step {} of {}. {}\n", number == 0 ? "" : "\n", number + 1,
                                            task.drawn, about)},
                       {"type", "text"}});
    content.push_back(image_of(task, number, host));
  }
  return json::array({choice_of(std::move(content))});
}

json one_choice_each(Task const& task, std::string const& host) {
  auto choices = json::array();
  for (int number = 0; number < task.drawn; ++number)
    choices.push_back(choice_of(json::array({image_of(task, number, host)})));
  return choices;
}

json in_one_choice(Task const& task, std::string const& host) {
  auto content = json::array();
  for (int number = 0; number < task.drawn; ++number) content.push_back(image_of(task, number, host));
  return json::array({choice_of(std::move(content))});
}

json choices_of(Task const& task, std::string const& host) {
  if (task.order.answers == Answers::Interleaved) return interleaved(task, host);
  return task.order.answers == Answers::Sequence ? in_one_choice(task, host) : one_choice_each(task, host);
}

// The older endpoints' array: an address or an error for every picture that was asked for.
json results_of(Task const& task, std::string const& host) {
  auto results = json::array();
  auto const& fate = task.fate;
  for (int number = 0; number < task.order.pictures; ++number) {
    if (number >= task.drawn) {
      results.push_back({{"code", fate.code.empty() ? kNoPicture : fate.code},
                         {"message", fate.message.empty() ? kNoPictureMessage : fate.message}});
      continue;
    }
    json result{{"orig_prompt", task.order.prompt}};
    if (task.order.rewrites) result["actual_prompt"] = task.order.prompt + ", in soft light, in fine detail";
    result["url"] = host + task.addresses[static_cast<std::size_t>(number)];
    results.push_back(std::move(result));
  }
  return results;
}

json metrics_of(Task const& task) {
  auto const over = task.state == State::Succeeded || task.state == State::Failed;
  return {{"TOTAL", task.order.pictures},
          {"SUCCEEDED", task.drawn},
          {"FAILED", over ? task.order.pictures - task.drawn : 0}};
}

json usage_of(Task const& task) {
  if (task.order.answers == Answers::Results) return {{"image_count", task.drawn}};
  auto const tokens =
      task.order.answers == Answers::Interleaved || find_model(task.order.model)->most_in_sequence > 0;
  auto const in = tokens ? 8 + static_cast<long>(letters(task.order.prompt).size()) / 4 : 0;
  auto const out = tokens ? 40 + 146L * task.drawn : 0;
  return {{"size", fmt::format("{}*{}", task.order.size.width, task.order.size.height)},
          {"total_tokens", in + out},
          {"image_count", task.drawn},
          {"output_tokens", out},
          {"input_tokens", in}};
}

std::string code_of(Fault const& fate) {
  return fate.code.empty() ? "DataInspectionFailed" : fate.code;
}

std::string message_of(Fault const& fate) {
  if (!fate.message.empty()) return fate.message;
  return fate.code.empty() ? "Output data may contain inappropriate content."
                           : "The task failed as a fault rule said.";
}

// "apikey:v1:aigc:image-generation:generation:MODEL"
std::string unique_key(std::string const& model) {
  auto const* const row = find_model(model);
  std::string path{address(row ? row->path : Path::Generation)};
  path.replace(path.find('/'), 1, ":");
  return fmt::format("apikey:v1:aigc:{}:{}", path, model);
}

std::string event(int id, char const* kind, int status, std::string const& data) {
  return fmt::format("id:{}\nevent:{}\n:HTTP_STATUS/{}\ndata:{}\n\n", id, kind, status, data);
}

// As a stream delivers it: a picture in one piece, a text in up to two.
std::vector<json> pieces_of(json const& content) {
  std::vector<json> pieces;
  for (auto const& item : content) {
    pieces.push_back(item);
    if (!item.contains("text")) continue;
    auto const text = item.at("text").get<std::string>();
    auto const stop = text.find(". ");
    if (stop == std::string::npos) continue;
    pieces.back()["text"] = text.substr(0, stop + 2);
    pieces.push_back({{"text", text.substr(stop + 2)}, {"type", "text"}});
  }
  return pieces;
}

// The usage counts up from frame to frame.
json usage_after(Task const& task, std::size_t sent, std::size_t all, int images) {
  auto usage = usage_of(task);
  auto const out = usage.at("output_tokens").get<long>() * static_cast<long>(sent) / static_cast<long>(all);
  usage["output_tokens"] = out;
  usage["total_tokens"] = usage.at("input_tokens").get<long>() + out;
  usage["image_count"] = images;
  return usage;
}

json row_of(Task const& task, std::string const& account) {
  json row{{"api_key_id", task.api_key_id},
           {"caller_parent_id", account},
           {"caller_uid", account},
           {"gmt_create", task.created.time_since_epoch().count()}};
  if (task.started != Instant{}) row["start_time"] = task.started.time_since_epoch().count();
  if (task.state != State::Pending && task.state != State::Running)
    row["end_time"] = task.ended.time_since_epoch().count();
  row.update({{"model_name", task.order.model},
              {"region", "cn-beijing"},
              {"request_id", task.request_id},
              {"status", name(task.state)},
              {"task_id", task.id},
              {"user_api_unique_key", unique_key(task.order.model)}});
  return row;
}

// "20260805173824", in UTC+8.
std::optional<Instant> stamp_of(std::string const& text) {
  int year = 0;
  unsigned month = 0;
  unsigned day = 0;
  int hour = 0;
  int minute = 0;
  int second = 0;
  char tail = 0;
  if (text.size() != 14 || std::sscanf(text.c_str(), "%4d%2u%2u%2d%2d%2d%c", &year, &month, &day, &hour,
                                       &minute, &second, &tail) != 6)
    return std::nullopt;
  auto const date = std::chrono::year{year} / std::chrono::month{month} / std::chrono::day{day};
  if (!date.ok()) return std::nullopt;
  return Instant{std::chrono::sys_days{date}} + hours{hour - 8} + minutes{minute} + seconds{second};
}

struct Filter {
  std::map<std::string, std::string> const& given;
  std::optional<Instant> from;
  std::optional<Instant> to;
  long page = 1;
  long size = 10;

  bool equals(char const* key, std::string_view value) const {
    auto const found = given.find(key);
    return found == given.end() || found->second.empty() || found->second == value;
  }
  bool takes(Task const& task) const {
    return (!from || task.created >= *from) && (!to || task.created < *to + seconds{1}) &&
           equals("task_id", task.id) && equals("model_name", task.order.model) &&
           equals("status", name(task.state)) && equals("api_key_id", task.api_key_id) &&
           equals("region", "cn-beijing");
  }
};

// Fills the filter from the parameters; what is wrong, or "".
std::string fill(Filter& filter) {
  auto const value = [&](char const* key) {
    auto const found = filter.given.find(key);
    return found == filter.given.end() ? std::string{} : found->second;
  };
  for (auto const& [key, into] : {std::pair{"start_time", &filter.from}, std::pair{"end_time", &filter.to}}) {
    if (value(key).empty()) continue;
    *into = stamp_of(value(key));
    if (!*into) return fmt::format("{} should be in the format of YYYYMMDDhhmmss", key);
  }
  if (filter.from && filter.to && *filter.to - *filter.from > hours{24})
    return "the span between start_time and end_time should not exceed 24 hours";
  for (auto const& [key, into] : {std::pair{"page_no", &filter.page}, std::pair{"page_size", &filter.size}}) {
    if (value(key).empty()) continue;
    char tail = 0;
    if (std::sscanf(value(key).c_str(), "%9ld%c", into, &tail) != 1 || *into < 1)
      return fmt::format("{} should be a positive integer", key);
  }
  constexpr long kLargestPage = 100;
  filter.size = std::min(filter.size, kLargestPage);
  return {};
}

}  // namespace

std::string created_body(Task const& task) {
  return text_of(
      {{"request_id", task.request_id}, {"output", {{"task_id", task.id}, {"task_status", "PENDING"}}}});
}

std::string error_body(std::string const& code, std::string const& message, std::string const& request_id) {
  return text_of({{"code", code}, {"message", message}, {"request_id", request_id}});
}

std::string query_body(Task const* task, std::string const& id, std::string const& request_id,
                       std::string const& host) {
  json body{{"request_id", request_id}};
  if (!task) {
    body["output"] = {{"task_id", id}, {"task_status", "UNKNOWN"}};
    return text_of(body);
  }
  auto const& fate = task->fate;
  if (task->state == State::Failed && fate.fail == 'b')
    return error_body(code_of(fate), message_of(fate), request_id);
  auto output = times_of(*task);
  if (task->state == State::Failed && fate.fail != 'c') {
    output["code"] = code_of(fate);
    output["message"] = message_of(fate);
  }
  auto const old = task->order.answers == Answers::Results;
  if (old && task->state == State::Succeeded) output["results"] = results_of(*task, host);
  if (old && task->started != Instant{}) output["task_metrics"] = metrics_of(*task);
  if (task->state == State::Succeeded) {
    if (!old) output.update({{"finished", true}, {"choices", choices_of(*task, host)}});
    body["output"] = std::move(output);
    body["usage"] = usage_of(*task);
    return text_of(body);
  }
  body["output"] = std::move(output);
  return text_of(body);
}

int failure_status(Task const& task) {
  return code_of(task.fate).starts_with("Internal") ? 500 : 400;
}

std::string at_once_body(Task const& task, std::string const& host) {
  if (task.state == State::Failed)
    return error_body(code_of(task.fate), message_of(task.fate), task.request_id);
  return text_of({{"output", {{"choices", choices_of(task, host)}, {"finished", true}}},
                  {"usage", usage_of(task)},
                  {"request_id", task.request_id}});
}

std::string stream_body(Task const& task, std::string const& host) {
  std::string out;
  int id = 0;
  int images = 0;
  auto const interleaves = task.order.answers == Answers::Interleaved;
  auto last = interleaves ? json::array({choice_of(json::array())}) : choices_of(task, host);
  std::vector<json> pieces;
  if (interleaves) pieces = pieces_of(interleaved(task, host).at(0).at("message").at("content"));
  for (std::size_t sent = 0; sent < pieces.size(); ++sent) {
    images += pieces[sent].contains("image") ? 1 : 0;
    auto choice = choice_of(json::array({pieces[sent]}));
    choice["finish_reason"] = "null";
    json const frame{{"output", {{"choices", json::array({choice})}, {"finished", false}}},
                     {"usage", usage_after(task, sent + 1, pieces.size(), images)},
                     {"request_id", task.request_id}};
    out += event(++id, "result", 200, text_of(frame));
  }
  if (task.state == State::Failed)
    return out + event(++id, "error", failure_status(task), at_once_body(task, host));
  json const frame{{"output", {{"choices", std::move(last)}, {"finished", true}}},
                   {"usage", usage_of(task)},
                   {"request_id", task.request_id}};
  return out + event(++id, "result", 200, text_of(frame));
}

std::string list_body(World& world, std::map<std::string, std::string> const& filters,
                      std::string const& request_id, Instant now, std::string& complaint) {
  Filter filter{filters, {}, {}, 1, 10};
  complaint = fill(filter);
  if (!complaint.empty()) return {};
  auto data = json::array();
  long total = 0;
  auto const first = (filter.page - 1) * filter.size;
  for (auto const* const task : world.listed(now)) {
    if (!filter.takes(*task)) continue;
    if (total >= first && total < first + filter.size) data.push_back(row_of(*task, world.account()));
    ++total;
  }
  return text_of({{"total", total},
                  {"data", std::move(data)},
                  {"total_page", (total + filter.size - 1) / filter.size},
                  {"page_no", filter.page},
                  {"page_size", filter.size},
                  {"request_id", request_id}});
}

}  // namespace wanspool::emulator
