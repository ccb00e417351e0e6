#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <nlohmann/json.hpp>

#include "base/time.h"
#include "engine/world.h"

// The provider inside the world.
namespace wanspool::test {

using json = nlohmann::json;

namespace {

constexpr hours kLife{24};
constexpr int kPageMost = 100;

bool answers_are_lost(World::Fault fault) {
  using Fault = World::Fault;
  return fault == Fault::LostAnswer || fault == Fault::ServedBadGateway || fault == Fault::CutAnswer ||
         fault == Fault::Garbled;
}

World::What what_of(Request const& request) {
  if (request.method == Method::Post && request.url.ends_with("/cancel")) return World::What::Cancel;
  if (request.method == Method::Post) return World::What::Create;
  auto const at = request.url.find("/api/v1/tasks");
  if (at == request.url.npos) return World::What::Picture;
  auto const rest = request.url.substr(at + 13);
  return rest.empty() || rest.starts_with('?') || rest.starts_with("/?") || rest == "/" ? World::What::List
                                                                                        : World::What::Query;
}

int number_after(std::string const& text, std::string const& name, int fallback) {
  auto const at = text.find(name);
  if (at == text.npos) return fallback;
  std::from_chars(text.data() + at + name.size(), text.data() + text.size(), fallback);
  return fallback;
}

std::string header_of(Request const& request, std::string const& name) {
  for (auto const& header : request.headers)
    if (header.name == name) return header.value;
  return {};
}

void not_json(Reply& reply, int status) {
  reply.status = status;
  reply.body = "<html><body>Bad Gateway</body></html>";
}

void expired(Reply& reply) {
  reply.status = 403;
  reply.body =
      "<?xml version=\"1.0\"?><Error><Code>AccessDenied</Code><Message>Request has "
      "expired.</Message></Error>";
}

// As it was asked for; where words were, what the storage has.
std::string size_of(std::string const& body) {
  auto const size = json::parse(body).at("parameters").value("size", "");
  return size.find('*') == size.npos ? "16*16" : size;
}

char const* status_at(World::Task const& task, Instant at) {
  if (task.canceled && at >= task.ends) return "CANCELED";
  if (at < task.begins) return "PENDING";
  if (at < task.ends) return "RUNNING";
  return task.fails || task.failed ? "FAILED" : "SUCCEEDED";
}

// Contract §3.3: no zone, and UTC+8.
std::string beijing(Instant at) {
  auto words = rfc3339(at + hours{8});
  words[10] = ' ';
  words.pop_back();
  return words;
}

void tell_times(json& output, World::Task const& task, Instant at, milliseconds skew) {
  output["submit_time"] = beijing(task.accepted + skew);
  if (at >= task.begins) output["scheduled_time"] = beijing(task.begins + skew);
  if (at >= task.ends) output["end_time"] = beijing(task.ends + skew);
}

json row_of(World::Task const& task, std::string const& caller, Instant at, milliseconds skew) {
  auto const their = [&](Instant when) { return (when + skew).time_since_epoch().count(); };
  json row{{"api_key_id", task.api_key_id},      {"caller_parent_id", caller},    {"caller_uid", caller},
           {"gmt_create", their(task.accepted)}, {"model_name", task.model},      {"region", "cn-beijing"},
           {"request_id", task.request_id},      {"status", status_at(task, at)}, {"task_id", task.id}};
  if (at >= task.begins) row["start_time"] = their(task.begins);
  if (at >= task.ends) row["end_time"] = their(task.ends);
  return row;
}

// The most in any sliding second that this one, now among them, falls into.
int in_window(std::deque<Instant>& arrivals, Instant arrival) {
  arrivals.insert(std::upper_bound(arrivals.begin(), arrivals.end(), arrival), arrival);
  while (arrivals.front() + seconds{5} < arrival) arrivals.pop_front();
  std::ptrdiff_t most = 0;
  auto end = std::upper_bound(arrivals.begin(), arrivals.end(), arrival - seconds{1});
  for (auto begin = end; begin != arrivals.end() && *begin <= arrival; ++begin) {
    while (end != arrivals.end() && *end < *begin + seconds{1}) ++end;
    most = std::max(most, end - begin);
  }
  return static_cast<int>(most);
}

}  // namespace

std::string World::picture(std::string const& task_id, int number) const {
  return habits.own_pictures ? tiny_png(fmt::format("{}-{}", task_id, number)) : tiny_png();
}

// What was refused does not count, as the emulator has it.
bool World::is_beyond_rate(What what, Instant arrival) {
  int const limits[] = {habits.creates_per_second, habits.queries_per_second, 0, habits.lists_per_second,
                        habits.queries_per_second};
  auto const limit = limits[static_cast<std::size_t>(what)];
  if (limit == 0) return false;
  auto& within = within_rate_[what];
  if (in_window(within, arrival) <= limit) return false;
  within.erase(std::lower_bound(within.begin(), within.end(), arrival));
  ++refused_for_rate;
  return true;
}

void World::refuse(Flight& flight, int status, std::string const& code, std::string const& message) {
  flight.reply.status = status;
  flight.reply.body = json{{"code", code}, {"message", message}, {"request_id", "r-0"}}.dump();
}

void World::serve(Flight& flight, Instant arrival, Instant& back) {
  if (auto key = header_of(flight.request, "Authorization"); !key.empty()) authorization = std::move(key);
  auto const what = what_of(flight.request);
  int* const counts[] = {&creates, &queries, &pictures, &lists, &cancels};
  auto const number = ++*counts[static_cast<int>(what)];
  auto const bad = fault(what, number, now_);
  auto& reply = flight.reply;
  if (trace)
    say(fmt::format("#{} {} {}: {}", reply.ticket, name_of(what),
                    what == What::Create ? flight.request.body : flight.request.url, name_of(bad)));
  if (bad == Fault::Unreachable) {
    reply.left = false;
    reply.failure = "cannot connect: connection refused";
    return;
  }
  if (what == What::Create) most_creates = std::max(most_creates, in_window(create_arrivals_, arrival));
  if (what == What::Query) most_queries = std::max(most_queries, in_window(query_arrivals_, arrival));
  if (what == What::List) most_lists = std::max(most_lists, in_window(list_arrivals_, arrival));
  if (auto const no = refusal ? refusal(what, flight.request, now_) : std::nullopt) {
    if (no->retry_after > 0) reply.headers.push_back({"retry-after", std::to_string(no->retry_after)});
    return refuse(flight, no->status, no->code, no->message);
  }
  switch (bad) {
    case Fault::LostRequest:
      reply.failure = "connection reset by peer";
      return;
    case Fault::Throttled:
      return refuse(flight, 429, "Throttling.RateQuota", "Requests rate limit exceeded");
    case Fault::RetryLater:
      reply.headers.push_back({"retry-after", "1849295"});
      return refuse(flight, 429, "Throttling.AllocationQuota", "The plan quota has been exhausted.");
    case Fault::Unavailable:
      return refuse(flight, 503, "ModelUnavailable", "Model is unavailable");
    case Fault::BadGateway:
      if (habits.own_pictures && happens(0.5)) reply.headers.push_back({"x-request-id", "nobody's"});
      return not_json(reply, 502);
    case Fault::BadKey:
      return refuse(flight, 401, "InvalidApiKey", "Invalid API-key provided.");
    case Fault::Refused:
      return refuse(flight, 400, "DataInspectionFailed", "Input data may contain inappropriate content.");
    case Fault::Denied:
      return refuse(flight, 403, "AccessDenied", "Access denied.");
    case Fault::TimedOut:
      return time_out(flight, what, back);
    default:
      break;
  }
  if (is_beyond_rate(what, arrival))
    refuse(flight, 429, "Throttling.RateQuota", "Requests rate limit exceeded, please try again later.");
  else
    serve_kind(flight, what, bad, arrival, back);
  if (answers_are_lost(bad)) lose(flight, bad, std::string{reply.header("x-request-id")});
}

void World::serve_kind(Flight& flight, What what, Fault bad, Instant arrival, Instant back) {
  bool const late = bad == Fault::LostAnswer || bad == Fault::ServedBadGateway;
  bool const tardy = habits.tardiness > milliseconds{0};
  if (what == What::Create && !late) serve_create(flight, arrival);
  if (what == What::Create && late)
    serve_create(flight, arrival + any_up_to(tardy ? back - arrival + habits.tardiness : milliseconds{0}));
  if (what == What::Query) serve_query(flight, arrival, bad);
  if (what == What::Picture) serve_picture(flight, bad);
  if (what == What::List) serve_list(flight, arrival);
  if (what == What::Cancel) serve_cancel(flight, arrival);
}

// It was served, and this is what is heard of it.
void World::lose(Flight& flight, Fault bad, std::string const& request_id) {
  auto reply = std::exchange(flight.reply, {});
  flight.reply.ticket = flight.request.ticket;
  flight.reply.left = true;
  flight.body.clear();
  flight.tells_end.reset();
  if (bad == Fault::LostAnswer) {
    flight.reply.failure = "connection reset by peer";
    return;
  }
  if (happens(0.5)) flight.reply.headers.push_back({"x-request-id", request_id});
  if (bad == Fault::CutAnswer) {
    flight.reply.status = reply.status;
    flight.reply.body = reply.body.substr(0, reply.body.size() / 2);
    flight.reply.failure = "the connection was closed before the end";
    return;
  }
  not_json(flight.reply, bad == Fault::Garbled ? 200 : 502);
}

void World::time_out(Flight& flight, What what, Instant& back) {
  back = now_ + flight.request.timeout;
  if (what == What::Create && happens(0.5)) {
    if (serve_create(flight, now_ + any_up_to(flight.request.timeout - milliseconds{1})))
      tasks_.back().late = tasks_.back().ours;
    flight.reply = {};
    flight.reply.ticket = flight.request.ticket;
    flight.reply.left = true;
  }
  flight.reply.timed_out = true;
  flight.reply.failure = "no answer in time";
}

bool World::serve_create(Flight& flight, Instant arrival) {
  auto const& body = flight.request.body;
  if (!json::accept(body)) {
    doubled.push_back("a create that asks for nothing: " + flight.request.body);
    refuse(flight, 400, "InvalidParameter", "Required body invalid, please check the request body.");
    return false;
  }
  if (habits.refuses && slots > 0 && outstanding_at(arrival) >= slots) {
    ++refused_for_slots;
    refuse(flight, 429, "Throttling.Concurrency",
           "Too many tasks are in processing, please try again when one of them has ended.");
    return false;
  }
  auto const parameters = json::parse(body).at("parameters");
  auto const wanted = parameters.value("enable_interleave", false) ? parameters.value("max_images", 5)
                                                                   : parameters.value("n", 4);
  visit(arrival, body);
  auto task = made(body, arrival);
  task.pictures = std::max(0, wanted - pictures_short - (wanted > 1 && happens(habits.shortfalls) ? 1 : 0));
  task.fails = happens(habits.failures);
  flight.reply.status = 200;
  flight.reply.headers.push_back({"x-request-id", task.request_id});
  flight.reply.body = json{
      {"output", {{"task_status", "PENDING"}, {"task_id", task.id}}},
      {"request_id",
       task.request_id}}.dump();
  take(std::move(task));
  return true;
}

std::string World::address(Task& task, int number) {
  auto const expires =
      std::chrono::floor<seconds>(task.ends + kLife + habits.skew).time_since_epoch().count();
  auto url = fmt::format("{}/results/{}-{}.png?Expires={}&Signature=a%2Fb", host, task.id, number, expires);
  return habits.own_pictures ? url + fmt::format("&v={}", task.issued) : url;
}

void World::serve_query(Flight& flight, Instant arrival, Fault bad) {
  auto const id = flight.request.url.substr(flight.request.url.rfind('/') + 1);
  auto const place = place_of(id);
  auto* const found = place ? &tasks_[*place] : nullptr;
  if (found) ++found->queries;
  json output{{"task_id", id}};
  json answer{{"request_id", "query"}};
  bool const known =
      found && bad != Fault::Unknown && arrival >= found->accepted && arrival <= found->ends + kLife;
  if (known) tell_times(output, *found, arrival, habits.skew);
  if (known && arrival >= found->ends) flight.tells_end = place;
  if (!known) {
    output["task_status"] = "UNKNOWN";
  } else if (found->canceled || arrival < found->ends) {
    output["task_status"] = status_at(*found, arrival);
  } else if (bad == Fault::TaskFailed || found->failed || found->fails) {
    if (!found->failed && !found->fails) billed -= found->pictures;
    found->failed = true;
    output["task_status"] = "FAILED";
    output["code"] = "InternalError.Timeout";
    output["message"] = "An internal timeout error has occured during execution";
  } else {
    output["task_status"] = "SUCCEEDED";
    output["finished"] = true;
    output["choices"] = json::array();
    ++found->issued;
    for (int i = 1; i <= found->pictures; ++i)
      output["choices"].push_back(
          {{"finish_reason", "stop"},
           {"message",
            {{"role", "assistant"}, {"content", {{{"type", "image"}, {"image", address(*found, i)}}}}}}});
    answer["usage"] = {{"image_count", found->pictures}, {"size", size_of(found->body)}};
  }
  answer["output"] = output;
  flight.reply.status = 200;
  flight.reply.body = answer.dump();
}

void World::serve_picture(Flight& flight, Fault bad) {
  auto& reply = flight.reply;
  auto const& url = flight.request.url;
  auto const name = url.substr(url.rfind("/results/") + 9);
  auto const dash = name.rfind('-', name.find('.'));
  auto const id = name.substr(0, dash);
  auto const place = place_of(id);
  auto* const task = place ? &tasks_[*place] : nullptr;
  auto const version = number_after(url, "&v=", 0);
  if (task && bad == Fault::Expired && version > 0) task->dead = std::max(task->dead, version);
  bool const dead = task && version > 0 && version <= task->dead;
  bool const forgotten = habits.forgetful && task && now_ > task->ends + kLife;
  if (bad == Fault::Expired || dead || forgotten) return expired(reply);
  reply.status = 200;
  flight.body = bad == Fault::NotAPicture ? "<html>no</html>" : picture(id, number_after(name, id + "-", 1));
  if (habits.own_pictures && bad != Fault::NotAPicture)
    served[flight.body] = {id, number_after(name, id + "-", 1)};
  auto const whole = flight.body.size();
  auto const from = static_cast<std::size_t>(number_after(header_of(flight.request, "Range"), "bytes=", 0));
  if (from > 0 && from < whole && happens(habits.ranges)) {
    reply.status = 206;
    flight.range = fmt::format("bytes {}-{}/{}", from, whole - 1, whole);
    reply.headers.push_back({"content-range", flight.range});
    flight.body.erase(0, from);
  }
  if (bad != Fault::Cut) return;
  auto const size = static_cast<std::int64_t>(flight.body.size());
  flight.body.resize(habits.piecemeal ? static_cast<std::size_t>(any_up_to(milliseconds{size - 1}).count())
                                      : flight.body.size() / 2);
  reply.failure = "the connection was closed before the end";
}

// Contract §8.2: only what waits.
void World::serve_cancel(Flight& flight, Instant arrival) {
  auto const url = flight.request.url.substr(0, flight.request.url.size() - std::string{"/cancel"}.size());
  auto const place = place_of(url.substr(url.rfind('/') + 1));
  auto* const task = place ? &tasks_[*place] : nullptr;
  if (!task || arrival < task->accepted || arrival >= task->begins || task->canceled)
    return refuse(flight, 400, "UnsupportedOperation",
                  "Failed to cancel the task, please confirm if the task is in PENDING status.");
  task->canceled = true;
  task->ends = arrival;
  if (!task->fails && !task->failed) billed -= task->pictures;
  flight.reply.status = 200;
  flight.reply.body = json{{"request_id", "cancel"}}.dump();
}

// Contract §8.1: the account's tasks of the last day, of all keys, the newest first.
void World::serve_list(Flight& flight, Instant arrival) {
  auto const& url = flight.request.url;
  auto const page = std::max(1, number_after(url, "page_no=", 1));
  auto const size = std::clamp(number_after(url, "page_size=", 10), 1, kPageMost);
  auto const end = accepted_after(arrival - habits.list_delay);
  auto const total = static_cast<int>(std::max<std::ptrdiff_t>(0, end - accepted_after(arrival - kLife)));
  auto rows = json::array();
  for (int i = (page - 1) * size; i < std::min(total, page * size); ++i)
    rows.push_back(row_of(tasks_[*(end - 1 - i)], caller, arrival, habits.skew));
  flight.reply.status = 200;
  flight.reply.body = json{{"total", total},  {"data", rows},      {"total_page", (total + size - 1) / size},
                           {"page_no", page}, {"page_size", size}, {"request_id", "list"}}
                          .dump();
}

}  // namespace wanspool::test
