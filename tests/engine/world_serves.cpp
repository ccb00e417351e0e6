#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <nlohmann/json.hpp>

#include "engine/world.h"

// The provider inside the world.
namespace wanspool::test {

using json = nlohmann::json;

namespace {

constexpr hours kLife{24};

bool answers_are_lost(World::Fault fault) {
  using Fault = World::Fault;
  return fault == Fault::LostAnswer || fault == Fault::ServedBadGateway || fault == Fault::CutAnswer ||
         fault == Fault::Garbled;
}

World::What what_of(Request const& request) {
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
  if (at < task.begins) return "PENDING";
  if (at < task.ends) return "RUNNING";
  return task.fails || task.failed ? "FAILED" : "SUCCEEDED";
}

}  // namespace

void World::forget(std::string const& task_id) {
  for (auto& task : tasks_)
    if (task.id == task_id) task.id += " (forgotten)";
}

World::Task const* World::find(std::string const& task_id) const {
  auto const found =
      std::find_if(tasks_.begin(), tasks_.end(), [&](auto const& task) { return task.id == task_id; });
  return found == tasks_.end() ? nullptr : &*found;
}

int World::charged() const {
  int sum = 0;
  for (auto const& task : tasks_)
    if (task.ours && !task.fails && !task.failed && task.accepted <= now_) sum += task.pictures;
  return sum;
}

std::string World::picture(std::string const& task_id, int number) const {
  return habits.own_pictures ? tiny_png(fmt::format("{}-{}", task_id, number)) : tiny_png();
}

int World::processing_at(Instant at) const {
  return static_cast<int>(std::count_if(tasks_.begin(), tasks_.end(), [&](auto const& task) {
    return task.ours && task.begins <= at && at < task.ends;
  }));
}

void World::refuse(Flight& flight, int status, std::string const& code, std::string const& message) {
  flight.reply.status = status;
  flight.reply.body = json{{"code", code}, {"message", message}, {"request_id", "r-0"}}.dump();
}

void World::serve(Flight& flight, Instant arrival, Instant& back) {
  if (auto key = header_of(flight.request, "Authorization"); !key.empty()) authorization = std::move(key);
  auto const what = what_of(flight.request);
  int* const counts[] = {&creates, &queries, &pictures, &lists};
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
  if (what == What::Create && bad != Fault::LostAnswer && bad != Fault::ServedBadGateway)
    serve_create(flight, arrival);
  else if (what == What::Create)
    serve_create(flight,
                 arrival + any_up_to(habits.tardiness > milliseconds{0} ? back - arrival + habits.tardiness
                                                                        : milliseconds{0}));
  if (what == What::Query) serve_query(flight, arrival, bad);
  if (what == What::Picture) serve_picture(flight, bad);
  if (what == What::List) serve_list(flight, arrival);
  if (answers_are_lost(bad)) lose(flight, bad, std::string{reply.header("x-request-id")});
}

// It was served, and this is what is heard of it.
void World::lose(Flight& flight, Fault bad, std::string const& request_id) {
  auto reply = std::exchange(flight.reply, {});
  flight.reply.ticket = flight.request.ticket;
  flight.reply.left = true;
  flight.body.clear();
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
    serve_create(flight, now_ + any_up_to(flight.request.timeout - milliseconds{1}));
    tasks_.back().late = tasks_.back().ours;
    flight.reply = {};
    flight.reply.ticket = flight.request.ticket;
    flight.reply.left = true;
  }
  flight.reply.timed_out = true;
  flight.reply.failure = "no answer in time";
}

World::Task World::made(std::string const& body, Instant arrival) {
  Task task;
  task.id = fmt::format("task-{}", tasks_.size() + 1);
  task.request_id = fmt::format("request-{}", tasks_.size() + 1);
  task.body = body;
  task.accepted = task.begins = arrival;
  // A free slot now, or the first that will be free.
  if (slots > 0 && processing_at(arrival) >= slots) {
    std::vector<Instant> ends;
    for (auto const& other : tasks_)
      if (other.ours && other.ends > arrival) ends.push_back(other.ends);
    std::sort(ends.begin(), ends.end());
    task.begins = ends[ends.size() - static_cast<std::size_t>(slots)];
  }
  task.ends = task.begins + between(service_least, service_most);
  return task;
}

void World::take(Task task) {
  for (auto const& other : tasks_)
    if (other.ours && other.body == task.body &&
        !((other.fails || other.failed) && other.ends <= task.accepted))
      rebought.push_back(
          fmt::format("{} was bought again as {} while it lives: {}", other.id, task.id, task.body));
  ++accepted[task.body];
  if (!task.fails) billed += task.pictures;
  tasks_.push_back(task);
  // What is outstanding counts from its acceptance, begun or not: more than the slots would be a broken
  // limit. What was accepted behind our back is beyond anybody's limit.
  most_at_once = std::max(
      most_at_once, static_cast<int>(std::count_if(tasks_.begin(), tasks_.end(), [&](auto const& each) {
        return each.ours && !each.late && each.accepted <= task.accepted && task.accepted < each.ends;
      })));
}

// Somebody else of the account makes a task.
void World::visit(Instant arrival, std::string const& body) {
  for (auto const& [share, key] :
       {std::pair{habits.strangers, "1002"}, std::pair{habits.familiars, "1001"}}) {
    if (!happens(share)) continue;
    auto task = made(body, arrival + any_up_to(seconds{2}));
    task.ours = false;
    task.api_key_id = key;
    tasks_.push_back(std::move(task));
  }
}

void World::serve_create(Flight& flight, Instant arrival) {
  auto const& body = flight.request.body;
  if (!json::accept(body)) {
    doubled.push_back("a create that asks for nothing: " + flight.request.body);
    return refuse(flight, 400, "InvalidParameter", "Required body invalid, please check the request body.");
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
}

std::string World::address(Task& task, int number) {
  auto const expires =
      std::chrono::floor<seconds>(task.ends + kLife + habits.skew).time_since_epoch().count();
  auto url = fmt::format("http://127.0.0.1:1/results/{}-{}.png?Expires={}&Signature=a%2Fb", task.id, number,
                         expires);
  return habits.own_pictures ? url + fmt::format("&v={}", task.issued) : url;
}

void World::serve_query(Flight& flight, Instant arrival, Fault bad) {
  auto const id = flight.request.url.substr(flight.request.url.rfind('/') + 1);
  auto const found =
      std::find_if(tasks_.begin(), tasks_.end(), [&](auto const& task) { return task.id == id; });
  json output{{"task_id", id}};
  json answer{{"request_id", "query"}};
  if (found == tasks_.end() || bad == Fault::Unknown || arrival < found->accepted ||
      arrival > found->ends + kLife) {
    output["task_status"] = "UNKNOWN";
  } else if (arrival < found->ends) {
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
  auto const task =
      std::find_if(tasks_.begin(), tasks_.end(), [&](auto const& each) { return each.id == id; });
  auto const version = number_after(url, "&v=", 0);
  if (task != tasks_.end() && bad == Fault::Expired && version > 0)
    task->dead = std::max(task->dead, version);
  bool const dead = task != tasks_.end() && version > 0 && version <= task->dead;
  bool const forgotten = habits.forgetful && task != tasks_.end() && now_ > task->ends + kLife;
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

// Contract §8.1: the account's tasks of the last day, of all keys, the newest first.
void World::serve_list(Flight& flight, Instant arrival) {
  auto const& url = flight.request.url;
  auto const page = std::max(1, number_after(url, "page_no=", 1));
  auto const size = std::max(1, number_after(url, "page_size=", 10));
  std::vector<Task const*> shown;
  for (auto const& task : tasks_)
    if (task.accepted <= arrival - habits.list_delay && task.accepted > arrival - kLife)
      shown.push_back(&task);
  std::stable_sort(shown.begin(), shown.end(),
                   [](auto const* a, auto const* b) { return a->accepted > b->accepted; });
  auto const total = static_cast<int>(shown.size());
  auto rows = json::array();
  for (int i = (page - 1) * size; i < std::min(total, page * size); ++i) {
    auto const& task = *shown[static_cast<std::size_t>(i)];
    auto const created = (task.accepted + habits.skew).time_since_epoch().count();
    rows.push_back({{"api_key_id", task.api_key_id},
                    {"caller_parent_id", "1000000000000001"},
                    {"caller_uid", "1000000000000001"},
                    {"gmt_create", created},
                    {"start_time", created},
                    {"model_name", json::parse(task.body).at("model")},
                    {"region", "cn-beijing"},
                    {"request_id", task.request_id},
                    {"status", status_at(task, arrival)},
                    {"task_id", task.id}});
  }
  flight.reply.status = 200;
  flight.reply.body = json{{"total", total},  {"data", rows},      {"total_page", (total + size - 1) / size},
                           {"page_no", page}, {"page_size", size}, {"request_id", "list"}}
                          .dump();
}

}  // namespace wanspool::test
